"""What a judge may be told of a sheet: an allow-list of fields, by code. No other module makes answers for judges.

Never a name, a unit, an entry, a ticket or another judge's mark (design.md §4.5).
"""

import json
from collections.abc import Sequence
from typing import Any

from competitions.judging.models import JudgeSignature, ScoreRevision, ScoreSheet
from competitions.judging.schemes.aspects import SheetAspect
from competitions.judging.schemes.marks import given_runs, given_seconds
from competitions.judging.sheets.frames import SheetFrame
from competitions.programme.modules.judging_settings import JudgingSettings


def sheet_line(sheet: ScoreSheet, frame: SheetFrame) -> dict[str, Any]:
    """A sheet in the judge's list (contracts.md); `version` changes with anything that the whole sheet says."""
    return {
        "id": sheet.id,
        "code": sheet.code,
        "event": sheet.module.stage.event.name,
        "module": {"id": sheet.module_id, "name": sheet.module.name},
        "state": sheet.state,
        "revision": sheet.head,
        "sitting": frame.sitting(sheet),
        "station": sheet.station,
        "version": frame.version(sheet),
    }


def sheet_document(
    sheet: ScoreSheet, aspects: Sequence[SheetAspect], revision: ScoreRevision | None, frame: SheetFrame
) -> dict[str, Any]:
    """A whole sheet with its aspects, the marks of its current revision and what surrounds it.

    `judges_sign`: whether the judge signs it himself; `signature`: his signature of the current revision.
    """
    return {
        **sheet_line(sheet, frame),
        "opening": sheet.opening,
        "recused": frame.recused,
        "aspects": [aspect.document() for aspect in aspects],
        **revision_document(revision),
        "reevaluate": list(frame.calls),
        **frame.limit(sheet),
        "clock": frame.clock(),
        "judges_sign": JudgingSettings.of(sheet.module).judges_sign,
        "signature": signature_document(frame.signature) if frame.signature else None,
    }


def signature_document(signature: JudgeSignature) -> dict[str, Any]:
    """A judge's own signature: revision, its digest, when."""
    return {"revision": signature.number, "digest": signature.digest, "at": signature.at.isoformat()}


def revision_document(revision: ScoreRevision | None) -> dict[str, Any]:
    """The content of a revision: marks, notes, time, total, digest, receipt; blanks without one."""
    if revision is None:
        return {
            "marks": {},
            "notes": {},
            "seconds": None,
            "runs": None,
            "complete": False,
            "total": None,
            "digest": None,
            "receipt": None,
            "server_time": None,
        }
    return {
        "marks": json.loads(revision.marks),
        "notes": json.loads(revision.notes),
        "seconds": given_seconds(revision.seconds),
        "runs": given_runs(revision.runs),
        "complete": revision.complete,
        "total": revision.total,
        "digest": revision.digest,
        "receipt": revision.id,
        "server_time": revision.at.isoformat(),
    }


def current_of(sheet: ScoreSheet, revision: ScoreRevision | None) -> dict[str, Any]:
    """What a stale submission is told: the revision that is there now, and its content."""
    return {"sheet": sheet.id, "revision": sheet.head, "state": sheet.state, **revision_document(revision)}
