"""Questions about changes of time: those that stand, what they come to for each code, where a floor judge may enter some.

Signed ones count; what is shown in the hall may run ahead of the signature.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.coding.models import CodedPlace, Sitting
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.queries import modules_in_scope
from competitions.judging.schemes.versions import module_parts
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.reckoning import CodeTime, Place, applies, code_time, sitting_of
from competitions.programme.models import Module, Stage

STANDING = TimeChange.withdrawn_at.is_(None)
ORDER = TimeChange.begins_at, TimeChange.at, TimeChange.id


def standing(session: Session, module_ids: Sequence[str]) -> dict[str, list[TimeChange]]:
    """Module id → the changes that nobody has withdrawn, by their times."""
    statement = select(TimeChange).where(TimeChange.module_id.in_(module_ids), STANDING).order_by(*ORDER)
    statement = statement.options(joinedload(TimeChange.to_sitting), joinedload(TimeChange.sitting))
    found: dict[str, list[TimeChange]] = {}
    for change in session.scalars(statement):
        found.setdefault(change.module_id, []).append(change)
    return found


class ModuleTimes:
    """The time of every code of some modules of a stage: asked for once, then code by code."""

    def __init__(self, session: Session, stage_id: str, modules: Sequence[Module]) -> None:
        self._changes = standing(session, [module.id for module in modules])
        self._limits = limits_of(session, stage_id) if self._changes else {}
        self._keys = {module.id: module.key for module in modules}
        self._sittings = _sittings_of(session, stage_id) if self._changes else {}

    def of(self, module_id: str, code: str, *, signed: bool = False) -> CodeTime:
        """What holds for a code in a module; `signed`: of what the chief judge has signed, which alone counts."""
        changes = [each for each in self._changes.get(module_id, ()) if each.is_signed or not signed]
        if not changes:
            return CodeTime()
        place = Place(code, "", self._sittings.get(code))
        return code_time(changes, place, self._limits.get(self._keys[module_id]))


def limits_of(session: Session, stage_id: str) -> dict[str, int]:
    """Module key → the time limit of the ruleset in force, in seconds, of those that have one."""
    found = {
        key: (part.get("overtime") or {}).get("limit_seconds") for key, part in module_parts(session, stage_id).items()
    }
    return {key: limit for key, limit in found.items() if limit is not None}


def reached_places(session: Session, module: Module, change: TimeChange) -> list[CodedPlace]:
    """The places that a change is of: one code, or everybody who is in the sitting now."""
    changes = standing(session, [module.id]).get(module.id, [])
    places = session.scalars(
        select(CodedPlace).where(CodedPlace.stage_id == module.stage_id).order_by(CodedPlace.code)
    ).all()
    return [
        place
        for place in places
        if applies(change, place.code, sitting_of(changes, Place(place.code, place.division_id, place.sitting_id)))
    ]


def standing_in(session: Session, module: Module, division_id: str) -> list[TimeChange]:
    """The changes of a module that stand and are of somebody in the division."""
    changes = standing(session, [module.id]).get(module.id, [])
    if not changes:
        return []
    places = [
        Place(code, division_id, sitting_id)
        for code, sitting_id in session.execute(
            select(CodedPlace.code, CodedPlace.sitting_id).where(
                CodedPlace.stage_id == module.stage_id, CodedPlace.division_id == division_id
            )
        )
    ]
    sittings = {place.code: sitting_of(changes, place) for place in places}
    return [each for each in changes if any(applies(each, code, sitting) for code, sitting in sittings.items())]


def stage_changes(session: Session, stage_id: str) -> list[TimeChange]:
    """All changes of a stage, newest first, those withdrawn too."""
    statement = (
        select(TimeChange)
        .join(Module, Module.id == TimeChange.module_id)
        .where(Module.stage_id == stage_id)
        .options(joinedload(TimeChange.module), joinedload(TimeChange.sitting), joinedload(TimeChange.to_sitting))
    )
    return list(session.scalars(statement.order_by(TimeChange.begins_at.desc(), TimeChange.id)))


def sittings_of(session: Session, stage_id: str, module_id: str | None = None) -> list[Sitting]:
    """The sittings of a stage (in which a module is done) in the order of their beginning."""
    statement = select(Sitting).where(Sitting.stage_id == stage_id)
    if module_id is not None:
        statement = statement.where((Sitting.module_id == module_id) | Sitting.module_id.is_(None))
    return list(session.scalars(statement.order_by(Sitting.starts_at, Sitting.position, Sitting.name, Sitting.id)))


def change_in_scope(session: Session, actor: Actor, change_id: str, permission: Permission) -> TimeChange:
    """A change of an event in scope, locked; of a floor judge (MARK_SHEETS): of his own modules. Raises NotFound."""
    modules = floor_modules(actor) if permission is Permission.MARK_SHEETS else modules_in_scope(actor, permission)
    found = session.scalar(
        select(TimeChange)
        .where(TimeChange.id == change_id, TimeChange.module_id.in_(modules.with_only_columns(Module.id)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def floor_modules(actor: Actor) -> Select[Module]:
    """The modules on whose panel the caller is a floor judge now; by a judge's card those of its stage."""
    statement = modules_in_scope(actor, Permission.MARK_SHEETS).where(
        exists().where(
            PanelMember.module_id == Module.id,
            PanelMember.user_id == actor.id,
            PanelMember.duty == "floor",
            PanelMember.left_at.is_(None),
        )
    )
    return statement if actor.card_id is None else statement.where(Module.stage_id == actor.card_stage_id)


def floor_stage(session: Session, actor: Actor, stage_id: str) -> Stage:
    """A stage in which the caller is a floor judge. Raises NotFound."""
    found = session.scalar(
        select(Stage).where(Stage.id == stage_id, Stage.id.in_(floor_modules(actor).with_only_columns(Module.stage_id)))
    )
    if found is None:
        raise NotFound
    return found


def signed_codes_of(session: Session, module_id: str, codes: Iterable[str]) -> list[str]:
    """Those of the codes all of whose sheets in the module are signed."""
    states: dict[str, set[str]] = {}
    wanted = set(codes)
    for code, state in session.execute(
        select(ScoreSheet.code, ScoreSheet.state)
        .where(ScoreSheet.module_id == module_id, ScoreSheet.closed.is_(None))
        .distinct()
    ):
        states.setdefault(code, set()).add(state)
    return sorted(code for code in wanted if states.get(code) == {"signed"})


def _sittings_of(session: Session, stage_id: str) -> dict[str, str | None]:
    rows = session.execute(select(CodedPlace.code, CodedPlace.sitting_id).where(CodedPlace.stage_id == stage_id))
    return {code: sitting_id for code, sitting_id in rows}
