"""What happens in the hall: draw, check-in, codes sealed by two people, panels, score sheets opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.coding.queries import candidates
from competitions.coding.services import add_sitting, check_in, draw_codes, draw_lots, seal, witness_seal
from competitions.demo.cast import Cast
from competitions.demo.rules import aspects
from competitions.judging.panels.services import assign, open_judging
from competitions.judging.schemes.versions import save_scheme
from competitions.programme.models import Event, Module, Stage


@dataclass(frozen=True, slots=True)
class Hall:
    """An event in its hall: number of its people in the user names, id of its stage, its judges."""

    number: int
    event_id: str
    stage_id: str
    judges: Sequence[str]


def hall_of(session: Session, event_id: str, number: int, judges: Sequence[str]) -> Hall:
    """The hall of an event with one stage."""
    return Hall(number, event_id, session.get_one(Event, event_id).stages[0].id, judges)


def prepare_marking(session: Session, cast: Cast, hall: Hall, at: datetime) -> None:
    """Scheme and panels, before anything is locked: the tabulator types the theory, the judges mark the practice."""
    organiser = cast.actor(session, "nigao", at)
    modules = _modules(session, hall)
    event = session.get_one(Event, hall.event_id)
    save_scheme(session, modules["practice"], aspects(event.name), "", 0, by=organiser, at=at)
    assign(
        session,
        modules["theory"],
        _user(session, cast, f"tongfen{hall.number}"),
        "tabulator",
        None,
        0,
        by=organiser,
        at=at,
    )
    for place, username in enumerate(hall.judges):
        assign(
            session, modules["practice"], _user(session, cast, username), "marking", None, place, by=organiser, at=at
        )


def draw_and_seal(session: Session, cast: Cast, hall: Hall, at: datetime, *, absent: int = 1, late: int = 1) -> None:
    """Two sittings, lots drawn from the supervisor's seed, check-in, codes drawn by the coder and witnessed."""
    coder, steward, supervisor = (
        cast.actor(session, f"{start}{hall.number}", at) for start in ("jiami", "jianlu", "jiandu")
    )
    stage = session.get_one(Stage, hall.stage_id)
    entries = candidates(session, stage)
    stations = -(-len(entries) // 2)
    for name, later in (("第一场", 1), ("第二场", 4)):
        add_sitting(
            session,
            stage,
            {
                "name": name,
                "place": f"{hall.number}号赛场",
                "starts_at": at + timedelta(hours=later),
                "stations": stations,
                "module_id": None,
            },
            by=coder,
            at=at,
        )
    draw_lots(session, stage, f"监督员抽取的数字 {hall.number}0{hall.number}7", by=coder, at=at)
    for place, entry in enumerate(sorted(entries, key=lambda each: each.members[0].name)):
        presence = "absent" if place < absent else "late" if place < absent + late else "present"
        check_in(session, stage, entry.id, presence, by=steward, at=at + timedelta(minutes=30))
    sheet = draw_codes(session, stage, 1, by=coder, at=at + timedelta(minutes=40))
    seal(session, sheet, by=coder, at=at + timedelta(minutes=45))
    witness_seal(session, sheet, by=supervisor, at=at + timedelta(minutes=50))


def open_sheets(session: Session, cast: Cast, hall: Hall, at: datetime) -> None:
    """A score sheet for each code, judge and module."""
    open_judging(session, session.get_one(Stage, hall.stage_id), by=cast.actor(session, "nigao", at), at=at)


def _modules(session: Session, hall: Hall) -> dict[str, Module]:
    return {module.key: module for module in session.scalars(select(Module).where(Module.stage_id == hall.stage_id))}


def _user(session: Session, cast: Cast, username: str) -> User:
    return session.get_one(User, cast.ids[username])
