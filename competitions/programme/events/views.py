"""Pages of an event for organisers: making, changing, copying and removing it, and its people."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from competitions.accounts.models import RoleAssignment
from competitions.accounts.pairs.request_views import said_of
from competitions.accounts.services import end_role
from competitions.accounts.three.county import in_force
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.programme.events import people, services
from competitions.programme.forms import CopyForm, EventForm, PersonForm
from competitions.programme.models import Competition, Event, Stage
from competitions.programme.pages import bp, show_conflict, show_problems
from competitions.programme.queries import (
    competition_in_scope,
    event_in_scope,
    events_in_scope,
    occupation_called,
    occupations,
    rulesets_in_force,
)
from competitions.web.declared import requires
from competitions.web.fields import choices
from competitions.words.sentences import sentence

EDIT = Permission.EDIT_COMPETITION


@bp.get("/desk/events/<event_id>")
@requires(Permission.VIEW_OVERVIEW)
def event(event_id: str) -> str:
    """An event: its stages with their rules, its divisions, the way to its people."""
    session = db.session()
    found = session.scalar(
        events_in_scope(current_user, Permission.VIEW_OVERVIEW)
        .where(Event.id == event_id)
        .options(
            selectinload(Event.stages).selectinload(Stage.modules),
            selectinload(Event.divisions),
            selectinload(Event.competition),
            selectinload(Event.occupation),
        )
    )
    if found is None:
        raise NotFound
    scopes = current_user.scopes(EDIT)
    return render_template(
        "programme/event.html",
        event=found,
        competition=found.competition,
        rulesets=rulesets_in_force(session, [stage.id for stage in found.stages]),
        may_edit=found.competition.state != "archived"
        and found.called_off_at is None
        and (scopes.system or found.competition_id in scopes.competitions or found.id in scopes.events),
    )


@bp.route("/desk/competitions/<competition_id>/events/new", methods=["GET", "POST"])
@requires(EDIT)
def event_new(competition_id: str) -> Any:
    """Add an event to a competition."""
    found = competition_in_scope(db.session(), current_user, competition_id, EDIT)
    form = _event_form(None)
    if request.method == "GET":
        form.code_levels.data = 0 if in_force(db.session(), found.id) else form.code_levels.default
        return render_template("programme/event_edit.html", form=form, competition=found, event=None)
    try:
        if not form.validate():
            raise Invalid
        with transaction() as session:
            competition = competition_in_scope(session, current_user, competition_id, EDIT)
            made = services.create_event(session, competition, *_typed(form), by=current_user, at=clock.now())
            address = url_for("programme.event", event_id=made.id)
    except Invalid as fault:
        show_problems(form, fault)
        found = competition_in_scope(db.session(), current_user, competition_id, EDIT)
        return render_template("programme/event_edit.html", form=form, competition=found, event=None), 422
    flash("已添加。请接着为每个阶段选定计分规则。", "success")
    return redirect(address, 303)


@bp.route("/desk/events/<event_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def event_edit(event_id: str) -> Any:
    """Change an event; the second of two editors sees both versions (409)."""
    found = event_in_scope(db.session(), current_user, event_id, EDIT)
    form, conflict, status = _event_form(found), [], 200
    if request.method == "POST":
        try:
            if not form.validate():
                raise Invalid
            with transaction() as session:
                services.change_event(
                    session,
                    event_in_scope(session, current_user, event_id, EDIT),
                    *_typed(form),
                    form.version.data,
                    by=current_user,
                    at=clock.now(),
                )
            flash("已保存。", "success")
            return redirect(url_for("programme.event", event_id=event_id), 303)
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
        except Stale as fault:
            conflict, status = show_conflict(form, fault), 409
        found = event_in_scope(db.session(), current_user, event_id, EDIT)
    return render_template(
        "programme/event_edit.html", form=form, competition=found.competition, event=found, conflict=conflict
    ), status


def _event_form(found: Event | None) -> EventForm:
    """The form, filled from the event, with two blank rows for further divisions and stages."""
    if found is None:
        data: dict[str, Any] = {"divisions": [{"name": "职工组"}, {}], "stages": [{"name": "决赛"}, {}]}
    else:
        data = services.facts_of(found) | {
            "divisions": [*({"id": row.id, "name": row.name} for row in found.divisions), {}, {}],
            "stages": [*({"id": row.id, "name": row.name} for row in found.stages), {}, {}],
        }
    form = EventForm(data=data)
    listed = ((row.code, f"{row.name}（{row.code}）") for row in occupations(db.session()))
    form.occupation_code.choices = choices([("", "不选"), *listed])
    return form


def _typed(form: EventForm) -> tuple[dict[str, Any], list[tuple[str | None, str]], list[tuple[str | None, str]]]:
    """Values, divisions, stages. An event without an occupation gets the one it is named like."""
    values = {name: form[name].data for name in services.FACTS}
    if values["occupation_code"] is None:
        called = occupation_called(db.session(), values["name"])
        values["occupation_code"] = called.code if called else None
    return values, form.pairs("divisions"), form.pairs("stages")


@bp.route("/desk/competitions/<competition_id>/events/copy", methods=["GET", "POST"])
@requires(EDIT)
def event_copy(competition_id: str) -> Any:
    """Copy an event of an earlier competition."""
    found = competition_in_scope(db.session(), current_user, competition_id, EDIT)
    form, status = CopyForm(), 200
    sources = (
        db.session()
        .scalars(
            events_in_scope(current_user, Permission.VIEW_OVERVIEW)
            .join(Event.competition)
            .options(selectinload(Event.competition))
            .order_by(Competition.report_until.desc(), Competition.id, Event.position, Event.id)
        )
        .all()
    )
    form.source_id.choices = choices((each.id, f"{each.competition.name} › {each.name}") for each in sources)
    if request.method == "POST":
        try:
            if not form.validate():
                raise Invalid
            with transaction() as session:
                competition = competition_in_scope(session, current_user, competition_id, EDIT)
                source = event_in_scope(session, current_user, form.source_id.data, Permission.VIEW_OVERVIEW)
                made = services.copy_event(
                    session, source, competition, form.name.data or source.name, by=current_user, at=clock.now()
                )
                address, said = url_for("programme.event", event_id=made.id), _copied(source, made)
            flash(said, "success")
            return redirect(address, 303)
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
        found = competition_in_scope(db.session(), current_user, competition_id, EDIT)
    return render_template("programme/event_copy.html", form=form, competition=found), status


def _copied(source: Event, made: Event) -> str:
    """What came along and what to look at: the occupation stays the old one's even under a new name, and the copied
    conditions may name dates of the old year.
    """
    occupation = f"现为“{made.occupation.name}”" if made.occupation else "原来没有选"
    return (
        f"已复制 {source.competition.name} › {source.name} 的职业（工种）、形式、名额、参赛条件、组别、阶段、模块和计分规则。"
        f"请核对：职业（工种）{occupation}，与“{made.name}”是否相符；参赛条件里的日期和年限；截止时间和竞赛日期按本赛事的通知。"
        "人员和评分细则请另行设置。"
    )


@bp.post("/desk/events/<event_id>/remove")
@requires(EDIT)
def event_remove(event_id: str) -> Any:
    """Take an event out of a draft."""
    with transaction() as session:
        found = event_in_scope(session, current_user, event_id, EDIT)
        address = url_for("programme.competition", competition_id=found.competition_id)
        services.remove_event(session, found, by=current_user, at=clock.now())
    flash("已删除。", "success")
    return redirect(address, 303)


@bp.route("/desk/events/<event_id>/people", methods=["GET", "POST"])
@requires(EDIT)
def event_people(event_id: str) -> Any:
    """Who holds a role in this event, and the form to give one."""
    found = event_in_scope(db.session(), current_user, event_id, EDIT)
    form, status = PersonForm(), 200
    if request.method == "POST":
        try:
            if not form.validate():
                raise Invalid
            with transaction() as session:
                asked = people.ask_for(
                    session,
                    event_in_scope(session, current_user, event_id, EDIT),
                    form.username.data,
                    form.role.data,
                    form.valid_from.data,
                    form.valid_to.data,
                    by=current_user,
                    at=clock.now(),
                )
            return said_of(asked, url_for("programme.event_people", event_id=event_id))
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
        except StateForbids as fault:
            form.role.errors = [sentence(fault.code, **fault.params)]
            status = fault.status
        found = event_in_scope(db.session(), current_user, event_id, EDIT)
    held = people.people_of(db.session(), found, clock.now())
    return render_template(
        "programme/event_people.html",
        event=found,
        competition=found.competition,
        form=form,
        people=held,
        gaps=people.gaps(held),
        asked=people.asked_for(db.session(), found),
    ), status


@bp.post("/desk/events/<event_id>/people/<assignment_id>/end")
@requires(EDIT)
def event_person_end(event_id: str, assignment_id: str) -> Any:
    """End a role in this event."""
    with transaction() as session:
        found = event_in_scope(session, current_user, event_id, EDIT)
        assignment = session.scalar(
            select(RoleAssignment).where(
                RoleAssignment.id == assignment_id,
                RoleAssignment.scope_kind == "event",
                RoleAssignment.scope_id == found.id,
            )
        )
        if assignment is None:
            raise NotFound
        end_role(session, assignment, by=current_user, at=clock.now())
    flash("已结束这项指派。", "success")
    return redirect(url_for("programme.event_people", event_id=event_id), 303)
