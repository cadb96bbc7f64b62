"""A carried score (初赛成绩带入决赛): a module that nobody marks, whose mark is the total that an earlier stage published.

The setting stands in `Module.settings` beside the judging settings; the mark itself is added by results when it settles
(design.md §7). Knows no mark and no publication.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.programme.models import Module, Stage

KEY, MISSING = "carried_from", "carried_missing"


def carried_from(module: Module) -> str | None:
    """Id of the stage whose published total is this module's mark; None for a module that is marked."""
    found: Any = (module.settings or {}).get(KEY)
    return str(found) if found else None


def missing_is_absent(module: Module) -> bool:
    """Whether somebody without a published earlier total counts as absent in this module (else nothing is settled)."""
    return (module.settings or {}).get(MISSING) == "absent"


def earlier_stages(session: Session, stage: Stage) -> list[Stage]:
    """The stages of the event before this one, the nearest first."""
    return list(
        session.scalars(
            select(Stage)
            .where(Stage.event_id == stage.event_id, Stage.position < stage.position)
            .order_by(Stage.position.desc(), Stage.id)
        )
    )


def carried_modules(session: Session, stage_id: str) -> list[Module]:
    """The modules of a stage whose marks are carried, in their order."""
    modules = session.scalars(select(Module).where(Module.stage_id == stage_id).order_by(Module.position, Module.id))
    return [module for module in modules if carried_from(module)]


def copied_settings(module: Module, twins: Mapping[str, str]) -> dict[str, Any]:
    """The settings for a copy of the module in another event; `twins`: stage id → id of its copy."""
    kept = {name: value for name, value in (module.settings or {}).items() if name not in (KEY, MISSING)}
    twin = twins.get(carried_from(module) or "")
    return {**kept, KEY: twin} if twin else kept


def set_carried(
    session: Session, module: Module, earlier_id: str | None, part: dict[str, Any], *, by: Actor, at: datetime
) -> None:
    """Carry an earlier stage's total into this module, or (None) have it marked. `part`: the module in the ruleset.

    Raises StateForbids once the stage is locked; Invalid: not an earlier stage, or a module in the ruleset with several
    judges (a carried score is one mark).
    """
    stage: Stage = module.stage
    session.refresh(stage, ["locked_at"], with_for_update=True)
    if stage.locked_at is not None:
        raise StateForbids("programme.settings_locked")
    session.refresh(module, ["settings"], with_for_update=True)
    before = carried_from(module)
    if earlier_id is not None:
        _require_fit(earlier_stages(session, stage), earlier_id, part)
    kept = {name: value for name, value in (module.settings or {}).items() if name not in (KEY, MISSING)}
    module.settings = {**kept, KEY: earlier_id} if earlier_id else kept
    session.flush()
    record(session, "module.carry", "module", module.id, by=by, at=at, before=before, after=earlier_id)


def count_missing_as_absent(session: Session, module: Module, reason: str, *, by: Actor, at: datetime) -> None:
    """The organisers decide that whoever has no published earlier total (struck off there since) is absent in this
    module; nobody is told whose code it is. Raises StateForbids once the stage is settled, Invalid without a reason.
    """
    stage: Stage = module.stage
    session.refresh(stage, ["settled_at"], with_for_update=True)
    if stage.settled_at is not None:
        raise StateForbids("settled")
    if carried_from(module) is None:
        raise StateForbids("not_carried")
    words = reason_of(reason, "module.carried_missing")
    session.refresh(module, ["settings"], with_for_update=True)
    module.settings = {**module.settings, MISSING: "absent"}
    session.flush()
    record(session, "module.carried_missing", "module", module.id, by=by, at=at, after="absent", reason=words)


def _require_fit(earlier: Sequence[Stage], earlier_id: str, part: dict[str, Any]) -> None:
    if earlier_id not in {stage.id for stage in earlier}:
        raise Invalid(code="invalid.programme.carried_stage")
    panel = part.get("panel") or {}
    if part and (int(panel.get("judges", 1)) != 1 or part.get("aspects")):
        raise Invalid(code="invalid.programme.carried_panel")
