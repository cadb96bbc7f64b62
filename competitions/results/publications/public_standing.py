"""What everybody may know of a publication: whether it is public, what replaced it, what is public beside it. Knows no
request and no caller.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from competitions.base.errors import NotFound
from competitions.programme.models import Event, Stage
from competitions.results.models import Publication, PublicationSnapshot


@dataclass(frozen=True, slots=True)
class PublicStanding:
    """What everybody may know of a publication without opening it: `replacement` and `siblings` as (id, words).

    `siblings`: what is public of the same competition, this one included, in the order of events and stages.
    """

    id: str
    state: str
    number: int
    digest: str
    published_at: datetime | None
    replacement: tuple[str, int] | None
    siblings: tuple[tuple[str, str], ...]

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing of it is shown any more."""
        return self.state == "withdrawn"

    @property
    def is_draft(self) -> bool:
        """Whether it is not public yet (its preview is shown)."""
        return self.state == "draft"


_LATER = aliased(Publication)
_STANDING = (
    select(
        Publication.state,
        Publication.number,
        Publication.published_at,
        PublicationSnapshot.digest,
        Event.competition_id,
        _LATER.id,
        _LATER.number,
    )
    .join(PublicationSnapshot, PublicationSnapshot.publication_id == Publication.id)
    .join(Publication.stage)
    .join(Stage.event)
    .outerjoin(_LATER, _LATER.id == Publication.replaced_by_id)
    .where(Publication.id == bindparam("id"), Publication.state.in_(("published", "withdrawn")))
)
_SIBLINGS = (
    select(Publication.id, Event.id, Event.name, Stage.name)
    .join(Publication.stage)
    .join(Stage.event)
    .where(Event.competition_id == bindparam("competition"), Publication.state == "published")
    .order_by(Event.position, Event.name, Stage.position, Stage.name)
)
"""Made once, because they are asked all the time."""


def public_standing(session: Session, publication_id: str) -> PublicStanding | None:
    """Whether a publication is or was public; None for drafts, refused ones and unknown ids alike."""
    row = session.execute(_STANDING, {"id": publication_id}).first()
    if row is None:
        return None
    state, number, published_at, digest, competition_id, later_id, later_number = row
    return PublicStanding(
        publication_id,
        state,
        number,
        digest,
        published_at,
        (later_id, later_number) if later_id else None,
        public_siblings(session, competition_id),
    )


def public_siblings(session: Session, competition_id: str) -> tuple[tuple[str, str], ...]:
    """(id, event and stage) of everything of a competition that is public now; the stage where an event has several."""
    rows = session.execute(_SIBLINGS, {"competition": competition_id}).all()
    events = [event_id for _, event_id, _, _ in rows]
    return tuple(
        (id_, f"{event}（{stage}）" if events.count(event_id) > 1 else event) for id_, event_id, event, stage in rows
    )


def snapshot_text(session: Session, publication_id: str) -> str:
    """What a publication says, as stored. Raises NotFound."""
    found = session.scalar(
        select(PublicationSnapshot.public).where(PublicationSnapshot.publication_id == publication_id)
    )
    if found is None:
        raise NotFound
    return found
