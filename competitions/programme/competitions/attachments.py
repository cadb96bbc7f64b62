"""Files of a notice: told apart by their content, kept beside the database. Knows no request.

Source of the limits: issue 2 point 5 (pdf, jpg, png, xlsx, docx, 5 MB).
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.findings import Finding
from competitions.audit.recording import record
from competitions.audit.verification import register_check
from competitions.base.database import new_id
from competitions.base.errors import Invalid, StateForbids
from competitions.base.kept_files import ReadyFile, link
from competitions.base.media import Document, document, kind_of, kind_of_name
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.programme.models import Attachment, Competition

LARGEST = 5 * 1024 * 1024
MOST = 20


def checked(filename: str, content: bytes) -> Document:
    """The file, if it may be kept. Raises Invalid: nothing there, too large, not one of the kinds, another kind than
    its name says.
    """
    if not content:
        raise _refused("invalid.programme.file_empty")
    if len(content) > LARGEST:
        raise _refused("invalid.programme.file_over_5mb")
    kind = kind_of(content)
    if kind is None:
        raise _refused("invalid.programme.file_kind")
    if kind_of_name(filename) != kind:
        raise _refused("invalid.programme.file_name_kind", kind=kind)
    return document(filename, kind, content, unnamed="附件")


def _refused(code: str, **params: str) -> Invalid:
    return Invalid([Problem(code, "file", params)])


def add_attachment(
    session: Session, competition: Competition, file: ReadyFile, *, by: Actor, at: datetime
) -> Attachment:
    """Link a checked file that was put already to the notice. Raises StateForbids when there are too many."""
    position = (
        session.scalar(
            select(func.coalesce(func.max(Attachment.position), 0)).where(Attachment.competition_id == competition.id)
        )
        or 0
    )
    count = (
        session.scalar(select(func.count()).select_from(Attachment).where(Attachment.competition_id == competition.id))
        or 0
    )
    if count >= MOST:
        raise StateForbids("programme.too_many_attachments", most=MOST)
    key = new_id()
    attachment = Attachment(
        id=key,
        competition_id=competition.id,
        position=position + 1,
        filename=file.filename,
        sha256=file.sha256,
        file=link(session, file, ("attachment", key), "notice", at=at),
        added_at=at,
    )
    session.add(attachment)
    session.flush()
    record(
        session,
        "attachment.add",
        "attachment",
        attachment.id,
        by=by,
        at=at,
        after={"competition": competition.id, "sha256": attachment.sha256},
    )
    return attachment


def remove_attachment(session: Session, attachment: Attachment, *, by: Actor, at: datetime) -> None:
    """Take a file off the notice; the log keeps its digest."""
    record(
        session,
        "attachment.remove",
        "attachment",
        attachment.id,
        by=by,
        at=at,
        before={"competition": attachment.competition_id, "sha256": attachment.sha256},
    )
    session.delete(attachment)
    session.delete(attachment.file)
    session.flush()


def attachment_findings(session: Session) -> Iterator[Finding]:
    """Attachments that lead to another file than the one that was added."""
    for found in session.scalars(select(Attachment)):
        if not found.file.is_of(found.sha256):
            yield Finding(
                "ATTACHMENT_CHANGED", place=("attachment", found.id), message="通知附件与上传时不符：被换过。"
            )


register_check("attachments", attachment_findings)
