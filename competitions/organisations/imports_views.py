"""Bulk import of unions and employers: template, upload, preview, confirmation."""

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.base.shown import Shown
from competitions.organisations import unit_import
from competitions.organisations.blueprint import bp
from competitions.organisations.forms import TableForm
from competitions.organisations.unit_import import Compared
from competitions.organisations.unit_table import EMPLOYER_COLUMNS, UNION_COLUMNS, read_units, unit_template
from competitions.organisations.unit_writing import PreparedUnits, apply_prepared, prepare_units
from competitions.tabular.limits import FILE_BYTES
from competitions.uploads import services as uploads
from competitions.uploads.queries import Place, open_upload
from competitions.web.answers import download
from competitions.web.declared import files, requires
from competitions.web.heavy import heavy
from competitions.web.many import shown_before
from competitions.words.codes import IMPORT_STATES
from competitions.words.sentences import sentence

EDIT = Permission.EDIT_ORGANISATIONS
PURPOSES = {"unions": ("工会", UNION_COLUMNS), "employers": ("单位", EMPLOYER_COLUMNS)}


def _purpose(purpose: str) -> tuple[str, Any]:
    if purpose not in PURPOSES:
        raise NotFound
    return PURPOSES[purpose]


@bp.get("/desk/import/<purpose>")
@requires(EDIT)
def import_page(purpose: str) -> str:
    """Download the template, upload the worksheet."""
    return _upload_page(purpose, TableForm(), [])


def _upload_page(purpose: str, form: TableForm, faults: list[str]) -> str:
    return render_template(
        "organisations/import_upload.html", purpose=purpose, word=_purpose(purpose)[0], form=form, faults=faults
    )


@bp.get("/desk/import/<purpose>/template.xlsx")
@requires(EDIT)
def import_template(purpose: str) -> Response:
    """The worksheet to be filled in."""
    word, columns = _purpose(purpose)
    return download(unit_template(f"{word}信息导入表", columns), f"{word}导入模板")


@bp.post("/desk/import/<purpose>")
@requires(EDIT, largest=files(FILE_BYTES))
def import_upload(purpose: str) -> Any:
    """Read the worksheet outside any transaction, keep it for a day, show the preview."""
    _word, columns = _purpose(purpose)
    form = TableForm()
    if not form.file.data or not getattr(form.file.data, "filename", ""):
        form.validate()
        return _upload_page(purpose, form, ["请选择一个文件。"]), 422
    filename, data = form.file.data.filename, form.file.data.read()
    rows, faults = read_units(data, filename, columns)
    if faults:
        return _upload_page(purpose, form, faults), 422
    upload = uploads.prepare(Place(purpose), filename, hashlib.sha256(data).hexdigest(), rows)
    with transaction() as session:
        staged_id = uploads.keep(session, upload, by=current_user, at=clock.now())
    return redirect(url_for("organisations.import_preview", purpose=purpose, staged_id=staged_id), 303)


@bp.get("/desk/import/<purpose>/<staged_id>")
@requires(EDIT)
@heavy
def import_preview(purpose: str, staged_id: str) -> str:
    """Every row as it would be taken, with what is wrong."""
    _purpose(purpose)
    session = db.session()
    rows = open_upload(session, staged_id, Place(purpose), by=current_user, at=clock.now()).content
    return _preview(purpose, staged_id, unit_import.compare(session, current_user, purpose, rows))


def _preview(purpose: str, staged_id: str, compared: Sequence[Compared], fault: str | None = None) -> str:
    word, columns = _purpose(purpose)
    counts = {state: sum(row.state == state for row in compared) for state in IMPORT_STATES}
    shown = [column for column in columns if any(row.values.get(column.field) for row in compared)]
    return render_template(
        "organisations/import_preview.html",
        purpose=purpose,
        word=word,
        rows=compared,
        columns=shown,
        counts=counts,
        staged_id=staged_id,
        fault=fault,
        shown=_shown(compared),
    )


def _shown(compared: Sequence[Compared]) -> str:
    """What the preview says of each row, as its form carries it."""
    return Shown.of((str(row.row), f"{row.state} {row.changes}") for row in compared).text()


@bp.post("/desk/import/<purpose>/<staged_id>/confirm")
@requires(EDIT)
@heavy
def import_confirm(purpose: str, staged_id: str) -> Any:
    """All rows or none."""
    word, _columns = _purpose(purpose)
    place = Place(purpose)
    kept = open_upload(db.session(), staged_id, place, by=current_user, at=clock.now())
    try:
        for last in (False, False, True):
            prepared = prepare_units(db.session(), current_user, purpose, kept.content)
            if (before := shown_before()) and before != _shown(prepared.compared):
                raise StateForbids("preview_changed")
            try:
                counts = _imported(staged_id, place, kept.sha256, prepared)
                break
            except Stale:
                if last:
                    raise StateForbids("import_changed") from None
    except StateForbids as fault:
        return _preview(purpose, staged_id, prepared.compared, sentence(fault.code, **fault.params)), fault.status
    flash(
        f"导入完成：新增{word} {counts['new']} 个，更新 {counts['changed']} 个，{counts['same']} 个没有变化。",
        "success",
    )
    return redirect(url_for(f"organisations.{purpose}"), 303)


def _imported(staged_id: str, place: Place, sha256: str, prepared: PreparedUnits) -> dict[str, int]:
    """The counts of what was written. Raises Stale, StateForbids."""
    with transaction() as session:
        at = clock.now()
        uploads.take(session, staged_id, place, by=current_user, at=at)
        return apply_prepared(session, current_user, sha256, prepared, at=at, upload_id=staged_id)


@bp.post("/desk/import/<purpose>/<staged_id>/discard")
@requires(EDIT)
def import_discard(purpose: str, staged_id: str) -> Any:
    """Throw the upload away."""
    _purpose(purpose)
    with transaction() as session:
        uploads.discard(session, [staged_id], purpose, by=current_user)
    flash("已放弃这次导入，没有改动任何数据。", "info")
    return redirect(url_for("organisations.import_page", purpose=purpose), 303)
