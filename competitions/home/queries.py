"""What waits for somebody in all features, and what the visitors' front page shows. Knows no request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.factor import lost_phone as accounts
from competitions.accounts.pairs import deciding as account_requests
from competitions.base import clock
from competitions.base.permissions import Actor
from competitions.base.waiting import Waiting
from competitions.coding import progress as coding
from competitions.jobs import queries as jobs
from competitions.judging import queries as judging
from competitions.judging.panels import facts as seats
from competitions.organisations import queries as organisations
from competitions.programme import waiting as programme
from competitions.programme.models import Competition, Event
from competitions.programme.queries import held_between, published_competitions
from competitions.registration import waiting as registration
from competitions.results import waiting as results

SOURCES: tuple[Callable[[Session, Actor, datetime], list[Waiting]], ...] = (
    jobs.waiting,
    accounts.waiting,
    account_requests.waiting,
    organisations.waiting,
    programme.waiting,
    registration.waiting,
    coding.waiting,
    judging.waiting,
    seats.waiting,
    results.waiting,
)
"""Each feature's answer to "what waits for this person"."""
_more: list[Callable[[Session, Actor, datetime], list[Waiting]]] = []
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
SHOWN = 6


def also_waiting(source: Callable[[Session, Actor, datetime], list[Waiting]]) -> None:
    """What lies above this feature adds its answer."""
    if source not in _more:
        _more.append(source)


def waiting_for(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """What waits for the person everywhere, what is due first at the top."""
    found = [each for source in (*SOURCES, *_more) for each in source(session, actor, at)]
    return sorted(found, key=lambda each: each.until or NEVER)


def open_for_registration(session: Session, at: datetime) -> list[Competition]:
    """Published competitions that still take entries, the nearest cut-off first."""
    return _shown(
        session,
        published_competitions()
        .where(Competition.state == "open", Competition.report_until >= at)
        .order_by(Competition.report_until, Competition.id),
    )


def held_this_month(session: Session, at: datetime) -> list[Competition]:
    """Published competitions with a day in this month (Beijing time), by date."""
    first = clock.beijing(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    following = (first + timedelta(days=32)).replace(day=1)
    between = held_between(clock.from_beijing(first), clock.from_beijing(following))
    return _shown(session, published_competitions().where(between).order_by(Competition.held_from, Competition.id))


def public_figures(session: Session) -> tuple[int, int]:
    """Numbers of published competitions and of their events that were not called off."""
    public = published_competitions().with_only_columns(Competition.id)
    competitions = session.scalar(select(func.count()).select_from(public.subquery())) or 0
    events = (
        session.scalar(
            select(func.count(Event.id)).where(Event.competition_id.in_(public), Event.called_off_at.is_(None))
        )
        or 0
    )
    return competitions, events


def _shown(session: Session, statement: Select[Competition]) -> list[Competition]:
    loaded = (selectinload(Competition.level), selectinload(Competition.events), selectinload(Competition.bodies))
    return list(session.scalars(statement.options(*loaded).limit(SHOWN)))
