"""Downloads and pages to print: template, list, 报名汇总表, 报名表, 报送名单. In full only for a purpose, which is logged."""

import json
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request
from flask_login import current_user

from competitions.accounts.exports import count_export
from competitions.accounts.limits import limit
from competitions.accounts.settings import EXPORTS
from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.permissions import Permission
from competitions.jobs.handing_out import hand_out
from competitions.programme.models import Competition
from competitions.programme.queries import competition_in_scope
from competitions.registration import documents, entry_lists
from competitions.registration.blueprint import bp
from competitions.registration.entry_lists import MOST_ON_PAPER, asked_filters, entries_as_asked
from competitions.registration.entry_page import known_purpose
from competitions.registration.entry_papers import entry_forms, entry_workbook
from competitions.registration.models import Entry, ReportingList
from competitions.registration.queries import (
    entry_in_scope,
    events_of,
    list_in_scope,
    lists_in_scope,
)
from competitions.registration.roster_template import roster_template
from competitions.tabular.person_fields import fields_in
from competitions.tabular.writing import PHOTO_COLUMNS, content_disposition, placed
from competitions.web.declared import requires
from competitions.web.heavy import heavy

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUMMARY_CLASSES = {
    "counted": "number",
    "name": "nowrap",
    "id_number": "nowrap",
    "phone": "nowrap",
    "unit": "wide",
    "long_text": "wide",
}
"""How a column of 报名汇总表 is set, by what its field holds."""


def workbook(data: bytes, filename: str) -> Response:
    """A workbook to save."""
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": content_disposition(filename)})


@bp.get("/desk/competitions/<competition_id>/roster-template.xlsx")
@requires(Permission.VIEW_ENTRIES)
def template(competition_id: str) -> Response:
    """The table to fill in."""
    session = db.session()
    competition = competition_in_scope(session, current_user, competition_id, Permission.VIEW_ENTRIES)
    return workbook(
        roster_template(
            competition, [event for event in events_of(session, competition.id) if event.called_off_at is None]
        ),
        f"{competition.name}报名汇总表（模板）.xlsx",
    )


@bp.get("/desk/competitions/<competition_id>/entries.xlsx")
@requires(Permission.VIEW_ENTRIES)
@heavy
def entries_workbook(competition_id: str) -> Any:
    """The list with its filters, without personal numbers; counted and recorded, because it has names."""
    competition = competition_in_scope(db.session(), current_user, competition_id, Permission.VIEW_ENTRIES)
    title, asked = f"{competition.name}报名名单", asked_filters(competition_id, request.args)
    return hand_out(entry_lists.ENTRIES, asked, title, lambda: count_export("entries"))


@bp.get("/desk/competitions/<competition_id>/summary")
@requires(Permission.VIEW_ENTRIES)
def summary(competition_id: str) -> str:
    """报名汇总表 to print, numbers masked."""
    competition = competition_in_scope(db.session(), current_user, competition_id, Permission.VIEW_ENTRIES)
    found = entries_as_asked(db.session(), current_user, competition, request.args, Permission.VIEW_ENTRIES)
    rows = documents.summary_rows(found[:MOST_ON_PAPER], full=False)
    return render_template(
        "registration/entries_summary.html",
        competition=competition,
        columns=summary_headings(competition),
        rows=rows,
        query=request.query_string.decode(),
    )


def summary_headings(competition: Competition) -> list[dict[str, str]]:
    """The columns of 报名汇总表 for the page's table."""
    kinds = [SUMMARY_CLASSES.get(each.kind, "") for each in fields_in("summary")]
    columns = documents.summary_columns(competition)
    return [{"field": each.field, "label": each.label, "kind": kind} for each, kind in zip(columns, kinds, strict=True)]


@bp.post("/desk/competitions/<competition_id>/summary.xlsx")
@requires(Permission.VIEW_PERSONAL_DATA)
def summary_workbook(competition_id: str) -> Any:
    """报名汇总表 in full, for a purpose."""
    purpose = known_purpose()
    competition = competition_in_scope(db.session(), current_user, competition_id, Permission.VIEW_ENTRIES)
    title, asked = f"{competition.name}报名汇总表", asked_filters(competition_id, request.args)
    entries = entry_lists.SUMMARY.rows(db.session(), current_user, asked)
    reference = log_export("competition", competition_id, purpose, entries)
    return hand_out(entry_lists.SUMMARY, {**asked, "reference": reference}, title)


def log_export(kind: str, object_id: str, purpose: str, entries: int) -> str:
    """Count and record an export of personal data; the short reference that is printed at the foot of each page."""
    reference = new_id()[:8]
    with transaction(apart=True) as session:
        at = clock.now()
        limit(session, f"export:{current_user.id}", at, timedelta(hours=1), EXPORTS.value(session))
        record(
            session,
            "personal_data.export",
            kind,
            object_id,
            by=current_user,
            at=at,
            purpose=purpose,
            entries=entries,
            reference=reference,
        )
    return reference


@bp.get("/desk/entries/<entry_id>/form")
@requires(Permission.VIEW_ENTRIES)
def entry_form(entry_id: str) -> str:
    """报名表 to look at and print, numbers masked."""
    entry = entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_ENTRIES)
    return form_page(entry, full=False)


def form_page(entry: Entry, *, full: bool) -> str:
    """报名表 on the page: the same forms as in the workbook, on the same grid."""
    forms = [(form, placed(form)) for form in entry_forms(entry, full=full)]
    return render_template(
        "registration/entry_form.html", entry=entry, forms=forms, full=full, photo_columns=PHOTO_COLUMNS
    )


@bp.post("/desk/entries/<entry_id>/form")
@requires(Permission.VIEW_PERSONAL_DATA)
def entry_form_full(entry_id: str) -> str:
    """报名表 in full to print and stamp."""
    purpose = known_purpose()
    entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_PERSONAL_DATA)
    log_export("entry", entry_id, purpose, 1)
    entry = entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_PERSONAL_DATA)
    return form_page(entry, full=True)


@bp.post("/desk/entries/<entry_id>/form.xlsx")
@requires(Permission.VIEW_PERSONAL_DATA)
def entry_form_workbook(entry_id: str) -> Response:
    """报名表 in full as .xlsx."""
    purpose = known_purpose()
    entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_PERSONAL_DATA)
    log_export("entry", entry_id, purpose, 1)
    entry = entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_PERSONAL_DATA)
    name = entry.members[0].name if entry.members else ""
    return workbook(entry_workbook(entry, full=True), f"报名表（{name}）.xlsx")


@bp.get("/desk/competitions/<competition_id>/lists")
@requires(Permission.VIEW_ENTRIES)
def reporting_lists(competition_id: str) -> str:
    """The closed lists of a competition."""
    session = db.session()
    competition = competition_in_scope(session, current_user, competition_id, Permission.VIEW_ENTRIES)
    found = session.scalars(
        lists_in_scope(session, current_user)
        .where(ReportingList.competition_id == competition.id)
        .order_by(ReportingList.closed_at.desc(), ReportingList.id)
    ).all()
    lists = [(each, json.loads(each.document)) for each in found]
    return render_template("registration/lists_list.html", competition=competition, lists=lists)


@bp.get("/desk/lists/<list_id>")
@requires(Permission.VIEW_ENTRIES)
def reporting_list(list_id: str) -> str:
    """A closed list to print: the frozen document."""
    found = list_in_scope(db.session(), current_user, list_id)
    return render_template("registration/list_show.html", list=found, document=json.loads(found.document))


@bp.get("/desk/lists/<list_id>.xlsx")
@requires(Permission.VIEW_ENTRIES)
def reporting_workbook(list_id: str) -> Any:
    """A closed list as .xlsx; counted and recorded, because it has names."""
    document = json.loads(list_in_scope(db.session(), current_user, list_id).document)
    title = entry_lists.closed_list_title(document)
    return hand_out(entry_lists.CLOSED_LIST, {"list": list_id}, title, lambda: count_export("entries"))
