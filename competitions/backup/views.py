"""The administrator's page of archives: makes them, lists them, looks at them; hands none out."""

from typing import Any

from flask import Blueprint, current_app, render_template
from sqlalchemy.orm import Session

from competitions.audit.queries import people
from competitions.audit.recording import head
from competitions.backup import keys
from competitions.backup.faults import BackupFault
from competitions.backup.listing import archive_named, archives
from competitions.backup.making import make, name_of
from competitions.backup.queries import BACKUPS, CHECK, CREATE, told, warning
from competitions.backup.services import look_at, looked_facts, made_facts
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.base.errors import Denied, NotFound, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.jobs.handing_out import hand_out
from competitions.jobs.kinds import Kind, Parameters, Result, Work, register
from competitions.web.declared import requires
from competitions.web.navigation import Link

bp = Blueprint("backup", __name__)
blueprints = [bp]
CONFIGURE = Permission.CONFIGURE_SYSTEM
LINKS = (Link("管理", 7, "备份", "backup.page", "database", CONFIGURE, main=False),)
"""This feature's places in the navigation."""


@bp.get("/desk/backups")
@requires(CONFIGURE)
def page() -> str:
    """The archives in BACKUP_PATH, a warning when the newest is older than a day, how they are encrypted."""
    session, settings = db.session(), _settings()
    records = told(session)
    return render_template(
        "backup/archive_list.html",
        archives=archives(settings, records),
        people=people(session, [each.by_id for each in records]),
        warning=warning(session, clock.now()),
        folder=settings.backup_path,
        fault=_key_fault(settings),
        by_words=not settings.backup_recipient,
    )


@bp.post("/desk/backups")
@requires(CONFIGURE)
def make_archive() -> Any:
    """Make one now; a large one in the background."""
    return hand_out(MAKING, {}, "制作备份")


@bp.post("/desk/backups/<name>/check")
@requires(CONFIGURE)
def check_archive(name: str) -> Any:
    """Look at one: is it what was made, and where the server can open it, is all in it."""
    return hand_out(CHECKING, {"name": name}, f"核对备份 {name}")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _key_fault(settings: Settings) -> str | None:
    try:
        keys.recipient_of(settings)
    except BackupFault as fault:
        return fault.message
    return None


def _records(session: Session, actor: Actor, parameters: Parameters) -> int:
    """How large it is: about as many rows as records."""
    if not actor.may(CONFIGURE):
        raise Denied
    if "name" in parameters and archive_named(_settings(), parameters["name"]) is None:
        raise NotFound
    return head(session)[0]


def _make(work: Work) -> Result:
    settings, at = _settings(), clock.now()
    work.session.rollback()  # nothing is held while the copy is made
    try:
        path = settings.backup_path / name_of(at)
        made = make(db.engine, settings, keys.recipient_of(settings), path, at, lambda _words: work.tell(50))
    except BackupFault as fault:
        raise StateForbids("backup_not_made", why=fault.message) from fault
    return Result(action=CREATE, object_kind="backup", object_id=BACKUPS, facts=made_facts(made))


def _check(work: Work) -> Result:
    path = archive_named(_settings(), work.parameters["name"])
    if path is None:
        raise NotFound
    try:
        looked = look_at(work.session, path, _settings())
    except BackupFault as fault:
        raise StateForbids("backup_not_sound", why=fault.message) from fault
    return Result(action=CHECK, object_kind="backup", object_id=BACKUPS, facts=looked_facts(looked))


MAKING = register(Kind("backup.create", _records, _make, place="backup.page"))
CHECKING = register(Kind("backup.check", _records, _check, place="backup.page"))
