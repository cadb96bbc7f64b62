"""What a person is offered on the pages of publications, standings and advancement, from their state and what he holds."""

from dataclasses import asdict
from typing import Any

import pytest

from competitions.base import clock
from competitions.base.permissions import Permission
from competitions.programme.models import Module, Stage
from competitions.results.models import Publication, TieRuling
from competitions.results.publications import acts as publication_acts
from competitions.results.selection.acts import acts_on as advancement_acts
from competitions.results.selection.acts import carry_acts
from competitions.results.selection.advancing import Advancement
from competitions.results.standings.acts import acts_on, ruling_acts

DRAFTING, APPROVING = (Permission.DRAFT_PUBLICATION,), (Permission.APPROVE_PUBLICATION,)
BOTH = (*DRAFTING, *APPROVING)
CHIEF, SUPERVISOR = (Permission.SETTLE_STANDINGS, Permission.RULE_TIES), (Permission.APPROVE_REQUESTS,)


def offered(acts: Any) -> set[str]:
    """The names of what is offered."""
    return {name for name, is_offered in asdict(acts).items() if is_offered}


@pytest.mark.parametrize(
    ("state", "withdrawal_by", "held", "expected"),
    [
        ("draft", None, APPROVING, {"approve"}),
        ("draft", None, DRAFTING, {"take_back"}),
        ("published", None, DRAFTING, {"ask_withdrawal"}),
        ("published", None, APPROVING, set()),
        ("published", "author", APPROVING, {"decide_withdrawal"}),
        ("published", "reader", APPROVING, set()),
        ("published", "author", DRAFTING, set()),
        ("withdrawn", None, BOTH, set()),
        ("refused", None, BOTH, set()),
    ],
)
def test_a_publication_offers_what_its_state_allows(
    state: str, withdrawal_by: str | None, held: tuple[Permission, ...], expected: set[str]
) -> None:
    publication = Publication(state=state, drafted_by="author", withdrawal_by=withdrawal_by)
    assert offered(publication_acts.acts_on(publication, held, "reader")) == expected


def test_nobody_is_offered_to_approve_his_own_draft() -> None:
    own = Publication(state="draft", drafted_by="reader")
    assert offered(publication_acts.acts_on(own, BOTH, "reader")) == {"take_back", "waits_for_another"}


def stage(settled: bool = False, locked: bool = False) -> Stage:
    return Stage(settled_at=clock.now() if settled else None, locked_at=clock.now() if locked else None)


def of_standings(here: Stage, held: tuple[Permission, ...], **more: Any) -> set[str]:
    return offered(acts_on(here, held, **{"blocked": False, "decoded": False, "publication": None, **more}))


def test_the_chief_judge_settles_once_and_when_nothing_blocks() -> None:
    assert of_standings(stage(), CHIEF) == {"settle", "rule_ties"}
    assert of_standings(stage(), CHIEF, blocked=True) == {"rule_ties"}
    assert of_standings(stage(settled=True), CHIEF) == set()


@pytest.mark.parametrize(("state", "expected"), [("draft", set()), ("published", set()), ("withdrawn", {"draft"})])
def test_a_publication_is_drafted_after_decoding_when_none_stands(state: str, expected: set[str]) -> None:
    assert of_standings(stage(settled=True), DRAFTING) == set()
    assert of_standings(stage(settled=True), DRAFTING, decoded=True) == {"draft"}
    publication = Publication(state=state)
    assert of_standings(stage(settled=True), DRAFTING, decoded=True, publication=publication) == expected


def test_a_ruling_is_decided_by_another_and_taken_back_by_the_chief_judge_until_all_is_settled() -> None:
    ruling = TieRuling(proposed_by="chief")
    assert offered(ruling_acts(ruling, stage(), SUPERVISOR, "supervisor")) == {"decide"}
    assert offered(ruling_acts(ruling, stage(), SUPERVISOR, "chief")) == set()
    assert offered(ruling_acts(ruling, stage(), CHIEF, "chief")) == {"take_back"}
    assert offered(ruling_acts(ruling, stage(settled=True), (*CHIEF, *SUPERVISOR), "supervisor")) == set()
    confirmed = TieRuling(proposed_by="chief", confirmed_by="supervisor")
    assert offered(ruling_acts(confirmed, stage(), SUPERVISOR, "another")) == set()
    assert offered(ruling_acts(confirmed, stage(), CHIEF, "chief")) == {"take_back"}
    over = TieRuling(proposed_by="chief", revoked_at=clock.now())
    assert offered(ruling_acts(over, stage(), (*CHIEF, *SUPERVISOR), "supervisor")) == set()


@pytest.mark.parametrize(
    ("sealed", "settled", "current", "published", "expected"),
    [
        (False, False, True, True, {"take", "change"}),
        (True, False, True, True, set()),
        (True, False, False, True, {"take", "keep"}),
        (False, True, False, True, set()),
        (False, False, True, False, set()),
    ],
)
def test_a_list_of_who_goes_on_is_taken_while_it_can_still_change(
    sealed: bool, settled: bool, current: bool, published: bool, expected: set[str]
) -> None:
    found = Advancement(stage(), Publication(state="published") if published else None, current=current)
    assert offered(advancement_acts(stage(settled), found, sealed=sealed)) == expected


def test_a_score_is_carried_before_the_lock_and_missing_ones_counted_after_it() -> None:
    marked, carried = Module(settings={}), Module(settings={"carried_from": "earlier"})
    counted = Module(settings={"carried_from": "earlier", "carried_missing": "absent"})
    assert offered(carry_acts(stage(), marked, may_carry=True)) == {"carry"}
    assert offered(carry_acts(stage(), carried, may_carry=True)) == {"mark"}
    assert offered(carry_acts(stage(locked=True), carried, may_carry=True)) == {"count_missing"}
    assert offered(carry_acts(stage(locked=True), counted, may_carry=True)) == set()
    assert offered(carry_acts(stage(locked=True), carried, may_carry=False)) == set()
    assert offered(carry_acts(stage(settled=True, locked=True), carried, may_carry=True)) == set()
