"""What verification asks of corrections: is each in the log as it stands in its table, decided by another person, and does
the entry say what was agreed last? Without it a name could be changed by hand under cover of a correction. Knows no page.
"""

import json
from collections.abc import Iterator

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.registration.corrections.changes import Change, digest_of, now, read
from competitions.registration.corrections.models import EntryCorrection
from competitions.registration.models import Entry

PROPOSED = "entry.propose_correction"
DECIDED = {"agreed": "entry.correct", "refused": "entry.refuse_correction", "taken_back": "entry.take_back_correction"}
Act = tuple[str, str, str, str | None, str]
"""Action, entry, correction, by whom, keyed digest of what and why."""


def correction_findings(session: Session) -> Iterator[Finding]:
    """Corrections and decisions that the log does not know or knows otherwise, those that have gone from their tables, and
    entries that do not say what was agreed.
    """
    logged, kept = _logged(session), set()
    last: dict[tuple[str, str, str | None], tuple[Entry, Change]] = {}
    for correction in session.scalars(_whole()):
        for act in _acts(correction):
            kept.add(act)
            if act not in logged:
                yield _finding("CORRECTION_WITHOUT_AUDIT", correction.id, "有一条报名更正与审计记录对不上")
        if correction.is_agreed:
            for change in read(correction.changes):
                last[correction.entry_id, change.field, change.member] = correction.entry, change
    for act in logged - kept:
        yield _finding("AUDIT_WITHOUT_CORRECTION", act[2], "审计记录所记的一条报名更正已不存在，或已被改动")
    for entry, change in last.values():
        if now(entry, change) != (change.after_id or change.after):
            yield _finding("CORRECTED_CHANGED", entry.id, f"有一条报名的{change.label}不是更正后的内容", "entry")


def _finding(code: str, key: str, words: str, table: str = "entry_correction") -> Finding:
    return Finding(code, place=(table, key), message=f"{words}：可能是绕过系统写入或改动的。")


def _whole() -> Select[EntryCorrection]:
    return (
        select(EntryCorrection)
        .options(
            joinedload(EntryCorrection.decision),
            joinedload(EntryCorrection.entry),
            selectinload(EntryCorrection.entry, Entry.members),
        )
        .order_by(EntryCorrection.entry_id, EntryCorrection.number)
    )


def _acts(correction: EntryCorrection) -> Iterator[Act]:
    said = digest_of(correction.entry_id, read(correction.changes), correction.reason)
    yield PROPOSED, correction.entry_id, correction.id, correction.by, said
    if (decision := correction.decision) is not None:
        yield DECIDED[decision.answer], correction.entry_id, correction.id, decision.by, said


def _logged(session: Session) -> set[Act]:
    events = session.scalars(select(AuditEvent.payload).where(AuditEvent.action.in_([PROPOSED, *DECIDED.values()])))
    found = [json.loads(payload) for payload in events]
    return {
        (each["action"], each["object"][1], each["after"]["correction"], each.get("by"), each["after"]["digest"])
        for each in found
    }


register_check("entry_corrections", correction_findings)
