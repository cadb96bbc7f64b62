"""Marking schemes in and out as worksheets: export, template, upload, preview, confirmation as a new version."""

from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.accounts.forms import TableForm
from competitions.accounts.limits import limit
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import Invalid, NotFound, Refusal, StateForbids
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import MarkingScheme
from competitions.judging.schemes.table import SCHEME_COLUMNS, ReadScheme, read_scheme, scheme_printed, scheme_template
from competitions.judging.schemes.versions import highest_mark, save_scheme, scheme_in_force
from competitions.judging.settings import HALL_FILES
from competitions.judging.sheets.deliveries import Answer, read_key
from competitions.judging.sheets.delivering import deliver
from competitions.judging.sheets.form_numbers import form_number
from competitions.programme.models import Module
from competitions.programme.queries import module_in_scope
from competitions.scoring.numbers import plain
from competitions.tabular.limits import FILE_BYTES
from competitions.tabular.problems import Unreadable
from competitions.tabular.table import Table
from competitions.tabular.writing import CannotAnnotate
from competitions.uploads import services as uploads
from competitions.uploads.files import SentFile, annotated
from competitions.uploads.queries import Place, open_upload
from competitions.web.answers import download, table_download
from competitions.web.declared import files, requires
from competitions.words.sentences import worded

EDIT = Permission.EDIT_SCHEME
PURPOSE = "scheme"


@bp.get("/desk/modules/<module_id>/scheme.xlsx")
@requires(EDIT)
def scheme_export(module_id: str) -> Response:
    """The version in force, to be printed, signed, or changed and read in again."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, EDIT)
    found = scheme_in_force(session, module.id)
    if found is None:
        raise NotFound
    return table_download(
        f"{module.stage.event.name}{module.name}评分细则", scheme_printed(module, found.number, found.aspects)
    )


@bp.get("/desk/modules/<module_id>/scheme/template.xlsx")
@requires(EDIT)
def scheme_template_file(module_id: str) -> Response:
    """The worksheet to be filled in."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, EDIT)
    full = highest_mark(session, module)
    data = scheme_template(module, plain(full) if full is not None else None)
    return download(data, f"{module.stage.event.name}{module.name}评分细则模板")


@bp.get("/desk/modules/<module_id>/scheme/table")
@requires(EDIT)
def scheme_table(module_id: str) -> str:
    """Download the template, upload the worksheet."""
    return _upload_page(module_id, TableForm(formdata=None), [])


def _upload_page(module_id: str, form: TableForm, faults: list[str]) -> str:
    session = db.session()
    module = module_in_scope(session, current_user, module_id, EDIT)
    return render_template(
        "judging/scheme_upload.html",
        module=module,
        form=form,
        faults=faults,
        in_force=scheme_in_force(session, module.id),
    )


@bp.post("/desk/modules/<module_id>/scheme/table")
@requires(EDIT, largest=files(FILE_BYTES))
def scheme_upload(module_id: str) -> Any:
    """Read the file outside any transaction, keep it sealed for a day, show the preview."""
    form, sent = TableForm(), request.files.get("file")
    if sent is None or not sent.filename:
        return _upload_page(module_id, form, ["请选择一个文件。"]), 422
    with transaction(apart=True) as session:
        limit(session, f"import:scheme:{current_user.id}", clock.now(), timedelta(hours=1), HALL_FILES.value(session))
        module_in_scope(session, current_user, module_id, EDIT)
    try:
        file = SentFile.read(sent.read(), sent.filename)
    except Unreadable as unreadable:
        return _upload_page(module_id, form, [unreadable.problem.message]), 422
    found = read_scheme(file.table(SCHEME_COLUMNS), None)
    if not found.rows:
        return _upload_page(module_id, form, [said for _, _, said in found.faults]), 422
    upload = uploads.prepare(_place(module_id), file.filename, file.sha256, file.document())
    with transaction() as session:
        staged_id = uploads.keep(session, upload, by=current_user, at=clock.now())
    return redirect(url_for("judging.scheme_preview", module_id=module_id, staged_id=staged_id), 303)


@bp.get("/desk/modules/<module_id>/scheme/table/<staged_id>")
@requires(EDIT)
def scheme_preview(module_id: str, staged_id: str) -> str:
    """Every aspect as it would be saved, with what is wrong."""
    return _preview(module_id, staged_id)


def _preview(module_id: str, staged_id: str, fault: str = "") -> str:
    session = db.session()
    module, file, _, found = _read(session, module_id, staged_id)
    full = highest_mark(session, module)
    newest = session.scalar(select(func.max(MarkingScheme.number)).where(MarkingScheme.module_id == module.id)) or 0
    columns = [
        column
        for column in SCHEME_COLUMNS
        if not column.derived and any(row.texts[column.field] or row.says.get(column.field) for row in found.rows)
    ]
    return render_template(
        "judging/scheme_preview.html",
        module=module,
        found=found,
        columns=columns,
        fault=fault,
        staged_id=staged_id,
        base=newest,
        key=new_id(),
        filename=file.filename,
        full=plain(full) if full is not None else None,
    )


def _place(module_id: str) -> Place:
    return Place(PURPOSE, module_id)


def _sent(session: Session, module_id: str, staged_id: str) -> SentFile:
    """The caller's file. Raises NotFound when it is another's, too old, or taken already."""
    opened = open_upload(session, staged_id, _place(module_id), by=current_user, at=clock.now())
    return SentFile.of(opened.filename, opened.content)


def _read(session: Session, module_id: str, staged_id: str) -> tuple[Module, SentFile, Table, ReadScheme]:
    """The module in scope, the caller's upload for it, its table and the scheme in it. Raises NotFound."""
    module = module_in_scope(session, current_user, module_id, EDIT)
    file = _sent(session, module.id, staged_id)
    table = file.table(SCHEME_COLUMNS)
    return module, file, table, read_scheme(table, highest_mark(session, module))


def _read_before(module_id: str, staged_id: str) -> Table | None:
    """The table of the upload, read before the transaction that saves it; None when it was taken already."""
    session = db.session()
    try:
        module = module_in_scope(session, current_user, module_id, EDIT)
        return _sent(session, module.id, staged_id).table(SCHEME_COLUMNS)
    except NotFound:
        return None
    finally:
        session.rollback()


@bp.post("/desk/modules/<module_id>/scheme/table/<staged_id>/confirm")
@requires(EDIT)
def scheme_confirm(module_id: str, staged_id: str) -> Any:
    """Save the file's scheme as a new version; a second click gets the first one's answer."""
    reason, base = request.form.get("reason", ""), request.form.get("base", "")
    table = _read_before(module_id, staged_id)

    def act(session: Session, at: datetime) -> Answer:
        module = module_in_scope(session, current_user, module_id, EDIT)
        uploads.take(session, staged_id, _place(module_id), by=current_user, at=at)
        if table is None:
            raise NotFound
        found = read_scheme(table, highest_mark(session, module))
        if not found.is_sound:
            raise StateForbids("scheme_not_sound")
        saved = save_scheme(session, module, found.aspects, reason, form_number(base), by=current_user, at=at)
        return {"number": saved.number, "waits": saved.approved_by is None}

    try:
        answer, _, _ = deliver(f"scheme {staged_id}", read_key(request.form.get("key")), [reason, base], act)
    except (Invalid, StateForbids) as fault:
        db.session().rollback()
        return _preview(module_id, staged_id, _sentence_of(fault)), fault.status
    flash(
        "新版本已保存，须由第二人同意后生效。" if answer["waits"] else f"评分细则已保存为第 {answer['number']} 版。",
        "success",
    )
    return redirect(url_for("judging.scheme", module_id=module_id), 303)


def _sentence_of(fault: Refusal) -> str:
    return "".join(worded(problem) for problem in fault.told)


@bp.post("/desk/modules/<module_id>/scheme/table/<staged_id>/discard")
@requires(EDIT)
def scheme_discard(module_id: str, staged_id: str) -> Any:
    """Throw the upload away; nothing was saved."""
    with transaction() as session:
        module_in_scope(session, current_user, module_id, EDIT)
        uploads.discard(session, [staged_id], PURPOSE, by=current_user)
    flash("已放弃这次上传，评分细则没有改动。", "info")
    return redirect(url_for("judging.scheme", module_id=module_id), 303)


@bp.get("/desk/modules/<module_id>/scheme/table/<staged_id>/annotated.xlsx")
@requires(EDIT)
def scheme_annotated(module_id: str, staged_id: str) -> Any:
    """The user's own file with its faults marked."""
    session = db.session()
    _, file, table, found = _read(session, module_id, staged_id)
    session.rollback()
    try:
        data = annotated(file, table.sheets, found.all_faults())
    except CannotAnnotate as fault:
        flash(str(fault), "danger")
        return redirect(url_for("judging.scheme_preview", module_id=module_id, staged_id=staged_id), 303)
    return download(data, f"{PurePosixPath(file.filename).stem}（错误标注）")
