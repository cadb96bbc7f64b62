"""Pages for supervisors: what was done in their competitions, and whether the log is sound.

Verifying the whole of it and handing it out take long: jobs have those (jobs/audit_views.py), on this blueprint.
"""

from flask import Blueprint, render_template, request
from flask_login import current_user

from competitions.audit.action_words import OBJECTS, action_word, change_words, check_word, object_word
from competitions.audit.handing_out import CODES, MOST_FINDINGS, SORTS, asked_events
from competitions.audit.models import AuditEvent
from competitions.audit.queries import last_verification, people
from competitions.audit.recording import head
from competitions.base.clock import moment
from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.web.navigation import Link

bp = Blueprint("audit", __name__)

blueprints = [bp]
LINKS = (Link("管理", 4, "审计", "audit.events", "history", Permission.VIEW_AUDIT, main=False),)
"""This feature's places in the navigation."""


@bp.get("/desk/audit")
@requires(Permission.VIEW_AUDIT)
def events() -> str:
    """Records in scope, newest first, and what the last verification saw."""
    session = db.session()
    page = listed(
        session,
        asked_events(current_user, request.args),
        sorts=SORTS,
        default="-seq",
        codes=CODES,
        unique=AuditEvent.seq,
    )
    verified = last_verification(session)
    return render_template(
        "audit/event_list.html",
        page=page,
        people=people(session, [*(row.by_id for row in page.items), verified.by_id if verified else None]),
        kinds=list(OBJECTS.items()),
        action_word=action_word,
        object_word=object_word,
        change_words=change_words,
        moment=moment,
        verified=verified,
        last=head(session)[0],
    )


@bp.get("/desk/audit/chain")
@requires(Permission.VIEW_AUDIT)
def chain() -> str:
    """What the last verification saw, and the way to another."""
    session = db.session()
    verified = last_verification(session)
    return render_template(
        "audit/chain_show.html",
        verified=verified,
        people=people(session, [verified.by_id if verified else None]),
        moment=moment,
        last=head(session)[0],
        most=MOST_FINDINGS,
        check_word=check_word,
    )
