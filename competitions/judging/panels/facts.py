"""What was done about single sheets, as facts for the supervisor: recusals, those taken back, substitutes. Changes nothing."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.base.clock import beijing_text
from competitions.base.counts import count_of
from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import Waiting
from competitions.judging.models import ScoreSheet
from competitions.judging.panels.models import SheetChange
from competitions.judging.panels.rules import CHANGES
from competitions.judging.queries import sheets_in_scope

TOLD = ("recused", "restored", "appointed")
"""Kinds of change that one person decides and the supervisor is told of."""
FRESH = timedelta(hours=24)
"""So long a fact stands on his desk; on its page for good."""


def seat_facts(actor: Actor) -> Select[SheetChange]:
    """All of them in the supervisor's events."""
    sheets = sheets_in_scope(actor, Permission.APPROVE_REQUESTS).with_only_columns(ScoreSheet.id)
    return select(SheetChange).where(SheetChange.kind.in_(TOLD), SheetChange.sheet_id.in_(sheets))


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """What was done lately, by whom and when, as one line of his desk that leads to all of it."""
    if not actor.may(Permission.APPROVE_REQUESTS):
        return []
    fresh = seat_facts(actor).where(SheetChange.at > at - FRESH, SheetChange.by != actor.id)
    newest = session.execute(
        fresh.join(ScoreSheet, ScoreSheet.id == SheetChange.sheet_id)
        .join(User, User.id == SheetChange.by)
        .with_only_columns(SheetChange.kind, SheetChange.at, ScoreSheet.code, User.display_name)
        .order_by(SheetChange.at.desc(), SheetChange.id)
        .limit(1)
    ).first()
    if newest is None:
        return []
    kind, when, code, name = newest
    count = count_of(session, fresh)
    last = f"{beijing_text(when)} {name} {CHANGES[kind].words} {code}"
    return [Waiting(f"最近一天有 {count} 条回避、代评记录，最近一条：{last}", "judging.seats", count=count.number)]
