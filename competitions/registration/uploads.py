"""A roster between preview and confirmation: sealed in the database for 24 hours, with what the user corrected by hand.

Verbs and the reading of what is staged. The file is opened by the child process of `competitions.tabular`, never inside
a transaction: callers read first and write afterwards.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.keyring import ring
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.programme.models import Competition
from competitions.registration.models import ColumnMatch, RosterUpload
from competitions.tabular.reading import Book, read_book
from competitions.tabular.roster import Roster, roster_of
from competitions.tabular.table import TableSheet
from competitions.uploads.cells import corrected, read_back, written

LIFETIME = timedelta(hours=24)
_LONGEST_STEM = 30  # a text file's name becomes the name of its sheet; Excel allows 31 characters


@dataclass(slots=True)
class Staged:
    """What is sealed: the file, its cells, cells corrected on the page (sheet → cell → text), columns matched by hand,
    the review line chosen.
    """

    data: bytes
    filename: str
    book: Book
    edits: dict[str, dict[str, str]] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)
    line_id: str | None = None

    @classmethod
    def of_file(cls, data: bytes, filename: str) -> "Staged":
        """A file as it was sent, opened by the child process. Raises Unreadable with what to do."""
        return cls(data, filename, read_book(data, filename))

    def document(self) -> str:
        """As it is sealed."""
        return json.dumps(
            {
                "file": base64.b64encode(self.data).decode(),
                "filename": self.filename,
                "cells": written(self.book),
                "edits": self.edits,
                "mapping": self.mapping,
                "line": self.line_id,
            },
            ensure_ascii=False,
        )

    def read(self, known_events: Sequence[str]) -> Roster:
        """The roster as it stands now, corrections included."""
        return roster_of(corrected(self.book, self.edits), known_events=known_events, mapping=self.mapping or None)

    def read_original(self, known_events: Sequence[str]) -> Roster:
        """The roster as it was sent: what is marked in the user's own file."""
        return roster_of(self.book, known_events=known_events, mapping=self.mapping or None)

    def read_automatically(self, known_events: Sequence[str]) -> Roster:
        """The roster without what was matched by hand."""
        return roster_of(self.book, known_events=known_events)


def safe_filename(filename: str | None) -> str:
    """The last part of the name, short, without characters that a sheet's name may not have."""
    name = PurePosixPath((filename or "").replace("\\", "/")).name
    stem, dot, ending = name.rpartition(".")
    stem = "".join("_" if char in '[]:*?/\\"<>|' or not char.isprintable() else char for char in (stem or ending))
    return (stem[:_LONGEST_STEM].strip() or "名单") + (dot + ending[:8] if dot else "")


def stage(
    session: Session, competition: Competition, union: Union, staged: Staged, *, by: Actor, at: datetime
) -> RosterUpload:
    """Keep an upload for its preview; older ones of the user for this competition and union are dropped."""
    session.execute(
        update(RosterUpload)
        .where(
            RosterUpload.user_id == by.id,
            RosterUpload.competition_id == competition.id,
            RosterUpload.union_id == union.id,
            RosterUpload.state == "staged",
        )
        .values(state="discarded", content="")
    )
    session.execute(
        update(RosterUpload).where(RosterUpload.expires_at <= at, RosterUpload.content != "").values(content="")
    )
    key = new_id()
    upload = RosterUpload(
        id=key,
        competition_id=competition.id,
        union_id=union.id,
        user_id=by.id,
        filename=staged.filename,
        sha256=hashlib.sha256(staged.data).hexdigest(),
        content=_sealed(key, staged),
        state="staged",
        counts={},
        created_at=at,
        expires_at=at + LIFETIME,
        version=1,
    )
    session.add(upload)
    session.flush()
    record(
        session,
        "roster.upload",
        "roster_upload",
        key,
        by=by,
        at=at,
        competition=competition.id,
        union=union.id,
        sha256=upload.sha256,
    )
    return upload


def _sealed(key: str, staged: Staged) -> str:
    return ring().seal(staged.document(), "roster_upload", "content", key)


def staged_of(upload: RosterUpload) -> Staged:
    """What is staged, opened."""
    found = json.loads(ring().open(upload.content, "roster_upload", "content", upload.id))
    return Staged(
        base64.b64decode(found["file"]),
        found["filename"],
        read_back(found["cells"]),
        found["edits"],
        found["mapping"],
        found["line"],
    )


def keep(session: Session, upload: RosterUpload, staged: Staged) -> None:
    """Seal the corrected content again."""
    upload.content = _sealed(upload.id, staged)
    upload.version += 1
    session.flush()


def close(
    session: Session, upload: RosterUpload, state: str, counts: dict[str, int], *, by: Actor, at: datetime
) -> None:
    """Confirmed or discarded: the content is destroyed at once."""
    upload.state, upload.content, upload.counts = state, "", counts
    upload.version += 1
    session.flush()
    record(session, f"roster.{state}", "roster_upload", upload.id, by=by, at=at, after=counts, sha256=upload.sha256)


def fingerprint(sheet: TableSheet) -> str:
    """Digest of a sheet's headings (its first rows where none was found), by which a match by hand is remembered."""
    rows = sheet.sheet.rows
    if sheet.heading is not None:
        rows = rows[sheet.heading.first_row : sheet.heading.data_row]
    else:
        rows = [cells for cells in rows if cells][:3]
    return hashlib.sha256(repr([[str(cell) for cell in cells] for cells in rows]).encode()).hexdigest()


def remembered_mapping(session: Session, union: Union, roster: Roster) -> dict[str, Any]:
    """Sheet → what this union once matched by hand under the same headings."""
    prints = {fingerprint(sheet): sheet.name for sheet in roster.sheets}
    rows = session.scalars(
        select(ColumnMatch).where(ColumnMatch.union_id == union.id, ColumnMatch.heading_digest.in_(prints))
    )
    return {prints[row.heading_digest]: dict(row.mapping) for row in rows}


def remember_mapping(session: Session, union: Union, digest: str, mapping: dict[str, Any]) -> None:
    """Keep a match for this union's next file with the same headings."""
    known = session.scalar(
        select(ColumnMatch).where(ColumnMatch.union_id == union.id, ColumnMatch.heading_digest == digest)
    )
    if known is None:
        session.add(ColumnMatch(union_id=union.id, heading_digest=digest, mapping=mapping))
    else:
        known.mapping = mapping
    session.flush()
