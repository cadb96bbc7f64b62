"""A button whose act has happened already says so and leads on, in place of a refusal: after a lost answer, from a second
tab, from a page that was open longer than its form's key is kept. Knows the request, no feature.

Asked only where the act was refused (404, 409, 422), so the state is the act's own guard. It is known in three ways: the
refusal says just that; the newest record of the object is this very act; the same person sent the same form before, and
nothing that it changed was changed since. What another person did is told only of an object that the caller may see.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, flash, g, redirect, request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import FormKey
from competitions.accounts.pressed_again import form_keys
from competitions.audit.models import AuditEvent
from competitions.base import clock, errors
from competitions.base.clock import beijing_text, microseconds
from competitions.base.database import db
from competitions.web.addresses import address_of
from competitions.web.declared import wants_json
from competitions.web.done import DONE, Done
from competitions.web.error_frames import DESK, way_back

REFUSED = (404, 409, 422)
OF_THE_FORM = ("state.form_used", "state.form_of_another")
"""Refusals that come before the act has looked at its object."""
READING = "personal_data."
"""Records of what was only read begin so."""
AN_ACT = timedelta(seconds=2)
"""How far from the key of its form the records of an act are looked for."""
LOOKED_AT = 20_000
"""The newest records, among which those of an earlier act are looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """An act that has happened: when, if it was the caller; where its answer was."""

    at: datetime | None = None
    place: str | None = None


def install(app: Flask) -> None:
    """Look at what is answered to the buttons of the desk."""

    @app.before_request
    def begin() -> None:
        errors.latest.set(None)

    app.after_request(said_instead)


def said_instead(response: Response) -> Response:
    """The answer, or the way on with what has happened."""
    done = DONE.get(request.endpoint or "") if response.status_code in REFUSED and request.method == "POST" else None
    if done is None or "actor_id" not in g or wants_json() or request.headers.get("HX-Request"):
        return response
    session = db.session()
    session.rollback()
    found = _found(session, done, response.status_code)
    session.rollback()
    if found is None:
        return response
    g.pop("form_key_taken", None)
    when = f"（您 {beijing_text(found.at, '%m月%d日 %H:%M')} 已办理）" if found.at else ""
    flash(f"{done.words}{when}，没有重复办理。", "info")
    back = way_back() if response.status_code != 404 else DESK
    way = address_of(done.way, request.view_args) if back == DESK else back
    return redirect(found.place or way, 303)  # type: ignore[return-value]


def _found(session: Session, done: Done, status: int) -> Found | None:
    refusal = errors.latest.get()
    code = refusal.code if refusal else ""
    form = _same_form(session)
    place = form_keys.place_of(form.key, form.place) if form else None
    if status == 409 and code in done.codes:
        return Found(form.at if form else None, place)
    if (record := _newest(session, done)) is not None:
        own = record.by_id == g.actor_id
        if own or (status == 409 and code not in OF_THE_FORM):
            return Found(clock.moment(record.at_us) if own else None, place)
    if form and _stands(session, form.at):
        return Found(form.at, place)
    return None


def _same_form(session: Session) -> FormKey | None:
    """The newest form of this person that said the same at the same address and was done."""
    return session.scalar(
        select(FormKey)
        .where(
            FormKey.user_id == g.actor_id,
            FormKey.endpoint == request.endpoint,
            FormKey.digest == form_keys.digest_now(),
        )
        .order_by(FormKey.at.desc())
        .limit(1)
    )


def _newest(session: Session, done: Done) -> AuditEvent | None:
    """The newest record of the object, if it tells of this act."""
    id_ = (request.view_args or {}).get(done.of)
    if not done.actions or id_ is None:
        return None
    newest = session.scalar(
        select(AuditEvent)
        .where(AuditEvent.object_id == str(id_), ~AuditEvent.action.startswith(READING))
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    )
    return newest if newest is not None and newest.action in done.actions else None


def _stands(session: Session, at: datetime) -> bool:
    """Whether what this person did at that time is there in the log, and nothing it touched was touched since."""
    last = session.scalar(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1)) or 0
    recent = AuditEvent.seq > last - LOOKED_AT, AuditEvent.object_id.is_not(None)
    begun, ended = microseconds(at - AN_ACT), microseconds(at + AN_ACT)
    own = AuditEvent.by_id == g.actor_id, AuditEvent.at_us.between(begun, ended)
    near = session.execute(select(AuditEvent.seq, AuditEvent.at_us, AuditEvent.object_id).where(*recent, *own)).all()
    if not near:
        return False
    moment = min((row.at_us for row in near), key=lambda at_us: abs(at_us - microseconds(at)))
    act = [row for row in near if row.at_us == moment]
    since = AuditEvent.seq > max(row.seq for row in act), AuditEvent.object_id.in_({row.object_id for row in act})
    touched = select(AuditEvent.seq).where(*since, ~AuditEvent.action.startswith(READING)).limit(1)
    return session.scalar(touched) is None
