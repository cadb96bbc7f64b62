"""What verification asks of coding: does every sealed sheet still have the mapping whose digest was printed? Knows no page."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.findings import Finding
from competitions.audit.verification import register_check
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet
from competitions.coding.sealing import mapping_digest


def code_findings(session: Session) -> Iterable[Finding]:
    """Sealed sheets whose lines were changed; stages whose coded places are more or fewer than their last level."""
    last: dict[str, CodeSheet] = {}
    for sheet in session.scalars(
        select(CodeSheet).where(CodeSheet.sealed_digest.is_not(None)).order_by(CodeSheet.level)
    ):
        if mapping_digest(session, sheet) != sheet.sealed_digest:
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


register_check("codes", code_findings)
