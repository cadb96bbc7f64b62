"""How far a stage is: sittings, lots, codes, seals, check-in, decoding, in a few queries for many stages; and what waits
for whom. Knows no request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from competitions.accounts.models import ActOfTwo
from competitions.base.counts import count_of
from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import Waiting, cut
from competitions.coding.models import CheckIn, CodedPlace, CodeSheet, Lot, PresenceChange, Sitting, StageEntrant
from competitions.programme.models import Competition, Event, Stage
from competitions.programme.queries import stages_in_scope
from competitions.registration.models import Entry

LIVE = 100
"""Stages that are looked at for what waits in them."""


@dataclass(slots=True)
class Progress:
    """Numbers of a stage; `sheets` by level, `placed` once judging has its codes; `later`: its contenders come from an
    earlier stage.
    """

    stage: Stage
    levels: int
    contenders: int = 0
    sittings: int = 0
    lots: int = 0
    presence: dict[str, int] = field(default_factory=dict)
    sheets: dict[int, CodeSheet] = field(default_factory=dict)
    placed: bool = False
    later: bool = False

    @property
    def is_drawn(self) -> bool:
        """Whether everybody who is to be drawn has a lot."""
        return self.sittings > 0 and self.contenders > 0 and not self.without_lot

    @property
    def has_seals(self) -> bool:
        """Whether a coder has sealed a level: lots do not change any more."""
        return any(sheet.sealed_at is not None for sheet in self.sheets.values())

    @property
    def is_decoded(self) -> bool:
        """Whether every level is opened."""
        return self.state == "decoded"

    @property
    def is_decoding(self) -> bool:
        """Whether the levels may be opened."""
        return self.state == "decoding"

    @property
    def without_lot(self) -> int:
        """How many still have no lot (none without sittings: theory in a hall has no stations)."""
        return max(0, self.contenders - self.lots) if self.sittings else 0

    @property
    def unseen(self) -> int:
        """How many nobody has checked in."""
        return max(0, self.contenders - sum(self.presence.values()))

    @property
    def next_level(self) -> int | None:
        """The level to be drawn or sealed next."""
        return next(
            (
                level
                for level in range(1, self.levels + 1)
                if level not in self.sheets or self.sheets[level].sealed_at is None
            ),
            None,
        )

    @property
    def state(self) -> str:
        """A code of WORDS["coding_state"]."""
        sheets = list(self.sheets.values())
        if self.placed and all(sheet.state == "decoded" for sheet in sheets):
            return "decoded"
        if self.placed:
            return "decoding" if self.stage.settled_at and self.levels else "sealed"
        if any(sheet.sealed_at and sheet.state == "open" for sheet in sheets):
            return "witness"
        if not self.contenders:
            return "nobody"
        return "coding" if self.lots >= self.contenders or not self.sittings else "lots"


def progress_of(session: Session, stages: Sequence[Stage]) -> dict[str, Progress]:
    """Stage id → where it is. Seven queries, however many stages."""
    ids = [stage.id for stage in stages]
    found = {stage.id: Progress(stage, stage.event.code_levels) for stage in stages}
    first = _first_stages(session, [stage.event_id for stage in stages])
    approved = dict(
        _counts(
            session,
            select(Entry.event_id, func.count())
            .where(Entry.event_id.in_([stage.event_id for stage in stages]), Entry.state == "approved")
            .group_by(Entry.event_id),
        )
    )
    lots = dict(
        _counts(
            session,
            select(Lot.stage_id, func.count())
            .join(Entry)
            .where(Lot.stage_id.in_(ids), Entry.state == "approved")
            .group_by(Lot.stage_id),
        )
    )
    sittings = dict(
        _counts(
            session, select(Sitting.stage_id, func.count()).where(Sitting.stage_id.in_(ids)).group_by(Sitting.stage_id)
        )
    )
    taken = dict(
        _counts(
            session,
            select(StageEntrant.stage_id, func.count())
            .join(Entry, Entry.id == StageEntrant.entry_id)
            .where(StageEntrant.stage_id.in_(ids), StageEntrant.state == "in", Entry.state == "approved")
            .group_by(StageEntrant.stage_id),
        )
    )
    for progress in found.values():
        stage = progress.stage
        progress.lots, progress.sittings = lots.get(stage.id, 0), sittings.get(stage.id, 0)
        progress.later = first.get(stage.event_id) != stage.id
        progress.contenders = taken.get(stage.id, 0) if progress.later else approved.get(stage.event_id, 0)
    _add_acts(session, found)
    return found


def _add_acts(session: Session, found: dict[str, Progress]) -> None:
    seen = (
        select(CheckIn.stage_id, CheckIn.presence, func.count())
        .join(Entry)
        .where(CheckIn.stage_id.in_(found), Entry.state == "approved")
        .group_by(CheckIn.stage_id, CheckIn.presence)
    )
    for stage_id, presence, count in session.execute(seen):
        found[stage_id].presence[presence] = count
    for sheet in session.scalars(select(CodeSheet).where(CodeSheet.stage_id.in_(found)).order_by(CodeSheet.level)):
        found[sheet.stage_id].sheets[sheet.level] = sheet
    for stage_id in session.scalars(select(CodedPlace.stage_id).where(CodedPlace.stage_id.in_(found)).distinct()):
        found[stage_id].placed = True


def _first_stages(session: Session, event_ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Stage.event_id, Stage.id)
        .where(Stage.event_id.in_(event_ids))
        .order_by(Stage.position.desc(), Stage.id.desc())
    )
    return {row[0]: row[1] for row in rows}  # the last word is the first stage's


def _counts(session: Session, statement: Select[str, int]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in session.execute(statement)]


def live_stages(session: Session, actor: Actor, permission: Permission) -> list[Stage]:
    """Stages in scope of competitions that are under way and have something left to code, with event and competition:
    the latest, as many as one person can look after.
    """
    sheets = exists().where(CodeSheet.stage_id == Stage.id)
    return list(
        session.scalars(
            stages_in_scope(actor, permission)
            .join(Stage.event)
            .join(Event.competition)
            .where(
                Competition.state.in_(("open", "closed")),
                Event.called_off_at.is_(None),
                or_(~sheets, sheets.where(CodeSheet.state != "decoded")),
            )
            .options(joinedload(Stage.event).joinedload(Event.competition))
            .order_by(Competition.final_until.desc(), Stage.id)
            .limit(LIVE)
        )
    )


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """What waits for this person in coding: lots, codes and decoding for coders, seals for supervisors, people for stewards."""
    found: list[Waiting] = []
    if actor.may(Permission.DRAW_LOTS):
        stages = live_stages(session, actor, Permission.DRAW_LOTS)
        progresses = progress_of(session, stages).values()
        found += cut([each for progress in progresses for each in _for_coder(progress, actor, at)])
    if actor.may(Permission.WITNESS):
        count = count_of(session, awaiting_witness(actor))
        found += [Waiting(f"有 {count} 级加密等待见证", "coding.witness", count=count.number)] if count else []
        changes = count_of(session, presence_changes(actor))
        if changes:
            found.append(Waiting(f"有 {changes} 项签字后的到场更改等待同意", "coding.witness", count=changes.number))
    if actor.may(Permission.CHECK_IN):
        stages = [stage for stage in live_stages(session, actor, Permission.CHECK_IN) if stage.settled_at is None]
        begins = {
            row[0]: row[1]
            for row in session.execute(
                select(Sitting.stage_id, func.min(Sitting.starts_at))
                .where(Sitting.stage_id.in_([stage.id for stage in stages]))
                .group_by(Sitting.stage_id)
            )
        }
        due = [
            _for_steward(progress, begins[progress.stage.id])
            for progress in progress_of(session, stages).values()
            if progress.unseen and progress.stage.id in begins and begins[progress.stage.id] - timedelta(hours=24) <= at
        ]
        found += cut(due)
    return found


def awaiting_witness(actor: Actor) -> Select[CodeSheet]:
    """Levels whose coder has sealed or decoded and whose supervisor has not, in scope; never the caller's own acts."""
    stages = stages_in_scope(actor, Permission.WITNESS).with_only_columns(Stage.id)
    sealing = (CodeSheet.state == "open") & CodeSheet.sealed_at.is_not(None) & (CodeSheet.sealed_by != actor.id)
    decoding = (
        (CodeSheet.state == "sealed") & CodeSheet.decode_coder_id.is_not(None) & (CodeSheet.decode_coder_id != actor.id)
    )
    adding = CodeSheet.id.in_(
        select(ActOfTwo.object_id).where(
            ActOfTwo.kind == "codes.add", ActOfTwo.decided_at.is_(None), ActOfTwo.proposed_by != actor.id
        )
    )
    return select(CodeSheet).where(CodeSheet.stage_id.in_(stages), sealing | decoding | adding)


def presence_changes(actor: Actor) -> Select[PresenceChange]:
    """Changes of presence after signing that wait for this supervisor, never what he proposed himself."""
    stages = stages_in_scope(actor, Permission.WITNESS).with_only_columns(Stage.id)
    return select(PresenceChange).where(
        PresenceChange.stage_id.in_(stages), PresenceChange.decided_at.is_(None), PresenceChange.by != actor.id
    )


def _for_coder(progress: Progress, actor: Actor, at: datetime) -> list[Waiting]:
    stage = progress.stage
    name, arguments = f"“{stage.event.name}”{stage.name}", {"stage_id": stage.id}
    sealed = [sheet for sheet in progress.sheets.values() if sheet.state == "sealed"]
    if stage.settled_at and sealed and sealed[-1].coder_id == actor.id and sealed[-1].decode_coder_id is None:
        return [
            Waiting(
                f"{name}的成绩已审定，第 {sealed[-1].level} 级加密可以解密",
                "coding.level",
                {**arguments, "level": sealed[-1].level},
            )
        ]
    if progress.placed or not progress.contenders or stage.event.competition.final_until > at:
        return []
    if not progress.sittings:
        return [Waiting(f"{name}还没有设置场次和工位", "coding.stage", arguments)]
    if progress.without_lot:
        return [
            Waiting(
                f"{name}还有 {progress.without_lot} 个参赛者没有抽签", "coding.lots", arguments, progress.without_lot
            )
        ]
    level = progress.next_level
    own = next((sheet.level for sheet in progress.sheets.values() if sheet.coder_id == actor.id), None)
    if level is None or own not in (None, level) or (level in progress.sheets and own != level):
        return []
    if level > 1 and progress.sheets[level - 1].state == "open":
        return []
    return [Waiting(f"{name}第 {level} 级加密还没有封存", "coding.level", {**arguments, "level": level})]


def _for_steward(progress: Progress, begins: datetime) -> Waiting:
    stage = progress.stage
    return Waiting(
        f"“{stage.event.name}”{stage.name}还有 {progress.unseen} 个参赛者没有检录",
        "coding.check_in",
        {"stage_id": stage.id},
        progress.unseen,
        begins,
    )
