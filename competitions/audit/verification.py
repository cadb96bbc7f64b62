"""Is everything as it was recorded? The chain, its anchors, the triggers, the database's settings, the kept files, the
rows of the compared tables, and the checks that the features above register for what is theirs (projections, signatures,
publications). Knows none of them.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from competitions.audit import triggers
from competitions.audit.anchors import anchor_findings, read_anchors
from competitions.audit.chain_check import column_findings, walk
from competitions.audit.findings import Finding, first_bad
from competitions.audit.row_check import row_findings
from competitions.base import kept_files
from competitions.base.clock import microseconds

Check = Callable[[Session], Iterable[Finding]]
log = logging.getLogger("competitions.audit")
_checks: dict[str, Check] = {}
CLOCK_TOLERANCE = timedelta(minutes=10)
WANTED = {
    "sqlite": {"journal_mode": ("wal",), "synchronous": ("2", "3"), "foreign_keys": ("1",)},
    "postgresql": {
        "fsync": ("on",),
        "full_page_writes": ("on",),
        "synchronous_commit": ("on", "remote_apply", "remote_write"),
    },
}
"""Setting → values under which a commit survives a power cut (design.md §4.2)."""


@dataclass(slots=True)
class Report:
    """What verification saw: records walked, the last one, checks made, findings."""

    records: int
    seq: int
    hash: str
    checks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Nothing was changed, lost or replaced."""
        return not any(finding.is_fault for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """For --json."""
        bad = first_bad(self.findings)
        return {
            "sound": self.sound,
            "records": self.records,
            "head": {"seq": self.seq, "hash": self.hash},
            "checks": self.checks,
            "first_bad": bad.document() if bad else None,
            "findings": [finding.document() for finding in self.findings],
        }


def register_check(name: str, check: Check) -> None:
    """A feature above adds a check: a function of a session that gives findings (code, place, message). Its module must be
    imported by the feature's cli or views, so that it is there in every process.
    """
    _checks[name] = check


def verify(
    session: Session, *, at: datetime, start: int = 1, anchors: Path | None = None, chain_only: bool = False
) -> Report:
    """Check everything (or the chain alone, from record `start` on).

    Raises SQLAlchemyError, OSError or RuntimeError when it cannot be checked.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))
    walked = walk(session, start, latest=microseconds(at + CLOCK_TOLERANCE))
    report = Report(walked.records, walked.seq, walked.hash, ["chain"], walked.findings)
    if anchors is not None:
        known, unreadable = read_anchors(anchors)
        report.checks.append("anchors")
        report.findings += [*anchor_findings(session, known), *unreadable]
    if not chain_only:
        _add(report, session, "columns", lambda s: column_findings(s, start))
        _add(report, session, "triggers", trigger_findings)
        _add(report, session, "settings", setting_findings)
        _add(report, session, "files", file_findings)
        _add(report, session, "rows", row_findings)
        for name, check in _checks.items():
            _add(report, session, name, check)
    return report


def trigger_findings(session: Session) -> list[Finding]:
    """Triggers of append-only tables that are gone or switched off."""
    return [
        Finding("TRIGGER_MISSING", place=("trigger", name), params={"name": name, "table": name.rsplit("_no_", 1)[0]})
        for name in triggers.missing(session.connection())
    ]


def setting_findings(session: Session) -> list[Finding]:
    """Settings of the database under which a commit may be lost."""
    dialect = session.get_bind().dialect.name
    found = []
    for name, wanted in WANTED[dialect].items():
        value = str(session.execute(text(f"PRAGMA {name}" if dialect == "sqlite" else f"SHOW {name}")).scalar())
        if value not in wanted:
            found.append(
                Finding(
                    "DB_SETTING_WEAK",
                    place=("setting", name),
                    params={"name": name, "value": value, "wanted": wanted[0]},
                )
            )
    return found


def file_findings(session: Session) -> list[Finding]:
    """Kept files that are gone from their folder, or are not what was kept; reads all of them."""
    return [
        Finding(
            f"FILE_{fault.upper()}",
            place=("kept_file", kept.id),
            params={"name": kept.stored.name[:16], "owner": f"{kept.owner_kind} {kept.owner_id}"},
        )
        for kept, fault in kept_files.damaged(session)
    ]


def _add(report: Report, session: Session, name: str, check: Check) -> None:
    """One check more; a check that stumbles over what it reads is itself a finding, not a crash."""
    report.checks.append(name)
    try:
        report.findings += list(check(session))
    except SQLAlchemyError:
        raise
    except Exception as fault:  # noqa: BLE001 - tampered data can break any code that reads it
        log.exception("check %s", name)
        report.findings.append(
            Finding("CHECK_FAILED", place=("check", name), params={"name": name, "fault": type(fault).__name__})
        )
