"""What a correction of an entry (更正) may not touch once its code is sealed: the division, by which judges mark it.

Registers with registration, which knows no code.
"""

from collections.abc import Collection

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from competitions.base.errors import StateForbids
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet
from competitions.programme.models import Stage
from competitions.registration.corrections.checks import register_guard
from competitions.registration.models import Entry


def require_division_free(session: Session, entry: Entry, fields: Collection[str]) -> None:
    """Raises StateForbids when the division is to change and judging has the entry's code in its division already."""
    if "division" not in fields:
        return
    coded = (
        select(CodeRow.id)
        .join(CodeSheet, CodeSheet.id == CodeRow.sheet_id)
        .join(Stage, Stage.id == CodeSheet.stage_id)
        .where(
            CodeRow.source == entry.id,
            Stage.event_id == entry.event_id,
            exists().where(CodedPlace.stage_id == CodeSheet.stage_id),
        )
    )
    if session.scalar(coded.limit(1)):
        raise StateForbids("correction_division_coded")


register_guard(require_division_free)
