"""Pages of the supervisor: seals and decodings that wait for his own act. He sees digests, never a mapping."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from competitions.accounts.models import User
from competitions.accounts.second_person import open_act
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.coding import services
from competitions.coding.forms import RecordForm
from competitions.coding.late import ADDING, decide_added
from competitions.coding.models import CodeSheet
from competitions.coding.pages import bp, words_of
from competitions.coding.papers import LEVEL_WORDS, grouped
from competitions.coding.presence_changes import change_in_scope, decide_presence, waiting_changes
from competitions.coding.progress import awaiting_witness
from competitions.coding.queries import LEVEL_NAMES, NO_CODER, code_rows, entries_by_id, sheet_in_scope
from competitions.coding.sealing import mapping_digest
from competitions.programme.models import Competition, Event, Stage
from competitions.programme.queries import stages_in_scope
from competitions.web.declared import requires
from competitions.web.listing import listed


@bp.get("/desk/witness")
@requires(Permission.WITNESS)
def witness() -> str:
    """What waits for the supervisor, and all levels of his stages."""
    session = db.session()
    whole = joinedload(CodeSheet.stage).joinedload(Stage.event).joinedload(Event.competition)
    waiting = session.scalars(awaiting_witness(current_user).options(whole).order_by(CodeSheet.sealed_at)).all()
    stages = stages_in_scope(current_user, Permission.WITNESS).with_only_columns(Stage.id)
    statement = (
        select(CodeSheet)
        .join(CodeSheet.stage)
        .join(Stage.event)
        .join(Event.competition)
        .where(CodeSheet.stage_id.in_(stages), CodeSheet.coder_id != NO_CODER)
        .options(whole)
    )
    page = listed(
        session,
        statement,
        sorts={"event": Event.name, "level": CodeSheet.level, "sealed": CodeSheet.sealed_at},
        default="event",
        search=(Event.search_text, Competition.search_text),
        unique=CodeSheet.id,
    )
    changes = session.scalars(waiting_changes(current_user)).all()
    names = {
        entry_id: f"{entry.ticket or ''} {'、'.join(member.name for member in entry.members)}"
        for entry_id, entry in entries_by_id(session, [change.entry_id for change in changes]).items()
    }
    return render_template(
        "coding/witness_list.html", waiting=waiting, page=page, level_words=LEVEL_WORDS, changes=changes, names=names
    )


@bp.post("/desk/witness/presence/<change_id>/<any(agree, refuse):answer>")
@requires(Permission.WITNESS)
def presence_decide(change_id: str, answer: str) -> Any:
    """Another presence of somebody whose sheets are signed: agree, or do not."""
    with transaction() as session:
        change = change_in_scope(session, current_user, change_id)
        decide_presence(session, change, answer == "agree", by=current_user, at=clock.now())
    flash("到场情况已更改。" if answer == "agree" else "没有同意，到场情况不变。", "success")
    return redirect(url_for("coding.witness"), 303)


@bp.get("/desk/witness/<sheet_id>")
@requires(Permission.WITNESS)
def witness_sheet(sheet_id: str) -> str:
    """One level: the digest to be compared with the paper, and the act that is due."""
    return _page(sheet_id, RecordForm())


@bp.post("/desk/witness/<sheet_id>/seal")
@requires(Permission.WITNESS)
def witness_seal(sheet_id: str) -> Any:
    """Witness the sealing."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, Permission.WITNESS)
        services.witness_seal(session, sheet, by=current_user, at=clock.now())
    flash("已见证封存。", "success")
    return redirect(url_for("coding.witness_sheet", sheet_id=sheet_id), 303)


@bp.post("/desk/witness/<sheet_id>/refuse")
@requires(Permission.WITNESS)
def witness_refuse(sheet_id: str) -> Any:
    """Do not witness; the level goes back to its coder."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, Permission.WITNESS)
        services.refuse_seal(session, sheet, request.form.get("reason", ""), by=current_user, at=clock.now())
    flash("没有见证，这一级已退回加密裁判。", "warning")
    return redirect(url_for("coding.witness"), 303)


@bp.post("/desk/witness/<sheet_id>/late/<any(agree, refuse):answer>")
@requires(Permission.WITNESS)
def witness_late(sheet_id: str, answer: str) -> Any:
    """Agree to a code that the coder added after sealing, or not."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, Permission.WITNESS)
        decide_added(session, sheet, answer == "agree", by=current_user, at=clock.now())
    flash("补编的编号已生效。" if answer == "agree" else "没有同意，补编的编号已作废。", "success")
    return redirect(url_for("coding.witness_sheet", sheet_id=sheet_id), 303)


@bp.post("/desk/witness/<sheet_id>/decode")
@requires(Permission.WITNESS)
def witness_decode(sheet_id: str) -> Any:
    """Open the level together with its coder, with a record."""
    form = RecordForm()
    sheet_in_scope(db.session(), current_user, sheet_id, Permission.WITNESS)
    if not form.validate():
        return _page(sheet_id, form), 422
    try:
        with transaction() as session:
            sheet = sheet_in_scope(session, current_user, sheet_id, Permission.WITNESS)
            services.decode_witness(session, sheet, form.record.data, by=current_user, at=clock.now())
    except Invalid as fault:
        form.show(fault)
        return _page(sheet_id, form), 422
    flash("已解密这一级。", "success")
    return redirect(url_for("coding.witness_sheet", sheet_id=sheet_id), 303)


def _page(sheet_id: str, form: RecordForm) -> str:
    session = db.session()
    sheet = sheet_in_scope(session, current_user, sheet_id, Permission.WITNESS)
    ids = {sheet.coder_id, sheet.sealed_by, sheet.witness_id, sheet.decode_coder_id, sheet.decode_witness_id} - {None}
    names = {user.id: user.display_name for user in session.scalars(select(User).where(User.id.in_(ids)))}
    return render_template(
        "coding/witness_show.html",
        **words_of(sheet.stage),
        sheet=sheet,
        names=names,
        form=form,
        level_words=LEVEL_WORDS,
        level_names=LEVEL_NAMES,
        grouped=grouped,
        count=len(code_rows(session, sheet)),
        adding=open_act(session, ADDING, sheet.id),
        added_digest=mapping_digest(session, sheet),
    )
