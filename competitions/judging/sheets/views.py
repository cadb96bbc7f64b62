"""The judge's pages: his sheets by code, and one sheet as a plain form that works without scripts.

With scripts the tablet page (static/judge/) takes over and uses the API; both deliver through the same door.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import Refusal
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.queries import listed_own_sheets, own_sheet
from competitions.judging.sheets.api_views import deliver_revision, shown_sheet
from competitions.judging.sheets.deliveries import read_key
from competitions.judging.sheets.form_numbers import form_number
from competitions.judging.signing.services import sign_own_sheet
from competitions.judging.timing.queries import floor_modules
from competitions.programme.models import Module
from competitions.web.declared import requires
from competitions.words.sentences import sentence, worded

MARK, NOTE = "mark.", "note."


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a judge goes on from a sheet: the codes before and after it in the same module."""

    before: ScoreSheet | None
    after: ScoreSheet | None


@bp.get("/desk/judging/sheets")
@requires(Permission.MARK_SHEETS)
def sheets() -> str:
    """The judge's own sheets, module by module."""
    groups: dict[str, list[ScoreSheet]] = {}
    for sheet in listed_own_sheets(db.session(), current_user):
        groups.setdefault(sheet.module_id, []).append(sheet)
    session = db.session()
    floor = set(session.scalars(floor_modules(current_user).with_only_columns(Module.id)))
    return render_template("judging/sheets_list.html", module_groups=list(groups.values()), floor=floor)


@bp.get("/desk/judging/sheets/<sheet_id>")
@requires(Permission.MARK_SHEETS)
def sheet_form(sheet_id: str) -> str:
    """One sheet as a form."""
    session = db.session()
    sheet = own_sheet(session, current_user, sheet_id)
    return _page(sheet, shown_sheet(session, sheet), {}, [], new_id())


@bp.post("/desk/judging/sheets/<sheet_id>")
@requires(Permission.MARK_SHEETS)
def sheet_submit(sheet_id: str) -> Any:
    """Deliver the form: 303 to the next sheet; bad marks, a stale or locked sheet show the page again with what was
    typed.
    """
    document = form_document(request.form)
    key = read_key(request.form.get("key"))
    try:
        answer, _, _ = deliver_revision(sheet_id, key, document, "form")
    except Refusal as refusal:
        if refusal.extra.get("quarantined") and refusal.code != "sheet_locked":
            flash(sentence(refusal.code, **refusal.params), "warning")
            return redirect(url_for("judging.sheets"), 303)
        if refusal.code not in ("invalid", "stale_revision", "sheet_locked", "sheet_confirmed"):
            raise
        return _again(sheet_id, document, refusal)
    flash(f"已送达，回执号 {answer['receipt'][:8]}，合计 {answer['total']} 分（不含评价项）。", "success")
    target = url_for("judging.sheet_form", sheet_id=sheet_id)
    if document["complete"]:
        with_sheet = own_sheet(db.session(), current_user, sheet_id)
        following = neighbours(with_sheet).after
        target = url_for("judging.sheet_form", sheet_id=following.id) if following else url_for("judging.sheets")
    return redirect(target, 303)


@bp.post("/desk/judging/sheets/<sheet_id>/sign")
@requires(Permission.MARK_SHEETS)
def sheet_sign(sheet_id: str) -> Any:
    """The judge signs the revision that he saw."""
    number = request.form.get("revision", "")
    with transaction() as session:
        sheet = own_sheet(session, current_user, sheet_id, lock=True)
        sign_own_sheet(session, sheet, form_number(number), by=current_user, at=clock.now())
    flash("本人签字已记录。", "success")
    return redirect(url_for("judging.sheet_form", sheet_id=sheet_id), 303)


def form_document(form: Any) -> dict[str, Any]:
    """A submission from the form's fields, in the form of the API."""
    base, seconds = form.get("base_revision", ""), form.get("seconds", "").strip()
    return {
        "base_revision": int(base) if base.isdecimal() and len(base) < 10 else None,
        "marks": {name[len(MARK) :]: value for name, value in form.items() if name.startswith(MARK)},
        "notes": {name[len(NOTE) :]: value for name, value in form.items() if name.startswith(NOTE) and value.strip()},
        "seconds": seconds or None,
        "runs": _runs(form.get("runs", ""), seconds),
        "complete": form.get("complete") == "1",
        "client": {"device": "form"},
    }


def _runs(text: str, seconds: str) -> list[list[int]] | None:
    """When a tablet's clock ran, as long as the time taken is still what it was then."""
    try:
        runs = [[int(begins), int(ends)] for begins, ends in json.loads(text or "null") or ()]
    except (ValueError, TypeError):
        return None
    return runs if runs and seconds == str(sum(ends - begins for begins, ends in runs)) else None


def neighbours(sheet: ScoreSheet) -> Neighbours:
    """The judge's sheets before and after this one, by code, in the same module."""
    line = [other for other in listed_own_sheets(db.session(), current_user) if other.module_id == sheet.module_id]
    place = next((place for place, other in enumerate(line) if other.id == sheet.id), None)
    if place is None:
        return Neighbours(None, None)
    return Neighbours(line[place - 1] if place else None, line[place + 1] if place + 1 < len(line) else None)


def _again(sheet_id: str, document: dict[str, Any], refusal: Refusal) -> tuple[str, int]:
    """The page with what was typed and what is wrong with it; a stale one goes on from what is there now."""
    session = db.session()
    sheet = own_sheet(session, current_user, sheet_id)
    page = _page(
        sheet,
        shown_sheet(session, sheet),
        document,
        refusal.problems,
        new_id(),
        fault=sentence(refusal.code, **refusal.params),
        stale=refusal.code == "stale_revision",
    )
    return page, refusal.status


def _page(
    sheet: ScoreSheet,
    shown: dict[str, Any],
    typed: dict[str, Any],
    problems: list[Problem],
    key: str,
    **more: Any,
) -> str:
    faults: dict[str, str] = {}
    for problem in problems:
        faults.setdefault(problem.where or "", worded(problem))
    marks = typed.get("marks", shown["marks"])
    notes = typed.get("notes", shown["notes"])
    signature = shown["signature"]
    return render_template(
        "judging/sheet_form.html",
        signed_at=datetime.fromisoformat(signature["at"]) if signature else None,
        sheet=sheet,
        shown=shown,
        locked=sheet.is_done or shown["recused"],
        judge_signs=shown["judges_sign"] and shown["complete"] and sheet.is_delivered,
        marks=marks,
        notes=notes,
        faults=faults,
        seconds=typed.get("seconds") or shown["seconds"],
        key=key,
        near=neighbours(sheet),
        **more,
    )
