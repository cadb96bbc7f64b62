"""How far competitions are, in figures: entries, units, lots, codes, sheets, publications.

A fixed number of queries for any number of competitions. Knows codes and states only; no mark and no name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.coding.models import CheckIn, CodeSheet, Lot
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.programme.queries import stages_with_rules
from competitions.registration.models import LIVE_STATES, Entry, EntryMember
from competitions.results.models import Publication


@dataclass(slots=True)
class StageFigures:
    """One stage: its lots, check-ins, sealed and decoded levels of codes, score sheets and publications by state."""

    stage: Stage
    event: Event
    entries: int = 0
    has_ruleset: bool = False
    lots: int = 0
    checked_in: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    sheets: Counter[str] = field(default_factory=Counter)
    publications: Counter[str] = field(default_factory=Counter)

    @property
    def title(self) -> str:
        """Event and stage as people say it: the stage only where there are several."""
        return f"{self.event.name}{self.stage.name}" if len(self.event.stages) > 1 else self.event.name


@dataclass(slots=True)
class Figures:
    """One competition: entries by state, units and workers that are live, its stages."""

    competition: Competition
    entries: Counter[str] = field(default_factory=Counter)
    units: int = 0
    workers: int = 0
    stages: list[StageFigures] = field(default_factory=list)

    @property
    def sheets(self) -> Counter[str]:
        """Score sheets of all stages by state."""
        return sum((stage.sheets for stage in self.stages), Counter())


def figures_of(session: Session, competitions: Sequence[Competition]) -> list[Figures]:
    """The figures of these competitions (their events and stages are loaded), in the same order."""
    found = {each.id: Figures(each) for each in competitions}
    stages = {
        stage.id: StageFigures(stage, event)
        for each in competitions
        for event in each.events
        if event.called_off_at is None
        for stage in event.stages
    }
    for figure in stages.values():
        found[figure.event.competition_id].stages.append(figure)
    _count_entries(session, found, stages.values())
    _count_people(session, found)
    _count_hall(session, stages)
    for stage_id in stages_with_rules(session, list(stages)):
        stages[stage_id].has_ruleset = True
    return list(found.values())


def _count_entries(session: Session, found: dict[str, Figures], stages: Iterable[StageFigures]) -> None:
    approved: Counter[str] = Counter()
    for competition_id, event_id, state, count in session.execute(
        select(Entry.competition_id, Entry.event_id, Entry.state, func.count())
        .where(Entry.competition_id.in_(found))
        .group_by(Entry.competition_id, Entry.event_id, Entry.state)
    ):
        found[competition_id].entries[state] += count
        if state == "approved":
            approved[event_id] += count
    for figure in stages:
        figure.entries = approved[figure.event.id]


def _count_people(session: Session, found: dict[str, Figures]) -> None:
    for competition_id, units, workers in session.execute(
        select(
            Entry.competition_id,
            func.count(EntryMember.employer_id.distinct()),
            func.count(EntryMember.worker_id.distinct()),
        )
        .join(EntryMember, EntryMember.entry_id == Entry.id)
        .where(Entry.competition_id.in_(found), Entry.state.in_(LIVE_STATES))
        .group_by(Entry.competition_id)
    ):
        found[competition_id].units, found[competition_id].workers = units, workers


def _count_hall(session: Session, stages: dict[str, StageFigures]) -> None:
    for stage_id, count in session.execute(
        select(Lot.stage_id, func.count()).where(Lot.stage_id.in_(stages)).group_by(Lot.stage_id)
    ):
        stages[stage_id].lots = count
    for stage_id, count in session.execute(
        select(CheckIn.stage_id, func.count()).where(CheckIn.stage_id.in_(stages)).group_by(CheckIn.stage_id)
    ):
        stages[stage_id].checked_in = count
    sheets: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for stage_id, state, count in session.execute(
        select(Module.stage_id, ScoreSheet.state, func.count())
        .join(Module, Module.id == ScoreSheet.module_id)
        .where(Module.stage_id.in_(stages), ScoreSheet.closed.is_(None))
        .group_by(Module.stage_id, ScoreSheet.state)
    ):
        sheets[stage_id][state] = count
    for stage_id, state, count in session.execute(
        select(CodeSheet.stage_id, CodeSheet.state, func.count())
        .where(CodeSheet.stage_id.in_(stages))
        .group_by(CodeSheet.stage_id, CodeSheet.state)
    ):
        stages[stage_id].codes[state] = count
    for stage_id, state, count in session.execute(
        select(Publication.stage_id, Publication.state, func.count())
        .where(Publication.stage_id.in_(stages))
        .group_by(Publication.stage_id, Publication.state)
    ):
        stages[stage_id].publications[state] = count
    for stage_id, counted in sheets.items():
        stages[stage_id].sheets = counted
