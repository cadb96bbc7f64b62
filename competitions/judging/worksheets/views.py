"""Marks by worksheet on the page: template, upload, preview with every fault by its cell, confirmation, all or nothing.

The same pages for three seats, each with its own permission: the module's tabulator, the one who reads the papers a second
time, and a judge for his own sheets.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from pathlib import PurePosixPath
from typing import Any

from flask import Response, flash, redirect, render_template, request
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.exports import record_export
from competitions.accounts.forms import TableForm
from competitions.accounts.limits import limit
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import NotFound, Refusal, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.settings import HALL_FILES
from competitions.judging.sheets.deliveries import Answer, read_key
from competitions.judging.sheets.delivering import deliver
from competitions.judging.worksheets.columns import named, range_of, worksheet_columns
from competitions.judging.worksheets.desk import PURPOSE, Desk, read_before, sent_file, uploaded_of
from competitions.judging.worksheets.plan import STATES, Plan
from competitions.judging.worksheets.second import differences_of, second_readings
from competitions.judging.worksheets.services import (
    Prepared,
    Seat,
    Uploaded,
    import_marks,
    layout_of,
    plan_worksheet,
    prepare_marks,
    sheet_lines,
)
from competitions.judging.worksheets.template import progress_of
from competitions.judging.worksheets.template import worksheet_template as template
from competitions.programme.models import Module
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.tabular.limits import FILE_BYTES
from competitions.tabular.problems import Unreadable
from competitions.tabular.writing import CannotAnnotate
from competitions.uploads import services as uploads
from competitions.uploads.files import SentFile, annotated
from competitions.web.answers import download
from competitions.web.declared import USUAL, Largest, files, requires
from competitions.web.heavy import heavy
from competitions.web.listing import Page
from competitions.words.sentences import sentence

ROWS_SHOWN = 200
SEATS = {
    Seat.TABULATOR: ("worksheet", Permission.TABULATE),
    Seat.SECOND: ("second-worksheet", Permission.TABULATE),
    Seat.JUDGE: ("own-worksheet", Permission.MARK_SHEETS),
}
"""Seat → where its pages lie below a module, and what they ask for."""


def worksheet(desk: Desk) -> str:
    """Download the template, upload the worksheet."""
    return _upload_page(desk, TableForm(formdata=None), [])


def _upload_page(desk: Desk, form: TableForm, faults: list[str]) -> str:
    session = db.session()
    module = desk.module(session)
    layout = layout_of(session, module, desk.seat)
    lines = sheet_lines(session, current_user, module, desk.seat, layout)
    again = second_readings(session, [module.id]) if desk.seat is Seat.SECOND else None
    return render_template(
        "judging/worksheet_upload.html",
        desk=desk,
        module=module,
        layout=layout,
        form=form,
        faults=faults,
        said=progress_of(lines, again),
        different=differences_of(session, lines, layout.with_judge) if desk.seat is Seat.SECOND else {},
        labels={aspect.id: named(aspect) for aspect in layout.aspects},
        twice=JudgingSettings.of(module).double_entry,
    )


def worksheet_template(desk: Desk) -> Response:
    """The worksheet to be filled in, of all judges or of the one named; recorded when marks are in it."""
    session = db.session()
    module = desk.module(session)
    layout = layout_of(session, module, desk.seat)
    wanted = request.args.get("judge", "")
    lines = [
        line
        for line in sheet_lines(session, current_user, module, desk.seat, layout)
        if not layout.with_judge or wanted in ("", line.judge)
    ]
    blank = JudgingSettings.of(module).double_entry
    data, filled = template(module, layout, lines, blank=blank), sum(line.revision is not None for line in lines)
    kind = "第二次录入表" if desk.seat is Seat.SECOND else "评分录入表"
    name = f"{module.stage.event.name}{module.name}{kind}{f'{wanted}_' if wanted else ''}"
    if filled and not blank:
        record_export("marks.export", "module", desk.module_id, data, rows=filled)
    return download(data, name)


def worksheet_upload(desk: Desk) -> Any:
    """Read the file outside any transaction, keep it sealed for a day, show the preview."""
    form, file = TableForm(), request.files.get("file")
    if file is None or not file.filename:
        return _upload_page(desk, form, ["请选择一个文件。"]), 422
    with transaction(apart=True) as session:
        limit(session, f"import:marks:{current_user.id}", clock.now(), timedelta(hours=1), HALL_FILES.value(session))
        desk.module(session)
    try:
        sent = SentFile.read(file.read(), file.filename)
    except Unreadable as unreadable:
        return _upload_page(desk, form, [unreadable.problem.message]), 422
    session = db.session()
    layout = layout_of(session, desk.module(session), desk.seat)
    session.rollback()
    unmatched = [
        found.message
        for found in sent.table(worksheet_columns(layout)).problems
        if found.code in ("header.not_found", "column.missing") and found.severity == "error"
    ]
    if unmatched:
        return _upload_page(desk, form, unmatched), 422
    upload = uploads.prepare(desk.place, sent.filename, sent.sha256, sent.document())
    with transaction() as session:
        staged_id = uploads.keep(session, upload, by=current_user, at=clock.now())
    return redirect(desk.url("_preview", staged_id=staged_id), 303)


def worksheet_preview(desk: Desk, staged_id: str) -> str:
    """Every row with what would become of it."""
    return _preview(desk, staged_id)


def _preview(desk: Desk, staged_id: str, planned: Plan | None = None, fault: str = "") -> str:
    """`planned`: what was planned in this request already."""
    session = db.session()
    module = desk.module(session)
    plan = planned or _planned(session, desk, module, staged_id)
    show = request.args.get("show", "")
    rows = [row for row in plan.rows if show not in STATES or row.state == show]
    page = _asked_page(len(rows), desk.url("_preview", staged_id=staged_id))
    return render_template(
        "judging/worksheet_preview.html",
        desk=desk,
        module=module,
        plan=plan,
        counts=plan.counts,
        staged_id=staged_id,
        show=show,
        fault=fault,
        key=new_id(),
        page=page,
        sheets=len({row.sheet for row in plan.rows}),
        range_of=range_of,
        rows=rows[(page.number - 1) * ROWS_SHOWN : page.number * ROWS_SHOWN],
    )


def _planned(session: Session, desk: Desk, module: Module, staged_id: str) -> Plan:
    layout = layout_of(session, module, desk.seat)
    uploaded = uploaded_of(sent_file(session, desk, staged_id), layout)
    return plan_worksheet(session, current_user, module, desk.seat, uploaded)


def _asked_page(total: int, path: str) -> Page:
    pages = max(1, -(-total // ROWS_SHOWN))
    number = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    return Page([], total, number, pages, ROWS_SHOWN, "", request.args.to_dict(), path)


def worksheet_confirm(desk: Desk, staged_id: str) -> Any:
    """Write all rows or none; a second click gets the first one's answer. The file is read, planned and made ready before
    the transaction, which only sees that everything still is as it was, and writes.
    """
    uploaded, prepared = read_before(desk, staged_id), None
    try:
        for last in (False, False, True):
            prepared = _prepared(desk, uploaded)
            try:
                counts = _imported(desk, staged_id, prepared)
                break
            except Stale:
                if last:
                    raise StateForbids("worksheet_changed") from None
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        db.session().rollback()
        plan = prepared.plan if prepared else None
        return _preview(desk, staged_id, plan, sentence(refusal.code, **refusal.params)), 409
    if desk.seat is Seat.SECOND:
        flash(_read_again(counts), "warning" if counts["different"] else "success")
        return redirect(desk.url(""), 303)
    flash(_sentence_of_counts(counts), "success")
    return redirect(desk.back, 303)


def _prepared(desk: Desk, uploaded: Uploaded | None) -> Prepared | None:
    """All that a file writes; None when it is gone (taken by an earlier click)."""
    if uploaded is None:
        return None
    session = db.session()
    prepared = prepare_marks(session, current_user, desk.module(session), desk.seat, uploaded, at=clock.now())
    session.expunge_all()
    return prepared


def _imported(desk: Desk, staged_id: str, prepared: Prepared | None) -> Answer:
    """The counts of what was written, once for a click's key. Raises NotFound, Stale, StateForbids."""

    def act(session: Session, at: datetime) -> Answer:
        module = desk.module(session)
        uploads.take(session, staged_id, desk.place, by=current_user, at=at)
        if prepared is None:
            raise NotFound
        return import_marks(session, current_user, module, desk.seat, prepared, at=at)

    counts, _, _ = deliver(f"worksheet {staged_id}", read_key(request.form.get("key")), staged_id, act)
    return counts


def _read_again(counts: Answer) -> str:
    """What a second reading came to; what differs is listed on the page."""
    done = f"已保存 {counts['new'] + counts['changed']} 份第二次录入"
    if counts["different"]:
        return f"{done}，其中 {len(counts['different'])} 份与第一次不一致，已在下面逐项列出。请两人对照原始记录，谁录错谁更正。"
    return f"{done}，与第一次一致。" + (f"另有 {counts['blank']} 行还没有填写。" if counts["blank"] else "")


def _sentence_of_counts(counts: Answer) -> str:
    written = counts["new"] + counts["changed"]
    done = f"已写入 {written} 份评分表，等待复核。" if written else "表中内容与系统相同，没有任何改动。"
    return done + (f"另有 {counts['blank']} 行还没有填写。" if counts["blank"] else "")


def worksheet_discard(desk: Desk, staged_id: str) -> Any:
    """Throw the upload away; nothing was written."""
    with transaction() as session:
        desk.module(session)
        uploads.discard(session, [staged_id], PURPOSE, by=current_user)
    flash("已放弃这次上传，没有写入任何给分。", "info")
    return redirect(desk.url(""), 303)


def worksheet_annotated(desk: Desk, staged_id: str) -> Any:
    """The user's own file with its faults marked."""
    session = db.session()
    module = desk.module(session)
    layout = layout_of(session, module, desk.seat)
    sent = sent_file(session, desk, staged_id)
    uploaded = uploaded_of(sent, layout)
    faults = plan_worksheet(session, current_user, module, desk.seat, uploaded).all_faults()
    session.rollback()
    try:
        data = annotated(sent, uploaded.table.sheets, faults)
    except CannotAnnotate as fault:
        flash(str(fault), "danger")
        return redirect(desk.url("_preview", staged_id=staged_id), 303)
    return download(data, f"{PurePosixPath(sent.filename).stem}（错误标注）")


PAGES: tuple[tuple[str, str, str, Callable[..., Any]], ...] = (
    ("", "", "GET", worksheet),
    ("_upload", "", "POST", worksheet_upload),
    ("_template", "/template.xlsx", "GET", worksheet_template),
    ("_preview", "/<staged_id>", "GET", worksheet_preview),
    ("_confirm", "/<staged_id>/confirm", "POST", worksheet_confirm),
    ("_discard", "/<staged_id>/discard", "POST", worksheet_discard),
    ("_annotated", "/<staged_id>/annotated.xlsx", "GET", worksheet_annotated),
)
"""Endpoint after `<seat>_worksheet`, address below the seat's, method, page."""


LARGEST = {"_upload": files(FILE_BYTES)}
"""Endpoint → the largest body, where it is not the usual one."""


def seated(
    seat: Seat, permission: Permission, page: Callable[..., Any], largest: Largest = USUAL
) -> Callable[..., Any]:
    """The page for one seat, with the seat's permission declared."""

    @requires(permission, largest)
    @heavy
    @wraps(page)
    def view(module_id: str, **more: str) -> Any:
        return page(Desk(seat, module_id), **more)

    return view


for _seat, (_place, _permission) in SEATS.items():
    for _endpoint, _below, _method, _page in PAGES:
        bp.add_url_rule(
            f"/desk/modules/<module_id>/{_place}{_below}",
            f"{_seat}_worksheet{_endpoint}",
            seated(_seat, _permission, _page, LARGEST.get(_endpoint, USUAL)),
            methods=[_method],
        )
