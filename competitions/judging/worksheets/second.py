"""Double entry by worksheet: a second person's reading of the same papers, planned and kept without showing the first.

The same file, checks and preview as for the first reading; what is compared is only ever told as names of aspects
(issue 5 point 3). Knows no request and never commits.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.judging.models import ScoreSheet, SecondEntry
from competitions.judging.queries import DONE
from competitions.judging.sheets.services import differing, enter_again
from competitions.judging.worksheets.columns import NAME
from competitions.judging.worksheets.plan import MarkRow, Plan, RowPlanner, SheetLine, SheetsKept
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


def keep_second_readings(
    session: Session, module: Module, plan: Plan, sha256: str, *, by: Actor, at: datetime
) -> dict[str, Any]:
    """Keep the rows of a plan, all or nothing. Returns how many rows are in each state and `different`: row's name →
    ids of the aspects that differ from the first reading. Raises StateForbids when a row cannot be taken (any more).
    """
    if not plan.is_sound:
        raise StateForbids("worksheet_changed")
    different: dict[str, list[str]] = {}
    for row in plan.rows:
        if row.submission is None or row.line is None:
            continue
        try:
            found = enter_again(session, row.line.sheet, row.submission, by=by, at=at)
        except Invalid as fault:
            raise StateForbids("worksheet_changed") from fault
        if found:
            different[named(row.line, plan.layout.with_judge)] = found
    counts = {state: plan.counts[state] for state in ("new", "changed", "same", "blank")}
    record(
        session,
        "worksheet.import_again",
        "module",
        module.id,
        by=by,
        at=at,
        after={**counts, "different": len(different), "file": sha256},
    )
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
