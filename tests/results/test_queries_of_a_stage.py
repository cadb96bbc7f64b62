"""The pages of a stage ask the database as often for one module and division as for many."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base.database import db
from competitions.results.models import Publication
from tests.counting import queries_of
from tests.factories_results import Contest, make_contest, module, ruleset


def contest_of(app: Flask, modules: int, divisions: int, **more: object) -> Contest:
    """Two competitors in each division."""
    keys = [f"m{number}" for number in range(modules)]
    rules = ruleset([module(key, f"模块{key}") for key in keys])
    marks = [{key: [str(80 + place)] for key in keys} for place in range(2 * divisions)]
    return make_contest(app, rules, marks, divisions=divisions, **more)


def settled(contest: Contest) -> None:
    contest.settle()
    contest.decode()


def drafted(contest: Contest) -> None:
    settled(contest)
    contest.draft()


PAGES = {
    "standings": ("chief_judge", None, "/desk/stages/{stage}/standings"),
    "standings that are settled": ("chief_judge", settled, "/desk/stages/{stage}/standings"),
    "checks before the draft": ("drafting", settled, "/desk/stages/{stage}/publish"),
    "a draft": ("approving", drafted, "/desk/publications/{publication}"),
    "list of standings": ("chief_judge", None, "/desk/results/standings"),
    "signing list": ("chief_judge", None, "/desk/judging/matrices"),
    "checking list": ("checker", None, "/desk/judging/checking"),
    "matrix": ("chief_judge", None, "/desk/modules/{module}/matrix"),
    "checking": ("checker", None, "/desk/modules/{module}/checking"),
    "opening": ("drafting", None, "/desk/stages/{stage}/judging/open"),
    "preparation": ("drafting", None, "/desk/judging/preparation"),
    "table of standings": ("chief_judge", None, "/desk/stages/{stage}/standings.xlsx"),
    "overview": ("drafting", None, "/desk/overview"),
    "desk": ("chief_judge", None, "/desk/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_stage_asks_as_often_for_one_module_and_division_as_for_twelve(app: Flask, name: str) -> None:
    role, prepare, path = PAGES[name]
    small, large = (asked(contest_of(app, *size), role, prepare, path) for size in ((1, 1), (4, 3)))
    assert len(large) == len(small), "\n".join(statement for statement in large)


def asked(contest: Contest, role: str, prepare: Callable[[Contest], None] | None, path: str) -> list[str]:
    """What a page of the contest asks."""
    if prepare:
        prepare(contest)
    stage = contest.stage
    publication = db.session.scalar(select(Publication.id).where(Publication.stage_id == stage.id))
    address = path.format(stage=stage.id, module=stage.modules[0].id, publication=publication)
    client = contest.client(role)
    db.session.expunge_all()
    return queries_of(client, address)
