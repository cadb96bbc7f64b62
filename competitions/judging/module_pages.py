"""What the pages of modules share: the list of modules with counts of sheets by state, the division chosen."""

from dataclasses import dataclass, field

from flask import request
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.judging.models import ScoreSheet
from competitions.judging.queries import ALIVE, modules_in_scope
from competitions.programme.models import Division, Event, Module, Stage


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A module of a division in a list: its sheets by state."""

    module: Module
    division: Division
    states: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        """How many sheets there are."""
        return sum(self.states.values())

    def count(self, *states: str) -> int:
        """How many sheets are in one of the states."""
        return sum(self.states.get(state, 0) for state in states)


def module_lines(session: Session, actor: Actor, permission: Permission) -> list[ModuleLine]:
    """The modules in scope that have sheets, division by division (two queries)."""
    modules = {
        module.id: module
        for module in session.scalars(
            modules_in_scope(actor, permission)
            .options(joinedload(Module.stage).joinedload(Stage.event).joinedload(Event.competition))
            .order_by(Module.position)
        )
    }
    rows = session.execute(
        select(ScoreSheet.module_id, Division, ScoreSheet.state, func.count())
        .join(Division, Division.id == ScoreSheet.division_id)
        .where(ScoreSheet.module_id.in_(list(modules)), ALIVE)
        .group_by(ScoreSheet.module_id, Division.id, ScoreSheet.state)
    )
    lines: dict[tuple[str, str], ModuleLine] = {}
    for module_id, division, state, count in rows:
        line = lines.setdefault((module_id, division.id), ModuleLine(modules[module_id], division))
        line.states[state] = count
    return sorted(
        lines.values(),
        key=lambda line: (
            line.module.stage.event.name,
            line.module.stage.position,
            line.module.position,
            line.division.position,
        ),
    )


def divisions_of(session: Session, module: Module) -> list[Division]:
    """The divisions of the module's event in their order."""
    return list(
        session.scalars(
            select(Division).where(Division.event_id == module.stage.event_id).order_by(Division.position, Division.id)
        )
    )


def chosen_division(session: Session, module: Module) -> Division:
    """The division named in the address (or in the form), else the first. Raises NotFound."""
    divisions = divisions_of(session, module)
    wanted = request.values.get("division")
    found = next((division for division in divisions if wanted in (None, "", division.id)), None)
    if found is None:
        raise NotFound
    return found
