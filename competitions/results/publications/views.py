"""Pages of publications at the desk: drafting with the checks that block, the preview as the public will see it,
approving, refusing, withdrawing.
"""

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.clock import beijing_text
from competitions.base.database import db
from competitions.base.errors import Denied, Refusal
from competitions.base.permissions import Permission
from competitions.base.waiting import MOST
from competitions.programme.models import Competition, Event, Stage
from competitions.results.blueprint import bp
from competitions.results.forms import NoticeForm
from competitions.results.models import Publication
from competitions.results.publications.acts import acts_on
from competitions.results.publications.public_page import Snapshot
from competitions.results.publications.public_standing import PublicStanding, public_siblings
from competitions.results.publications.public_views import publication_page
from competitions.results.publications.services import (
    approve_publication,
    ask_withdrawal,
    blocking_approval,
    decide_withdrawal,
    draft_publication,
    refuse_publication,
)
from competitions.results.queries import (
    PUBLISHING,
    drafts_to_decide,
    holds,
    progress_of,
    publication_in_scope,
    publications_in_scope,
    stage_to_show,
    stages_to_publish,
    with_places,
)
from competitions.results.settlement.checks import blocking_publication, remarks_on_publication, with_names
from competitions.results.standings.computed import stage_standings
from competitions.web.declared import requires
from competitions.web.listing import listed

SORTS = {"drafted": Publication.drafted_at, "published": Publication.published_at, "competition": Competition.name}
SEARCHED = (Competition.search_text, Event.search_text, Stage.search_text)


@bp.get("/desk/results/publications")
@requires(Permission.DRAFT_PUBLICATION)
def publications() -> str:
    """Stages that can be published, and all publications in scope."""
    session = db.session()
    statement = publications_in_scope(current_user, Permission.DRAFT_PUBLICATION)
    if request.args.get("state"):
        statement = statement.where(Publication.state == request.args["state"])
    page = listed(
        session, statement, sorts=SORTS, default="-drafted", search=SEARCHED, unique=Publication.id, joins=with_places
    )
    ready = stages_to_publish(session, current_user, MOST)
    return render_template(
        "results/publication_list.html",
        page=page,
        ready=ready,
        most=MOST,
        progress=progress_of(session, [stage.id for stage in ready]),
    )


@bp.get("/desk/results/approvals")
@requires(Permission.APPROVE_PUBLICATION)
def approvals() -> str:
    """Drafts and requests to withdraw that wait for the caller, then what was decided before."""
    session = db.session()
    page = listed(
        session,
        publications_in_scope(current_user, Permission.APPROVE_PUBLICATION),
        sorts=SORTS,
        default="-drafted",
        search=SEARCHED,
        unique=Publication.id,
        joins=with_places,
    )
    due = session.scalars(drafts_to_decide(current_user).order_by(Publication.drafted_at, Publication.id).limit(MOST))
    return render_template("results/approval_list.html", page=page, due=due.all(), most=MOST)


@bp.get("/desk/stages/<stage_id>/publish")
@requires(Permission.DRAFT_PUBLICATION)
def publication_drafting(stage_id: str) -> str:
    """The pre-publication checks as a list, and the text of the notice."""
    session = db.session()
    stage = stage_to_show(session, current_user, stage_id, Permission.DRAFT_PUBLICATION)
    return _drafting(session, stage, NoticeForm(notice=_usual_notice(stage)))


@bp.post("/desk/stages/<stage_id>/publish")
@requires(Permission.DRAFT_PUBLICATION)
def publication_draft(stage_id: str) -> Any:
    """Make the draft; 409 with the list when something blocks, 422 for a bad text."""
    form = NoticeForm()
    try:
        with transaction() as session:
            stage = stage_to_show(session, current_user, stage_id, Permission.DRAFT_PUBLICATION)
            if not form.validate():
                raise Refusal("invalid")
            made = draft_publication(session, stage, form.notice.data or "", by=current_user, at=clock.now()).id
    except Refusal as fault:
        if fault.status not in (409, 422):
            raise
        session = db.session()
        stage = stage_to_show(session, current_user, stage_id, Permission.DRAFT_PUBLICATION)
        return _drafting(session, stage, form, fault), fault.status
    flash("拟稿已生成，等待另一人审定签发。", "success")
    return redirect(url_for("results.publication_show", publication_id=made), 303)


@bp.get("/desk/publications/<publication_id>")
@requires(Permission.SIGNED_IN)
def publication_show(publication_id: str) -> str:
    """One publication for those who draft and approve: its state, its people, its table, what can be done."""
    return _page(db.session(), publication_id)


@bp.get("/desk/publications/<publication_id>/preview")
@requires(Permission.SIGNED_IN)
def publication_preview(publication_id: str) -> str:
    """The page exactly as the public will see it."""
    session = db.session()
    publication = _seen(session, publication_id)
    siblings = public_siblings(session, publication.stage.event.competition_id)
    own = (publication.id, publication.stage.event.name)
    standing = PublicStanding(
        publication.id,
        publication.state,
        publication.number,
        publication.snapshot.digest,
        publication.published_at,
        None,
        siblings if own[0] in dict(siblings) else (*siblings, own),
    )
    return publication_page(Snapshot(json.loads(publication.snapshot.public)), standing, preview=True)


@bp.post("/desk/publications/<publication_id>/approve")
@requires(Permission.APPROVE_PUBLICATION)
def publication_approve(publication_id: str) -> Any:
    """Make a draft public: a second person; everything is checked anew (409 with the list)."""
    return _decide(publication_id, Permission.APPROVE_PUBLICATION, approve_publication, "已签发，成绩已公布。")


@bp.post("/desk/publications/<publication_id>/refuse")
@requires(Permission.APPROVE_PUBLICATION)
def publication_refuse(publication_id: str) -> Any:
    """Send a draft back with a reason."""
    return _decide(publication_id, Permission.APPROVE_PUBLICATION, refuse_publication, "已退回拟稿人。", _reason())


@bp.post("/desk/publications/<publication_id>/take-back")
@requires(Permission.DRAFT_PUBLICATION)
def publication_take_back(publication_id: str) -> Any:
    """The drafting office takes its draft back."""
    return _decide(
        publication_id, Permission.DRAFT_PUBLICATION, refuse_publication, "拟稿已撤回，可以重新拟稿。", _reason()
    )


@bp.post("/desk/publications/<publication_id>/withdrawal")
@requires(Permission.DRAFT_PUBLICATION)
def publication_ask_withdrawal(publication_id: str) -> Any:
    """Ask that a publication be withdrawn; another person decides."""
    return _decide(
        publication_id, Permission.DRAFT_PUBLICATION, ask_withdrawal, "已申请撤回，等待另一人审定。", _reason()
    )


@bp.post("/desk/publications/<publication_id>/withdrawal/agree")
@requires(Permission.APPROVE_PUBLICATION)
def publication_withdraw(publication_id: str) -> Any:
    """Withdraw it: the public page then says so and shows nothing else."""
    return _decide(publication_id, Permission.APPROVE_PUBLICATION, decide_withdrawal, "这份公布已撤回。", True)


@bp.post("/desk/publications/<publication_id>/withdrawal/keep")
@requires(Permission.APPROVE_PUBLICATION)
def publication_keep(publication_id: str) -> Any:
    """Leave it public."""
    return _decide(
        publication_id, Permission.APPROVE_PUBLICATION, decide_withdrawal, "申请未获同意，公布保持有效。", False
    )


def _decide(publication_id: str, permission: Permission, act: Any, done: str, *arguments: Any) -> Any:
    """One act on a publication in scope, then its page; a refusal is shown on it."""
    try:
        with transaction() as session:
            publication = publication_in_scope(session, current_user, publication_id, permission)
            act(session, publication, *arguments, by=current_user, at=clock.now())
    except Refusal as fault:
        if fault.status not in (409, 422):
            raise
        return _page(db.session(), publication_id, fault), fault.status
    flash(done, "success")
    return redirect(url_for("results.publication_show", publication_id=publication_id), 303)


def _reason() -> str:
    return request.form.get("reason", "")


def _seen(session: Session, publication_id: str) -> Publication:
    if not any(current_user.may(permission) for permission in PUBLISHING):
        raise Denied
    return publication_in_scope(session, current_user, publication_id, *PUBLISHING)


def _page(session: Session, publication_id: str, fault: Refusal | None = None) -> str:
    publication = _seen(session, publication_id)
    stage = publication.stage
    held = {permission for permission in PUBLISHING if holds(current_user, stage, permission)}
    people = {
        id_: user.display_name
        for id_ in (
            publication.drafted_by,
            publication.approved_by,
            publication.withdrawal_by,
            publication.withdrawn_by,
        )
        if id_ and (user := session.get(User, id_))
    }
    blocking = blocking_approval(session, publication, stage) if publication.is_draft else []
    return render_template(
        "results/publication_show.html",
        publication=publication,
        stage=stage,
        people=people,
        acts=acts_on(publication, held, current_user.id),
        blocking=with_names(session, current_user, stage, blocking),
        remarks=remarks_on_publication(session, stage) if publication.is_draft else [],
        fault=fault,
        snapshot=json.loads(publication.snapshot.public),
    )


def _drafting(session: Session, stage: Stage, form: NoticeForm, fault: Refusal | None = None) -> str:
    blocking = (fault.problems if fault else None) or blocking_publication(
        session, stage, stage_standings(session, stage)
    )
    return render_template(
        "results/publication_drafting.html",
        stage=stage,
        form=form,
        fault=fault,
        blocking=with_names(session, current_user, stage, blocking),
        remarks=remarks_on_publication(session, stage),
        progress=progress_of(session, [stage.id])[stage.id],
    )


def _usual_notice(stage: Stage) -> str:
    competition = stage.event.competition
    first, last = (beijing_text(day, "%Y年%m月%d日") for day in (competition.held_from, competition.held_to))
    held = f"{first}至{last}" if first and last and last != first else first
    days = f"于{held}举行，" if held else ""
    return (
        f"{competition.name}{stage.event.name}{stage.name}{days}现已结束。经裁判组评定、监督员监督、组委会审定，"
        "现将成绩和名次公布如下，奖项为拟授。\n"
        "对成绩有异议的，请按赛事通知规定的时限，由领队以书面形式（实名）向监督仲裁组提出。"
    )
