"""How a page hands something out that may be large: small ones at once, large ones as a job. For views.

Both ways make the same with the same function and record the same (kinds.py).
"""

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, url_for
from flask_login import current_user

from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.media import Document
from competitions.jobs.kinds import Kind, Parameters, Result, Work
from competitions.jobs.services import ask
from competitions.jobs.settings import ROWS
from competitions.tabular.writing import content_disposition


def hand_out(kind: Kind, parameters: Parameters, title: str, count: Callable[[], None] | None = None) -> Any:
    """What the caller asked for, or the page of the job that makes it. `count` counts it against the hour's limit."""
    rows = kind.rows(db.session(), current_user, parameters)
    if count:
        count()
    if rows > ROWS.value(db.session()):
        with transaction() as session:
            job_id = ask(session, kind, parameters, title, by=current_user, at=clock.now())
        return redirect(url_for("jobs.job", job_id=job_id), 303)
    result = kind.make(Work(db.session(), current_user, parameters, clock.now()))
    _record(result)
    if result.document:
        return attachment(result.document)
    if kind.place is None:
        raise NotFound
    return redirect(url_for(kind.place), 303)


def _record(result: Result) -> None:
    """A file stays handed out whatever comes after it; what is no file is the act of a form."""
    if result.action:
        with transaction(apart=result.document is not None) as session:
            told = result.recorded()
            at = clock.now()
            record(session, result.action, result.object_kind, result.object_id, by=current_user, at=at, after=told)


def attachment(document: Document) -> Response:
    """A document to save."""
    disposition = content_disposition(document.filename)
    return Response(document.content, mimetype=document.media_type, headers={"Content-Disposition": disposition})
