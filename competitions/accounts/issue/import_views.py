"""Accounts by worksheet: template, upload, preview, and the worksheet of codes that is handed back once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user

from competitions.accounts.blueprint import bp
from competitions.accounts.forms import TableForm
from competitions.accounts.giving import givable_roles
from competitions.accounts.issue import issuing
from competitions.accounts.issue.account_table import ACCOUNT_COLUMNS, CODE_COLUMNS, account_template, read_accounts
from competitions.accounts.issue.issuing import PlannedAccount, PreparedAccounts
from competitions.accounts.issue.issuing_one import Issued
from competitions.accounts.limits import limit
from competitions.accounts.settings import IMPORTS
from competitions.accounts.sign_in.activation import LIFE
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.base.roles import BY_TWO
from competitions.tabular.limits import FILE_BYTES
from competitions.tabular.writing import Table
from competitions.uploads import services as uploads
from competitions.uploads.queries import Opened, Place, open_upload
from competitions.web.answers import download, table_download
from competitions.web.declared import files, requires
from competitions.web.heavy import heavy
from competitions.words.sentences import sentence

MANAGE = Permission.MANAGE_ACCOUNTS
PLACE = Place("accounts")
AN_HOUR = timedelta(hours=1)


@bp.get("/desk/users/import")
@requires(MANAGE)
def import_page() -> str:
    """Download the template, upload the worksheet."""
    return _upload_page([])


def _upload_page(faults: list[str]) -> str:
    return render_template("accounts/import_upload.html", form=TableForm(formdata=None), faults=faults)


@bp.get("/desk/users/template.xlsx")
@requires(MANAGE)
def import_template() -> Response:
    """The worksheet to be filled in."""
    return download(account_template(givable_roles(current_user)), "账号发放表")


@bp.post("/desk/users/import")
@requires(MANAGE, largest=files(FILE_BYTES))
def import_upload() -> Any:
    """Read the worksheet outside any transaction, keep it for a day, show the preview."""
    form = TableForm()
    if not getattr(form.file.data, "filename", ""):
        return _upload_page(["请选择一个文件。"]), 422
    at = clock.now()
    with transaction() as session:
        limit(session, f"import:{current_user.id}", at, AN_HOUR, IMPORTS.value(session))
    filename, data = form.file.data.filename, form.file.data.read()
    rows, faults = read_accounts(data, filename)
    if faults:
        return _upload_page(faults), 422
    upload = uploads.prepare(PLACE, filename, hashlib.sha256(data).hexdigest(), rows)
    with transaction() as session:
        staged_id = uploads.keep(session, upload, by=current_user, at=at)
    return redirect(url_for("accounts.import_preview", staged_id=staged_id), 303)


@bp.get("/desk/users/import/<staged_id>")
@requires(MANAGE)
@heavy
def import_preview(staged_id: str) -> str:
    """Every row as it would be issued, with what is wrong."""
    session, at = db.session(), clock.now()
    rows = open_upload(session, staged_id, PLACE, by=current_user, at=at).content
    return _preview(staged_id, issuing.plan(session, current_user, rows, at))


def _preview(staged_id: str, planned: Sequence[PlannedAccount], fault: str | None = None) -> str:
    wrong = sum(bool(each.faults) for each in planned)
    shown = [column for column in ACCOUNT_COLUMNS if any(each.values.get(column.field) for each in planned)]
    return render_template(
        "accounts/import_preview.html",
        rows=planned,
        columns=shown,
        wrong=wrong,
        staged_id=staged_id,
        fault=fault,
        by_two=sum(each.role in BY_TWO for each in planned),
    )


@bp.post("/desk/users/import/<staged_id>/confirm")
@requires(MANAGE)
@heavy
def import_confirm(staged_id: str) -> Any:
    """Issue all accounts or none; the answer is the worksheet of codes, which cannot be had again."""
    at = clock.now()
    try:
        kept = open_upload(db.session(), staged_id, PLACE, by=current_user, at=at)
        for last in (False, False, True):
            prepared = issuing.prepare_accounts(db.session(), current_user, kept.content, at=at)
            try:
                issued = _issued(staged_id, kept, prepared, at)
                break
            except Stale:
                if last:
                    raise StateForbids("import_changed") from None
    except StateForbids as fault:
        return _preview(staged_id, prepared.planned, sentence(fault.code, **fault.params)), fault.status
    except NotFound:
        flash("这份名单已经发放，或预览已过期。激活码只下载一次；没有收到的，请在账号页面重新发放。", "warning")
        return redirect(url_for("accounts.users"), 303)
    return table_download(
        "激活码",
        Table(
            "账号激活码",
            CODE_COLUMNS,
            issuing.rows_of(issued, at + LIFE),
            sheet_name="激活码",
            subtitle_lines=[
                "请当面或电话告知本人，24 小时内在登录页点“用激活码设置密码”，每个激活码只能用一次。",
                "只有 4 位的是前一半：另一人在“账号申请”里同意后，由他把后 4 位告诉本人，8 位连起来输入。",
            ],
        ),
    )


def _issued(staged_id: str, kept: Opened, prepared: PreparedAccounts, at: datetime) -> list[Issued]:
    with transaction() as session:
        uploads.take(session, staged_id, PLACE, by=current_user, at=at)
        return issuing.issue_prepared(session, current_user, kept.sha256, kept.content, prepared, at=at)


@bp.post("/desk/users/import/<staged_id>/discard")
@requires(MANAGE)
def import_discard(staged_id: str) -> Any:
    """Throw the upload away."""
    with transaction() as session:
        uploads.discard(session, [staged_id], PLACE.purpose, by=current_user)
    flash("已放弃，没有发放任何账号。", "info")
    return redirect(url_for("accounts.import_page"), 303)
