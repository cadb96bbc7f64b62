"""How sheets change hands: the one place that writes whose a sheet is, or why it is nobody's. Never commits.

An act on the panel (a judge leaves, comes, is recused) says what becomes of which sheet; here it is held against the
table of rules.py, kept as history and audited, all sheets of an act in one record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.judging.models import ScoreSheet
from competitions.judging.panels.models import SheetChange
from competitions.judging.panels.rules import CHANGES, OWED, allows
from competitions.judging.queries import panel_of, recused_judges, seated
from competitions.programme.models import Module, Stage

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one sheet: the kind of change, whose it is from now on (None: as before), why."""

    sheet: ScoreSheet
    kind: str
    judge_id: str | None = None
    reason: str = ""


class Table:
    """The panel of a module around its sheets, locked for an act: who sits where, who may have which sheet."""

    def __init__(self, session: Session, module: Module, *, lock: bool = True) -> None:
        if lock:
            session.get_one(Stage, module.stage_id, with_for_update=True)
        members = panel_of(session, module.id)
        self.sheets = _sheets(session, module.id, lock)
        self._duty = {member.seat_id: member.duty for member in members}
        self._holder = {member.seat_id: member.user_id for member in seated(members)}
        self._active = [member for member in members if member.left_at is None]
        self._recused = recused_judges(session, module.id)
        alive = [sheet for sheet in self.sheets if sheet.closed is None]
        self._judged = {(sheet.code, sheet.judge_id) for sheet in alive}
        self._taken = {(sheet.code, sheet.seat_id) for sheet in alive}
        self._signed = {sheet.code for sheet in alive if sheet.state == "signed"}

    def holder(self, seat_id: str) -> str | None:
        """Who sits there now; in a tabulators' seat that is empty any other tabulator."""
        if seat_id in self._holder or self._duty.get(seat_id) != "tabulator":
            return self._holder.get(seat_id)
        return next((member.user_id for member in self._active if member.duty == "tabulator"), None)

    def sits(self, sheet: ScoreSheet) -> bool:
        """Whether the sheet's judge is still there to mark it."""
        return any(member.user_id == sheet.judge_id and member.code in (None, sheet.code) for member in self._active)

    def may_have(self, user_id: str, code: str) -> bool:
        """Whether a person may be given a sheet of the code: he has none yet and is not recused."""
        return (code, user_id) not in self._judged and user_id not in self._recused.get(code, ())

    def is_signed(self, code: str) -> bool:
        """Whether the code's sheets are signed: then nobody is seated for it any more."""
        return code in self._signed

    def is_taken(self, sheet: ScoreSheet) -> bool:
        """Whether a living sheet stands on the seat and code."""
        return (sheet.code, sheet.seat_id) in self._taken

    def heir(self, sheet: ScoreSheet) -> str | None:
        """Who marks the sheet when it is opened again: its judge while he is there, else who sits in its seat."""
        if self.sits(sheet):
            return sheet.judge_id
        holder = self.holder(sheet.seat_id)
        return holder if holder is not None and self.may_have(holder, sheet.code) else None

    def alive(self, code: str) -> int:
        """How many sheets of the code have a judge."""
        return sum(named == code for named, _ in self._judged)

    def give(self, code: str, seat_id: str, user_id: str) -> None:
        """Count the seat's sheet of a code as his, so that he gets no second one of the code."""
        self._judged.add((code, user_id))
        self._taken.add((code, seat_id))


def _sheets(session: Session, module_id: str, lock: bool) -> list[ScoreSheet]:
    """All sheets of a module, alive and closed; locked they are as they are now."""
    statement = select(ScoreSheet).where(ScoreSheet.module_id == module_id).order_by(ScoreSheet.id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return sorted(session.scalars(statement), key=lambda sheet: (sheet.code, sheet.id))


def house(session: Session, module: Module, reason: str, *, by: Actor, at: datetime) -> list[Move]:
    """Give every sheet that is owed by nobody who sits there to who sits in its seat, or close it; open what was closed
    for want of him. Run again it changes nothing.
    """
    table = Table(session, module)
    moves = [
        move for sheet in table.sheets if (move := _adrift(table, sheet, reason) or _reopened(table, sheet, reason))
    ]
    move_sheets(session, module, moves, by=by, at=at)
    return moves


def _adrift(table: Table, sheet: ScoreSheet, reason: str) -> Move | None:
    if sheet.closed is not None or sheet.state not in OWED or table.sits(sheet):
        return None
    holder = table.holder(sheet.seat_id)
    if holder is None:
        return Move(sheet, "vacated", reason=reason)
    if not table.may_have(holder, sheet.code):
        return Move(sheet, "barred", reason="接替人已评过这个加密号，或须回避。")
    table.give(sheet.code, sheet.seat_id, holder)
    return Move(sheet, "passed", holder, reason)


def _reopened(table: Table, sheet: ScoreSheet, reason: str) -> Move | None:
    holder = table.holder(sheet.seat_id)
    if not allows("opened", sheet.state, sheet.closed) or holder is None or table.is_signed(sheet.code):
        return None
    if table.is_taken(sheet) or not table.may_have(holder, sheet.code):
        return None
    table.give(sheet.code, sheet.seat_id, holder)
    return Move(sheet, "opened", holder, reason)


def move_sheets(session: Session, module: Module, moves: Sequence[Move], *, by: Actor, at: datetime) -> None:
    """Write the changes of one act. Raises StateForbids("sheet_change") for one that the rules do not allow."""
    numbers = _numbers(session, [move.sheet.id for move in moves])
    changes = []
    for move in moves:
        sheet = move.sheet
        if not allows(move.kind, sheet.state, sheet.closed):
            raise StateForbids("sheet_change", named=sheet.code, change=CHANGES[move.kind].words)
        change = SheetChange(
            sheet_id=sheet.id,
            number=numbers.get(sheet.id, 0) + 1,
            kind=move.kind,
            from_judge_id=sheet.judge_id,
            judge_id=move.judge_id or sheet.judge_id,
            closed=CHANGES[move.kind].then,
            reason=move.reason,
            by=by.id,
            at=at,
        )
        sheet.judge_id, sheet.closed = change.judge_id, change.closed
        changes.append(change)
    session.add_all(changes)
    session.flush()
    if changes:
        record(
            session,
            "sheet.reassign",
            "module",
            module.id,
            by=by,
            at=at,
            after={"changes": [told(each) for each in changes]},
        )
    for move in moves:
        session.expire(move.sheet, ["judge"])


def told(change: SheetChange) -> list[str | int | None]:
    """What the log keeps of a change."""
    return [change.id, change.sheet_id, change.number, change.kind, change.judge_id, change.closed]


def _numbers(session: Session, sheet_ids: Sequence[str]) -> dict[str, int]:
    """Sheet id → the number of its newest change."""
    found: dict[str, int] = {}
    for start in range(0, len(sheet_ids), AT_ONCE):
        rows = session.execute(
            select(SheetChange.sheet_id, func.max(SheetChange.number))
            .where(SheetChange.sheet_id.in_(sheet_ids[start : start + AT_ONCE]))
            .group_by(SheetChange.sheet_id)
        )
        found.update((sheet_id, number) for sheet_id, number in rows)
    return found
