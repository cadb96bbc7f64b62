"""What a signature is over: whose sheets they are (code, judge, module, division) and what is marked (revision and its
digest). Every version that was ever signed can be told again; none is signed anew. Changes nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.coding.models import CodedPlace
from competitions.judging.models import SIGNED_NOW, ScoreRevision, ScoreSheet
from competitions.judging.queries import head_revisions
from competitions.judging.signing.statuses import module_statuses_of
from competitions.judging.timing.queries import standing_in
from competitions.judging.timing.services import document as change_document
from competitions.programme.models import Division, Module


def signed_document(
    session: Session, module: Module, division: Division, sheets: Sequence[ScoreSheet], version: int = SIGNED_NOW
) -> dict[str, Any]:
    """What the chief judge's signature is over: each sheet with number and digest of its newest revision (since version 2
    with its code and judge), who counts 0 in the module without a sheet, and what was changed of their time, if anything.
    """
    codes = set(
        session.scalars(
            select(CodedPlace.code).where(CodedPlace.stage_id == module.stage_id, CodedPlace.division_id == division.id)
        )
    )
    out = module_statuses_of(session, module.stage_id).get(module.id, {})
    revisions = head_revisions(
        session, select(ScoreSheet).where(ScoreSheet.module_id == module.id, ScoreSheet.division_id == division.id)
    )
    times = sorted([change.id, digest(change_document(change))] for change in standing_in(session, module, division.id))
    return {
        **({"times": times} if times else {}),
        "module": module.id,
        "division": division.id,
        "sheets": sorted(_line(sheet, revisions[sheet.id], version) for sheet in sheets),
        "statuses": sorted([code, status] for code, status in out.items() if code in codes),
        **({"version": version} if version > 1 else {}),
    }


def own_digest(sheet: ScoreSheet, revision: ScoreRevision, judge_id: str, version: int = SIGNED_NOW) -> str:
    """What the signature of a judge on his own sheet is over."""
    if version == 1:
        return revision.digest
    return digest(
        {
            "sheet": sheet.id,
            "code": sheet.code,
            "judge": judge_id,
            "module": sheet.module_id,
            "division": sheet.division_id,
            "number": revision.number,
            "revision": revision.digest,
            "version": version,
        }
    )


def _line(sheet: ScoreSheet, revision: ScoreRevision, version: int) -> list[Any]:
    whose = [sheet.code, sheet.judge_id] if version > 1 else []
    return [sheet.id, *whose, revision.number, revision.digest]
