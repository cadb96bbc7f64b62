"""替补: the form for who comes in the place of somebody."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.organisations.models import Employer
from competitions.organisations.queries import employers_below
from competitions.registration import services
from competitions.registration.blueprint import bp
from competitions.registration.consent import consent_shown
from competitions.registration.entry_views import explain, suggestions, tell_mended
from competitions.registration.forms import PersonForm
from competitions.registration.known_elsewhere import require_left
from competitions.registration.models import Entry
from competitions.registration.queries import entry_in_scope
from competitions.web.declared import requires


@bp.get("/desk/entries/<entry_id>/replacement")
@requires(Permission.SUBMIT_ENTRIES)
def replacement(entry_id: str) -> str:
    """The form for who comes in the place of somebody (替补)."""
    entry = entry_in_scope(db.session(), current_user, entry_id, Permission.SUBMIT_ENTRIES)
    return replacement_page(entry, PersonForm(formdata=None))


def replacement_page(entry: Entry, form: PersonForm, fault: str = "", *, as_organiser: bool = False) -> str:
    """The form; `as_organiser`: as the organiser sends it, to an address of his own."""
    session = db.session()
    version, text = consent_shown(session)
    form.version.data = version
    named = suggestions(session)
    if as_organiser:
        named["units"] = list(
            session.scalars(
                employers_below(entry.reporting_union)
                .with_only_columns(Employer.name)
                .order_by(Employer.name)
                .limit(300)
            )
        )
    return render_template(
        "registration/entry_replace.html",
        competition=entry.competition,
        form=form,
        fault=fault,
        entry=entry,
        text=text,
        reason=request.form.get("reason", ""),
        as_organiser=as_organiser,
        **named,
    )


@bp.post("/desk/entries/<entry_id>/replacement")
@requires(Permission.SUBMIT_ENTRIES)
def replace(entry_id: str) -> Any:
    """Replace; the new person is submitted at once."""
    form = PersonForm()
    try:
        if not form.validate():
            raise Invalid
        if not request.form.get("told"):
            raise Invalid(code="invalid.consent_missing")
        with transaction() as session:
            entry = entry_in_scope(session, current_user, entry_id, Permission.SUBMIT_ENTRIES, lock=True)
            require_left(session, by=current_user, at=clock.now())
            following = services.replace_entry(
                session,
                entry,
                form.typed(),
                request.form.get("reason", ""),
                consent_version=form.version.data or 0,
                by=current_user,
                at=clock.now(),
            )
            new_id = following.id
    except Invalid as fault:
        entry = entry_in_scope(db.session(), current_user, entry_id, Permission.SUBMIT_ENTRIES)
        return replacement_page(entry, form, explain(form, fault)), 422
    flash("已替换，新的报名已提交，由组委会审核。", "success")
    tell_mended(form)
    return redirect(url_for("registration.entry", entry_id=new_id), 303)
