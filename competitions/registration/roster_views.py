"""A roster on the page: upload, how its columns were matched, preview, corrections, confirmation.

The file is read in the child process, between transactions: first read, then write.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.limits import limit
from competitions.accounts.settings import IMPORTS
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.organisations.models import Union
from competitions.programme.models import Competition
from competitions.programme.queries import competition_in_scope
from competitions.registration import roster_files
from competitions.registration.blueprint import bp
from competitions.registration.column_matches import remembered_mapping
from competitions.registration.document_views import workbook
from competitions.registration.entering import require_entering
from competitions.registration.entry_views import prepared, reporting_union, review_line, suggestions
from competitions.registration.forms import RosterForm
from competitions.registration.ground import index_of
from competitions.registration.known_elsewhere import count_told, is_foreign, require_left
from competitions.registration.preview import shown_sheets, wrong_values
from competitions.registration.queries import events_of, upload_of
from competitions.registration.roster_applying import confirm_roster, require_sound
from competitions.registration.roster_files import RosterFile
from competitions.registration.roster_plan import Plan, plan_roster
from competitions.registration.roster_prepared import Prepared, prepare_roster
from competitions.tabular.annotating import Fault
from competitions.tabular.limits import FILE_BYTES
from competitions.tabular.person_fields import roster_columns
from competitions.tabular.problems import Unreadable
from competitions.tabular.roster import Roster
from competitions.tabular.writing import CannotAnnotate
from competitions.uploads.files import SentFile
from competitions.uploads.files import annotated as marked
from competitions.uploads.queries import open_upload
from competitions.web.declared import files, requires
from competitions.web.heavy import heavy
from competitions.web.listing import Page
from competitions.words.sentences import sentence, worded

EDIT = Permission.EDIT_ENTRIES
ROWS_SHOWN = 200
STATUSES = ("new", "changed", "same", "wrong")


@bp.get("/desk/competitions/<competition_id>/roster")
@requires(EDIT)
def roster(competition_id: str) -> str:
    """The upload page."""
    competition = competition_in_scope(db.session(), current_user, competition_id, EDIT)
    return _upload_page(competition, RosterForm(formdata=None))


def _upload_page(competition: Competition, form: RosterForm, faults: Any = ()) -> str:
    return render_template(
        "registration/roster_upload.html",
        competition=competition,
        form=prepared(form, competition),
        faults=faults,
        **suggestions(db.session()),
    )


@bp.post("/desk/competitions/<competition_id>/roster")
@requires(EDIT, largest=files(FILE_BYTES))
@heavy
def upload(competition_id: str) -> Any:
    """Read the file and keep it; a file that cannot be read is refused with advice and nothing is kept."""
    form = RosterForm()
    try:
        file = request.files.get("roster")
        if file is None or not file.filename or not form.validate():
            raise Invalid([] if form.errors else [Problem("invalid.roster_missing", "roster")])
        with transaction(apart=True) as session:
            limit(session, f"import:{current_user.id}", clock.now(), timedelta(hours=1), IMPORTS.value(session))
        line_id, names, union = _target(db.session(), competition_id, form)
        kept = RosterFile(SentFile.read(file.read(), file.filename), line_id=line_id)
        read = _first_reading(kept, names, union)
        if not any(any(sheet.sheet.rows) for sheet in read.sheets):  # nothing that could be matched by hand either
            return _upload_page(_competition(competition_id), form, [each.message for each in read.problems]), 422
        prepared_upload = roster_files.prepare(kept, competition_id, union)
        with transaction() as session:
            competition = _competition(competition_id)
            roster_files.keep(session, prepared_upload, competition.id, union, by=current_user, at=clock.now())
    except Unreadable as unreadable:
        return _upload_page(_competition(competition_id), form, [unreadable.problem.message]), 422
    except Invalid as fault:
        faults = [worded(each) for each in fault.problems]
        return _upload_page(_competition(competition_id), form, faults), 422
    return redirect(url_for("registration.preview", upload_id=prepared_upload.id), 303)


def _competition(competition_id: str) -> Competition:
    return competition_in_scope(db.session(), current_user, competition_id, EDIT)


def _target(session: Session, competition_id: str, form: RosterForm) -> tuple[str | None, list[str], str]:
    """Review line, names of the events, id of the reporting union; ends the read transaction."""
    competition = competition_in_scope(session, current_user, competition_id, EDIT)
    union = reporting_union(session, form.union.data)
    require_entering(session, competition, union, clock.now())
    line = review_line(session, union, form.review_union_id.data)
    names = [event.name for event in events_of(session, competition.id)]
    found = (line.id if line else None, names, union.id)
    session.rollback()
    return found


def _first_reading(kept: RosterFile, names: list[str], union_id: str) -> Roster:
    """The roster, with what this union once matched by hand."""
    read = kept.read(names)
    session = db.session()
    kept.mapping = remembered_mapping(session, union_id, read)
    session.rollback()
    return kept.read(names) if kept.mapping else read


@dataclass(slots=True)
class ReadUpload:
    """A kept roster, read outside any transaction: ids and cells, nothing that belongs to a session."""

    id: str
    version: int
    competition_id: str
    union_id: str
    events: list[str]
    kept: RosterFile
    roster: Roster


def read_upload(upload_id: str) -> ReadUpload:
    """The caller's kept roster, read; ends the read transaction. Raises NotFound."""
    session, at = db.session(), clock.now()
    found = upload_of(session, current_user, upload_id)
    competition_id, union_id = found.competition_id, found.union_id
    place = roster_files.place_of(competition_id, union_id)
    opened = open_upload(session, upload_id, place, by=current_user, at=at)
    events = [event.name for event in events_of(session, competition_id)]
    session.rollback()
    kept = RosterFile.of(opened)
    return ReadUpload(upload_id, opened.version, competition_id, union_id, events, kept, kept.read(events))


@dataclass(slots=True)
class Planned:
    """A kept roster with what would become of it."""

    read: ReadUpload
    competition: Competition
    union: Union
    plan: Plan


def planned(read: ReadUpload) -> Planned:
    """The plan as the preview shows it. Raises TooMany when it would tell of too many people of other units."""
    session = db.session()
    require_left(session, by=current_user, at=clock.now())
    competition, union = _competition(read.competition_id), session.get_one(Union, read.union_id)
    line = session.get(Union, read.kept.line_id) if read.kept.line_id else None
    plan = plan_roster(session, read.roster, competition, union, current_user, line=line)
    _count_told(plan)
    return Planned(read, competition, union, plan)


def _count_told(plan: Plan) -> None:
    """Count whom the plan tells of; beside the session that it was read with, whose objects the page still needs."""
    told = {
        index_of(row.person["id_number"])
        for row in plan.rows
        if row.person and any(is_foreign(each.code, each.params) for each in row.problems)
    }
    if told:
        with Session(db.engine) as session, transaction(session, apart=True):
            refused = count_told(session, told, by=current_user, at=clock.now())
        if refused:
            raise refused


@bp.get("/desk/rosters/<upload_id>")
@requires(EDIT)
@heavy
def preview(upload_id: str) -> str:
    """The preview: every row with what would become of it."""
    return preview_page(planned(read_upload(upload_id)))


def preview_page(found: Planned, fault: str = "") -> str:
    """The preview, or for htmx the part of it that is swapped."""
    status, roster = request.args.get("show", ""), found.read.roster
    page = _asked_page(sum(1 for row in found.plan.rows if status not in STATUSES or row.status == status))
    sheets = shown_sheets(
        roster,
        found.plan,
        status if status in STATUSES else "",
        (page.number - 1) * ROWS_SHOWN,
        page.number * ROWS_SHOWN,
    )
    values = {"events": [event.name for event in found.plan.ground.events.values()], **suggestions(db.session())}
    template = f"registration/{'_' if request.headers.get('HX-Request') else ''}roster_preview.html"
    return render_template(
        template,
        found=found,
        plan=found.plan,
        counts=found.plan.counts,
        page=page,
        sheets=[sheet for sheet in sheets if sheet.rows],
        show=status,
        fault=fault,
        wrong=wrong_values(roster, found.plan),
        values=values,
        digest=found.plan.digest,
        columns=[column for column in roster_columns() if not column.derived],
        all_sheets=roster.sheets,
        matched=shown_sheets(roster, found.plan, "", 0, 0),
    )


def _asked_page(total: int) -> Page:
    """The asked-for page over the rows of all sheets together."""
    pages = max(1, -(-total // ROWS_SHOWN))
    number = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    path = request.path.rsplit("/", 1)[0] if request.method == "POST" else request.path
    return Page([], total, number, pages, ROWS_SHOWN, "", request.args.to_dict(), path)


@bp.post("/desk/rosters/<upload_id>/confirm")
@requires(EDIT)
@heavy
def confirm(upload_id: str) -> Any:
    """Write: one transaction, all or nothing; or only the right rows, when the user chooses so."""
    only_sound = request.form.get("only_sound") == "1"
    read = read_upload(upload_id)
    try:
        counts, left = _confirmed(read, only_sound)
    except Refusal as fault:
        if fault.status != 409:
            raise
        code = "state.roster_changed" if fault.code == "stale_revision" else fault.code
        return preview_page(planned(read_upload(upload_id)), sentence(code, **fault.params)), 409
    flash(_sentence_of_counts(counts, left), "success" if not left else "warning")
    if left:
        return redirect(url_for("registration.preview", upload_id=upload_id, show="wrong"), 303)
    return redirect(
        url_for("registration.competition_entries", competition_id=read.competition_id, state="to_submit"), 303
    )


def _confirmed(read: ReadUpload, only_sound: bool) -> tuple[dict[str, int], int]:
    """Plan it and make everything ready; then, in the transaction, see that it is still so, and write. The counts, and
    how many wrong rows are left. Raises Refusal.
    """
    for last in (False, False, True):
        prepared = _prepared(read, only_sound)
        try:
            return _written(read, prepared)
        except Stale:
            if last:
                raise
    raise AssertionError("unreachable")


def _prepared(read: ReadUpload, only_sound: bool) -> Prepared:
    """Everything to be written; what was not shown is refused as Stale."""
    plan = planned(read).plan
    if plan.digest != request.form.get("digest", ""):
        raise StateForbids("roster_changed")
    require_sound(plan, only_sound)
    return prepare_roster(db.session(), plan, by=current_user, at=clock.now(), only_sound=only_sound)


def _written(read: ReadUpload, prepared: Prepared) -> tuple[dict[str, int], int]:
    with transaction() as session:
        at = clock.now()
        kept = upload_of(session, current_user, read.id)
        roster_files.hold(session, kept, read.version, by=current_user, at=at)
        competition, union = _competition(read.competition_id), session.get_one(Union, read.union_id)
        counts = confirm_roster(session, read.roster, competition, union, prepared, by=current_user, at=at)
        left = counts["wrong"] if prepared.only_sound else 0
        if not left:
            roster_files.close(session, kept, "confirmed", counts, by=current_user, at=at)
    return counts, left


def _sentence_of_counts(counts: dict[str, int], left: int) -> str:
    if not counts["new"] and not counts["changed"]:
        done = "名单与已有的报名完全相同，没有任何改动。"
    else:
        done = (
            f"已导入：新增 {counts['new']} 人，变更 {counts['changed']} 人，{counts['same']} 人无变化。请核对后提交。"
        )
    return f"{done}还有 {left} 行有误，修改后可继续导入。" if left else done


@bp.post("/desk/rosters/<upload_id>/discard")
@requires(EDIT)
def discard(upload_id: str) -> Any:
    """Throw the upload away; nothing was saved."""
    with transaction() as session:
        kept = upload_of(session, current_user, upload_id)
        competition_id = kept.competition_id
        roster_files.close(session, kept, "discarded", {}, by=current_user, at=clock.now())
    flash("已放弃这次上传，没有保存任何内容。", "success")
    return redirect(url_for("registration.competition_entries", competition_id=competition_id), 303)


@bp.get("/desk/rosters/<upload_id>/annotated.xlsx")
@requires(EDIT)
@heavy
def annotated(upload_id: str) -> Response | Any:
    """The user's own workbook with its faults marked (an .xlsx copy of other formats)."""
    found = planned(read_upload(upload_id))
    read, plan, kept = found.read.roster, found.plan, found.read.kept
    if kept.edits:
        read = kept.read_original(found.read.events)
        plan = plan_roster(db.session(), read, found.competition, found.union, current_user)
        _count_told(plan)
    faults: list[Fault] = [
        (each.sheet or "", each.cell or str(row.number), each.message) for row in plan.rows for each in row.problems
    ]
    faults += [(each.sheet or "", each.cell, each.message) for each in plan.problems if each.sheet]
    db.session().rollback()
    try:
        data = marked(kept.file, read.sheets, faults)
    except CannotAnnotate as fault:
        flash(str(fault), "danger")
        return redirect(url_for("registration.preview", upload_id=upload_id, show="wrong"), 303)
    return workbook(data, f"{PurePosixPath(kept.file.filename).stem}（错误标注）.xlsx")
