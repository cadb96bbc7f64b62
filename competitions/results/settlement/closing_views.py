"""归档: the approving organiser calls an event off, or ends a competition for good."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competitions.accounts.models import RoleAssignment
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.base.roles import STAYING
from competitions.programme.models import Competition
from competitions.programme.queries import competition_in_scope, event_in_scope
from competitions.results.blueprint import bp
from competitions.results.settlement.closing import archive_competition, call_off, readiness
from competitions.web.declared import requires
from competitions.words.sentences import sentence

ARCHIVE = Permission.ARCHIVE_COMPETITION


@bp.get("/desk/competitions/<competition_id>/archive")
@requires(ARCHIVE)
def archiving(competition_id: str) -> str:
    """What archiving does, what stands in its way, the events that may be called off."""
    return _page(competition_in_scope(db.session(), current_user, competition_id, ARCHIVE))


def _page(competition: Competition, fault: str = "") -> str:
    session = db.session()
    state = readiness(session, competition)
    ids = [competition.id, *(event.id for event in competition.events)]
    people = set(
        session.scalars(
            select(RoleAssignment.user_id).where(
                RoleAssignment.scope_id.in_(ids),
                RoleAssignment.role.not_in(STAYING),
                RoleAssignment.valid_to.is_(None) | (RoleAssignment.valid_to > clock.now()),
            )
        )
    )
    blocked = sentence(state.fault.code, **state.fault.params) if state.fault else ""
    return render_template(
        "results/archiving.html",
        competition=competition,
        readiness=state,
        blocked=blocked,
        people=len(people),
        fault=fault,
    )


@bp.post("/desk/competitions/<competition_id>/archive")
@requires(ARCHIVE)
def archive(competition_id: str) -> Any:
    """End the competition for good."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, ARCHIVE)
        archive_competition(session, found, by=current_user, at=clock.now())
    flash("已归档。赛事现在列在往届里，不能再改。", "success")
    return redirect(url_for("programme.competition", competition_id=competition_id), 303)


@bp.post("/desk/events/<event_id>/call-off")
@requires(ARCHIVE)
def event_call_off(event_id: str) -> Any:
    """The event is not held."""
    try:
        with transaction() as session:
            event = event_in_scope(session, current_user, event_id, ARCHIVE)
            address = url_for("results.archiving", competition_id=event.competition_id)
            call_off(session, event, request.form.get("reason", ""), by=current_user, at=clock.now())
    except Invalid as refusal:
        event = event_in_scope(db.session(), current_user, event_id, ARCHIVE)
        return _page(event.competition, sentence(refusal.code)), 422
    flash("已取消该赛项。", "success")
    return redirect(address, 303)
