"""Pages: the visitors' front page, what waits for me, the organiser's overview."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import or_
from sqlalchemy.orm import selectinload

from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.base.waiting import MOST
from competitions.home import queries
from competitions.home.lines import Line, Step, line_of
from competitions.home.progress import Figures, figures_of
from competitions.programme.models import Competition, Event
from competitions.programme.queries import competitions_in_scope
from competitions.results.queries import latest_publications
from competitions.web.declared import declared, requires
from competitions.web.listing import listed
from competitions.web.navigation import Link, navigation

bp = Blueprint("home", __name__)

blueprints = [bp]
LINKS = (
    Link("工作", 1, "待办", "home.desk", "inbox", Permission.SIGNED_IN),
    Link("工作", 2, "组委会总览", "home.overview", "layout-grid", Permission.VIEW_OVERVIEW),
)
"""This feature's places in the navigation."""
MAX_AGE = 60
LATEST = 6
PER_PAGE = 8
NOT_HERE = ("home.desk", "home.overview")


@bp.get("/")
@requires(Permission.PUBLIC)
def front() -> Any:
    """What is on, and the latest results; the same bytes for everybody, so that it can be cached."""
    session, at = db.session(), clock.now()
    competitions, events = queries.public_figures(session)
    page = render_template(
        "home/front.html",
        here="home",
        now=at,
        opened=queries.open_for_registration(session, at),
        month=queries.held_this_month(session, at),
        publications=latest_publications(session, LATEST),
        competitions=competitions,
        events=events,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/desk/")
@requires(Permission.SIGNED_IN)
def desk() -> str:
    """What waits for the person who is signed in."""
    at = clock.now()
    items = [
        (each, address(each.endpoint, each.arguments)) for each in queries.waiting_for(db.session(), current_user, at)
    ]
    return render_template("home/desk.html", items=items, most=MOST, greeting=greeting(at), now=at, ways=ways())


@bp.get("/desk/overview")
@requires(Permission.VIEW_OVERVIEW)
def overview() -> str:
    """Each competition of the organiser: its phase line, what blocks the next step, its numbers."""
    at = clock.now()
    statement = competitions_in_scope(current_user, Permission.VIEW_OVERVIEW).options(
        selectinload(Competition.events).selectinload(Event.stages)
    )
    if request.args.get("state") != "all":
        statement = statement.where(or_(Competition.state.in_(("draft", "open"))))
    page = listed(
        db.session(),
        statement,
        sorts={"report_until": Competition.report_until},
        default="-report_until",
        search=(Competition.search_text,),
        unique=Competition.id,
        per_page=PER_PAGE,
    )
    return render_template(
        "home/overview.html", page=page, rows=[row(figures, at) for figures in figures_of(db.session(), page.items)]
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A competition on the overview: its figures, its line, its next step and where that is done (if it may be)."""

    figures: Figures
    line: Line
    step: Step | None
    label: str | None
    url: str | None


def row(figures: Figures, at: datetime) -> Row:
    """A competition as the overview shows it."""
    line = line_of(figures, at)
    for label, endpoint, arguments in line.step.pages if line.step else ():
        if url := address(endpoint, arguments):
            return Row(figures, line, line.step, label, url)
    return Row(figures, line, line.step, None, None)


def address(endpoint: str, arguments: dict[str, Any]) -> str | None:
    """The address of a page that the person may open; None when there is none."""
    permission = declared(current_app, endpoint)
    if permission is None or not current_user.may(permission):
        return None
    return url_for(endpoint, **arguments)


def greeting(at: datetime) -> str:
    """By the hour in Beijing."""
    hour = clock.beijing(at).hour
    return "早上好" if 5 <= hour < 9 else "上午好" if 9 <= hour < 12 else "下午好" if 12 <= hour < 18 else "晚上好"


def ways() -> list[dict[str, Any]]:
    """The pages that the person has, other than this one, as tiles."""
    return [
        item
        for group in navigation()
        for item in group["items"]
        if item["url"] not in {url_for(endpoint) for endpoint in NOT_HERE[:1]}
    ]
