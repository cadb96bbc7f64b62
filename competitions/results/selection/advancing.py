"""From one stage to the next: who goes on by the earlier stage's publication, who was taken over, and whether that still
holds after it was withdrawn or replaced.

Questions and doors to the verbs of coding (which knows no publication). Never commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.base.problems import Problem
from competitions.base.shown import Shown, Version, require_as_shown
from competitions.base.waiting import MOST, Waiting, cut
from competitions.coding import advancing
from competitions.coding.models import StageEntrant
from competitions.coding.queries import entrants_of
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.programme.modules.carried import carried_from, carried_modules, earlier_stages
from competitions.programme.queries import stages_in_scope
from competitions.results.models import Publication
from competitions.results.standings.carried_scores import (
    JUDGE,
    carried_marks,
    publication_cases,
    publication_in_force,
    published_standings,
)
from competitions.results.standings.computed import DivisionStandings
from competitions.results.standings.entrants import Entrant, entrants_by_code


@dataclass(frozen=True, slots=True)
class Going:
    """A ranked entrant of the earlier stage: what it says of him, and how he stands in this one (None: not taken over)."""

    entry_id: str
    division: str
    rank: int
    total: str
    advances: bool
    who: Entrant
    there: StageEntrant | None

    @property
    def takes_part(self) -> bool:
        """Whether he is a contender of this stage."""
        return self.there is not None and self.there.state == "in" and not self.who.gone


@dataclass(slots=True)
class Advancement:
    """The earlier stage, what is published of it, everybody ranked there; `current`: what was taken over is from this
    very publication; `entrants`: how many take part.
    """

    earlier: Stage
    publication: Publication | None
    lines: list[Going] = field(default_factory=list)
    entrants: int = 0
    current: bool = True

    @property
    def advanced(self) -> list[str]:
        """Entry ids of those who go on by the rules."""
        return [line.entry_id for line in self.lines if line.advances]

    @property
    def versions(self) -> dict[str, Version]:
        """Entry id → how he stands there and here, as a page shows it that asks to take the list over."""
        number = self.publication.number if self.publication else 0
        return {line.entry_id: f"{number} {line.rank} {line.advances} {line.takes_part}" for line in self.lines}


def advancement_of(session: Session, stage: Stage) -> Advancement:
    """How this stage gets its contenders. Raises NotFound for the first stage of an event."""
    earlier = next(iter(earlier_stages(session, stage)), None)
    if earlier is None:
        raise NotFound
    publication, there = publication_in_force(session, earlier.id), entrants_of(session, stage.id)
    found = Advancement(
        earlier,
        publication,
        entrants=sum(row.state == "in" for row in there.values()),
        current=_is_current(there.values(), publication),
    )
    if publication is not None:
        found.lines = _lines(session, publication, there)
    return found


def take_advanced(
    session: Session, stage: Stage, shown: Shown | None = None, *, by: Actor, at: datetime
) -> tuple[int, int]:
    """Take those who go on into this stage; gives how many came and how many went. Raises StateForbids while the earlier
    stage is not published, once codes are sealed unless nothing changes, and when the list is not what was `shown`.
    """
    found = _published(session, stage)
    _require_shown(found, shown)
    return advancing.take_entrants(session, stage, found.advanced, _id(found), by=by, at=at)


def take_reserve(session: Session, stage: Stage, entry_id: str, reason: str, *, by: Actor, at: datetime) -> None:
    """Somebody ranked who does not go on by the rules takes part after all (递补). Raises NotFound, Invalid, StateForbids."""
    found = _published(session, stage)
    if entry_id not in {line.entry_id for line in found.lines}:
        raise NotFound
    advancing.add_reserve(session, stage, entry_id, _id(found), reason, by=by, at=at)


def keep_as_they_are(
    session: Session, stage: Stage, reason: str, shown: Shown | None = None, *, by: Actor, at: datetime
) -> None:
    """The contenders stay although the earlier stage was published anew. Raises Invalid, StateForbids."""
    found = _published(session, stage)
    _require_shown(found, shown)
    advancing.keep_entrants(session, stage, _id(found), reason, by=by, at=at)


def _require_shown(found: Advancement, shown: Shown | None) -> None:
    if shown is not None:
        names = {line.entry_id: line.who.name for line in found.lines}
        require_as_shown(shown, found.versions, lambda keys: [names[key] for key in keys])


def earlier_problems(session: Session, stage: Stage) -> list[Problem]:
    """What keeps a later stage from being settled: its contenders or carried scores rest on a publication that holds no
    longer (withdrawn, or replaced by another).
    """
    earlier = earlier_stages(session, stage)
    if not earlier:
        return []
    found = []
    there = entrants_of(session, stage.id).values()
    if there and not _is_current(there, publication_in_force(session, earlier[0].id)):
        found.append(_problem("entrants_outdated", stage=earlier[0].name))
    named = {each.id: each.name for each in earlier}
    for module in carried_modules(session, stage.id):
        source = str(carried_from(module))
        if publication_in_force(session, source) is None:
            found.append(_problem("carried_unpublished", module=module.name, stage=named.get(source, "")))
    return found


def outdated(session: Session, stage: Stage, standings: Sequence[DivisionStandings]) -> list[Problem]:
    """What a settled later stage says when its earlier stage was withdrawn or replaced since; before settling it blocks
    (`earlier_problems`). `standings`: what was settled.
    """
    if stage.settled_at is None:
        return []
    modules = carried_modules(session, stage.id)
    changed = [
        standing.division.name for standing in standings if modules and _differs(session, stage, standing, modules)
    ]
    return [*earlier_problems(session, stage), *(_problem("carried_changed", division=name) for name in changed)]


def waiting_to_advance(session: Session, actor: Actor) -> list[Waiting]:
    """Later stages of published ones that have no contenders yet (one query)."""
    if not actor.may(Permission.ADVANCE_ENTRANTS):
        return []
    earlier, other = aliased(Stage), aliased(Stage)
    nearest = (
        select(func.max(other.position))
        .where(other.event_id == Stage.event_id, other.position < Stage.position)
        .scalar_subquery()
    )
    rows = session.execute(
        stages_in_scope(actor, Permission.ADVANCE_ENTRANTS)
        .join(Stage.event)
        .join(Event.competition)
        .join(earlier, (earlier.event_id == Stage.event_id) & (earlier.position == nearest))
        .join(Publication, (Publication.stage_id == earlier.id) & (Publication.state == "published"))
        .where(
            Stage.settled_at.is_(None),
            Event.called_off_at.is_(None),
            Competition.state.in_(("open", "closed")),
            ~exists().where(StageEntrant.stage_id == Stage.id),
        )
        .order_by(Stage.id)
        .with_only_columns(Stage.id, Stage.name, Event.name, earlier.name)
        .limit(MOST + 1)
    )
    return cut(
        [
            Waiting(f"“{event}”{before}已公布，请确定{name}名单", "results.advancement", {"stage_id": stage_id})
            for stage_id, name, event, before in rows
        ]
    )


def _lines(session: Session, publication: Publication, there: dict[str, StageEntrant]) -> list[Going]:
    entry_of: dict[str, str] = publication.snapshot.identities
    who = entrants_by_code(session, entry_of)
    rules = {name: case["ruleset"] for name, case in publication_cases(publication).items()}
    return [
        Going(
            entry_of[line["entrant"]],
            name,
            line["rank"],
            line["total"],
            line["advances"] or not rules[name].get("advance"),
            who[line["entrant"]],
            there.get(entry_of[line["entrant"]]),
        )
        for name, document in published_standings(publication).items()
        for line in document["placings"]
        if line["rank"] is not None and line["entrant"] in who
    ]


def _published(session: Session, stage: Stage) -> Advancement:
    found = advancement_of(session, stage)
    if found.publication is None:
        raise StateForbids("earlier_unpublished", stage=found.earlier.name)
    return found


def _id(found: Advancement) -> str:
    assert found.publication is not None
    return found.publication.id


def _is_current(there: Any, publication: Publication | None) -> bool:
    return all(publication is not None and row.publication_id == publication.id for row in there)


def _differs(session: Session, stage: Stage, standing: DivisionStandings, modules: Sequence[Module]) -> bool:
    """Whether the carried marks that were settled are no longer those of the publication in force."""
    keys = {module.key for module in modules}
    settled = {
        (mark["module"], mark["entrant"]): mark["value"]
        for mark in standing.case["marks"]
        if mark["module"] in keys and mark["judge"] == JUDGE
    }
    codes = {entrant["id"] for entrant in standing.case["entrants"]}
    now = {(mark["module"], mark["entrant"]): mark["value"] for mark in carried_marks(session, stage, codes, modules)}
    return settled != now


def _problem(code: str, **params: Any) -> Problem:
    return Problem(f"check.{code}", params=params)
