"""Whoever changes what a result rests on, past the house, is refused by a trigger or found afterwards and named: by one
statement, and by somebody patient who takes the triggers away and makes them anew (tampering_table.py).
"""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from competitions.accounts.models import FormKey, SignIn
from competitions.audit.anchors import anchor_file
from competitions.audit.recording import record, transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.base.settings import Setting
from competitions.judging.models import SheetDelivery
from competitions.organisations.models import Union
from competitions.programme.models import Competition, DeadlineExtension
from competitions.registration.models import EntryHistory, ReportingList
from competitions.results.models import TieRuling
from tests.audit.tampering import cover_everything, drop_triggers, remake_triggers
from tests.factories_results import Contest, make_contest, thirty_seventy
from tests.results.tampering_table import TAMPERINGS, Tampering

MARKS = [{"theory": ["90"], "practice": ["90"]}, {"theory": ["80"], "practice": ["80"]}]


def published(app: Flask) -> Contest:
    """A contest with a publication, and a row in every table of which something is tried."""
    contest = make_contest(app, thirty_seventy(), MARKS, divisions=2)
    contest.publish()
    db.session.rollback()
    now, stage = clock.now(), contest.stage
    judge, competition_id = contest.judges[0].id, stage.event.competition_id
    union_id = db.session.scalars(select(Union.id)).first()
    by = {"by": judge, "at": now}
    db.session.add_all(
        [
            TieRuling(stage_id=stage.id, division_id=contest.division_id, codes=["A"], reason="现场加试",
                      proposed_by=judge, proposed_at=now),
            EntryHistory(entry_id=contest.entries[0], by_name="甲", from_state="draft", to_state="submitted", **by),
            DeadlineExtension(competition_id=competition_id, deadline="report", until=now, reason="台风", **by),
            ReportingList(competition_id=competition_id, union_id=union_id, number=1, document="[]", digest="0",
                          closed_by=judge, closed_at=now),
            SheetDelivery(user_id=judge, key="k", route="r", request_digest="0", status=201, answer='{"a":1}', at=now),
            FormKey(key="k", user_id=judge, endpoint="e", digest="0", at=now),
            Setting(name="sign_in_tries", value="5"),
            SignIn(user_id=judge, token_hash="t", created_at=now, seen_at=now, expires_at=now + timedelta(hours=1)),
        ]
    )  # fmt: skip
    db.session.commit()
    cover_everything()
    with transaction() as session:
        session.get_one(Competition, competition_id).place = "体育馆"
        record(session, "competition.change", "competition", competition_id, by=None, at=now)
    return contest


def said(app: Flask) -> list[str]:
    """The faults that verification names, now."""
    anchors = anchor_file(app.extensions["settings"].instance_path)
    return [each.sentence for each in verify(db.session(), at=clock.now(), anchors=anchors).findings if each.is_fault]


def named(tampering: Tampering, sentence: str) -> bool:
    """Whether a sentence names what was changed; one in 256 columns is not told from what it was, its row always is."""
    return tampering.says in sentence or "的内容与第" in sentence


def by_one_statement(app: Flask, tampering: Tampering) -> str:
    """ "refused", "found" or "missed"."""
    try:
        for statement in tampering.statement.split("; "):
            db.session.execute(text(statement))
        return "found" if any(named(tampering, each) for each in said(app)) else "missed"
    except DBAPIError as fault:
        assert "append-only" in str(fault) or "fixed columns" in str(fault), fault
        return "refused"
    finally:
        db.session.rollback()


def patiently(app: Flask, tampering: Tampering) -> list[str]:
    """What verification says when the triggers were away meanwhile; nobody sees that they were."""
    try:
        drop_triggers()
        for statement in tampering.statement.split("; "):
            db.session.execute(text(statement))
        remake_triggers()
        return said(app)
    finally:
        db.session.rollback()


def test_every_tampering_is_refused_or_found_and_the_patient_one_is_found_and_named(app: Flask) -> None:
    published(app)
    assert said(app) == []
    db.session.rollback()
    wrong = []
    for tampering in TAMPERINGS:
        outcome, found = by_one_statement(app, tampering), patiently(app, tampering)
        print(f"{tampering.name} | {outcome} | {next((each for each in found if named(tampering, each)), found[:3])}")
        if outcome != ("refused" if tampering.refused else "found"):
            wrong.append((tampering.name, "one statement", outcome))
        if not any(named(tampering, each) for each in found):
            wrong.append((tampering.name, "patiently", str(found[:5])))
    assert wrong == []
