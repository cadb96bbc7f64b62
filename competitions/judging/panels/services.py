"""Panels: who marks, checks in the hall or types in; assignment, replacement, own units, recusal; opening the sheets.

Own units are compared here and told to the organiser as a warning that names no entrant; judges never see any of it.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.coding.models import CodedPlace, Sitting
from competitions.coding.queries import is_sealed
from competitions.judging.models import PanelMember, Recusal, ScoreSheet
from competitions.judging.panels.queries import (
    conflict_of,
    forbids_conflicts,
    judges_at,
    marked_modules,
    people_for,
    stage_modules,
)
from competitions.judging.queries import panel_of, panels_of, present_places, recused_judges
from competitions.judging.schemes.versions import module_parts, schemes_in_force
from competitions.programme.locking import lock_stage
from competitions.programme.models import Module, Stage

WARNING = "所在单位有选手参加本赛项，请确认是否回避。"


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
    """Put a person on the module's panel. His own unit in the event gives a warning, or is refused where the module
    forbids it. Raises Invalid.
    """
    if user.id not in {person.id for person in people_for(session, module, duty, at)}:
        raise Invalid(code="invalid.not_in_role")
    active = [member for member in panel_of(session, module.id) if member.left_at is None]
    if any(
        member.user_id == user.id and (member.duty == duty or "tabulator" in (member.duty, duty)) for member in active
    ):
        raise Invalid(code="invalid.on_panel_already")
    conflict = duty != "tabulator" and conflict_of(session, user.id, module.stage.event_id)
    if conflict and forbids_conflicts(module):
        raise Invalid(code="invalid.conflict_forbidden")
    member = PanelMember(
        module_id=module.id,
        user_id=user.id,
        duty=duty,
        sitting_id=sitting.id if sitting else None,
        position=position,
        warning=WARNING if conflict else "",
        assigned_by=by.id,
        assigned_at=at,
    )
    session.add(member)
    session.flush()
    record(
        session,
        "panel.assign",
        "module",
        module.id,
        by=by,
        at=at,
        after={"member": member.id, "user": user.id, "duty": duty, "conflict": conflict},
    )
    return member


def replace_member(session: Session, member: PanelMember, substitute: User | None, *, by: Actor, at: datetime) -> int:
    """A member leaves (a substitute may take over in mid-sitting): delivered sheets stay his, the others go over.

    Returns how many sheets went over. Raises StateForbids when he has left already, Invalid.
    """
    if member.left_at is not None:
        raise StateForbids("left_already")
    member.left_at = at
    session.flush()
    record(session, "panel.leave", "module", member.module_id, by=by, at=at, after={"member": member.id})
    if substitute is None:
        return 0
    taken = assign(session, member.module, substitute, member.duty, member.sitting, member.position, by=by, at=at)
    moved = session.scalars(
        update(ScoreSheet)
        .where(
            ScoreSheet.module_id == member.module_id,
            ScoreSheet.judge_id == member.user_id,
            ScoreSheet.state.in_(("empty", "draft")),
        )
        .values(judge_id=substitute.id)
        .returning(ScoreSheet.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire_all()
    record(
        session,
        "panel.replace",
        "module",
        member.module_id,
        by=by,
        at=at,
        after={"member": taken.id, "sheets": len(moved)},
    )
    return len(moved)


def recuse(
    session: Session, module: Module, code: str, judge_id: str, reason: str, *, by: Actor, at: datetime
) -> Recusal:
    """A judge may not mark a code: his sheet there no longer counts. Raises Invalid, StateForbids when it is signed."""
    words = reason_of(reason, "panel.recuse")
    sheet = session.scalar(
        select(ScoreSheet)
        .where(ScoreSheet.module_id == module.id, ScoreSheet.code == code, ScoreSheet.judge_id == judge_id)
        .with_for_update()
    )
    if sheet is None:
        raise Invalid(code="invalid.no_such_sheet")
    if sheet.state == "signed":
        raise StateForbids("signed")
    if judge_id in recused_judges(session, module.id).get(code, set()):
        raise StateForbids("recused_already")
    recusal = Recusal(module_id=module.id, code=code, judge_id=judge_id, reason=words, by=by.id, at=at)
    session.add(recusal)
    session.flush()
    record(session, "panel.recuse", "module", module.id, by=by, at=at, after={"code": code, "judge": judge_id})
    return recusal


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
    """Make the score sheets (code × judge × module) that are not there yet, and lock the stage. Run again, it adds what
    is missing. Returns how many were made. Raises StateForbids with everything that is not ready (`problems`).
    """
    session.refresh(stage, with_for_update=True)
    if stage.settled_at is not None:
        raise StateForbids("settled")
    if faults := panel_faults(session, stage):
        raise StateForbids("not_ready", problems=faults, count=len(faults))
    lock_stage(session, stage, by=by, at=at)
    parts = module_parts(session, stage.id)
    made = sum(
        _make_sheets(session, module, int(parts[module.key]["panel"]["judges"]))
        for module in marked_modules(session, stage.id)
        if module.key in parts
    )
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
    """Sheets for the judges of each place that has fewer than the panel asks for (a replaced judge's delivered one
    counts).
    """
    members = panel_of(session, module.id)
    there: dict[str, set[str]] = {}
    for code, judge_id in session.execute(
        select(ScoreSheet.code, ScoreSheet.judge_id).where(ScoreSheet.module_id == module.id)
    ):
        there.setdefault(code, set()).add(judge_id)
    made = 0
    for place in present_places(session, module.stage_id):
        having = there.get(place.code, set())
        for member in judges_at(members, place):
            if member.user_id in having or len(having) >= judges:
                continue
            having = having | {member.user_id}
            session.add(
                ScoreSheet(
                    module_id=module.id,
                    division_id=place.division_id,
                    code=place.code,
                    judge_id=member.user_id,
                    sitting_id=place.sitting_id,
                    station=place.station,
                )
            )
            made += 1
    return made


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
