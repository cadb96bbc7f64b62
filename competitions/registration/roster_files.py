"""A roster between preview and confirmation: the file, and what its owner said of it since (corrected cells, columns
matched by hand, the review line).

The upload is kept by `competitions.uploads`; what became of it stays here as a line of history. Verbs, and the reading
of what is kept. The file is opened by the child process of `competitions.tabular`, never inside a transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.permissions import Actor
from competitions.registration.models import RosterUpload
from competitions.tabular.roster import Roster, roster_of
from competitions.uploads import services as uploads
from competitions.uploads.cells import corrected
from competitions.uploads.files import SentFile
from competitions.uploads.models import Upload
from competitions.uploads.queries import Opened, Place
from competitions.uploads.sealing import sealed

PURPOSE = "roster"


@dataclass(slots=True)
class RosterFile:
    """The file with its cells; cells corrected on the page (sheet → cell → text), columns matched by hand, review line."""

    file: SentFile
    edits: dict[str, dict[str, str]] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)
    line_id: str | None = None

    @classmethod
    def of(cls, opened: Opened) -> "RosterFile":
        """The roster of an upload that was opened."""
        said = opened.corrections
        return cls(SentFile.of(opened.filename, opened.content), said["edits"], said["mapping"], said["line"])

    def corrections(self) -> dict[str, Any]:
        """What its owner said of it, as a JSON value."""
        return {"edits": self.edits, "mapping": self.mapping, "line": self.line_id}

    def read(self, known_events: Sequence[str]) -> Roster:
        """The roster as it stands now, corrections included."""
        return roster_of(corrected(self.file.book, self.edits), known_events=known_events, mapping=self.mapping or None)

    def read_original(self, known_events: Sequence[str]) -> Roster:
        """The roster as it was sent: what is marked in the user's own file."""
        return roster_of(self.file.book, known_events=known_events, mapping=self.mapping or None)

    def read_automatically(self, known_events: Sequence[str]) -> Roster:
        """The roster without what was matched by hand."""
        return roster_of(self.file.book, known_events=known_events)


def place_of(competition_id: str, union_id: str) -> Place:
    """Where the roster of a union for a competition is kept."""
    return Place(PURPOSE, f"{competition_id} {union_id}")


def prepare(roster: RosterFile, competition_id: str, union_id: str) -> Upload:
    """The roster sealed, to be kept; outside the transaction."""
    place, file = place_of(competition_id, union_id), roster.file
    return uploads.prepare(place, file.filename, file.sha256, file.document(), roster.corrections())


def keep(
    session: Session, upload: Upload, competition_id: str, union_id: str, *, by: Actor, at: datetime
) -> RosterUpload:
    """Keep a prepared roster for its preview; older ones of the user for this competition and union are dropped."""
    _drop_older(session, competition_id, union_id, by)
    uploads.keep(session, upload, by=by, at=at)
    kept = RosterUpload(
        id=upload.id,
        competition_id=competition_id,
        union_id=union_id,
        user_id=by.id,
        filename=upload.filename,
        sha256=upload.sha256,
        state="staged",
        counts={},
        created_at=at,
    )
    session.add(kept)
    session.flush()
    facts = {"competition": competition_id, "union": union_id, "sha256": upload.sha256}
    record(session, "roster.upload", "roster_upload", kept.id, by=by, at=at, **facts)
    return kept


def _drop_older(session: Session, competition_id: str, union_id: str, by: Actor) -> None:
    older = (
        RosterUpload.user_id == by.id,
        RosterUpload.competition_id == competition_id,
        RosterUpload.union_id == union_id,
        RosterUpload.state == "staged",
    )
    uploads.discard(session, session.scalars(select(RosterUpload.id).where(*older)).all(), PURPOSE, by=by)
    session.execute(update(RosterUpload).where(*older).values(state="discarded"))


def correct(session: Session, upload: RosterUpload, version: int, corrections: str, *, by: Actor, at: datetime) -> None:
    """Keep what the owner said of it in place of `version`. Raises NotFound; Stale when it was corrected meanwhile."""
    place = place_of(upload.competition_id, upload.union_id)
    uploads.correct(uploads.hold(session, upload.id, place, version, by=by, at=at), corrections)


def sealed_corrections(upload_id: str, roster: RosterFile) -> str:
    """What the owner said of it, sealed; outside the transaction."""
    return sealed(roster.corrections(), upload_id, "corrections")


def hold(session: Session, upload: RosterUpload, version: int, *, by: Actor, at: datetime) -> None:
    """Nobody corrects, takes or discards it until the end of the transaction. Raises NotFound and Stale."""
    uploads.hold(session, upload.id, place_of(upload.competition_id, upload.union_id), version, by=by, at=at)


def close(
    session: Session, upload: RosterUpload, state: str, counts: dict[str, int], *, by: Actor, at: datetime
) -> None:
    """Confirmed or discarded: the content is destroyed at once. Raises NotFound when it is gone already."""
    uploads.take(session, upload.id, place_of(upload.competition_id, upload.union_id), by=by, at=at)
    upload.state, upload.counts = state, counts
    session.flush()
    record(session, f"roster.{state}", "roster_upload", upload.id, by=by, at=at, after=counts, sha256=upload.sha256)
