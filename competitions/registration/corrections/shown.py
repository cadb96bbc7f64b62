"""Corrections as the page of an entry shows them: to the unit what was corrected and why, to the organiser what waits too.

Changes nothing; the services check the same again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.registration.corrections.changes import Change, member_of, read
from competitions.registration.corrections.checks import judges_concerned, require_correctable
from competitions.registration.corrections.models import EntryCorrection
from competitions.registration.corrections.queries import corrections_of
from competitions.registration.models import Entry
from competitions.words.sentences import sentence, worded

CORRECT, APPROVE = Permission.CORRECT_ENTRIES, Permission.APPROVE_ENTRY_CORRECTION
ANSWERS = {"agreed": "已更正", "refused": "未同意", "taken_back": "已收回"}


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a correction in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A correction with its lines; `remarks`: what the organisers must think of; `state`: what became of it, in a word."""

    correction: EntryCorrection
    lines: Sequence[Line]
    state: str
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class EntryCorrections:
    """`waiting`: the one that waits, for organisers; `done`: the others that the reader may see. `propose`, `decide`,
    `take_back`: what he may do; `forbidden`: why nothing can be corrected any more, for who would.
    """

    waiting: ShownCorrection | None
    done: Sequence[ShownCorrection]
    propose: bool = False
    decide: bool = False
    take_back: bool = False
    forbidden: str = ""


def corrections_on(
    session: Session, entry: Entry, held: Collection[Permission], actor: Actor, at: datetime
) -> EntryCorrections:
    """The corrections of an entry for somebody who holds these permissions over it."""
    organises = bool({CORRECT, APPROVE} & set(held))
    found = corrections_of(session, entry.id)
    waiting = next((each for each in found if each.waits), None) if organises else None
    done = [
        _shown(session, entry, each, at, organises)
        for each in found
        if each.is_agreed or (organises and not each.waits)
    ]
    over = entry.competition.is_archived or entry.event.is_called_off
    forbidden = _forbidden(session, entry) if CORRECT in held and entry.is_approved and not over else ""
    return EntryCorrections(
        _shown(session, entry, waiting, at, organises) if waiting else None,
        done,
        propose=CORRECT in held and entry.is_approved and not (over or waiting or forbidden),
        decide=waiting is not None and not over and APPROVE in held and waiting.by != actor.id,
        take_back=waiting is not None and not over and CORRECT in held and waiting.by == actor.id,
        forbidden=forbidden,
    )


def _forbidden(session: Session, entry: Entry) -> str:
    try:
        require_correctable(session, entry)
    except StateForbids as fault:
        return worded(fault)
    return ""


def _shown(
    session: Session, entry: Entry, correction: EntryCorrection, at: datetime, organises: bool
) -> ShownCorrection:
    changes = read(correction.changes)
    decision = correction.decision
    return ShownCorrection(
        correction,
        [_line(entry, change) for change in changes],
        ANSWERS[decision.answer] if decision else "等待决定",
        _remarks(session, entry, changes, at) if organises else [],
    )


def _line(entry: Entry, change: Change) -> Line:
    whose = ""
    if change.member and len(entry.members) > 1:
        whose = f"第 {member_of(entry, change).position} 名成员的"
    return Line(f"{whose}{change.label}", change.before or "—", change.after or "—")


def _remarks(session: Session, entry: Entry, changes: Sequence[Change], at: datetime) -> list[str]:
    found = []
    if any(each.field == "name" and not set(each.before) & set(each.after) for each in changes):
        found.append(sentence("correction.other_name"))
    if people := judges_concerned(session, entry, changes, at):
        found.append(sentence("correction.judges", people="、".join(people)))
    return found
