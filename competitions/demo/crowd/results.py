"""Results of events that are over: settled by code, drafted by one person, published by another; computed by the same
functions that the services use.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from competitions.audit.chain import canonical, digest
from competitions.audit.recording import record
from competitions.base.database import db
from competitions.coding.queries import final_codes
from competitions.demo.crowd.acts import Part, agreed
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.halls import Hall
from competitions.demo.crowd.staff import Staff
from competitions.demo.publishing import NOTICE
from competitions.programme.models import Stage
from competitions.results.models import Publication, PublicationSnapshot, Settlement
from competitions.results.publications.services import PUBLISHING
from competitions.results.publications.snapshot import public_document
from competitions.results.standings.computed import DivisionStandings, stage_standings


def publish_all(session: Session, bulk: Bulk, staff: Staff, halls: Sequence[Hall]) -> None:
    """Everything of the halls is in the database already; what is published is collected, not yet written."""
    for hall in halls:
        stage = session.get_one(Stage, hall.event.stage_id)
        standings = stage_standings(session, stage)
        _settle(bulk, hall, standings)
        _publish(session, bulk, staff, hall, stage, standings)


def _settle(bulk: Bulk, hall: Hall, standings: Sequence[DivisionStandings]) -> None:
    chief, at = hall.crew["chief_judge"], hall.contest.at(1, 18)
    for standing in standings:
        bulk.add(
            Settlement,
            stage_id=hall.event.stage_id,
            division_id=standing.division.id,
            case=standing.case_text,
            number=1,
            digest=standing.digest,
            by=chief.id,
            at=at,
        )
        record(
            db.session(),
            "standings.settle",
            "stage",
            hall.event.stage_id,
            by=chief,
            at=at,
            after={"division": standing.division.id, "number": 1, "digest": standing.digest},
        )


def _publish(
    session: Session, bulk: Bulk, staff: Staff, hall: Hall, stage: Stage, standings: Sequence[DivisionStandings]
) -> None:
    at, entry_of = hall.contest.at(3, 15), final_codes(session, stage.id)
    publication = Publication(stage_id=stage.id, number=1, notice=NOTICE)
    public = canonical(public_document(session, publication, stage, standings, entry_of))
    cases = canonical({standing.division.name: standing.case for standing in standings})
    whole = digest({"public": public, "cases": cases})
    bulk.add(
        Publication,
        id=publication.id,
        stage_id=stage.id,
        number=1,
        state="published",
        notice=NOTICE,
        drafted_by=staff.drafting.id,
        drafted_at=at,
        approved_by=staff.approving.id,
        published_at=at + timedelta(hours=2),
    )
    bulk.add(
        PublicationSnapshot,
        publication_id=publication.id,
        public=public,
        cases=cases,
        identities=entry_of,
        digest=whole,
        at=at,
    )
    _agree(bulk, publication, whole, Part(staff.drafting, at), Part(staff.approving, at + timedelta(hours=2)))


def _agree(bulk: Bulk, publication: Publication, whole: str, first: Part, second: Part) -> None:
    drafted = {"snapshot": whole, "number": publication.number, "notice": publication.notice}
    agreed(bulk, PUBLISHING, publication.id, drafted, first, second)
    after = {"stage": publication.stage_id, "number": publication.number, "digest": whole}
    record(db.session(), "publication.draft", "publication", publication.id, by=first.by, at=first.at, after=after)
    states = {"before": {"state": "draft"}, "after": {"state": "published", "digest": whole}}
    record(db.session(), "publication.approve", "publication", publication.id, by=second.by, at=second.at, **states)
