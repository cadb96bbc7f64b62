"""What waits for somebody in registration: drafts and returned entries, entries to review, lists to close, decisions,
competitions that he may still enter. Asked from the competitions that are open, and no further than a desk lists.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import MOST, Waiting, cut
from competitions.organisations.subtree import scope_of_unions
from competitions.programme.models import Competition
from competitions.registration.corrections.queries import corrections_to_decide
from competitions.registration.models import Entry
from competitions.registration.queries import VISIBLE, entry_scope, to_decide, unions_held


@dataclass(frozen=True, slots=True)
class Kind:
    """Entries that wait for the same act: whose it is, which entries, what they are called, the filter of the list that
    shows them, the cut-off of the act.
    """

    permission: Permission
    condition: ColumnElement[bool]
    words: str
    state: str
    until: InstrumentedAttribute[datetime]


KINDS = (
    Kind(Permission.SUBMIT_ENTRIES, Entry.state == "returned", "退回修改的报名", "returned", Competition.review_until),
    Kind(
        Permission.SUBMIT_ENTRIES,
        Entry.state.in_(("draft", "taken_back")),
        "尚未提交的报名",
        "draft",
        Competition.report_until,
    ),
    Kind(
        Permission.REVIEW_ENTRIES,
        and_(Entry.state == "submitted", ~Entry.organiser_reviews),
        "待审核的报名",
        "submitted",
        Competition.review_until,
    ),
    Kind(
        Permission.CLOSE_LIST,
        and_(Entry.state == "endorsed", Entry.reporting_list_id.is_(None)),
        "初审通过、待报送的报名",
        "endorsed",
        Competition.review_until,
    ),
    Kind(Permission.DECIDE_ENTRIES, to_decide(), "待组委会审定的报名", "to_decide", Competition.final_until),
)


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """All of it, each kind by its cut-off."""
    found = [each for kind in KINDS if actor.may(kind.permission) for each in _of_kind(session, actor, kind)]
    return found + _corrections(session, actor) + _to_enter(session, actor, at)


def _of_kind(session: Session, actor: Actor, kind: Kind) -> list[Waiting]:
    wanted = and_(kind.condition, VISIBLE, entry_scope(session, actor, kind.permission))
    rows = session.execute(
        select(Competition.id, Competition.name, kind.until)
        .where(Competition.state == "open", exists().where(Entry.competition_id == Competition.id, wanted))
        .order_by(kind.until, Competition.id)
        .limit(MOST + 1)
    ).all()
    counts = _counts(session, [row[0] for row in rows], wanted)
    return cut(
        [
            Waiting(
                f"{name}：{kind.words}",
                "registration.competition_entries",
                {"competition_id": competition_id, "state": kind.state},
                counts[competition_id],
                until,
            )
            for competition_id, name, until in rows
        ]
    )


def _counts(session: Session, competition_ids: list[str], wanted: ColumnElement[bool]) -> dict[str, int]:
    rows: Any = session.execute(
        select(Entry.competition_id, func.count())
        .where(Entry.competition_id.in_(competition_ids), wanted)
        .group_by(Entry.competition_id)
    )
    return {competition_id: count for competition_id, count in rows}


def _corrections(session: Session, actor: Actor) -> list[Waiting]:
    """Corrections of approved entries that somebody else has proposed."""
    if not actor.may(Permission.APPROVE_ENTRY_CORRECTION):
        return []
    return cut(
        [
            Waiting(
                f"{each.entry.competition.name}：{each.entry.event.name}准考证号 {each.entry.ticket} 的更正等待决定",
                "registration.entry",
                {"entry_id": each.entry_id},
            )
            for each in corrections_to_decide(session, actor, MOST + 1)
        ]
    )


def _to_enter(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """Competitions that take entries and have none yet of the reporting unions whose clerk the actor is."""
    unions = unions_held(actor, [Permission.EDIT_ENTRIES], reviewing=False)
    if not unions:
        return []
    own = scope_of_unions(session, unions).has(Entry.reporting_union_id)
    rows = session.execute(
        select(Competition.id, Competition.name, Competition.report_until)
        .where(
            Competition.state == "open",
            Competition.report_until > at,
            Competition.id.not_in(select(Entry.competition_id).where(VISIBLE, own)),
        )
        .order_by(Competition.report_until, Competition.id)
        .limit(MOST + 1)
    )
    return cut(
        [
            Waiting(
                f"{name}：正在报名，本单位还没有报名",
                "registration.competition_entries",
                {"competition_id": competition_id},
                until=until,
            )
            for competition_id, name, until in rows
        ]
    )
