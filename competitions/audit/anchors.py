"""Anchors: number and hash of the last record, kept in a file outside the database, one JSON line each.

Whoever owns the database could cut off the end of the chain; the file then knows of records that are no longer there.
One is written after each act that must not be undone unseen, and when the operator asks. Copies belong on paper and on
another machine. Knows no feature.
"""

import json
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.action_words import ANCHORED
from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.queries import RESTORE, RESTORED
from competitions.audit.recording import VERSION, Committed, at_commit, head
from competitions.base import clock
from competitions.base.clock import moment
from competitions.base.file_store import sync_folder

NAME = "anchors.jsonl"
BATCH = 500
CUT_OFF = "…"
"""Put behind a line that was left unfinished, before the next is written."""
_file: list[Path] = []
log = logging.getLogger("competitions.audit")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain at a moment: record number, its hash, when and why it was written down."""

    seq: int
    hash: str
    at: str
    reason: str


def anchor_file(instance: Path) -> Path:
    """The file of an installation."""
    return instance / NAME


def install(instance: Path) -> None:
    """From now on this process writes its anchors in that folder: by itself after each act that must not be undone unseen
    (`action_words.ANCHORED`: sealing, signing, settling, publishing).
    """
    _file[:] = [anchor_file(instance)]
    at_commit(_after_an_act)


def write_anchor(session: Session, file: Path, *, reason: str, at: datetime) -> Anchor:
    """Append the present head of the chain, durably. Call it after the commit, outside a transaction: what is not yet
    committed must not be anchored. `reason`: what was done, e.g. "manual".
    """
    seq, current = head(session)
    anchor = Anchor(seq, current, at.isoformat(), reason)
    _write(file, anchor)
    return anchor


def _after_an_act(committed: Committed) -> None:
    """The act is done and stays so: a folder that takes nothing is told to the operator, not to whoever acted."""
    for reason in sorted(committed.actions & ANCHORED)[:1]:
        try:
            _write(_file[0], Anchor(committed.seq, committed.hash, clock.now().isoformat(), reason))
        except OSError as fault:
            log.error({"code": "anchor_unwritten", "seq": committed.seq, "number": fault.errno})


def _write(file: Path, anchor: Anchor) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(anchor), ensure_ascii=False, sort_keys=True) + "\n"
    is_new = not file.exists()
    handle = os.open(file, os.O_APPEND | os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if _is_unfinished(handle):
            line = f"{CUT_OFF}\n{line}"
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        sync_folder(file.parent)


def _is_unfinished(handle: int) -> bool:
    """Whether the power was cut, or the disk was full, while the last line was written: the next one must not hang on it."""
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def read_anchors(file: Path) -> tuple[list[Anchor], list[Finding]]:
    """The anchors of a file, and its lines that are none; none of a file that is not there. A line that a power cut left
    unfinished is told apart: nobody changed it, and that an anchor is not there is another finding. Raises OSError when it
    cannot be read.
    """
    anchors: list[Anchor] = []
    bad: list[Finding] = []
    if not file.exists():
        return anchors, bad
    *whole, rest = file.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate([*whole, f"{rest}{CUT_OFF if rest else ''}"], 1):
        if not line.strip():
            continue
        if line.endswith(CUT_OFF) or "\0" in line:
            bad.append(Finding("ANCHOR_UNFINISHED", params={"line": number}))
            continue
        try:
            said = json.loads(line)
            anchors.append(
                Anchor(int(said["seq"]), str(said["hash"]), str(said.get("at", "")), str(said.get("reason", "")))
            )
        except (ValueError, KeyError, TypeError):
            bad.append(Finding("ANCHOR_UNREADABLE", params={"line": number}))
    return anchors, bad


def anchor_findings(session: Session, anchors: Sequence[Anchor]) -> list[Finding]:
    """Anchors that the chain no longer bears out: records beyond its end, or with another hash; and one that is not there.
    Those that a restore left behind are one finding, which names the gap.
    """
    last, _ = head(session)
    restores = restores_of(session)
    told = [restore.finding for restore in restores if any(restore.explains(anchor) for anchor in anchors)]
    anchors = [anchor for anchor in anchors if not any(restore.explains(anchor) for restore in restores)]
    wanted = sorted({anchor.seq for anchor in anchors if 0 < anchor.seq <= last})
    there: dict[int, str] = {}
    for start in range(0, len(wanted), BATCH):
        rows = session.execute(
            select(AuditEvent.seq, AuditEvent.hash).where(AuditEvent.seq.in_(wanted[start : start + BATCH]))
        )
        there.update({seq: current for seq, current in rows})
    found = {
        anchor.seq: Finding("ANCHOR_MISMATCH", anchor.seq)
        for anchor in anchors
        if anchor.seq in there and there[anchor.seq] != anchor.hash
    }
    beyond = [anchor.seq for anchor in anchors if anchor.seq > last]
    if beyond:
        found[last + 1] = Finding("TRUNCATED", last + 1, params={"anchor": max(beyond), "last": last})
    return [*told, *(found[seq] for seq in sorted(found)), *_lacking(session, anchors)]


def _lacking(session: Session, anchors: Sequence[Anchor]) -> list[Finding]:
    """The newest act after which an anchor was to be written, when there is none as new."""
    newest = session.scalar(
        select(AuditEvent.seq)
        .where(AuditEvent.action.in_(ANCHORED), AuditEvent.payload.contains(f'"version":{VERSION}', autoescape=True))
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    )
    if newest is None or any(anchor.seq >= newest for anchor in anchors):
        return []
    return [Finding("ANCHOR_LACKING", newest)]


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore as the chain tells of it: record `seq` followed upon record `last`, while anchors knew of `anchor`."""

    seq: int
    at: datetime
    last: int
    anchor: int

    def explains(self, anchor: Anchor) -> bool:
        """Whether an anchor is of the records that the restore left behind: written before it, of what came after the
        backup.
        """
        try:
            before = datetime.fromisoformat(anchor.at) <= self.at
        except (ValueError, TypeError):
            return False
        return before and self.last < anchor.seq <= self.anchor

    @property
    def finding(self) -> Finding:
        """What verification says of it."""
        gap = {"anchor": self.anchor, "last": self.last, "count": self.anchor - self.last}
        return Finding("RESTORED", self.seq, params=gap)


def restores_of(session: Session) -> list[Restore]:
    """The restores that the chain tells of."""
    rows = session.execute(
        select(AuditEvent.seq, AuditEvent.at_us, AuditEvent.payload)
        .where(AuditEvent.object_id == RESTORED, AuditEvent.action == RESTORE)
        .order_by(AuditEvent.seq)
    )
    found = []
    for seq, at_us, payload in rows:
        with suppress(ValueError, KeyError, TypeError):  # a record that was tampered with explains nothing
            said = json.loads(payload)["after"]
            found.append(Restore(seq, moment(at_us), int(said["last"]), int(said["anchor"])))
    return found
