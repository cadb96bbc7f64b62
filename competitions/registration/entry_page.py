"""The page of an entry: its members (masked, in full for a purpose), states, history and what may be done."""

from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask_login import current_user

from competitions.accounts.limits import limit
from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.registration.acts import acts_on
from competitions.registration.blueprint import bp
from competitions.registration.corrections.shown import corrections_on
from competitions.registration.forms import PURPOSES
from competitions.registration.member_values import values_of
from competitions.registration.models import Entry
from competitions.registration.queries import (
    entries_in_scope,
    entry_in_scope,
    history_of,
    member_in_entry,
    substitute_of,
)
from competitions.registration.settings import FULL_VIEWS
from competitions.tabular.person_fields import fields_in, fields_kept
from competitions.web.declared import requires
from competitions.words.sentences import sentence

HOUR = timedelta(hours=1)
OFFERED = (
    Permission.EDIT_ENTRIES,
    Permission.SUBMIT_ENTRIES,
    Permission.REVIEW_ENTRIES,
    Permission.DECIDE_ENTRIES,
    Permission.CORRECT_ENTRIES,
    Permission.APPROVE_ENTRY_CORRECTION,
    Permission.VIEW_PERSONAL_DATA,
)


@bp.get("/desk/entries/<entry_id>")
@requires(Permission.VIEW_ENTRIES)
def entry(entry_id: str) -> str:
    """An entry with its members (masked), states and history."""
    return entry_page(entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_ENTRIES))


def entry_page(found: Entry, *, full_of: str | None = None, fault: str = "") -> str:
    """The entry's page; one member may be shown in full (the caller has logged it)."""
    session = db.session()
    members = [(member, values_of(member, full=member.id == full_of)) for member in found.members]
    held = {permission for permission in OFFERED if _holds(found, permission)}
    return render_template(
        "registration/entry_show.html",
        entry=found,
        members=members,
        shown=fields_in("page"),
        history=history_of(session, found.id),
        acts=acts_on(found, held, current_user),
        corrections=corrections_on(session, found, held, current_user, clock.now()),
        may_see_in_full=Permission.VIEW_PERSONAL_DATA in held,
        full_of=full_of,
        fault=fault,
        purposes=PURPOSES,
        substitute=substitute_of(session, found.id) if found.state == "replaced" else None,
    )


def _holds(found: Entry, permission: Permission) -> bool:
    if not current_user.may(permission):
        return False
    scope = entries_in_scope(db.session(), current_user, permission).with_only_columns(Entry.id)
    return db.session().scalar(scope.where(Entry.id == found.id)) is not None


@bp.post("/desk/entries/<entry_id>/members/<member_id>/full")
@requires(Permission.VIEW_PERSONAL_DATA)
def full(entry_id: str, member_id: str) -> Any:
    """ID number and phone in full, for a purpose; one audit record, 60 an hour."""
    entry = entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_PERSONAL_DATA)
    member_in_entry(entry, member_id)
    purpose = request.form.get("purpose", "")
    if purpose not in PURPOSES:
        return entry_page(entry, fault=sentence("invalid.purpose_missing")), 422
    with transaction(apart=True) as session:
        at = clock.now()
        limit(session, f"full_view:{current_user.id}", at, HOUR, FULL_VIEWS.value(session))
        record(
            session,
            "personal_data.view",
            "entry_member",
            member_id,
            by=current_user,
            at=at,
            purpose=purpose,
            fields=[each.name for each in fields_kept("sealed")],
        )
    return entry_page(
        entry_in_scope(db.session(), current_user, entry_id, Permission.VIEW_PERSONAL_DATA), full_of=member_id
    )


def known_purpose() -> str:
    """The purpose chosen. Raises Invalid for none."""
    purpose = request.form.get("purpose", "")
    if purpose not in PURPOSES:
        raise Invalid(code="invalid.purpose_missing")
    return purpose
