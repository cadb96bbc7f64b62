"""How far the modules of a stage are, division by division: whose sheets are missing, undelivered, unconfirmed.

Read once for a stage, however many modules and divisions it has. Changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from competitions.coding.models import CodedPlace
from competitions.judging.models import ScoreSheet
from competitions.judging.panels.queries import stage_modules
from competitions.judging.panels.rules import excused, expected
from competitions.judging.queries import ALIVE, empty_seats_of, latest_signatures, present_places
from competitions.judging.schemes.versions import module_parts
from competitions.judging.signing.models import ChangeRequest, ModuleSignature
from competitions.judging.signing.statuses import module_statuses_of, statuses_of
from competitions.programme.models import Division, Module, Stage
from competitions.programme.modules.carried import carried_from

Document = dict[str, Any]


@dataclass(slots=True)
class ModuleState:
    """Where a module of a division stands: the sheets that count, the codes that lack some, the codes that have more
    than the ruleset wants.
    """

    sheets: list[ScoreSheet] = field(default_factory=list)
    lacking: dict[str, int] = field(default_factory=dict)
    surplus: dict[str, int] = field(default_factory=dict)
    signature: ModuleSignature | None = None
    opened: bool = False
    """Whether a sheet that the newest signature is over was opened again and no longer counts (its judge has left): what
    counts is not what was signed."""

    @property
    def signed(self) -> bool:
        """Whether the newest signature still holds: there, and nothing missing, open again or taken out since."""
        if self.signature is None or self.amiss or self.opened:
            return False
        return all(sheet.state == "signed" for sheet in self.sheets)

    @property
    def amiss(self) -> bool:
        """Whether a code has too few sheets or too many."""
        return bool(self.lacking or self.surplus)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be marked here: nothing to sign."""
        return not self.sheets and not self.lacking

    @property
    def missing(self) -> dict[str, int]:
        """Code → how many of its sheets are not there or not delivered."""
        undelivered = Counter(sheet.code for sheet in self.in_state("empty", "draft"))
        return {
            code: self.lacking.get(code, 0) + undelivered[code]
            for code in sorted(self.lacking.keys() | undelivered.keys())
        }

    def in_state(self, *states: str) -> list[ScoreSheet]:
        """The sheets in one of the states."""
        return [sheet for sheet in self.sheets if sheet.state in states]


@dataclass(frozen=True, slots=True)
class StageState:
    """Where each module stands in each division; `modules` are those that are marked and named by the ruleset."""

    modules: list[Module]
    divisions: list[Division]
    states: dict[tuple[str, str], ModuleState]

    def of(self, module_id: str, division_id: str) -> ModuleState:
        """The state of one module of one division."""
        return self.states.get((module_id, division_id)) or ModuleState()

    def unsigned_modules(self, division_id: str) -> list[Module]:
        """The modules that are not signed for the division (nobody to be marked: nothing to sign)."""
        states = [(module, self.of(module.id, division_id)) for module in self.modules]
        return [module for module, state in states if not state.is_empty and not state.signed]

    def missing_sheets(self) -> list[Document]:
        """Codes for which sheets are not there or not delivered: {"module", "division", "code", "missing"}."""
        return [
            {"module": module.name, "division": division.name, "code": code, "missing": count}
            for division in self.divisions
            for module in self.modules
            for code, count in self.of(module.id, division.id).missing.items()
        ]


def stage_state(session: Session, stage: Stage) -> StageState:
    """The state of all modules of a stage."""
    modules, parts = stage_modules(session, stage.id), module_parts(session, stage.id)
    divisions = session.scalars(select(Division).where(Division.event_id == stage.event_id).order_by(Division.position))
    return StageState(
        [module for module in modules if carried_from(module) is None and module.key in parts],
        list(divisions),
        _states(session, stage.id, modules, parts),
    )


def module_state(session: Session, module: Module, division_id: str) -> ModuleState:
    """The state of one module of one division."""
    parts = module_parts(session, module.stage_id)
    states = _states(session, module.stage_id, [module], parts, division_id)
    return states.get((module.id, division_id)) or ModuleState()


def _states(
    session: Session,
    stage_id: str,
    modules: Sequence[Module],
    parts: dict[str, Document],
    division_id: str | None = None,
) -> dict[tuple[str, str], ModuleState]:
    """Module and division → state. Sheets that are closed (their judge is recused, or nobody took the seat), and of
    codes that are absent, withdrawn or disqualified, or absent or void in the module, do not count.
    """
    ids = [module.id for module in modules]
    places = marked_places(session, stage_id, division_id)
    out, empty = module_statuses_of(session, stage_id), empty_seats_of(session, ids)
    found: dict[tuple[str, str], ModuleState] = {}
    having: Counter[tuple[str, str]] = Counter()
    for sheet in session.scalars(_sheets(ids, division_id)):
        place = places.get(sheet.code)
        if place is None or place.division_id != sheet.division_id or sheet.code in out.get(sheet.module_id, ()):
            continue
        found.setdefault((sheet.module_id, sheet.division_id), ModuleState()).sheets.append(sheet)
        having[sheet.module_id, sheet.code] += 1
    for module in modules:
        panel = parts.get(module.key, {}).get("panel", {"judges": 1})
        for code, place in places.items():
            if code in out.get(module.id, ()):
                continue
            alive = having[module.id, code]
            missing = expected(panel, excused(panel, alive, len(empty.get((module.id, code), ())))) - alive
            if missing:
                state = found.setdefault((module.id, place.division_id), ModuleState())
                (state.lacking if missing > 0 else state.surplus)[code] = abs(missing)
    signatures = latest_signatures(session, ids)
    opened = _opened_since(session, signatures) if signatures else set()
    for key, signature in signatures.items():
        if division_id in (None, key[1]):
            state = found.setdefault(key, ModuleState())
            state.signature, state.opened = signature, key in opened
    return found


def _opened_since(session: Session, signatures: dict[tuple[str, str], ModuleSignature]) -> set[tuple[str, str]]:
    """Modules and divisions of which a sheet was opened again after the newest signature and is not signed."""
    module_ids = {module_id for module_id, _ in signatures}
    rows = session.execute(
        select(ScoreSheet.module_id, ScoreSheet.division_id, ChangeRequest.decided_at)
        .join(ChangeRequest, ChangeRequest.sheet_id == ScoreSheet.id)
        .where(ScoreSheet.module_id.in_(module_ids), ScoreSheet.state != "signed", ChangeRequest.state == "approved")
    )
    return {
        (module_id, division_id)
        for module_id, division_id, at in rows
        if at is not None and (signed := signatures.get((module_id, division_id))) is not None and at > signed.at
    }


def _sheets(module_ids: Sequence[str], division_id: str | None) -> Any:
    statement = select(ScoreSheet).where(ScoreSheet.module_id.in_(module_ids), ALIVE)
    if division_id is not None:
        statement = statement.where(ScoreSheet.division_id == division_id)
    return statement.options(joinedload(ScoreSheet.judge)).order_by(ScoreSheet.code, ScoreSheet.id)


def marked_places(session: Session, stage_id: str, division_id: str | None = None) -> dict[str, CodedPlace]:
    """Code → place, of everybody in the division (in all of them without one) who is to be marked."""
    statuses = statuses_of(session, stage_id)
    return {
        place.code: place
        for place in present_places(session, stage_id)
        if division_id in (None, place.division_id) and place.code not in statuses
    }
