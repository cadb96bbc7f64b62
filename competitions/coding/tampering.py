"""What verification asks of coding: does every sealed sheet still have the mapping whose digest was printed? Knows no page."""

import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.coding.late import is_being_added
from competitions.coding.models import CheckIn, CodedPlace, CodeRow, CodeSheet, PaperCheckIn
from competitions.coding.places import code_chain
from competitions.coding.sealing import mapping_digest


def code_findings(session: Session) -> Iterable[Finding]:
    """Sealed sheets whose lines were changed; stages whose coded places are more or fewer than their last level."""
    last: dict[str, CodeSheet] = {}
    for sheet in session.scalars(
        select(CodeSheet).where(CodeSheet.sealed_digest.is_not(None)).order_by(CodeSheet.level)
    ):
        if mapping_digest(session, sheet) != sheet.sealed_digest and not is_being_added(session, sheet):
            yield Finding(
                "CODES_CHANGED",
                place=("code_sheet", sheet.id),
                message=f"第 {sheet.level} 级加密登记表在封存后被改动过。",
            )
        last[sheet.stage_id] = sheet
    for stage_id, sheet in last.items():
        lines = set(session.scalars(select(CodeRow.code).where(CodeRow.sheet_id == sheet.id)))
        places = set(session.scalars(select(CodedPlace.code).where(CodedPlace.stage_id == stage_id)))
        if places and places != lines:
            yield Finding("PLACES_CHANGED", place=("stage", stage_id), message="评分使用的编号与封存的加密登记表不符。")


def presence_findings(session: Session) -> Iterable[Finding]:
    """Check-ins that are not what the log says last, coded places whose presence is not that of the check-in."""
    logged = {}
    for payload in session.scalars(
        select(AuditEvent.payload).where(AuditEvent.action == "check_in.mark").order_by(AuditEvent.seq)
    ):
        document = json.loads(payload)
        logged[document["stage"], document["object"][1]] = (document["after"], document.get("by"))
    kept = {(row.stage_id, row.entry_id): row for row in session.scalars(select(CheckIn))}
    for key in logged.keys() | kept.keys():
        row = kept.get(key)
        if row is None or logged.get(key) != (row.presence, row.by):
            yield Finding(
                "CHECK_IN_CHANGED",
                place=("check_in", row.id if row else key[1]),
                message="有一条检录记录与审计记录不符：被直接写入、改动或删除过。",
            )
    for stage_id in {stage_id for stage_id, _ in kept}:
        places = {
            place.code: place for place in session.scalars(select(CodedPlace).where(CodedPlace.stage_id == stage_id))
        }
        for entry_id, steps in code_chain(session, stage_id).items():
            place, row = places.get(steps[-1]), kept.get((stage_id, entry_id))
            if place is not None and row is not None and place.presence != row.presence:
                yield Finding(
                    "PRESENCE_CHANGED",
                    place=("coded_place", place.id),
                    message="有一个加密号的到场情况与检录记录不符：被直接改动过。",
                )


register_check("codes", code_findings)


def paper_findings(session: Session) -> Iterable[Finding]:
    """Scans of check-in lists that lead to another file than the one that was sent."""
    for paper in session.scalars(select(PaperCheckIn)):
        if not paper.file.is_of(paper.sha256):
            yield Finding(
                "PAPER_CHANGED", place=("paper_check_in", paper.id), message="签到表扫描件与上传时不符：被换过。"
            )


register_check("papers", paper_findings)
register_check("presence", presence_findings)
