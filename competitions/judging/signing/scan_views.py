"""Pages of the signed scans of a module: what is attached to which signature, attaching, withdrawing, reading."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competitions.accounts.limits import limit
from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.kept_files import put
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.module_pages import chosen_division, divisions_of
from competitions.judging.queries import latest_signature, modules_in_scope
from competitions.judging.settings import HALL_FILES
from competitions.judging.signing.module_state import module_state
from competitions.judging.signing.scans import (
    attach_scan,
    scan_in_scope,
    scans_of,
    signatures_of,
    withdraw_scan,
)
from competitions.judging.signing.services import paper_code
from competitions.programme.competitions.scanned import LARGEST as SCAN
from competitions.programme.competitions.scanned import checked_scan
from competitions.programme.models import Module
from competitions.programme.queries import module_in_scope
from competitions.web.answers import file_download
from competitions.web.declared import files, requires
from competitions.words.sentences import worded

SEE, ATTACH, READ = Permission.VIEW_SCANS, Permission.ATTACH_SCANS, Permission.VIEW_MATRIX


@bp.get("/desk/modules/<module_id>/scans")
@requires(SEE)
def scans(module_id: str) -> str:
    """The signatures of a module of a division with their scans."""
    return _page(module_in_scope(db.session(), current_user, module_id, SEE))


@bp.post("/desk/modules/<module_id>/scans")
@requires(ATTACH, largest=files(SCAN))
def scan_attach(module_id: str) -> Any:
    """Attach a file to the newest signature; the file is looked at and put down before the transaction begins."""
    with transaction(apart=True) as session:
        limit(session, f"import:scan:{current_user.id}", clock.now(), timedelta(hours=1), HALL_FILES.value(session))
        module_in_scope(session, current_user, module_id, ATTACH)
    file = request.files.get("file")
    try:
        scanned = checked_scan((file.filename if file else "") or "", file.read() if file else b"")
        ready = put(scanned, personal=True)
        with transaction() as session:
            module = module_in_scope(session, current_user, module_id, ATTACH)
            division = chosen_division(session, module)
            signature = latest_signature(session, module.id, division.id)
            if signature is None or not module_state(session, module, division.id).signed:
                raise StateForbids("not_signed")
            attach_scan(session, signature, ready, by=current_user, at=clock.now())
            division_id = division.id
    except Invalid as fault:
        module = module_in_scope(db.session(), current_user, module_id, SEE)
        return _page(module, worded(fault.told[0])), 422
    flash("扫描件已附到本次签字。", "success")
    return redirect(url_for("judging.scans", module_id=module_id, division=division_id), 303)


@bp.post("/desk/scans/<scan_id>/withdraw")
@requires(ATTACH)
def scan_withdraw(scan_id: str) -> Any:
    """Say that a scan is the wrong one; it stays to be read."""
    try:
        with transaction() as session:
            scan = scan_in_scope(session, current_user, scan_id, ATTACH)
            module_id, division_id = scan.signature.module_id, scan.signature.division_id
            withdraw_scan(session, scan, request.form.get("reason", ""), by=current_user, at=clock.now())
    except Invalid as fault:
        module = module_in_scope(db.session(), current_user, module_id, SEE)
        return _page(module, worded(fault.told[0])), 422
    flash("已标为作废，原件保留备查。", "success")
    return redirect(url_for("judging.scans", module_id=module_id, division=division_id), 303)


@bp.get("/desk/scans/<scan_id>/file")
@requires(READ)
def scan_file(scan_id: str) -> Response:
    """The file. Raises StateForbids when what is kept is not what was attached."""
    scan = scan_in_scope(db.session(), current_user, scan_id, READ)
    return file_download(scan.file.content(scan.sha256), scan.filename, scan.file.media_type)


def _page(module: Module, fault: str = "") -> str:
    session = db.session()
    division = chosen_division(session, module)
    signatures = signatures_of(session, module.id, division.id)
    attached = scans_of(session, [signature.id for signature in signatures])
    people = {id_ for scan in attached for id_ in (scan.by, scan.withdrawn_by) if id_} | {
        each.by for each in signatures
    }
    readable = session.scalar(modules_in_scope(current_user, READ).where(Module.id == module.id)) is not None
    return render_template(
        "judging/scans.html",
        module=module,
        division=division,
        divisions=divisions_of(session, module),
        signatures=[
            (each, paper_code(each), [scan for scan in attached if scan.signature_id == each.id]) for each in signatures
        ],
        signed=bool(signatures) and module_state(session, module, division.id).signed,
        fault=fault,
        may_read=readable,
        may_attach=current_user.may(ATTACH),
        names={user.id: user.display_name for user in session.scalars(select(User).where(User.id.in_(people)))},
    )
