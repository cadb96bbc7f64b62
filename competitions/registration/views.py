"""The competitions one may enter people in, and the list of entries; other pages are in the modules named below."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from competitions.base import clock
from competitions.base.counts import count_of
from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.base.shown import Shown
from competitions.organisations.models import Union
from competitions.organisations.queries import unions_in_scope
from competitions.programme.models import Competition
from competitions.programme.queries import competition_in_scope, competitions_in_scope, deadline_of
from competitions.registration import (
    correction_views,
    document_views,
    entry_page,
    entry_views,
    many_views,
    replacement_views,
    roster_views,
    state_views,
)
from competitions.registration.blueprint import bp
from competitions.registration.corrections import tampering
from competitions.registration.corrections import views as entry_correction_views
from competitions.registration.forms import PURPOSES
from competitions.registration.models import EDITABLE, Entry
from competitions.registration.queries import (
    FIRST,
    SORTS,
    WHOLE,
    counts_by_state,
    entries_in_scope,
    events_of,
    filtered,
    report_counts,
    reviewing_unions,
    with_first,
)
from competitions.registration.shown_entries import versions_to_report
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.web.navigation import Link
from competitions.words.codes import ENTRY_STATES

blueprints = [bp]
LINKS = (Link("报名", 1, "报名", "registration.entries", "users", Permission.VIEW_ENTRIES),)
"""This feature's places in the navigation."""
MODULES = (
    correction_views,
    document_views,
    entry_correction_views,
    entry_page,
    entry_views,
    many_views,
    replacement_views,
    roster_views,
    state_views,
    tampering,
)
"""The other pages of this blueprint and its check for verification, registered by being imported."""

GROUPS = {"to_submit": "待提交", "to_report": "待报送", "to_decide": "待审定"}
"""Filters beside the states: what waits at one of the three hands."""
ORDERS = [
    ("event", "项目"),
    ("strokes", "姓氏笔画"),
    ("pinyin", "姓名拼音"),
    ("employer", "单位"),
    ("ticket", "准考证号"),
    ("-submitted", "最近提交"),
]
"""The orders offered beside the filters; the headings sort too."""
MOST_CHOICES = 200


@bp.get("/desk/entries")
@requires(Permission.VIEW_ENTRIES)
def entries() -> str:
    """Competitions with the cut-offs and the numbers of the caller's entries."""
    session = db.session()
    statement = competitions_in_scope(current_user, Permission.VIEW_ENTRIES).options(joinedload(Competition.level))
    page = listed(
        session,
        statement,
        sorts={"report": Competition.report_until, "name": Competition.name},
        default="-report",
        search=[Competition.search_text],
        unique=Competition.id,
    )
    counts = counts_by_state(session, current_user, [competition.id for competition in page.items])
    return render_template("registration/competitions_list.html", page=page, counts=counts, now=clock.now())


@bp.get("/desk/competitions/<competition_id>/entries")
@requires(Permission.VIEW_ENTRIES)
def competition_entries(competition_id: str) -> str:
    """The entries of a competition in the caller's scope."""
    session = db.session()
    competition = competition_in_scope(session, current_user, competition_id, Permission.VIEW_ENTRIES)
    seen = entries_in_scope(session, current_user, Permission.VIEW_ENTRIES).where(
        Entry.competition_id == competition.id
    )
    page = listed(
        session,
        filtered(seen, request.args).options(*WHOLE),
        unique=Entry.id,
        then=[FIRST.name_strokes],
        default="event",
        sorts=SORTS,
        joins=with_first,
    )
    reports = report_counts(session, competition.id, reviewing_unions(session, current_user))
    mine = count_of(
        session,
        entries_in_scope(session, current_user, Permission.SUBMIT_ENTRIES).where(
            Entry.competition_id == competition.id, Entry.state.in_(EDITABLE)
        ),
    )
    return render_template(
        "registration/entries_list.html",
        competition=competition,
        page=page,
        may=current_user.may,
        P=Permission,
        counts=counts_by_state(session, current_user, [competition.id]).get(competition.id, {}),
        filters=list_filters(competition, seen),
        orders=ORDERS,
        reports=reports,
        to_report={
            union.id: Shown.of(versions_to_report(session, competition.id, union.id).items()).text()
            for union, ready, _ in reports
            if ready
        },
        mine=mine,
        deadlines=deadlines(competition),
        now=clock.now(),
        purposes=PURPOSES,
    )


def list_filters(competition: Competition, seen: Select[Any]) -> list[dict[str, Any]]:
    """The filters of the list: event, state, delegation (or reporting union where all are of one delegation, unless
    there are more than anybody looks through: the search finds units too).
    """
    session = db.session()
    sides = _named_in(session, seen, Entry.delegation_id)
    if len(sides) < 2:
        sides = _named_in(session, seen, Entry.reporting_union_id)
    return [
        {
            "name": "event",
            "label": competition.event_word,
            "choices": [(event.id, event.name) for event in events_of(session, competition.id)],
        },
        {"name": "state", "label": "状态", "choices": [*GROUPS.items(), *ENTRY_STATES.items()]},
        {"name": "union", "label": "单位", "choices": [(union.id, union.short_name or union.name) for union in sides]},
    ]


def _named_in(session: Session, seen: Select[Any], column: InstrumentedAttribute[str]) -> Sequence[Union]:
    """The unions that a column of the entries names, by name; none when there are too many to choose from."""
    ids = session.scalars(seen.with_only_columns(column).distinct().limit(MOST_CHOICES + 1)).all()
    chosen = ids if len(ids) <= MOST_CHOICES else ()
    return session.scalars(select(Union).where(Union.id.in_(chosen)).order_by(Union.name)).all()


def deadlines(competition: Competition) -> list[tuple[str, Any]]:
    """The three cut-offs as they hold for the caller's union."""
    session = db.session()
    union = (
        session.scalar(
            unions_in_scope(session, current_user, Permission.VIEW_ENTRIES).where(Union.id == current_user.union_id)
        )
        if current_user.union_id
        else None
    )
    return [
        (label, deadline_of(session, competition, name, union))
        for name, label in (("report", "报名截止"), ("review", "审核报送截止"), ("final", "审定截止"))
    ]
