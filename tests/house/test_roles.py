"""The one table of roles: nobody else keeps a list of their codes, and a row that permits nothing cannot be given."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.services import assign_role, end_role
from competitions.audit.recording import transaction
from competitions.base import clock, roles
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import SYSTEM
from competitions.words.codes import WORDS
from competitions.words.sentences import sentence
from tests.factories import actor, make_competition, make_user
from tests.factories_organisations import signed_in

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path.relative_to(ROOT)
    for folder in ("competitions", "templates")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".html", ".js") and "vendor" not in path.parts
]
ALLOWED = {
    "competitions/base/roles.py": "the table",
    "competitions/demo/": "who plays whom in the demonstration",
}
OTHER_MEANINGS = {"judge", "tabulator", "checker"}
"""Codes that are also a field of a mark in the scoring case (`judge`), a duty on a panel (`tabulator`), whom a sheet waits
for (`checker`): alone they may stand anywhere but beside a role.
"""
EVERYTHING = ("system", "union", "competition", "event")


def constants(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def is_about_a_role(node: ast.AST) -> bool:
    """A comparison with somebody's role, or a question for the scopes of a role."""
    names = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    names |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return (isinstance(node, ast.Compare) and bool(names & {"role", "roles"})) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "role_scopes"
    )


def is_a_list(node: ast.AST) -> bool:
    return isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict)


def codes_in(source: str) -> Iterator[str]:
    """Codes of roles in a Python source: each that means nothing else, and the others beside a role or in a list."""
    tree, codes = ast.parse(source), set(roles.CODES)
    yield from constants(tree) & codes - OTHER_MEANINGS
    for node in ast.walk(tree):
        found = constants(node) & codes if is_about_a_role(node) or is_a_list(node) else set()
        if is_about_a_role(node) or len(found) > 1:
            yield from found


def codes_of(path: Path) -> set[str]:
    source = (ROOT / path).read_text("utf-8")
    if path.suffix == ".py":
        return set(codes_in(source))
    return set(re.findall(r"""["']([a-z_]+)["']""", source)) & set(roles.CODES) - OTHER_MEANINGS


def test_no_second_list_of_roles_stands_anywhere() -> None:
    others = [path for path in SOURCES if not path.as_posix().startswith(tuple(ALLOWED))]
    assert {path.as_posix(): codes for path in others if (codes := codes_of(path))} == {}


@pytest.mark.parametrize(
    "source",
    ["BARRED = ('chief_judge',)", "if held.role == 'judge': pass", "actor.role_scopes('judge', 'event')",
     "HALL = {'judge', 'tabulator'}"],
)  # fmt: skip
def test_the_search_sees_a_second_list(source: str) -> None:
    assert set(codes_in(source))


def test_the_search_knows_the_field_of_a_mark_from_a_role() -> None:
    assert set(codes_in("mark = {'entrant': code, 'judge': judge, 'value': value}")) == set()


def test_pages_say_each_role_by_its_word(app: Flask) -> None:
    assert WORDS["role"] == roles.WORDS
    assert len(set(roles.WORDS.values())) == len(roles.CODES)


def test_a_row_that_permits_something_says_where_and_by_whom_it_is_given() -> None:
    for role in roles.ROLES:
        assert set(role.scopes) <= set(EVERYTHING) and set(role.given_by) <= set(roles.CODES)
        if role.permissions:
            assert role.scopes and role.given_by, f"nobody can give {role.code} anywhere"
    givers = {giver for role in roles.ROLES for giver in role.given_by}
    assert givers == {role.code for role in roles.ROLES if role.reach}


def test_the_table_says_what_the_rules_of_the_house_say() -> None:
    organisers, leading = {"organiser_drafting", "organiser_approving"}, {"chief_judge", "deputy_chief_judge"}
    assert organisers | leading == roles.NOT_DECODING
    assert set(roles.NOT_COMPETING) == leading | {"judge", "checker", "tabulator", "coder"}
    assert set(roles.STAYING) == organisers and {"judge"} == roles.BY_CARD
    assert set(roles.NEEDED) == {"chief_judge", "judge", "checker", "coder", "steward", "supervisor"}
    assert set(roles.OF_EVENT) == roles.OF_HALL == leading | set(roles.NEEDED) | {"tabulator"}
    assert roles.with_duty("marking") == roles.with_duty("floor") == ("judge",)
    assert roles.with_duty("tabulator") == ("tabulator",)


def test_each_giver_gives_within_his_own_house() -> None:
    def given(giver: str) -> set[str]:
        return {code for code in roles.GIVABLE if roles.gives(giver, code)}

    assert given("administrator") == {
        "administrator",
        "organiser_drafting",
        "organiser_approving",
        "reviewer",
        "reporter",
        "supervisor",
    }
    assert given("reviewer") == {"reviewer", "reporter"}
    assert given("organiser_drafting") == {"organiser_approving", *roles.OF_EVENT}


def test_a_pair_that_excludes_each_other_stands_once_and_holds_both_ways() -> None:
    pairs = [(role.code, other) for role in roles.ROLES for other in role.excludes]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) and set(dict(pairs)) <= set(roles.CODES)
    assert all(roles.exclude(one, other) and roles.exclude(other, one) for one, other in pairs)


@pytest.mark.parametrize("code", [code for code in roles.CODES if code not in roles.GIVABLE])
def test_a_role_that_may_do_nothing_is_refused_in_words(app: Flask, code: str) -> None:
    person, competition = make_user(), make_competition()
    db.session.commit()
    with pytest.raises(Invalid) as fault, transaction() as session:
        assign_role(
            session, session.get_one(User, person.id), code, "competition", competition.id, by=SYSTEM, at=clock.now()
        )
    problem = fault.value.problems[0]
    words = sentence(problem["code"], **problem["params"])
    assert words == f"“{roles.WORDS[code]}”目前还没有可以办理的事项，暂不能授予。"
    assert db.session.query(RoleAssignment).count() == 0


def test_it_is_not_offered_either(app: Flask) -> None:
    competition = make_competition()
    organiser = make_user(("organiser_drafting", "competition", competition.id))
    db.session.commit()
    page = signed_in(app, organiser).get("/desk/users/new").get_data(as_text=True)
    choices = page.partition('name="role"')[2].partition("</select>")[0]
    assert "裁判长" in choices and "监督员" in choices
    assert not [word for code, word in roles.WORDS.items() if code not in roles.GIVABLE and word in choices]


def test_one_given_in_former_days_can_be_ended(app: Flask) -> None:
    competition = make_competition()
    organiser = make_user(("organiser_drafting", "competition", competition.id))
    arbitrator = make_user(("arbitrator", "competition", competition.id))
    db.session.commit()
    with transaction() as session:
        held = session.get_one(User, arbitrator.id).roles[0]
        end_role(session, held, by=actor(session.get_one(User, organiser.id)), at=clock.now())
    db.session.expire_all()
    assert db.session.get_one(User, arbitrator.id).roles[0].valid_to is not None


def test_the_database_knows_the_codes_of_the_table_and_no_other(app: Flask) -> None:
    make_user(*[(code, "system", None) for code in roles.CODES])
    db.session.flush()
    with pytest.raises(IntegrityError):
        make_user(("caretaker", "system", None))
    db.session.rollback()
