"""Pages of competitions for signed-in people: list, home, editing, notice, attachments, extensions."""

from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import selectinload

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Denied, Invalid, NotFound, Stale
from competitions.base.kept_files import put
from competitions.base.ordering import ordered
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.organisations.models import Union
from competitions.organisations.queries import union_named
from competitions.programme.competitions import attachments, services
from competitions.programme.competitions.phases import current_label, phases
from competitions.programme.forms import DEADLINE_WORDS, AttachmentForm, CompetitionForm, ExtensionForm
from competitions.programme.models import BODY_ROLES, Competition, CompetitionLevel, Event, Stage
from competitions.programme.pages import bp, show_conflict, show_problems
from competitions.programme.queries import (
    attachment_of,
    competition_in_scope,
    competitions_in_scope,
    deadline_of,
    extensions_of,
    levels,
    programme_named,
    rulesets_in_force,
)
from competitions.tabular.writing import Table, TableColumn, content_disposition, write_workbook
from competitions.web.answers import file_download
from competitions.web.declared import files, requires
from competitions.web.fields import choices
from competitions.web.listing import listed, searched
from competitions.words.codes import WORDS

SORTS = {
    "name": Competition.name,
    "level": CompetitionLevel.position,
    "report_until": Competition.report_until,
    "held_from": Competition.held_from,
}
SEARCH = (Competition.search_text,)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _statement() -> Any:
    """Competitions in scope that match the filters of the address."""
    statement = competitions_in_scope(current_user, Permission.VIEW_COMPETITIONS).join(Competition.level)
    for name, column in (("state", Competition.state), ("level", Competition.level_code)):
        if request.args.get(name):
            statement = statement.where(column == request.args[name])
    return statement.options(
        selectinload(Competition.level), selectinload(Competition.events), selectinload(Competition.programme)
    )


@bp.get("/desk/competitions")
@requires(Permission.VIEW_COMPETITIONS)
def competitions() -> str:
    """All competitions in scope."""
    session = db.session()
    page = listed(session, _statement(), sorts=SORTS, default="-report_until", search=SEARCH, unique=Competition.id)
    return render_template("programme/competitions.html", page=page, levels=levels(session), may_create=may_create())


@bp.get("/desk/competitions/export.xlsx")
@requires(Permission.VIEW_COMPETITIONS)
def competitions_export() -> Response:
    """The list, with its filters, as a workbook."""
    statement = searched(_statement(), SEARCH, request.args.get("q", ""))
    sort = request.args.get("sort", "")
    rows = db.session().scalars(
        ordered(statement, SORTS, sort if sort.lstrip("-") in SORTS else "-report_until", Competition.id).limit(5000)
    )
    columns = [
        TableColumn("name", "赛事"),
        TableColumn("level", "级别"),
        TableColumn("state", "状态"),
        TableColumn("number", "文号"),
        TableColumn("report", "报名截止", "date"),
        TableColumn("events", "项目数", "integer"),
        TableColumn("place", "地点"),
    ]
    table = Table(
        "赛事一览表",
        columns,
        [
            {
                "name": row.name,
                "level": row.level.name,
                "state": WORDS["competition_state"][row.state],
                "number": row.document_number,
                "report": row.report_until,
                "events": len(row.events),
                "place": row.place,
            }
            for row in rows
        ],
    )
    return Response(
        write_workbook([table], title="赛事一览表", at=clock.now()),
        mimetype=XLSX,
        headers={"Content-Disposition": content_disposition("赛事一览表.xlsx")},
    )


def may_create() -> bool:
    """Whoever drafts for the whole house; an organiser of one competition does not make others."""
    return bool(current_user.scopes(Permission.CREATE_COMPETITION).system)


@bp.get("/desk/competitions/<competition_id>")
@requires(Permission.VIEW_COMPETITIONS)
def competition(competition_id: str) -> str:
    """A competition's home: its phase line, what to do next, its events, its notice."""
    return _home(competition_id)


def _home(competition_id: str, upload_form: AttachmentForm | None = None) -> str:
    session, at = db.session(), clock.now()
    found = session.scalar(
        competitions_in_scope(current_user, Permission.VIEW_COMPETITIONS)
        .where(Competition.id == competition_id)
        .options(
            selectinload(Competition.events).selectinload(Event.stages).selectinload(Stage.modules),
            selectinload(Competition.events).selectinload(Event.divisions),
            selectinload(Competition.events).selectinload(Event.occupation),
            selectinload(Competition.bodies),
            selectinload(Competition.attachments),
        )
    )
    if found is None:
        raise NotFound
    line = phases(session, found, at)
    own = session.get(Union, current_user.union_id) if current_user.union_id else None
    stages = [stage.id for event in found.events for stage in event.stages]
    return render_template(
        "programme/competition.html",
        competition=found,
        phases=line,
        phase=current_label(line),
        until={name: deadline_of(session, found, name, own) for name, _ in DEADLINE_WORDS},
        now=at,
        rulesets=rulesets_in_force(session, stages),
        missing=services.missing_for_notice(found, at),
        may_edit=found.state != "archived" and _may(found.id, Permission.EDIT_COMPETITION),
        may_archive=found.state != "draft" and _may(found.id, Permission.ARCHIVE_COMPETITION),
        may_county=_may(found.id, Permission.VIEW_OVERVIEW),
        may_extend=_may(found.id, Permission.EXTEND_DEADLINE),
        may_enter=current_user.may(Permission.VIEW_ENTRIES),
        upload_form=upload_form or AttachmentForm(),
    )


def _may(competition_id: str, permission: Permission) -> bool:
    scopes = current_user.scopes(permission)
    return scopes.system or competition_id in scopes.competitions


@bp.route("/desk/competitions/new", methods=["GET", "POST"])
@requires(Permission.CREATE_COMPETITION)
def competition_new() -> Any:
    """Make a competition (a draft). Raises Denied for an organiser of single competitions."""
    if not may_create():
        raise Denied
    form = _competition_form(None)
    if request.method == "GET":
        return render_template("programme/competition_edit.html", form=form, competition=None)
    try:
        if not form.validate():
            raise Invalid
        with transaction() as session:
            made = services.create_competition(session, *_typed(form), by=current_user, at=clock.now())
            address, word = url_for("programme.competition", competition_id=made.id), made.event_word
    except Invalid as fault:
        show_problems(form, fault)
        return render_template("programme/competition_edit.html", form=form, competition=None), 422
    flash(f"赛事已建好，现在是草稿。请接着添加{word}，再发布通知。", "success")
    return redirect(address, 303)


@bp.route("/desk/competitions/<competition_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_COMPETITION)
def competition_edit(competition_id: str) -> Any:
    """Change a competition; the second of two editors sees both versions (409)."""
    found = competition_in_scope(db.session(), current_user, competition_id, Permission.EDIT_COMPETITION)
    form, conflict, status = _competition_form(found), [], 200
    if request.method == "POST":
        try:
            if not form.validate():
                raise Invalid
            with transaction() as session:
                found = competition_in_scope(session, current_user, competition_id, Permission.EDIT_COMPETITION)
                services.change_competition(
                    session, found, *_typed(form), form.version.data, by=current_user, at=clock.now()
                )
            flash("已保存。", "success")
            return redirect(url_for("programme.competition", competition_id=competition_id), 303)
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
        except Stale as fault:
            conflict, status = show_conflict(form, fault), 409
        found = competition_in_scope(db.session(), current_user, competition_id, Permission.EDIT_COMPETITION)
    return render_template("programme/competition_edit.html", form=form, competition=found, conflict=conflict), status


def _competition_form(found: Competition | None) -> CompetitionForm:
    """The form, filled from the competition; published cut-offs are not in it (they are extended, with a reason)."""
    data = {} if found is None else {**services.facts_of(found), **services.bodies_of(found)}
    form = CompetitionForm(data=data)
    session = db.session()
    form.programme_id.choices = choices(programme_named(session))
    form.level_code.choices = choices((level.code, level.name) for level in levels(session))
    if found is not None and found.state != "draft":
        for name in services.CUT_OFFS:
            del form[name]
    return form


def _typed(form: CompetitionForm) -> tuple[dict[str, Any], dict[str, list[str]]]:
    values = {name: form[name].data for name in services.FACTS if name in form}
    return values, {role: form[role].data for role in BODY_ROLES}


@bp.post("/desk/competitions/<competition_id>/publish")
@requires(Permission.EDIT_COMPETITION)
def notice_publish(competition_id: str) -> Any:
    """Publish the notice."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, Permission.EDIT_COMPETITION)
        services.publish_notice(session, found, by=current_user, at=clock.now())
    flash("通知已发布，各级工会可以报名了。", "success")
    return redirect(url_for("programme.competition", competition_id=competition_id), 303)


@bp.post("/desk/competitions/<competition_id>/attachments")
@requires(Permission.EDIT_COMPETITION, largest=files(attachments.LARGEST))
def attachment_add(competition_id: str) -> Any:
    """Add a file to the notice; it is read, told apart and put down before the transaction."""
    competition_in_scope(db.session(), current_user, competition_id, Permission.EDIT_COMPETITION)
    form = AttachmentForm()
    sent = request.files.get("file")
    try:
        checked = attachments.checked(
            sent.filename or "" if sent else "", sent.stream.read(attachments.LARGEST + 1) if sent else b""
        )
    except Invalid as fault:
        show_problems(form, fault)
        return _home(competition_id, form), 422
    file = put(checked, personal=False)
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, Permission.EDIT_COMPETITION)
        attachments.add_attachment(session, found, file, by=current_user, at=clock.now())
    flash("附件已上传。", "success")
    return redirect(url_for("programme.competition", competition_id=competition_id, _anchor="attachments"), 303)


@bp.post("/desk/competitions/<competition_id>/attachments/<attachment_id>/remove")
@requires(Permission.EDIT_COMPETITION)
def attachment_remove(competition_id: str, attachment_id: str) -> Any:
    """Take a file off the notice."""
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, Permission.EDIT_COMPETITION)
        attachments.remove_attachment(
            session, attachment_of(session, found, attachment_id), by=current_user, at=clock.now()
        )
    flash("附件已移除。", "success")
    return redirect(url_for("programme.competition", competition_id=competition_id, _anchor="attachments"), 303)


@bp.get("/desk/competitions/<competition_id>/attachments/<attachment_id>")
@requires(Permission.VIEW_COMPETITIONS)
def attachment(competition_id: str, attachment_id: str) -> Response:
    """A file of the notice, also of a draft."""
    session = db.session()
    found = competition_in_scope(session, current_user, competition_id, Permission.VIEW_COMPETITIONS)
    kept = attachment_of(session, found, attachment_id)
    return file_download(kept.file.content(kept.sha256), kept.filename, kept.file.media_type)


@bp.route("/desk/competitions/<competition_id>/extensions", methods=["GET", "POST"])
@requires(Permission.EXTEND_DEADLINE)
def extensions(competition_id: str) -> Any:
    """Granted extensions, and the form for another."""
    session = db.session()
    found = competition_in_scope(session, current_user, competition_id, Permission.EXTEND_DEADLINE)
    form, status = ExtensionForm(), 200
    if request.method == "POST":
        try:
            if not form.validate():
                raise Invalid
            _extend(competition_id, form, clock.now())
            flash("已延长，立即生效。", "success")
            return redirect(url_for("programme.extensions", competition_id=competition_id), 303)
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
        found = competition_in_scope(session, current_user, competition_id, Permission.EXTEND_DEADLINE)
    return render_template(
        "programme/extensions.html",
        competition=found,
        form=form,
        extensions=extensions_of(session, found),
        words=dict(DEADLINE_WORDS),
    ), status


def _extend(competition_id: str, form: Any, at: datetime) -> None:
    with transaction() as session:
        found = competition_in_scope(session, current_user, competition_id, Permission.EXTEND_DEADLINE)
        union = union_named(session, current_user, form.union.data or "", Permission.VIEW_ORGANISATIONS)
        if union is None and form.union.data:
            raise Invalid([Problem("invalid.programme.union_unknown", "union")])
        services.extend_deadline(
            session, found, form.deadline.data, union, form.until.data, form.reason.data, by=current_user, at=at
        )
