"""Files of a notice: told apart by their content, kept in the database under a made-up id. Knows no request.

Source of the limits: issue 2 point 5 (pdf, jpg, png, xlsx, docx, 5 MB).
"""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.programme.models import Attachment, Competition

LARGEST = 5 * 1024 * 1024
MOST = 20
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "docx": f"{_OFFICE}.wordprocessingml.document",
}
SAME_ENDING = {"jpeg": "jpg"}
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\ud800-\udfff]')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: its clean name, what it is, and its bytes."""

    filename: str
    media_type: str
    content: bytes


def kind_of(content: bytes) -> str | None:
    """pdf, jpg, png, xlsx or docx, by the content; None for anything else."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return _office_kind(content) if content.startswith(b"PK\x03\x04") else None


def _office_kind(content: bytes) -> str | None:
    """Which office document a zip is; one with macros is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return "xlsx" if "xl/workbook.xml" in names else "docx" if "word/document.xml" in names else None


def checked(filename: str, content: bytes) -> Upload:
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
    name = NOT_IN_NAMES.sub("_", filename.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, _, ending = name.rpartition(".")
    if SAME_ENDING.get(ending.lower(), ending.lower()) != kind:
        raise _refused("invalid.programme.file_name_kind", kind=kind)
    return Upload(f"{(stem or '附件')[:140]}.{ending.lower()}", MEDIA_TYPES[kind], content)


def _refused(code: str, **params: str) -> Invalid:
    return Invalid([Problem(code, "file", params)])


def add_attachment(
    session: Session, competition: Competition, upload: Upload, *, by: Actor, at: datetime
) -> Attachment:
    """Keep a checked file with the notice. Raises StateForbids when there are too many."""
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
    attachment = Attachment(
        competition_id=competition.id,
        position=position + 1,
        filename=upload.filename,
        media_type=upload.media_type,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
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
    session.flush()
