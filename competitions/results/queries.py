"""Questions about standings and publications within the caller's scope. Knows no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql.base import ExecutableOption

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.coding.models import CodeSheet
from competitions.coding.queries import NO_CODER
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.programme.queries import in_stages, stages_in_scope
from competitions.results.models import Publication, TieRuling

SEEING = (Permission.VIEW_STANDINGS, Permission.VIEW_DECODED)
"""Live and by code; only what is settled."""
PUBLISHING = (Permission.DRAFT_PUBLICATION, Permission.APPROVE_PUBLICATION)


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far a stage is: sheets in all and signed, whether decoded, the newest publication that is not refused."""

    sheets: int
    signed: int
    decoded: bool
    publication: Publication | None

    def state_of(self, stage: Stage) -> str:
        """One of words.STAGE_STATES."""
        if self.publication is not None and self.publication.state == "published":
            return "published"
        if stage.settled_at is not None:
            return "decoded" if self.decoded else "settled"
        if not self.sheets:
            return "waiting"
        return "ready" if self.signed == self.sheets else "judging"


def seen_stages(actor: Actor) -> Select[Stage]:
    """Stages whose standings the actor may see live and by code, with event and competition."""
    return with_names(stages_in_scope(actor, Permission.VIEW_STANDINGS)).join(Stage.event).join(Event.competition)


def stage_to_show(session: Session, actor: Actor, stage_id: str, *permissions: Permission) -> Stage:
    """A stage in scope, with event and competition. Raises NotFound."""
    found = session.scalar(with_names(stages_in_scope(actor, *permissions)).where(Stage.id == stage_id))
    if found is None:
        raise NotFound
    return found


def holds(actor: Actor, stage: Stage, permission: Permission) -> bool:
    """Whether the actor has the permission over this stage (its event is loaded): what a page may offer."""
    scopes = actor.scopes(permission)
    return scopes.system or stage.event_id in scopes.events or stage.event.competition_id in scopes.competitions


def progress_of(session: Session, stage_ids: Sequence[str]) -> dict[str, StageProgress]:
    """Stage id → how far it is, for many stages in three queries."""
    sheets = {
        stage_id: (total, signed)
        for stage_id, total, signed in session.execute(
            select(Module.stage_id, func.count(), func.count().filter(ScoreSheet.state == "signed"))
            .join(ScoreSheet, (ScoreSheet.module_id == Module.id) & ScoreSheet.closed.is_(None))
            .where(Module.stage_id.in_(stage_ids))
            .group_by(Module.stage_id)
        )
    }
    codes = {
        stage_id: total == decoded
        for stage_id, total, decoded in session.execute(
            select(
                CodeSheet.stage_id,
                func.count(),
                func.count().filter(or_(CodeSheet.state == "decoded", CodeSheet.coder_id == NO_CODER)),
            )
            .where(CodeSheet.stage_id.in_(stage_ids))
            .group_by(CodeSheet.stage_id)
        )
    }
    newest = {
        publication.stage_id: publication
        for publication in session.scalars(
            select(Publication)
            .where(Publication.stage_id.in_(stage_ids), Publication.state != "refused")
            .order_by(Publication.number)
        )
    }
    return {
        stage_id: StageProgress(*sheets.get(stage_id, (0, 0)), codes.get(stage_id, False), newest.get(stage_id))
        for stage_id in stage_ids
    }


def rulings_with_history(session: Session, stage_id: str) -> list[TieRuling]:
    """All rulings of a stage, newest first, those refused or taken back too."""
    return list(
        session.scalars(
            select(TieRuling).where(TieRuling.stage_id == stage_id).order_by(TieRuling.proposed_at.desc(), TieRuling.id)
        )
    )


def ruling_in_scope(session: Session, actor: Actor, ruling_id: str, *permissions: Permission) -> TieRuling:
    """A ruling of a stage in scope. Raises NotFound."""
    found = session.scalar(
        select(TieRuling).where(TieRuling.id == ruling_id, in_stages(TieRuling.stage_id, actor, *permissions))
    )
    if found is None:
        raise NotFound
    return found


def publications_in_scope(actor: Actor, *permissions: Permission) -> Select[Publication]:
    """Publications of stages in scope, with what names them."""
    return (
        select(Publication)
        .where(in_stages(Publication.stage_id, actor, *permissions))
        .options(_publication_names(), selectinload(Publication.replaced_by))
    )


def with_places(statement: Select[Any]) -> Select[Any]:
    """Joined with stage, event and competition, by whose names publications are sorted and searched."""
    return statement.join(Publication.stage).join(Stage.event).join(Event.competition)


def publication_in_scope(session: Session, actor: Actor, publication_id: str, *permissions: Permission) -> Publication:
    """A publication of a stage in scope. Raises NotFound."""
    found = session.scalar(publications_in_scope(actor, *permissions).where(Publication.id == publication_id))
    if found is None:
        raise NotFound
    return found


def stages_to_publish(session: Session, actor: Actor, limit: int) -> list[Stage]:
    """Settled stages that the actor drafts for and that have neither a draft nor a publication, oldest first."""
    standing = exists().where(and_(Publication.stage_id == Stage.id, Publication.state.in_(("draft", "published"))))
    return list(
        session.scalars(
            with_names(stages_in_scope(actor, Permission.DRAFT_PUBLICATION))
            .join(Stage.event)
            .join(Event.competition)
            .where(
                Competition.state.in_(("open", "closed")),
                Stage.settled_at.is_not(None),
                ~standing,
                Event.called_off_at.is_(None),
            )
            .order_by(Stage.settled_at, Stage.id)
            .limit(limit)
        )
    )


def drafts_to_decide(actor: Actor) -> Select[Publication]:
    """Drafts and requests to withdraw that wait for the actor: in his scope, by somebody else. Each found by its own
    index: of all publications few wait for anything.
    """
    drafts = select(Publication.id).where(Publication.state == "draft", Publication.drafted_by != actor.id)
    withdrawals = select(Publication.id).where(
        Publication.withdrawal_by > "", Publication.withdrawal_by != actor.id, Publication.state == "published"
    )
    return publications_in_scope(actor, Permission.APPROVE_PUBLICATION).where(
        Publication.id.in_(drafts.union_all(withdrawals))
    )


def public_publications() -> Select[Publication]:
    """Everything that is public now, with what names it."""
    return select(Publication).where(Publication.state == "published").options(_publication_names())


def latest_publications(session: Session, limit: int) -> list[Publication]:
    """The newest publications, for the front page; stage, event and competition are loaded."""
    return list(
        session.scalars(public_publications().order_by(Publication.published_at.desc(), Publication.id).limit(limit))
    )


def with_names(statement: Select[Stage]) -> Select[Stage]:
    """Event and competition are loaded along."""
    return statement.options(selectinload(Stage.event).selectinload(Event.competition))


def _publication_names() -> ExecutableOption:
    return selectinload(Publication.stage).selectinload(Stage.event).selectinload(Event.competition)
