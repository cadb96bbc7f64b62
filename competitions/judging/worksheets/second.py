"""Double entry by worksheet: a second person's reading of the same papers, planned and kept without showing the first.

The same file, checks and preview as for the first reading; what is compared is only ever told as names of aspects
(issue 5 point 3). Knows no request and never commits.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.chain import canonical
from competitions.audit.recording import record, record_all
from competitions.base.database import new_id
from competitions.base.many import add_rows
from competitions.base.permissions import Actor
from competitions.judging.models import ScoreSheet, SecondEntry
from competitions.judging.queries import DONE
from competitions.judging.schemes.marks import CheckedMarks
from competitions.judging.sheets.services import differing
from competitions.judging.worksheets.columns import NAME
from competitions.judging.worksheets.plan import MarkRow, RowPlanner, SheetLine, SheetsKept
from competitions.programme.models import Module
from competitions.tabular.table import Row, TableSheet


class SecondPlanner(RowPlanner):
    """Plans a row of the second reading: it must be whole, of a sheet that somebody else has read."""

    def __init__(self, ground: SheetsKept, taken: set[tuple[str, str]], sha256: str) -> None:
        super().__init__(ground, taken, sha256)
        self.seconds = second_readings(ground.session, [line.sheet.module_id for line in ground.lines[:1]])

    def compare(self, sheet: TableSheet, row: Row, found: MarkRow, line: SheetLine) -> None:
        """The row beside the second reading that is there; never beside the first."""
        marks = self.marks_of(row)
        if found.faults:
            return
        given = {name: value for name, value in marks.items() if value}
        again = self.seconds.get(line.sheet.id)
        if not given:
            found.state = "blank"
        elif (fault := self._closed(line)) is not None:
            self.refuse(found, sheet, row, NAME, fault)
        elif again is not None and json.loads(again.marks) == given:
            found.state = "same"
        else:
            self.submit(sheet, row, found, line, self.document(row, line, marks))
            found.state = "changed" if again is not None else "new"

    def document(self, row: Row, line: SheetLine, marks: dict[str, str | None]) -> dict[str, Any]:
        """The whole reading of a paper, without anything of the first."""
        return {
            "base_revision": line.sheet.head,
            "marks": marks,
            "notes": {},
            "complete": True,
            "seconds": None,
            "client": {"device": f"worksheet {self.sha256[:16]}", "sequence": row.number},
        }

    def _closed(self, line: SheetLine) -> str | None:
        """Why the sheet takes no second reading, as the code of a sentence."""
        if line.sheet.state in DONE:
            return "worksheet.signed" if line.sheet.state == "signed" else "worksheet.confirmed"
        if line.recused:
            return "worksheet.recused"
        if line.sheet.state != "submitted" or line.revision is None:
            return "worksheet.not_read_once"
        return "worksheet.own_reading" if line.revision.author_id == self.ground.reader else None


def second_readings(session: Session, module_ids: Sequence[str]) -> dict[str, SecondEntry]:
    """Sheet id → the second reading of its newest revision, in one query."""
    rows = session.scalars(
        select(SecondEntry)
        .join(ScoreSheet, ScoreSheet.id == SecondEntry.sheet_id)
        .where(ScoreSheet.module_id.in_(module_ids), SecondEntry.number == ScoreSheet.head)
    )
    return {row.sheet_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class ReadyReading:
    """A second reading to be written: row's name, the row of the table, the aspects that differ from the first."""

    name: str
    row: dict[str, Any]
    different: list[str]


def ready_reading(line: SheetLine, checked: CheckedMarks, with_judge: bool) -> ReadyReading:
    """The second reading of the newest revision of a line's sheet. Only computes."""
    assert line.revision is not None
    marks = canonical(checked.values)
    row = {"sheet_id": line.sheet.id, "number": line.revision.number, "author_id": line.revision.author_id}
    return ReadyReading(named(line, with_judge), {**row, "marks": marks}, differing(line.revision.marks, marks))


_TABLE = SecondEntry.metadata.tables[SecondEntry.__tablename__]
_READ_AGAIN = (
    update(_TABLE)
    .where(_TABLE.c.sheet_id == bindparam("sheet"), _TABLE.c.number == bindparam("revision"))
    .values(marks=bindparam("marks"), by=bindparam("by"), at=bindparam("at"))
)


def keep_second_readings(
    session: Session,
    module: Module,
    ready: Sequence[ReadyReading],
    counts: dict[str, int],
    sha256: str,
    *,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Keep readings that were made ready, all or nothing. Returns `counts` and `different`: row's name → ids of the
    aspects that differ from the first reading.
    """
    second_person.require_apart(session, by, *(each.row["author_id"] for each in ready), code="own_entry")
    there = {(each.sheet_id, each.number) for each in second_readings(session, [module.id]).values()}
    rows = [{**each.row, "by": by.id, "at": at} for each in ready]
    old = [row for row in rows if (row["sheet_id"], row["number"]) in there]
    add_rows(session, SecondEntry, [{**row, "id": new_id()} for row in rows if row not in old])
    if old:
        given = [
            {"sheet": row["sheet_id"], "revision": row["number"], "marks": row["marks"], "by": by.id, "at": at}
            for row in old
        ]
        session.connection().execute(_READ_AGAIN, given)
    told = (
        (e.row["sheet_id"], {"after": {"revision": e.row["number"], "differences": len(e.different)}}) for e in ready
    )
    record_all(session, "sheet.enter_again", "score_sheet", told, by=by, at=at)
    different = {each.name: each.different for each in ready if each.different}
    after = {**counts, "different": len(different), "file": sha256}
    record(session, "worksheet.import_again", "module", module.id, by=by, at=at, after=after)
    return {**counts, "different": different}


def differences_of(session: Session, lines: Sequence[SheetLine], with_judge: bool) -> dict[str, list[str]]:
    """Row's name → ids of the aspects in which the two readings differ; never what they say."""
    seconds: Mapping[str, SecondEntry] = second_readings(session, list({line.sheet.module_id for line in lines}))
    found = {}
    for line in lines:
        again = seconds.get(line.sheet.id)
        if (
            again is not None
            and line.revision is not None
            and line.sheet.state not in DONE
            and (different := differing(line.revision.marks, again.marks))
        ):
            found[named(line, with_judge)] = different
    return found


def named(line: SheetLine, with_judge: bool) -> str:
    """How a score sheet is named to people: its ticket or code, and the judge where there are several."""
    return f"{line.name} {line.judge}".strip() if with_judge else line.name
