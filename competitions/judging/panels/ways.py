"""What can be done about a sheet that nobody marks, as pages offer it: by the same rules as the acts. Changes nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.judging.models import ScoreSheet
from competitions.judging.panels.hands import Table
from competitions.judging.panels.models import SheetChange
from competitions.judging.panels.queries import people_for
from competitions.judging.panels.recusals import instead_of, seat_of, wants_judge
from competitions.judging.queries import panel_of, seated


@dataclass(frozen=True, slots=True)
class Ways:
    """`history`: what became of the sheet, oldest first; `people`: who may be appointed to mark the code in this place;
    `busy`: those of them who sit on the panel; `may_take_back`: nobody has marked in spite of the recusal;
    `wanted`: somebody can be appointed, if there is anybody.
    """

    history: list[SheetChange] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    busy: frozenset[str] = frozenset()
    may_take_back: bool = False
    wanted: bool = False


def ways_out_of(session: Session, sheet: ScoreSheet, at: datetime) -> Ways:
    """What can be done about a sheet now."""
    history = session.scalars(
        select(SheetChange).where(SheetChange.sheet_id == sheet.id).order_by(SheetChange.number)
    ).all()
    table = Table(session, sheet.module, lock=False)
    if table.is_signed(sheet.code):
        return Ways(list(history))
    people: list[User] = []
    wanted = wants_judge(session, table, sheet)
    if wanted:
        duty = seat_of(session, sheet).duty
        people = [user for user in people_for(session, sheet.module, duty, at) if table.may_have(user.id, sheet.code)]
    busy = frozenset(member.user_id for member in seated(panel_of(session, sheet.module_id)))
    return Ways(
        list(history),
        sorted(people, key=lambda user: user.id in busy),
        busy,
        sheet.closed == "recused" and not any(other.head for other in instead_of(table, sheet)),
        wanted,
    )
