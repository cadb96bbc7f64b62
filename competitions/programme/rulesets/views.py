"""Pages of a stage's ruleset: reading it, writing it with an example that is computed as one types, and changing it
after the lock by proposal and approval.
"""

import json
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.queries import display_names
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Stale
from competitions.base.permissions import Permission
from competitions.programme.models import Stage
from competitions.programme.pages import bp
from competitions.programme.queries import (
    event_in_scope,
    ruleset_in_force,
    ruleset_in_scope,
    ruleset_versions,
    stage_in_scope,
)
from competitions.programme.rulesets import services
from competitions.programme.rulesets.example import Outcome, example_values, needs_time, outcome_of
from competitions.programme.rulesets.forms import RulesetForm
from competitions.programme.rulesets.presets import PRESETS, STARTERS
from competitions.programme.rulesets.presets_published import PUBLISHED
from competitions.programme.rulesets.reading import sentences
from competitions.programme.rulesets.rows import changed_rows, errors_of, offer_choices, show_faults
from competitions.programme.rulesets.typing import document_of, typed_of
from competitions.web.declared import requires

EDIT = Permission.EDIT_COMPETITION


@bp.get("/desk/stages/<stage_id>/ruleset")
@requires(Permission.VIEW_OVERVIEW)
def ruleset(stage_id: str) -> str:
    """The ruleset in force in words, its versions and proposals; the ready-made ones when there is none."""
    session = db.session()
    stage = stage_in_scope(session, current_user, stage_id, Permission.VIEW_OVERVIEW)
    current = ruleset_in_force(session, stage.id)
    document = json.loads(current.document) if current else None
    preset = PRESETS.get(current.preset) if current else None
    return render_template(
        "programme/ruleset.html",
        **_around(stage),
        current=current,
        starters=STARTERS,
        published=PUBLISHED,
        sentences=sentences(document) if document else [],
        presets=PRESETS,
        as_preset=preset is not None and preset.document == document,
        versions=ruleset_versions(session, stage.id),
        may_edit=_may_edit(session, stage),
    )


@bp.get("/desk/stages/<stage_id>/ruleset/edit")
@requires(EDIT)
def ruleset_edit(stage_id: str) -> str:
    """The form, from the version in force, or from a preset."""
    session = db.session()
    stage = stage_in_scope(session, current_user, stage_id, EDIT)
    current, preset = ruleset_in_force(session, stage.id), PRESETS.get(request.args.get("preset", ""))
    if preset is None and current is None:
        preset = STARTERS[0]
    document = preset.document if preset else json.loads(current.document) if current else {}
    typed = typed_of(document, _kinds(stage, document))
    base = current.number if current else 0
    return _form_page(stage, _built({**typed, "base": base, "preset": preset.code if preset else ""}), document)


@bp.post("/desk/stages/<stage_id>/ruleset/edit")
@requires(EDIT)
def ruleset_save(stage_id: str) -> Any:
    """Save a new version, or propose it when the stage is locked."""
    stage_in_scope(db.session(), current_user, stage_id, EDIT)
    form = RulesetForm()
    offer_choices(form)
    document, status, conflict = None, 422, None
    try:
        if form.validate():
            document = document_of(form.data)
            with transaction() as session:
                stage = stage_in_scope(session, current_user, stage_id, EDIT)
                locked = _save(session, stage, form, document)
            flash("修改申请已提交，等待第二人审定。" if locked else "计分规则已保存。", "success")
            return redirect(url_for("programme.ruleset", stage_id=stage_id), 303)
    except Invalid as fault:
        show_faults(form, fault.problems)
    except Stale as fault:
        conflict, status = fault.extra["current"], 409
        form.base.process_data(conflict["version"])
        form.base.raw_data = None
    stage = stage_in_scope(db.session(), current_user, stage_id, EDIT)
    return _form_page(stage, form, document, conflict), status


def _save(session: Session, stage: Stage, form: RulesetForm, document: dict[str, Any]) -> bool:
    """Save or propose, as the lock asks; whether it was locked."""
    kinds = {row["id"]: row["kind"] for row in form.modules.data}
    base, preset, at = form.base.data or 0, form.preset.data or "", clock.now()
    if stage.locked_at is None:
        services.save_ruleset(session, stage, document, base, kinds, preset=preset, by=current_user, at=at)
        return False
    services.propose_ruleset(session, stage, document, base, form.reason.data, preset=preset, by=current_user, at=at)
    return True


@bp.post("/desk/stages/<stage_id>/ruleset/rows")
@requires(EDIT)
def ruleset_rows(stage_id: str) -> str:
    """The form again after a row was added, removed or moved (nothing is saved)."""
    stage = stage_in_scope(db.session(), current_user, stage_id, EDIT)
    form = RulesetForm()
    offer_choices(form)
    typed = changed_rows(form.data, request.form.get("do", ""))
    return _form_page(stage, _built(typed), None)


@bp.post("/desk/stages/<stage_id>/ruleset/example")
@requires(EDIT)
def ruleset_example(stage_id: str) -> str:
    """The rule read back and the example computed, for what is typed at this moment (nothing is saved)."""
    stage_in_scope(db.session(), current_user, stage_id, EDIT)
    form = RulesetForm()
    offer_choices(form)
    return render_template("programme/_ruleset_outcome.html", outcome=_outcome(form)[1])


def _outcome(form: RulesetForm) -> tuple[dict[str, Any] | None, Outcome]:
    """The document of what is typed (None while it cannot be one) and what it does."""
    if not form.validate():
        return None, Outcome(problems=[f"{label}：{error}" if label else error for _, label, error in errors_of(form)])
    document = document_of(form.data)
    return document, outcome_of(document, request.form)


def _built(typed: dict[str, Any]) -> RulesetForm:
    form = RulesetForm(formdata=None, data=typed)
    offer_choices(form)
    return form


def _form_page(stage: Stage, form: RulesetForm, document: dict[str, Any] | None, conflict: Any = None) -> str:
    """The page of the form; `document` when it is known to be the one that the form shows."""
    errors = errors_of(form)
    outcome = Outcome()
    if document is None:
        try:
            document = document_of(form.data)
        except (TypeError, ValueError, ArithmeticError, KeyError):
            document = None
    values: dict[str, str] = {}
    if document is not None and not errors:
        outcome = outcome_of(document, request.form)
    if document is not None and outcome.rows:
        values = example_values(document, request.form)
    return render_template(
        "programme/ruleset_edit.html",
        **_around(stage),
        form=form,
        outcome=outcome,
        values=values,
        errors=errors,
        timed=document is not None and bool(values) and needs_time(document),
        presets=PRESETS,
        conflict=sentences(json.loads(conflict["document"])) if conflict else None,
    )


@bp.get("/desk/rulesets/<ruleset_id>")
@requires(Permission.VIEW_OVERVIEW)
def ruleset_version(ruleset_id: str) -> str:
    """One version or proposal, beside the version in force."""
    session = db.session()
    found = ruleset_in_scope(session, current_user, ruleset_id, Permission.VIEW_OVERVIEW)
    current = ruleset_in_force(session, found.stage_id)
    said, now = sentences(json.loads(found.document)), sentences(json.loads(current.document)) if current else []
    preview = "results.ruleset_effect"
    return render_template(
        "programme/ruleset_version.html",
        **_around(found.stage),
        version=found,
        current=current,
        presets=PRESETS,
        said=[(each, each not in now) for each in said],
        gone=[each for each in now if each not in said],
        same=current is not None and current.id != found.id and current.document == found.document,
        preview=url_for(preview, stage_id=found.stage_id, ruleset_id=found.id)
        if preview in current_app.view_functions
        else None,
        names=display_names(session, [found.created_by, found.approved_by]),
        may_take_back=found.may_be_taken_back_by(current_user.id),
        may_approve=current_user.may(Permission.APPROVE_RULESET),
        may_decide=current_user.may(Permission.APPROVE_RULESET) and found.may_be_decided_by(current_user.id),
    )


@bp.post("/desk/rulesets/<ruleset_id>/approve")
@requires(Permission.APPROVE_RULESET)
def ruleset_approve(ruleset_id: str) -> Any:
    """A second person puts a proposal into force."""
    with transaction() as session:
        found = ruleset_in_scope(session, current_user, ruleset_id, Permission.APPROVE_RULESET)
        stage_id = found.stage_id
        services.approve_ruleset(session, found, by=current_user, at=clock.now())
    flash("已审定，新的计分规则立即生效。", "success")
    return redirect(url_for("programme.ruleset", stage_id=stage_id), 303)


@bp.post("/desk/rulesets/<ruleset_id>/refuse")
@requires(Permission.APPROVE_RULESET)
def ruleset_refuse(ruleset_id: str) -> Any:
    """Turn a proposal down, with the reason."""
    with transaction() as session:
        found = ruleset_in_scope(session, current_user, ruleset_id, Permission.APPROVE_RULESET)
        services.refuse_ruleset(session, found, request.form.get("reason", ""), by=current_user, at=clock.now())
    flash("已退回这份修改申请。", "success")
    return redirect(url_for("programme.ruleset_version", ruleset_id=ruleset_id), 303)


@bp.post("/desk/rulesets/<ruleset_id>/withdraw")
@requires(EDIT)
def ruleset_withdraw(ruleset_id: str) -> Any:
    """Take the own proposal back."""
    with transaction() as session:
        found = ruleset_in_scope(session, current_user, ruleset_id, EDIT)
        if found.created_by != current_user.id:
            raise NotFound
        services.refuse_ruleset(session, found, "提出人撤回", by=current_user, at=clock.now())
    flash("已撤回这份修改申请。", "success")
    return redirect(url_for("programme.ruleset_version", ruleset_id=ruleset_id), 303)


def _around(stage: Stage) -> dict[str, Any]:
    return {"stage": stage, "event": stage.event, "competition": stage.event.competition}


def _kinds(stage: Stage, document: dict[str, Any]) -> dict[str, str]:
    present = {module.key: module.kind for module in stage.modules}
    return {part["id"]: present.get(part["id"]) or services.kind_of(part["id"]) for part in document["modules"]}


def _may_edit(session: Session, stage: Stage) -> bool:
    if not current_user.may(EDIT):
        return False
    try:
        return event_in_scope(session, current_user, stage.event_id, EDIT) is not None
    except NotFound:
        return False
