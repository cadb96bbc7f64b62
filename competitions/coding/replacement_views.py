"""替补 as the organiser does it: the form of registration, at an address of his own."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Permission
from competitions.coding import services
from competitions.coding.pages import bp
from competitions.coding.replacing import require_before_hall
from competitions.registration.entry_views import explain, tell_mended
from competitions.registration.forms import PersonForm
from competitions.registration.known_elsewhere import require_left
from competitions.registration.queries import entry_in_scope
from competitions.registration.replacement_views import replacement_page
from competitions.web.declared import requires
from competitions.words.sentences import sentence

DECIDE = Permission.DECIDE_ENTRIES


@bp.get("/desk/entries/<entry_id>/organiser-replacement")
@requires(DECIDE)
def organiser_replacement(entry_id: str) -> str:
    """The form; what forbids it is said before anything is typed."""
    session = db.session()
    entry, fault = entry_in_scope(session, current_user, entry_id, DECIDE), ""
    try:
        require_before_hall(session, entry)
    except StateForbids as refusal:
        fault = sentence(refusal.code, **refusal.params)
    return replacement_page(entry, PersonForm(formdata=None), fault, as_organiser=True)


@bp.post("/desk/entries/<entry_id>/organiser-replacement")
@requires(DECIDE)
def organiser_replace(entry_id: str) -> Any:
    """Replace; the new entry waits for another organiser."""
    form = PersonForm()
    try:
        if not form.validate():
            raise Invalid
        if not request.form.get("told"):
            raise Invalid(code="invalid.consent_missing")
        with transaction() as session:
            entry = entry_in_scope(session, current_user, entry_id, DECIDE, lock=True)
            require_left(session, by=current_user, at=clock.now())
            new_id = services.replace_in_hall(
                session,
                entry,
                form.typed(),
                request.form.get("reason", ""),
                consent_version=form.version.data or 0,
                by=current_user,
                at=clock.now(),
            ).id
    except Invalid as fault:
        entry = entry_in_scope(db.session(), current_user, entry_id, DECIDE)
        return replacement_page(entry, form, explain(form, fault), as_organiser=True), 422
    except StateForbids as fault:
        entry = entry_in_scope(db.session(), current_user, entry_id, DECIDE)
        return replacement_page(entry, form, sentence(fault.code, **fault.params), as_organiser=True), 409
    flash("已替换，新的报名须由组委会另一人审核通过。", "success")
    tell_mended(form)
    return redirect(url_for("registration.entry", entry_id=new_id), 303)
