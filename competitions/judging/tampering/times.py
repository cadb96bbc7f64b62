"""Checks of stops and extra time for `flask audit verify`: each is in the log as it was entered, ended, signed and
withdrawn, and nothing that the log knows of has gone.

Registered with audit.verification, as sheets.py.
"""

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.services import document, entered, moment_text

ACTIONS = ("time.enter", "time.resume", "time.sign", "time.withdraw")
Act = tuple[str | None, ...]
"""What was done, by whom, to which change, and what it then said."""


def time_findings(session: Session) -> Iterator[Finding]:
    """Changes of time that the log does not know, or knows otherwise, and those in the log that have gone."""
    logged: dict[Act, int] = {}
    for seq, payload in session.execute(
        select(AuditEvent.seq, AuditEvent.payload).where(AuditEvent.action.in_(ACTIONS)).order_by(AuditEvent.seq)
    ):
        found = json.loads(payload)
        after = found["after"]
        said = after["ends"] if found["action"] == "time.resume" else after["digest"]
        logged[found["action"], found.get("by"), found["object"][1], after["change"], said] = seq
    for change in session.scalars(select(TimeChange).execution_options(yield_per=500)):
        for act in acts_of(change):
            if logged.pop(act, None) is None:
                yield Finding(
                    "ACT_WITHOUT_AUDIT",
                    place=("time_change", change.id),
                    message="有一条停表或补时与审计记录对不上：可能是绕过系统写入或改动的。",
                )
    for seq in sorted(logged.values()):
        yield Finding("AUDIT_WITHOUT_ACT", seq, message=f"第 {seq} 条审计记录所记的停表或补时已不存在，或已被改动。")


def acts_of(change: TimeChange) -> Iterator[Act]:
    """What was done to a change, as the log has it."""
    yield "time.enter", change.by, change.module_id, change.id, digest(entered(change))
    if change.resumed_at is not None:
        yield "time.resume", change.resumed_by, change.module_id, change.id, moment_text(change.ends_at)
    if change.signed_at is not None:
        yield "time.sign", change.signed_by, change.module_id, change.id, digest(document(change))
    if change.withdrawn_at is not None:
        yield "time.withdraw", change.withdrawn_by, change.module_id, change.id, digest(document(change))


register_check("times", time_findings)
