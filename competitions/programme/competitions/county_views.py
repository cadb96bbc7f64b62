"""Page of 三人办赛: who the three are, what that changes, proposing, agreeing, ending; what two people have decided."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.models import CountyProfile, User
from competitions.accounts.three import county as profiles
from competitions.accounts.three import naming_three
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Permission, Scopes
from competitions.base.roles import WORDS, of_three
from competitions.programme.competitions import county
from competitions.programme.events.services import require_live
from competitions.programme.forms import CountyForm
from competitions.programme.models import Competition
from competitions.programme.pages import bp, show_problems
from competitions.programme.queries import competition_in_scope
from competitions.web.declared import requires
from competitions.web.fields import choices

VIEW, PROPOSE, AGREE = Permission.VIEW_OVERVIEW, Permission.EDIT_COMPETITION, Permission.APPROVE_RULESET


@bp.get("/desk/competitions/<competition_id>/county")
@requires(VIEW)
def county_profile(competition_id: str) -> str:
    """The profile that holds, the one that waits, and the form for another."""
    session = db.session()
    found = competition_in_scope(session, current_user, competition_id, VIEW)
    return _page(session, found, _form(session, found))


@bp.post("/desk/competitions/<competition_id>/county")
@requires(PROPOSE)
def county_propose(competition_id: str) -> Any:
    """Propose three people."""
    found = competition_in_scope(db.session(), current_user, competition_id, PROPOSE)
    form = _form(db.session(), found)
    try:
        if not form.validate():
            raise Invalid
        with transaction() as session:
            found = competition_in_scope(session, current_user, competition_id, PROPOSE)
            require_live(found)
            county.require_no_levels(found)
            three = [session.get_one(User, form[name].data) for name in ("first_id", "second_id", "third_id")]
            naming_three.propose_three(session, found.id, three, form.device(), by=current_user, at=clock.now())
            second = three[1].display_name
    except Invalid as fault:
        show_problems(form, fault)
        found = competition_in_scope(db.session(), current_user, competition_id, PROPOSE)
        return _page(db.session(), found, form), 422
    flash(f"已提出，等待第二人“{second}”同意。", "success")
    return redirect(url_for("programme.county_profile", competition_id=competition_id), 303)


@bp.post("/desk/competitions/<competition_id>/county/<any(agree, refuse):answer>")
@requires(AGREE)
def county_decide(competition_id: str, answer: str) -> Any:
    """The second of the three agrees, or does not."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, AGREE)
        if answer == "agree":
            require_live(found)
            county.require_no_levels(found)
        events = [event.id for event in county.held_events(found)]
        profile = _waiting(session, found)
        naming_three.decide_three(session, profile, answer == "agree", events, by=current_user, at=clock.now())
    flash("三人办赛已生效，三个人的角色已分配。" if answer == "agree" else "没有同意，设置不变。", "success")
    return redirect(url_for("programme.county_profile", competition_id=competition_id), 303)


@bp.post("/desk/competitions/<competition_id>/county/take-back")
@requires(PROPOSE)
def county_take_back(competition_id: str) -> Any:
    """Take back what one has proposed oneself."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, PROPOSE)
        naming_three.take_back_three(session, _waiting(session, found), by=current_user, at=clock.now())
    flash("已撤回，设置不变。", "success")
    return redirect(url_for("programme.county_profile", competition_id=competition_id), 303)


@bp.post("/desk/competitions/<competition_id>/county/roles")
@requires(PROPOSE)
def county_roles(competition_id: str) -> Any:
    """Give the three their roles in events that came later."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, PROPOSE)
        require_live(found)
        events = [event.id for event in county.held_events(found)]
        given = naming_three.give_three(session, _in_force(session, found), events, by=current_user, at=clock.now())
    flash(f"已分配 {given} 个角色。", "success")
    return redirect(url_for("programme.county_profile", competition_id=competition_id), 303)


@bp.post("/desk/competitions/<competition_id>/county/end")
@requires(PROPOSE)
def county_end(competition_id: str) -> Any:
    """The ordinary rules hold again."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, PROPOSE)
        naming_three.end_three(session, _in_force(session, found), by=current_user, at=clock.now())
    flash("已结束三人办赛。已授予的角色没有变，请在各赛项的“人员”页调整。", "success")
    return redirect(url_for("programme.county_profile", competition_id=competition_id), 303)


def _waiting(session: Session, competition: Competition) -> CountyProfile:
    return _there(profiles.proposed(session, competition.id))


def _in_force(session: Session, competition: Competition) -> CountyProfile:
    return _there(profiles.in_force(session, competition.id))


def _there(profile: CountyProfile | None) -> CountyProfile:
    if profile is None:
        raise StateForbids("county_missing")
    return profile


def _form(session: Session, competition: Competition) -> CountyForm:
    """The form with those who can be chosen; where there is only one he is."""
    holds, at = profiles.in_force(session, competition.id), clock.now()
    form = CountyForm(
        data=dict(zip(("first_id", "second_id", "third_id"), holds.people, strict=True)) if holds else None
    )
    offered = county.candidates(session, competition, at)
    for field, people in (
        (form.first_id, offered.first),
        (form.second_id, [each for each in offered.second if each.id != current_user.id]),
        (form.third_id, offered.third),
    ):
        field.choices = choices(
            [("", "请选择"), *((each.id, f"{each.display_name}（{each.username}）") for each in people)]
        )
        if len(people) == 1 and not field.data:
            field.data = people[0].id
    return form


def _page(session: Session, competition: Competition, form: CountyForm) -> str:
    holds, waits = profiles.in_force(session, competition.id), profiles.proposed(session, competition.id)
    events = {event.id: event.name for event in county.held_events(competition)}
    acts, here = county.acts_of_two(session, competition), Scopes(competitions=frozenset({competition.id}))
    scopes = current_user.scopes(PROPOSE)
    return render_template(
        "programme/county.html",
        competition=competition,
        form=form,
        holds=holds,
        waits=waits,
        three=naming_three.people_of(session, holds) if holds else [],
        proposed=naming_three.people_of(session, waits) if waits else [],
        roles=[[WORDS[role] for role in of_three(number)] for number in (1, 2, 3)],
        lacking=naming_three.lacking(session, holds, list(events), clock.now()) if holds else [],
        events=events,
        may_propose=competition.takes_events and (scopes.system or competition.id in scopes.competitions),
        may_decide=waits is not None and waits.second_id == current_user.id,
        may_take_back=waits is not None and waits.proposed_by == current_user.id,
        acts=acts,
        kinds=second_person.KINDS,
        names=second_person.names_in(session, acts),
        explained=profiles.explained(session, acts, profiles.named_devices(session, here)),
    )
