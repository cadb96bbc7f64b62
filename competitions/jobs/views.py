"""Pages of one's own jobs: how far they are, their file, cancelling. Somebody else's job looks like none."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.media import Document
from competitions.base.permissions import Permission
from competitions.jobs import audit_views, queries, services
from competitions.jobs.handing_out import attachment
from competitions.jobs.kinds import KINDS
from competitions.jobs.models import FAILURES, STATES, Job
from competitions.jobs.sealing import unsealed
from competitions.web.declared import requires
from competitions.web.navigation import Link
from competitions.words import codes

bp = Blueprint("jobs", __name__)

blueprints = [bp]
LINKS: tuple[Link, ...] = ()
"""This feature has no place in the navigation: a job is found where it was asked for, and among what waits."""
__all__ = ["LINKS", "audit_views", "blueprints"]
POLLED = 600
"""Seconds for which a page asks by itself how far a job is."""
codes.register("job", STATES)
codes.register("job_failure", FAILURES)


@bp.get("/desk/jobs")
@requires(Permission.SIGNED_IN)
def jobs() -> str:
    """One's own jobs of the last day, the newest first."""
    return render_template("jobs/job_list.html", jobs=queries.own_jobs(db.session(), current_user, clock.now()))


@bp.get("/desk/jobs/<job_id>")
@requires(Permission.SIGNED_IN)
def job(job_id: str) -> str:
    """How far it is; at the end its file, or why there is none."""
    at = clock.now()
    found = queries.own_job(db.session(), current_user, job_id, at)
    if _end_is_shown(found):
        with transaction(apart=True) as session:
            services.see(session, queries.own_job(session, current_user, job_id, at), at=at)
        found = queries.own_job(db.session(), current_user, job_id, at)
    return render_template("jobs/job_show.html", job=found, **_facts(db.session(), found, at))


@bp.get("/desk/jobs/<job_id>/progress")
@requires(Permission.SIGNED_IN)
def job_progress(job_id: str) -> Any:
    """How far it is, for htmx; once it has ended the whole page is asked for anew."""
    at = clock.now()
    found = queries.own_job(db.session(), current_user, job_id, at)
    if not found.is_open:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("jobs/_job_state.html", job=found, **_facts(db.session(), found, at))


def _end_is_shown(found: Job) -> bool:
    """Whether this page is the first that shows how it ended; a file waits until it is fetched."""
    return found.state in ("done", "failed") and found.seen_at is None and not found.filename


def _facts(session: Session, found: Job, at: datetime) -> dict[str, Any]:
    kind = KINDS.get(found.kind)
    return {
        "ahead": queries.ahead_of(session, found) if found.state == "waiting" else 0,
        "unattended": queries.is_unattended(session, found, at),
        "delay": next_look(int((at - found.asked_at).total_seconds())) if found.is_open else None,
        "place": url_for(kind.place) if kind and kind.place and found.state == "done" else None,
    }


def next_look(waited: int) -> int | None:
    """Seconds until the page asks again: the longer it has waited, the more; None when it is for the reader to ask."""
    return min(15, 1 + waited // 10) if waited < POLLED else None


@bp.get("/desk/jobs/<job_id>/file")
@requires(Permission.SIGNED_IN)
def job_file(job_id: str) -> Response:
    """The file, for whoever asked for it and still may have it; each time is recorded."""
    session: Session = db.session()
    at = clock.now()
    found = queries.own_job(session, current_user, job_id, at)
    kind = KINDS.get(found.kind)
    if kind is None:
        raise NotFound
    kept = queries.file_of(session, found)
    kind.rows(session, current_user, unsealed(found.parameters, found.id))
    document = Document(found.filename or "", kept.media_type, kept.content(found.sha256 or ""))
    with transaction(apart=True) as session:
        services.fetch(session, queries.own_job(session, current_user, job_id, at), by=current_user, at=at)
    return attachment(document)


@bp.post("/desk/jobs/<job_id>/cancel")
@requires(Permission.SIGNED_IN)
def job_cancel(job_id: str) -> Any:
    """It is not needed any more."""
    at = clock.now()
    with transaction() as session:
        services.cancel(session, queries.own_job(session, current_user, job_id, at), by=current_user, at=at)
    flash("已停止。需要时可以回到原来的页面重新操作。", "info")
    return redirect(url_for("jobs.job", job_id=job_id), 303)
