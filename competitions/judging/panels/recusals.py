"""One judge and one code: recusal (回避), taking it back, somebody who marks the code in his place. Never commits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.hands import Move, Table, move_sheets
from competitions.judging.panels.models import Recusal
from competitions.judging.panels.rules import OWED
from competitions.judging.panels.services import Seat, sit_down
from competitions.judging.queries import panel_of, recused_judges
from competitions.judging.schemes.versions import module_part
from competitions.programme.models import Module


def recuse(
    session: Session, module: Module, code: str, judge_id: str, reason: str, *, by: Actor, at: datetime
) -> Recusal:
    """A judge may not mark a code: his sheet there no longer counts. Raises Invalid, StateForbids when it is signed."""
    words = reason_of(reason, "panel.recuse")
    table = Table(session, module)
    sheets = [sheet for sheet in table.sheets if (sheet.code, sheet.judge_id) == (code, judge_id)]
    if not sheets:
        raise Invalid(code="invalid.no_such_sheet")
    if table.is_signed(code):
        raise StateForbids("signed")
    if judge_id in recused_judges(session, module.id).get(code, set()):
        raise StateForbids("recused_already")
    alive = [sheet for sheet in sheets if sheet.closed is None]
    if not alive:
        raise StateForbids("sheet_closed")
    recusal = Recusal(module_id=module.id, code=code, judge_id=judge_id, reason=words, by=by.id, at=at)
    session.add(recusal)
    move_sheets(session, module, [Move(sheet, "recused", reason=words) for sheet in alive], by=by, at=at)
    record(session, "panel.recuse", "module", module.id, by=by, at=at, after={"code": code, "judge": judge_id})
    return recusal


def take_back(session: Session, sheet: ScoreSheet, reason: str, *, by: Actor, at: datetime) -> None:
    """The recusal was a mistake: the sheet is owed again, as long as nobody marked in its place.

    Raises Invalid, StateForbids, as `restore` does, and for a sheet that was delivered: whether marks that everybody has
    seen count again takes two.
    """
    words = reason_of(reason, "panel.take_back")
    require_restorable(session, sheet)
    if sheet.state not in OWED:
        raise StateForbids("take_back_takes_two")
    restore(session, sheet, words, by=by, at=at)


def require_restorable(session: Session, sheet: ScoreSheet) -> Recusal:
    """The recusal that stands on a sheet. Raises StateForbids: none, the code is signed, marked in its place."""
    table = Table(session, sheet.module)
    recusal = session.scalar(
        select(Recusal).where(
            Recusal.module_id == sheet.module_id,
            Recusal.code == sheet.code,
            Recusal.judge_id == sheet.judge_id,
            Recusal.revoked_at.is_(None),
        )
    )
    if sheet.closed != "recused" or recusal is None:
        raise StateForbids("not_recused")
    if table.is_signed(sheet.code):
        raise StateForbids("signed")
    if any(other.head for other in instead_of(table, sheet)):
        raise StateForbids("marked_instead", named=sheet.code)
    return recusal


def restore(session: Session, sheet: ScoreSheet, words: str, *, by: Actor, at: datetime) -> None:
    """The sheet counts again as it was. If its judge has left and owes it, it is his who sits there now.

    Raises StateForbids, as `require_restorable` does.
    """
    recusal, module = require_restorable(session, sheet), sheet.module
    instead = instead_of(Table(session, module), sheet)
    recusal.revoked_at, recusal.revoked_by, recusal.revoked_reason = at, by.id, words
    after = {"recusal": recusal.id, "code": sheet.code, "judge": sheet.judge_id}
    record(session, "panel.take_back", "module", module.id, by=by, at=at, after=after)
    move_sheets(session, module, [Move(other, "spared", reason=words) for other in instead], by=by, at=at)
    moves = [Move(sheet, "restored", reason=words)]
    move_sheets(session, module, moves, by=by, at=at)
    _seat_again(session, module, sheet, by, at)


def _seat_again(session: Session, module: Module, sheet: ScoreSheet, by: Actor, at: datetime) -> None:
    """A sheet that came to life is owed by nobody if its judge has left: whoever sits there now owes it, or it waits
    for somebody.
    """
    table = Table(session, module)
    if sheet.state not in OWED or table.sits(sheet):
        return
    holder = table.holder(sheet.seat_id)
    if holder is not None and table.may_have(holder, sheet.code):
        move = Move(sheet, "passed", holder, "原裁判已离开。")
    else:
        move = Move(sheet, "vacated" if holder is None else "barred", reason="原裁判已离开。")
    move_sheets(session, module, [move], by=by, at=at)


def appoint(session: Session, sheet: ScoreSheet, user: User, *, by: Actor, at: datetime) -> ScoreSheet:
    """Somebody marks this one code in the place of a judge who is recused or has left; gives his sheet.

    Raises Invalid: not in the role, has a sheet of the code or is recused. Raises StateForbids: signed, somebody is
    there to mark it, or the code has its full panel.
    """
    module = sheet.module
    table = Table(session, module)
    if table.is_signed(sheet.code):
        raise StateForbids("signed")
    if not wants_judge(session, table, sheet):
        raise StateForbids("judge_there", named=sheet.code)
    if not table.may_have(user.id, sheet.code):
        raise Invalid(code="invalid.has_sheet", name=user.display_name, named=sheet.code)
    if table.holder(sheet.seat_id) != user.id:
        sit_down(session, module, user, Seat.of(seat_of(session, sheet), sheet.code), by=by, at=at)
    if sheet.closed == "recused":
        return _in_its_place(session, sheet, user, by, at)
    move_sheets(session, module, [Move(sheet, "appointed", user.id, "指派代评。")], by=by, at=at)
    return sheet


def seat_of(session: Session, sheet: ScoreSheet) -> PanelMember:
    """The seat of a sheet, by one who holds or held the whole of it."""
    return next(
        member for member in panel_of(session, sheet.module_id) if member.seat_id == sheet.seat_id and not member.code
    )


def instead_of(table: Table, sheet: ScoreSheet) -> list[ScoreSheet]:
    """The living sheets on the seat and code of one that is closed."""
    where = (sheet.seat_id, sheet.code, None)
    return [other for other in table.sheets if (other.seat_id, other.code, other.closed) == where]


def wants_judge(session: Session, table: Table, sheet: ScoreSheet) -> bool:
    """Whether somebody can be appointed here: the sheet is owed by one who has left, or closed with nothing in its place
    while the code has not its full panel.
    """
    if sheet.closed is None:
        return sheet.state in OWED and not table.sits(sheet)
    judges = int(module_part(session, sheet.module).get("panel", {"judges": 1})["judges"])
    return sheet.closed != "spare" and not table.is_taken(sheet) and table.alive(sheet.code) < judges


def _in_its_place(session: Session, sheet: ScoreSheet, user: User, by: Actor, at: datetime) -> ScoreSheet:
    """A sheet of his own beside the recused one, which keeps what was marked in it."""
    own = ScoreSheet(
        module_id=sheet.module_id,
        division_id=sheet.division_id,
        code=sheet.code,
        seat_id=sheet.seat_id,
        judge_id=user.id,
        sitting_id=sheet.sitting_id,
        station=sheet.station,
    )
    session.add(own)
    session.flush()
    record(
        session,
        "panel.appoint",
        "score_sheet",
        own.id,
        by=by,
        at=at,
        after={"code": sheet.code, "judge": user.id, "instead_of": sheet.id},
    )
    move_sheets(session, sheet.module, [Move(own, "appointed", user.id, "指派代评。")], by=by, at=at)
    return own
