"""What the judges' tablets say of themselves, and what the chief judge is told of it before signing.

A tablet reports its device number, how many items are unsent and its last sequence number (security.md §3.4); never a
name, a code or a mark. Reports are replaced in place and are no act of anybody, so they are not in the audit chain; the
reason for signing in spite of them is.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.base.database import new_id
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import is_enough, least_of, reason_of
from competitions.judging.models import TabletReport

MOST_PENDING = 10_000
LARGEST_SEQUENCE = 2**31 - 1
MOST_DEVICES = 10
"""Reports kept for one person: whoever clears a browser again and again gets a new device number each time."""
SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Report:
    """A tablet's report of the right shape."""

    device: str
    pending: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet of a judge of the panel: `number` counts the panel's tablets, `minutes` are since it was last heard of."""

    number: int
    name: str
    pending: int
    minutes: int

    @property
    def silent(self) -> bool:
        """Whether it has not been heard of for a while, so that nobody knows what is on it."""
        return self.minutes >= SILENT_AFTER.total_seconds() // 60

    def fault(self) -> Problem:
        """What the chief judge is told of it (a sentence's code and parameters)."""
        code = "sign.tablet_pending" if self.pending else "sign.tablet_silent"
        return Problem(
            code, params={"number": self.number, "name": self.name, "count": self.pending, "minutes": self.minutes}
        )


def read_report(document: object) -> Report:
    """A report from its JSON document {"device", "pending", "sequence"}. Raises Invalid with every problem."""
    given = document if isinstance(document, dict) else {}
    device, pending, sequence = given.get("device"), given.get("pending"), given.get("sequence")
    fits = {
        "device": _is_uuid(device),
        "pending": _is_count(pending, MOST_PENDING),
        "sequence": _is_count(sequence, LARGEST_SEQUENCE),
    }
    if not all(fits.values()):
        raise Invalid(
            [Problem("body.field_type", name, {"aspect": name}) for name, is_right in fits.items() if not is_right]
        )
    return Report(str(uuid.UUID(device)), int(pending or 0), int(sequence or 0))


def keep_report(session: Session, report: Report, *, by: Actor, at: datetime) -> None:
    """Keep what a tablet says in the place of what it said before; at most MOST_DEVICES of a person, the newest."""
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    said = {"pending": report.pending, "last_sequence": report.last_sequence, "seen_at": at}
    session.execute(
        insert(TabletReport)
        .values(id=new_id(), user_id=by.id, device=report.device, **said)
        .on_conflict_do_update(index_elements=["user_id", "device"], set_=said)
    )
    newest = (
        select(TabletReport.id)
        .where(TabletReport.user_id == by.id)
        .order_by(TabletReport.seen_at.desc(), TabletReport.id)
    )
    old = session.scalars(newest.offset(MOST_DEVICES)).all()
    if old:
        session.execute(delete(TabletReport).where(TabletReport.id.in_(old)))


def tablets_of(session: Session, judge_ids: Collection[str], at: datetime) -> list[Tablet]:
    """The tablets of these judges that ever reported, in a fixed order; one device that two judges use has one number."""
    rows = session.execute(
        select(TabletReport.device, User.display_name, TabletReport.pending, TabletReport.seen_at)
        .join(User, User.id == TabletReport.user_id)
        .where(TabletReport.user_id.in_(judge_ids))
        .order_by(User.display_name, User.id, TabletReport.device)
    ).all()
    numbers = {device: number for number, device in enumerate(dict.fromkeys(row.device for row in rows), 1)}
    return [
        Tablet(numbers[device], name, pending, max(0, int((at - seen_at).total_seconds() // 60)))
        for device, name, pending, seen_at in rows
    ]


def reason_in_spite(session: Session, judge_ids: Collection[str], reason: str, at: datetime) -> str:
    """The reason for signing in spite of tablets with unsent items; "" where there are none.

    Raises StateForbids("tablets_pending") with one problem for each such tablet when there is no reason.
    """
    pending = [tablet for tablet in tablets_of(session, judge_ids, at) if tablet.pending]
    if not pending:
        return ""
    if not is_enough(reason, "module.sign"):
        faults, least = [tablet.fault() for tablet in pending], least_of("module.sign")
        raise StateForbids("tablets_pending", problems=faults, count=len(pending), least=least)
    return reason_of(reason, "module.sign")


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def _is_count(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most
