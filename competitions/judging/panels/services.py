"""Panels: who marks, checks in the hall or types in; assignment, replacement, own units; opening the sheets.

Own units are compared here and told to the organiser as a warning that names no entrant; judges never see any of it.
Recusal is recusals.py, what becomes of the sheets hands.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import Invalid, StateForbids
from competitions.base.many import add_rows, values_of
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.coding.models import CodedPlace, Sitting
from competitions.coding.queries import is_sealed
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.hands import Move, Table, house
from competitions.judging.panels.queries import (
    conflict_of,
    empty_seats,
    forbids_conflicts,
    judges_at,
    marked_modules,
    people_for,
    stage_modules,
)
from competitions.judging.queries import judge_names, panel_of, panels_of, present_places, seated
from competitions.judging.schemes.versions import module_parts, schemes_in_force
from competitions.programme.archive_guard import require_live
from competitions.programme.locking import lock_stage
from competitions.programme.models import Module, Stage

WARNING = "所在单位有选手参加本赛项，请确认是否回避。"
REPLACED = "离开裁判组，由接替人评分。"
NOT_REPLACED = "离开裁判组，没有安排接替。"


def assign(
    session: Session,
    module: Module,
    user: User,
    duty: str,
    sitting: Sitting | None,
    position: int,
    *,
    by: Actor,
    at: datetime,
) -> PanelMember:
    """Put a person on the module's panel: into a seat that was left empty, with the sheets that nobody owes there, else
    into a new one. His own unit in the event gives a warning, or is refused where the module forbids it. Raises Invalid.
    """
    sitting_id = sitting.id if sitting else None
    left = empty_seats(panel_of(session, module.id))
    empty = next((member for member in left if (member.duty, member.sitting_id) == (duty, sitting_id)), None)
    position = empty.position if empty else position
    seat = Seat(duty, sitting_id, position, empty.seat_id if empty else None)
    member = sit_down(session, module, user, seat, by=by, at=at)
    if empty:
        house(session, module, "编入裁判组，接替空席。", by=by, at=at)
    return member


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a person is to sit: duty, sitting (None: all), position; the seat if it is there already; for one code only."""

    duty: str
    sitting_id: str | None
    position: int
    seat_id: str | None = None
    code: str | None = None

    @classmethod
    def of(cls, member: PanelMember, code: str | None = None) -> "Seat":
        """The seat of a member; `code`: only for that one."""
        return cls(member.duty, member.sitting_id, member.position, member.seat_id, code or member.code)


def sit_down(session: Session, module: Module, user: User, seat: Seat, *, by: Actor, at: datetime) -> PanelMember:
    """Seat a person; no sheet changes hands yet. Raises Invalid: not in the role, there already, own unit."""
    if user.id not in {person.id for person in people_for(session, module, seat.duty, at)}:
        raise Invalid(code="invalid.not_in_role")
    members = panel_of(session, module.id)
    if seat.code is None and any(member.user_id == user.id and _overlaps(member, seat) for member in seated(members)):
        raise Invalid(code="invalid.on_panel_already")
    conflict = seat.duty != "tabulator" and conflict_of(session, user.id, module.stage.event_id)
    if conflict and forbids_conflicts(module):
        raise Invalid(code="invalid.conflict_forbidden")
    member = PanelMember(
        module_id=module.id,
        user_id=user.id,
        duty=seat.duty,
        sitting_id=seat.sitting_id,
        position=seat.position,
        number=_number(members, user.id),
        code=seat.code,
        warning=WARNING if conflict else "",
        assigned_by=by.id,
        assigned_at=at,
    )
    member.seat_id = seat.seat_id or member.id
    session.add(member)
    session.flush()
    record(
        session,
        "panel.assign",
        "module",
        module.id,
        by=by,
        at=at,
        after={"member": member.id, "user": user.id, "duty": seat.duty, "seat": member.seat_id, "conflict": conflict}
        | ({"code": seat.code} if seat.code else {}),
    )
    return member


def _overlaps(member: PanelMember, seat: Seat) -> bool:
    """Whether one person cannot have both: he would mark a code twice, or check what he typed in himself."""
    if "tabulator" in (member.duty, seat.duty):
        return True
    return None in (member.sitting_id, seat.sitting_id) or member.sitting_id == seat.sitting_id


def _number(members: list[PanelMember], user_id: str) -> int:
    """His J-number on this panel: the one that he has, else the next."""
    names = judge_names(members)
    return (
        int(names[user_id][1:]) if user_id in names else 1 + max((int(name[1:]) for name in names.values()), default=0)
    )


def replace_member(
    session: Session, member: PanelMember, substitute: User | None, reason: str = "", *, by: Actor, at: datetime
) -> list[Move]:
    """A member leaves (a substitute may take over in mid-sitting): what he has delivered stays his, what he owes goes
    over, or is closed when nobody takes his seat.

    Gives what became of the sheets. Raises StateForbids when he has left already, Invalid.
    """
    module = member.module
    session.get_one(Stage, module.stage_id, with_for_update=True)
    session.refresh(member, with_for_update={"of": PanelMember})
    if member.left_at is not None:
        raise StateForbids("left_already")
    member.left_at = at
    session.flush()
    words = reason.strip()
    record(session, "panel.leave", "module", module.id, by=by, at=at, after={"member": member.id}, reason=words or None)
    taken = sit_down(session, module, substitute, Seat.of(member), by=by, at=at) if substitute else None
    moves = house(session, module, words or (REPLACED if taken else NOT_REPLACED), by=by, at=at)
    if taken:
        passed = sum(move.judge_id == taken.user_id for move in moves)
        record(
            session, "panel.replace", "module", module.id, by=by, at=at, after={"member": taken.id, "sheets": passed}
        )
    return moves


def panel_faults(session: Session, stage: Stage) -> list[Problem]:
    """What keeps judging from being opened: codes unsealed, modules without ruleset, panels of the wrong size."""
    parts = module_parts(session, stage.id)
    found: list[Problem] = []
    if not is_sealed(session, stage.id):
        found.append(Problem("open.codes_unsealed"))
    if not parts:
        found.append(Problem("open.no_ruleset"))
    places = present_places(session, stage.id)
    if not places and is_sealed(session, stage.id):
        found.append(Problem("open.nobody"))
    modules = [module for module in marked_modules(session, stage.id) if module.key in parts]
    panels = panels_of(session, [module.id for module in modules])
    for module in modules:
        found += _size_faults(module, panels.get(module.id, []), int(parts[module.key]["panel"]["judges"]), places)
    return found


def open_judging(session: Session, stage: Stage, *, by: Actor, at: datetime) -> int:
    """Make the score sheets (code × seat × module) that are not there yet, and lock the stage. Run again, it adds what
    is missing and leaves no sheet without a judge or a reason.

    Returns how many were made. Raises StateForbids with everything that is not ready (`problems`).
    """
    session.refresh(stage, with_for_update=True)
    if stage.settled_at is not None:
        raise StateForbids("settled")
    if faults := panel_faults(session, stage):
        raise StateForbids("not_ready", problems=faults, count=len(faults))
    lock_stage(session, stage, by=by, at=at)
    require_live(session, Stage, [stage.id])
    parts = module_parts(session, stage.id)
    made = 0
    for module in marked_modules(session, stage.id):
        if module.key in parts:
            house(session, module, "再次开启评分时无人负责。", by=by, at=at)
            made += _make_sheets(session, module, int(parts[module.key]["panel"]["judges"]))
    session.flush()
    record(
        session,
        "judging.open",
        "stage",
        stage.id,
        by=by,
        at=at,
        after={
            "sheets": made,
            "schemes": {
                key: scheme.id
                for key, scheme in schemes_in_force(
                    session, [module.id for module in stage_modules(session, stage.id)]
                ).items()
            },
        },
    )
    return made


def _make_sheets(session: Session, module: Module, judges: int) -> int:
    """Sheets for the seats of each place that has fewer than the panel asks for (one that was left or closed counts)."""
    members = panel_of(session, module.id)
    table = Table(session, module)
    there: dict[str, set[str]] = {}
    for sheet in table.sheets:
        there.setdefault(sheet.code, set()).add(sheet.seat_id)
    made: list[dict[str, Any]] = []
    blank = values_of(ScoreSheet())
    for place in present_places(session, module.stage_id):
        having = there.setdefault(place.code, set())
        if table.is_signed(place.code):
            continue
        for member in judges_at(members, place):
            if member.seat_id in having or len(having) >= judges or not table.may_have(member.user_id, place.code):
                continue
            having.add(member.seat_id)
            made.append({**blank, **_sheet(module, place, member), "id": new_id()})
            table.give(place.code, member.seat_id, member.user_id)
    add_rows(session, ScoreSheet, made)
    return len(made)


def _sheet(module: Module, place: CodedPlace, member: PanelMember) -> dict[str, Any]:
    return {
        "module_id": module.id,
        "division_id": place.division_id,
        "code": place.code,
        "seat_id": member.seat_id,
        "judge_id": member.user_id,
        "sitting_id": place.sitting_id,
        "station": place.station,
    }


def _size_faults(module: Module, members: list[PanelMember], judges: int, places: list[CodedPlace]) -> list[Problem]:
    sizes = {len(judges_at(members, place)) for place in places} or {
        len(judges_at(members, CodedPlace(sitting_id=None)))
    }
    return (
        [
            Problem(
                "open.panel_size",
                params={
                    "module": module.name,
                    "wanted": judges,
                    "found": "、".join(str(size) for size in sorted(sizes)),
                },
            )
        ]
        if sizes != {judges}
        else []
    )
