"""How a union once matched the columns of its rosters by hand, remembered by the digest of their headings."""

import hashlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.registration.models import ColumnMatch
from competitions.tabular.roster import Roster
from competitions.tabular.table import TableSheet


def fingerprint(sheet: TableSheet) -> str:
    """Digest of a sheet's headings (its first rows where none was found), by which a match by hand is remembered."""
    rows = sheet.sheet.rows
    if sheet.heading is not None:
        rows = rows[sheet.heading.first_row : sheet.heading.data_row]
    else:
        rows = [cells for cells in rows if cells][:3]
    return hashlib.sha256(repr([[str(cell) for cell in cells] for cells in rows]).encode()).hexdigest()


def remembered_mapping(session: Session, union_id: str, roster: Roster) -> dict[str, Any]:
    """Sheet → what this union once matched by hand under the same headings."""
    prints = {fingerprint(sheet): sheet.name for sheet in roster.sheets}
    rows = session.scalars(
        select(ColumnMatch).where(ColumnMatch.union_id == union_id, ColumnMatch.heading_digest.in_(prints))
    )
    return {prints[row.heading_digest]: dict(row.mapping) for row in rows}


def remember_mapping(session: Session, union_id: str, digest: str, mapping: dict[str, Any]) -> None:
    """Keep a match for this union's next file with the same headings."""
    known = session.scalar(
        select(ColumnMatch).where(ColumnMatch.union_id == union_id, ColumnMatch.heading_digest == digest)
    )
    if known is None:
        session.add(ColumnMatch(union_id=union_id, heading_digest=digest, mapping=mapping))
    else:
        known.mapping = mapping
    session.flush()
