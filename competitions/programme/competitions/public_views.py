"""Public pages: what competitions there are, and the notice of one. They never read the cookie and can be cached."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.programme.competitions.services import bodies_of
from competitions.programme.models import Competition, CompetitionLevel, Event
from competitions.programme.pages import bp
from competitions.programme.queries import (
    attachment_of,
    held_between,
    levels,
    published_competition,
    published_competitions,
)
from competitions.web.answers import file_download
from competitions.web.declared import requires
from competitions.web.listing import listed

SORTS = {"held_from": Competition.held_from, "report_until": Competition.report_until}
MAX_AGE = 60


def cached(page: str) -> Any:
    """The page with an ETag and a minute of life; 304 when the reader has it."""
    response = make_response(page)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/competitions/")
@requires(Permission.PUBLIC)
def public_competitions() -> Any:
    """Competitions by month, level and state."""
    session, at = db.session(), clock.now()
    statement = published_competitions().options(
        selectinload(Competition.level), selectinload(Competition.bodies), selectinload(Competition.events)
    )
    month = _month(request.args.get("month", ""))
    if month:
        statement = statement.where(held_between(*month))
    if request.args.get("level"):
        statement = statement.where(Competition.level_code == request.args["level"])
    statement = _in_state(statement, request.args.get("state", ""), at)
    page = listed(
        session,
        statement,
        sorts=SORTS,
        default="-report_until",
        search=(Competition.search_text,),
        unique=Competition.id,
        per_page=20,
    )
    return cached(
        render_template(
            "programme/public_competitions.html",
            page=page,
            here="competitions",
            levels=_used_levels(),
            months=_months(at),
            now=at,
        )
    )


def _used_levels() -> list[CompetitionLevel]:
    used = set(db.session().scalars(select(Competition.level_code).distinct()))
    return [level for level in levels(db.session()) if level.code in used]


def _in_state(statement: Any, state: str, at: datetime) -> Any:
    """Registration open, coming or running, over, past. Past ones (archived) are shown when they are asked for: by their
    state, a name or a month.
    """
    today = at - timedelta(days=1)
    if state == "registration":
        return statement.where(Competition.state == "open", Competition.report_until >= at)
    if state == "running":
        return statement.where(Competition.state == "open", Competition.report_until < at)
    if state == "over":
        return statement.where((Competition.state != "open") | (Competition.held_to < today))
    if state == "past":
        return statement.where(Competition.state == "archived")
    if not any(request.args.get(name) for name in ("q", "month")):
        return statement.where(Competition.state != "archived")
    return statement


def _month(text: str) -> tuple[datetime, datetime] | None:
    """Beginning and end of "2026-11" in Beijing time."""
    try:
        first = datetime.strptime(text, "%Y-%m")
        following = (first + timedelta(days=32)).replace(day=1)
        return clock.from_beijing(first), clock.from_beijing(following)
    except (ValueError, OverflowError):
        return None


def _months(at: datetime) -> list[tuple[str, str]]:
    """The choices of the filter: from three months ago to eight months ahead."""
    here = clock.beijing(at)
    numbers = [here.year * 12 + here.month - 1 + offset for offset in range(-3, 9)]
    return [(f"{number // 12}-{number % 12 + 1:02d}", f"{number // 12}年{number % 12 + 1}月") for number in numbers]


@bp.get("/competitions/<competition_id>")
@requires(Permission.PUBLIC)
def public_competition(competition_id: str) -> Any:
    """The notice of a competition; a draft is 404."""
    found = db.session().scalar(
        published_competitions()
        .where(Competition.id == competition_id)
        .options(
            selectinload(Competition.bodies),
            selectinload(Competition.attachments),
            selectinload(Competition.level),
            selectinload(Competition.programme),
            selectinload(Competition.events).selectinload(Event.divisions),
            selectinload(Competition.events).selectinload(Event.stages),
            selectinload(Competition.events).selectinload(Event.occupation),
        )
    )
    if found is None:
        raise NotFound
    return cached(
        render_template(
            "programme/public_competition.html",
            competition=found,
            bodies=bodies_of(found),
            here="competitions",
            now=clock.now(),
        )
    )


@bp.get("/competitions/<competition_id>/attachments/<attachment_id>")
@requires(Permission.PUBLIC)
def public_attachment(competition_id: str, attachment_id: str) -> Response:
    """A file of a published notice, always as a download."""
    session = db.session()
    kept = attachment_of(session, published_competition(session, competition_id), attachment_id)
    if request.if_none_match.contains(kept.sha256):
        response = Response(status=304)
    else:
        response = file_download(kept.file.content(kept.sha256), kept.filename, kept.file.media_type)
    response.set_etag(kept.sha256)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
