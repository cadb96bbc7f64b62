"""Acts of two people: one place for all of them."""

import ast

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from competitions.accounts import second_person
from competitions.accounts.models import ActOfTwo
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.config import ROOT
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from tests.factories import actor, make_user

KIND = second_person.register_kind("test.act", "试办")
KINDS = {
    "codes.seal",
    "codes.decode",
    "tie.rule",
    "ruleset.change",
    "scheme.change",
    "sheet.reopen",
    "publication.publish",
    "publication.withdraw",
    "codes.add",
    "presence.change",
    "time.sign",
    "entry.correct",
    "factor.remove",
    "county.profile",
    "recusal.take_back",
    "account.give",
    "account.reset",
}


def two() -> tuple[Actor, Actor]:
    first, second = actor(make_user()), actor(make_user())
    db.session.commit()
    return first, second


def proposed(by: Actor, what: object) -> str:
    with transaction() as session:
        return second_person.propose(session, KIND, "thing", what, reason="理由", by=by, at=clock.now()).id


def refused(what: object, by: Actor) -> str:
    with pytest.raises(StateForbids) as fault, transaction() as session:
        second_person.decide(session, KIND, "thing", what, by=by, at=clock.now())
    return fault.value.code


def test_another_person_agrees_to_exactly_what_was_proposed(app: Flask) -> None:
    first, second = two()
    act_id = proposed(first, {"order": ["B", "A"]})
    with transaction() as session:
        second_person.decide(session, KIND, "thing", {"order": ["B", "A"]}, by=second, at=clock.now())
    act = db.session.get_one(ActOfTwo, act_id)
    assert (act.proposed_by, act.decided_by, act.answer) == (first.id, second.id, "agreed")


def test_nobody_decides_on_what_he_proposed(app: Flask) -> None:
    first, _ = two()
    proposed(first, 1)
    assert refused(1, first) == "state.second_person"


def test_what_changed_since_it_was_proposed_cannot_be_agreed_to_but_refused(app: Flask) -> None:
    first, second = two()
    proposed(first, {"order": ["A", "B"]})
    assert refused({"order": ["B", "A"]}, second) == "state.act_changed"
    with transaction() as session:
        second_person.decide(session, KIND, "thing", {"order": ["B", "A"]}, agreed=False, by=second, at=clock.now())
    assert db.session.scalars(select(ActOfTwo.answer)).all() == ["refused"]


def test_a_decided_act_is_not_decided_again_and_a_new_one_can_be_proposed(app: Flask) -> None:
    first, second = two()
    proposed(first, 1)
    with transaction() as session:
        second_person.end(session, KIND, "thing", by=first, at=clock.now())
    assert db.session.scalars(select(ActOfTwo.answer)).all() == ["taken_back"]
    assert refused(1, second) == "state.act_missing"
    proposed(first, 2)


def test_two_open_acts_of_one_kind_on_one_thing_cannot_be(app: Flask) -> None:
    first, second = two()
    proposed(first, 1)
    with pytest.raises(IntegrityError):
        proposed(second, 1)


def test_the_database_itself_keeps_one_person_from_being_both(app: Flask) -> None:
    first, _ = two()
    act_id = proposed(first, 1)
    with pytest.raises(IntegrityError), transaction() as session:
        act = session.get_one(ActOfTwo, act_id)
        act.decided_by, act.decided_at, act.answer = first.id, clock.now(), "agreed"


def test_the_kinds_are_these(app: Flask) -> None:
    assert set(second_person.KINDS) - {KIND} == KINDS


def test_no_service_compares_two_actors_by_itself() -> None:
    """Elsewhere the caller's id may pick his own things in a query, never refuse because he is somebody."""
    by_themselves = {"accounts/services.py", "organisations/applying.py"}  # one's own account; a feature below accounts
    found = []
    for path in (ROOT / "competitions").rglob("*.py"):
        name = str(path.relative_to(ROOT / "competitions"))
        if name in by_themselves | {"accounts/second_person.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.If) and any(isinstance(each, ast.Raise) for each in node.body):
                found += [f"{name}:{node.lineno}" for each in ast.walk(node.test) if is_somebody(each)]
    assert found == []


def is_somebody(node: ast.AST) -> bool:
    """A comparison that holds when the caller is this person, or one of these."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.In):
        return False
    return "by.id" in (ast.unparse(node.left), ast.unparse(node.comparators[0]))
