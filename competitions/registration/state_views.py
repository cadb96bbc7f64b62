"""Acts on entries, one or many at once: submitting, taking back, withdrawing, reviewing, deciding, closing a list."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.base.permissions import Permission
from competitions.base.shown import Shown
from competitions.organisations.queries import union_in_scope
from competitions.programme.queries import competition_in_scope
from competitions.registration import services
from competitions.registration.blueprint import bp
from competitions.registration.consent import consent_shown
from competitions.registration.forms import SubmissionForm
from competitions.registration.many_views import Choice, act
from competitions.registration.models import EDITABLE, WITHDRAWABLE, Entry
from competitions.registration.queries import entries_by_ids, entries_in_scope, to_decide
from competitions.registration.shown_entries import versions_to_report
from competitions.registration.submitting import is_finished
from competitions.web.declared import requires
from competitions.web.heavy import heavy
from competitions.web.many import SHOWN, GoingOn, RefusedMany, fields_again, shown_before


def reason() -> str:
    """The reason that was typed."""
    return request.form.get("reason", "")


@bp.route("/desk/competitions/<competition_id>/entries/submission", methods=["GET", "POST"])
@requires(Permission.SUBMIT_ENTRIES)
def submission(competition_id: str) -> Any:
    """What is about to be submitted (the ticked entries, or all that are ready), with the text that was told."""
    session = db.session()
    competition = competition_in_scope(session, current_user, competition_id, Permission.SUBMIT_ENTRIES)
    if request.method == "POST":
        entries = _to_submit(session, competition_id)
    else:
        ids = session.scalars(
            entries_in_scope(session, current_user, Permission.SUBMIT_ENTRIES)
            .where(Entry.competition_id == competition_id, Entry.state.in_(EDITABLE))
            .with_only_columns(Entry.id)
        ).all()
        entries = entries_by_ids(session, current_user, ids, Permission.SUBMIT_ENTRIES) if ids else []
    return submission_page(competition, entries, SubmissionForm(formdata=None))


def _to_submit(session: Session, competition_id: str) -> list[Entry]:
    """What was chosen to be submitted, to look at."""
    choice = Choice(competition_id, Permission.SUBMIT_ENTRIES, Entry.state.in_(EDITABLE))
    return choice.entries(session, choice.ids(session))


def submission_page(competition: Any, entries: Sequence[Entry], form: SubmissionForm, fault: str = "") -> str:
    """The page that asks for the two confirmations."""
    version, text = consent_shown(db.session())
    form.consent_version.data = version
    ready = [entry for entry in entries if is_finished(entry) and entry.state in EDITABLE]
    return render_template(
        "registration/entries_submit.html",
        competition=competition,
        form=form,
        text=text,
        fault=fault,
        ready=ready,
        unready=[entry for entry in entries if entry not in ready],
    )


@bp.post("/desk/competitions/<competition_id>/entries/submit")
@requires(Permission.SUBMIT_ENTRIES)
def submit(competition_id: str) -> Any:
    """Submit, with both confirmations."""
    form = SubmissionForm()
    if not (form.is_true.data and form.told.data and form.consent_version.data):
        session = db.session()
        competition = competition_in_scope(session, current_user, competition_id, Permission.SUBMIT_ENTRIES)
        entries = _to_submit(session, competition_id)
        return submission_page(competition, entries, form, "invalid.consent_missing"), 422
    version = form.consent_version.data
    return act(
        Choice(competition_id, Permission.SUBMIT_ENTRIES, Entry.state.in_(EDITABLE)),
        lambda session, entries: services.submit_entries(
            session, entries, consent_version=version, by=current_user, at=clock.now()
        ),
        "提交报名",
        "已提交 {count} 条报名，等待审核。审核开始前可以撤回修改。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/take-back")
@requires(Permission.SUBMIT_ENTRIES)
def take_back(competition_id: str) -> Any:
    """Take back for correction."""
    return act(
        Choice(competition_id, Permission.SUBMIT_ENTRIES, Entry.state == "submitted"),
        lambda session, entries: services.take_back(session, entries, by=current_user, at=clock.now()),
        "撤回",
        "已撤回 {count} 条报名，修改后请重新提交。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/withdraw")
@requires(Permission.SUBMIT_ENTRIES)
def withdraw(competition_id: str) -> Any:
    """Withdraw from the competition."""
    return act(
        Choice(competition_id, Permission.SUBMIT_ENTRIES, Entry.state.in_(WITHDRAWABLE)),
        lambda session, entries: services.withdraw(session, entries, reason(), by=current_user, at=clock.now()),
        "退赛",
        "{count} 条报名已退赛，名额已释放。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/organiser-withdraw")
@requires(Permission.DECIDE_ENTRIES)
def organiser_withdraw(competition_id: str) -> Any:
    """Withdraw on a unit's behalf, also after the cut-off."""
    return act(
        Choice(competition_id, Permission.DECIDE_ENTRIES, Entry.state.in_(WITHDRAWABLE)),
        lambda session, entries: services.withdraw(
            session, entries, reason(), by=current_user, at=clock.now(), as_organiser=True
        ),
        "退赛",
        "{count} 条报名已退赛，名额已释放。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/endorse")
@requires(Permission.REVIEW_ENTRIES)
def endorse(competition_id: str) -> Any:
    """初审通过."""
    return act(
        Choice(competition_id, Permission.REVIEW_ENTRIES, reviewable()),
        lambda session, entries: services.endorse(session, entries, by=current_user, at=clock.now()),
        "初审通过",
        "{count} 条报名初审通过，请在截止前报送名单。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/return")
@requires(Permission.REVIEW_ENTRIES)
def return_entries(competition_id: str) -> Any:
    """退回修改 by the reviewing union."""
    return act(
        Choice(competition_id, Permission.REVIEW_ENTRIES, reviewable()),
        lambda session, entries: services.return_entries(session, entries, reason(), by=current_user, at=clock.now()),
        "退回修改",
        "已退回 {count} 条报名，报送工会会看到原因。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/refuse")
@requires(Permission.REVIEW_ENTRIES)
def refuse(competition_id: str) -> Any:
    """未通过 by the reviewing union."""
    return act(
        Choice(competition_id, Permission.REVIEW_ENTRIES, reviewable()),
        lambda session, entries: services.refuse(session, entries, reason(), by=current_user, at=clock.now()),
        "不通过",
        "{count} 条报名未通过，名额已释放。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/approve")
@requires(Permission.DECIDE_ENTRIES)
def approve(competition_id: str) -> Any:
    """审核通过 by the organiser."""
    return act(
        Choice(competition_id, Permission.DECIDE_ENTRIES, to_decide()),
        lambda session, entries: services.approve(session, entries, by=current_user, at=clock.now()),
        "审核通过",
        "{count} 条报名审核通过，已生成准考证号。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/organiser-return")
@requires(Permission.DECIDE_ENTRIES)
def organiser_return(competition_id: str) -> Any:
    """退回修改 by the organiser, who will review what comes back."""
    return act(
        Choice(competition_id, Permission.DECIDE_ENTRIES, to_decide()),
        lambda session, entries: services.return_entries(
            session, entries, reason(), by=current_user, at=clock.now(), as_organiser=True
        ),
        "退回修改",
        "已退回 {count} 条报名，修改后由组委会直接审核。",
    )


@bp.post("/desk/competitions/<competition_id>/entries/organiser-refuse")
@requires(Permission.DECIDE_ENTRIES)
def organiser_refuse(competition_id: str) -> Any:
    """未通过 by the organiser."""
    return act(
        Choice(competition_id, Permission.DECIDE_ENTRIES, to_decide()),
        lambda session, entries: services.refuse(
            session, entries, reason(), by=current_user, at=clock.now(), as_organiser=True
        ),
        "不通过",
        "{count} 条报名未通过，名额已释放。",
    )


def reviewable() -> ColumnElement[bool]:
    """Condition on Entry: what the reviewing union has to review."""
    return (Entry.state == "submitted") & ~Entry.organiser_reviews


@bp.post("/desk/competitions/<competition_id>/lists")
@requires(Permission.CLOSE_LIST)
@heavy
def close_list(competition_id: str) -> Any:
    """报送: one act freezes the list."""
    union_id, shown = request.form.get("union", ""), Shown.read(shown_before())
    try:
        with transaction() as session:
            competition = competition_in_scope(session, current_user, competition_id, Permission.CLOSE_LIST)
            union = union_in_scope(session, current_user, union_id, Permission.CLOSE_LIST)
            closed = services.close_list(session, competition, union, shown, by=current_user, at=clock.now())
            list_id, number = closed.id, closed.number
    except StateForbids as fault:
        if not fault.problems:
            raise
        now = versions_to_report(db.session(), competition_id, union_id)
        again = fields_again({SHOWN: Shown.of(now.items()).text()})
        back = url_for("registration.competition_entries", competition_id=competition_id)
        return RefusedMany("报送名单", back, on=GoingOn(f"按现在的 {len(now)} 条报送", again)).answer(fault)
    flash(f"第 {number} 号名单已报送，内容不再变动，可以打印盖章。", "success")
    return redirect(url_for("registration.reporting_list", list_id=list_id), 303)
