"""Verbs of results: settling by code, drafting, approving, refusing and withdrawing publications. Never commits.

Settled and signed by code first; names come only after decoding (design.md §4.5); one person drafts, another approves
(§4.7).
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.chain import canonical, digest
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.coding.queries import identities
from competitions.programme.models import Stage
from competitions.results.models import Publication, PublicationSnapshot, Settlement
from competitions.results.publications.snapshot import public_document
from competitions.results.settlement.checks import blocking_publication, blocking_settlement
from competitions.results.settlement.corrected import is_regrouped
from competitions.results.settlement.queries import settled_standings
from competitions.results.standings.computed import stage_standings

PUBLISHING = second_person.register_kind("publication.publish", "公布成绩")
WITHDRAWING = second_person.register_kind("publication.withdraw", "撤回公布")

LONGEST_NOTICE = 4000


def settle(session: Session, stage: Stage, *, by: Actor, at: datetime) -> list[Settlement]:
    """Settle and sign the standings of every division by code; from then on the codes may be opened. Once more only when
    a corrected entry has moved somebody to another side or unit, and nothing else has changed.

    Raises StateForbids when something blocks (`problems`).
    """
    session.refresh(stage, with_for_update=True)
    standings = stage_standings(session, stage)
    if stage.settled_at is not None and not is_regrouped(session, stage, standings):
        raise StateForbids("settled")
    _require_none(blocking_settlement(session, stage, standings))
    settlements = []
    for standing in standings:
        settlement = Settlement(
            stage_id=stage.id,
            division_id=standing.division.id,
            case=standing.case_text,
            number=_next_settlement(session, stage.id, standing.division.id),
            digest=standing.digest,
            by=by.id,
            at=at,
        )
        session.add(settlement)
        settlements.append(settlement)
        record(
            session,
            "standings.settle",
            "stage",
            stage.id,
            by=by,
            at=at,
            after={"division": standing.division.id, "number": settlement.number, "digest": standing.digest},
        )
    stage.settled_at = stage.settled_at or at
    session.flush()
    return settlements


def draft_publication(session: Session, stage: Stage, notice: str, *, by: Actor, at: datetime) -> Publication:
    """Draft 公布 no. N from what was settled and the decoded names. Raises StateForbids with what blocks, Invalid."""
    session.refresh(stage, with_for_update=True)
    if len(notice) > LONGEST_NOTICE:
        raise Invalid([Problem("invalid.notice_long", "notice", {"most": LONGEST_NOTICE})])
    if session.scalar(select(Publication.id).where(Publication.stage_id == stage.id, Publication.state == "draft")):
        raise StateForbids("draft_exists")
    standings = stage_standings(session, stage)
    _require_none(blocking_publication(session, stage, standings))
    number = (session.scalar(select(func.max(Publication.number)).where(Publication.stage_id == stage.id)) or 0) + 1
    publication = Publication(stage_id=stage.id, number=number, notice=notice.strip(), drafted_by=by.id, drafted_at=at)
    snapshot = _snapshot(session, publication, stage, at)
    session.add(publication)
    session.flush()
    session.add(snapshot)
    session.flush()
    second_person.propose(session, PUBLISHING, publication.id, _drafted(publication, snapshot), by=by, at=at)
    record(
        session,
        "publication.draft",
        "publication",
        publication.id,
        by=by,
        at=at,
        after={"stage": stage.id, "number": number, "digest": snapshot.digest},
    )
    return publication


def approve_publication(session: Session, publication: Publication, *, by: Actor, at: datetime) -> None:
    """Make a draft public, in place of an earlier one of the stage. Never by its author; everything is checked anew.

    Raises StateForbids (decided already, own draft, something blocks).
    """
    stage = _require_draft(session, publication)
    drafted = _drafted(publication, publication.snapshot)
    second_person.decide(session, PUBLISHING, publication.id, drafted, by=by, at=at)
    _require_none(blocking_approval(session, publication, stage))
    publication.state, publication.approved_by, publication.published_at = "published", by.id, at
    session.flush()
    for earlier in session.scalars(
        select(Publication).where(
            Publication.stage_id == stage.id, Publication.state == "published", Publication.id != publication.id
        )
    ):
        earlier.state, earlier.withdrawn_reason = "withdrawn", f"由第 {publication.number} 号公布代替"
        earlier.replaced_by_id, earlier.withdrawn_at = publication.id, at
        record(
            session,
            "publication.replace",
            "publication",
            earlier.id,
            by=by,
            at=at,
            before={"state": "published"},
            after={"state": "withdrawn", "replaced_by": publication.id},
        )
    session.flush()
    record(
        session,
        "publication.approve",
        "publication",
        publication.id,
        by=by,
        at=at,
        before={"state": "draft"},
        after={"state": "published", "digest": publication.snapshot.digest},
    )


def blocking_approval(session: Session, publication: Publication, stage: Stage) -> list[Problem]:
    """What keeps a draft from being approved: what keeps a publication from being drafted, and that it would say something
    else today.
    """
    found = blocking_publication(session, stage, stage_standings(session, stage))
    if found:
        return found
    anew = _snapshot(session, publication, stage, publication.drafted_at)
    drafted = json.loads(publication.snapshot.public)["divisions"]
    if json.loads(anew.public)["divisions"] != drafted or anew.cases != publication.snapshot.cases:
        return [Problem("check.draft_outdated")]
    return []


def refuse_publication(session: Session, publication: Publication, reason: str, *, by: Actor, at: datetime) -> None:
    """Send a draft back to the drafting office, or take it back, with a reason. Raises StateForbids, Invalid."""
    _require_draft(session, publication)
    publication.withdrawn_reason = reason_of(reason, "publication.refuse")
    second_person.end(session, PUBLISHING, publication.id, by=by, at=at)
    publication.state = "refused"
    session.flush()
    record(
        session,
        "publication.refuse",
        "publication",
        publication.id,
        by=by,
        at=at,
        before={"state": "draft"},
        after={"state": "refused"},
    )


def ask_withdrawal(session: Session, publication: Publication, reason: str, *, by: Actor, at: datetime) -> None:
    """Ask that a publication be withdrawn; public until another person agrees. Raises StateForbids, Invalid."""
    session.refresh(publication, with_for_update=True)
    if publication.state != "published":
        raise StateForbids("publication_decided")
    if publication.withdrawal_by is not None:
        raise StateForbids("withdrawal_waiting")
    words = publication.withdrawn_reason = reason_of(reason, "publication.ask_withdrawal")
    second_person.propose(session, WITHDRAWING, publication.id, {"reason": words}, reason=words, by=by, at=at)
    publication.withdrawal_by, publication.withdrawal_at = by.id, at
    session.flush()
    record(session, "publication.ask_withdrawal", "publication", publication.id, by=by, at=at)


def decide_withdrawal(session: Session, publication: Publication, agreed: bool, *, by: Actor, at: datetime) -> None:
    """Another person withdraws the publication, or leaves it. Raises StateForbids (nothing asked, own request)."""
    session.refresh(publication, with_for_update=True)
    if publication.state != "published" or publication.withdrawal_by is None:
        raise StateForbids("publication_decided")
    asked = {"reason": publication.withdrawn_reason}
    second_person.decide(session, WITHDRAWING, publication.id, asked, agreed=agreed, by=by, at=at)
    if agreed:
        publication.state, publication.withdrawn_by, publication.withdrawn_at = "withdrawn", by.id, at
    else:
        publication.withdrawal_by = publication.withdrawal_at = None
        publication.withdrawn_reason = ""
    session.flush()
    record(
        session,
        "publication.withdraw" if agreed else "publication.keep",
        "publication",
        publication.id,
        by=by,
        at=at,
        before={"state": "published"},
        after={"state": publication.state},
    )


def _drafted(publication: Publication, snapshot: PublicationSnapshot) -> dict[str, Any]:
    """What the second person approves: this snapshot with this notice."""
    return {"snapshot": snapshot.digest, "number": publication.number, "notice": publication.notice}


def _snapshot(session: Session, publication: Publication, stage: Stage, at: datetime) -> PublicationSnapshot:
    """What was settled and signed, with the decoded names."""
    standings, entry_of = settled_standings(session, stage), identities(session, stage.id)
    public = canonical(public_document(session, publication, stage, standings, entry_of))
    cases = canonical({standing.division.name: standing.case for standing in standings})
    return PublicationSnapshot(
        publication_id=publication.id,
        public=public,
        cases=cases,
        identities=entry_of,
        digest=digest({"public": public, "cases": cases}),
        at=at,
    )


def _require_draft(session: Session, publication: Publication) -> Stage:
    """The stage, locked like the publication. Raises StateForbids unless it is a draft."""
    stage = session.get_one(Stage, publication.stage_id, with_for_update=True)
    session.refresh(publication, with_for_update=True)
    if publication.state != "draft":
        raise StateForbids("publication_decided")
    return stage


def _require_none(problems: list[Problem]) -> None:
    if problems:
        raise StateForbids("blocked", problems=problems, count=len(problems))


def _next_settlement(session: Session, stage_id: str, division_id: str) -> int:
    newest = session.scalar(
        select(func.max(Settlement.number)).where(
            Settlement.stage_id == stage_id, Settlement.division_id == division_id
        )
    )
    return (newest or 0) + 1
