"""Questions about standings and publications within the caller's scope, and what waits for him. Knows no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload
from sqlalchemy.sql.base import ExecutableOption

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import Waiting
from competitions.coding.models import CodeSheet
from competitions.coding.queries import NO_CODER, is_decoded
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.programme.queries import stages_in_scope
from competitions.results.models import Publication, TieRuling
from competitions.results.selection.advancing import waiting_to_advance

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
    return _with_names(stages_in_scope(actor, Permission.VIEW_STANDINGS)).join(Stage.event).join(Event.competition)


def stage_to_show(session: Session, actor: Actor, stage_id: str, *permissions: Permission) -> Stage:
    """A stage in scope, with event and competition. Raises NotFound."""
    found = session.scalar(_with_names(stages_in_scope(actor, *permissions)).where(Stage.id == stage_id))
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
    stages = stages_in_scope(actor, *permissions).with_only_columns(Stage.id)
    found = session.scalar(select(TieRuling).where(TieRuling.id == ruling_id, TieRuling.stage_id.in_(stages)))
    if found is None:
        raise NotFound
    return found


def publications_in_scope(actor: Actor, *permissions: Permission) -> Select[Publication]:
    """Publications of stages in scope, with what names them."""
    stages = stages_in_scope(actor, *permissions).with_only_columns(Stage.id)
    return (
        select(Publication)
        .where(Publication.stage_id.in_(stages))
        .join(Publication.stage)
        .join(Stage.event)
        .join(Event.competition)
        .options(_publication_names(), selectinload(Publication.replaced_by))
    )


def publication_in_scope(session: Session, actor: Actor, publication_id: str, *permissions: Permission) -> Publication:
    """A publication of a stage in scope. Raises NotFound."""
    found = session.scalar(publications_in_scope(actor, *permissions).where(Publication.id == publication_id))
    if found is None:
        raise NotFound
    return found


def stages_to_publish(session: Session, actor: Actor) -> list[Stage]:
    """Settled stages that the actor drafts for and that have neither a draft nor a publication, oldest first."""
    standing = exists().where(and_(Publication.stage_id == Stage.id, Publication.state.in_(("draft", "published"))))
    return list(
        session.scalars(
            _with_names(stages_in_scope(actor, Permission.DRAFT_PUBLICATION))
            .join(Stage.event)
            .join(Event.competition)
            .where(
                Stage.settled_at.is_not(None), ~standing, Competition.state != "archived", Event.called_off_at.is_(None)
            )
            .order_by(Stage.settled_at, Stage.id)
        )
    )


def drafts_to_decide(actor: Actor) -> Select[Publication]:
    """Drafts and requests to withdraw that wait for the actor: in his scope, by somebody else."""
    return publications_in_scope(actor, Permission.APPROVE_PUBLICATION).where(
        or_(
            and_(Publication.state == "draft", Publication.drafted_by != actor.id),
            and_(
                Publication.state == "published",
                Publication.withdrawal_by.is_not(None),
                Publication.withdrawal_by != actor.id,
            ),
        )
    )


def public_publications() -> Select[Publication]:
    """Everything that is public now, with what names it."""
    return (
        select(Publication)
        .where(Publication.state == "published")
        .join(Publication.stage)
        .join(Stage.event)
        .join(Event.competition)
        .options(_publication_names())
    )


def latest_publications(session: Session, limit: int) -> list[Publication]:
    """The newest publications, for the front page; stage, event and competition are loaded."""
    return list(
        session.scalars(public_publications().order_by(Publication.published_at.desc(), Publication.id).limit(limit))
    )


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """What waits for this person here: standings to settle, rulings to confirm, publications to draft or approve."""
    return [
        *_to_settle(session, actor),
        *_rulings_to_confirm(session, actor),
        *_to_draft(session, actor),
        *_to_approve(session, actor),
        *waiting_to_advance(session, actor),
    ]


def _to_settle(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.SETTLE_STANDINGS):
        return []
    sheets = (
        select(ScoreSheet.id)
        .join(Module, Module.id == ScoreSheet.module_id)
        .where(Module.stage_id == Stage.id, ScoreSheet.closed.is_(None))
    )
    stages = session.scalars(
        _with_names(stages_in_scope(actor, Permission.SETTLE_STANDINGS))
        .where(Stage.settled_at.is_(None), sheets.exists(), ~sheets.where(ScoreSheet.state != "signed").exists())
        .order_by(Stage.id)
    )
    return [
        Waiting(
            f"“{stage.event.name}”{stage.name}各模块已签字，等待结算名次",
            "results.standings_show",
            {"stage_id": stage.id},
        )
        for stage in stages
    ]


def _rulings_to_confirm(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.APPROVE_REQUESTS):
        return []
    proposed = aliased(TieRuling)
    stages = session.scalars(
        _with_names(stages_in_scope(actor, Permission.APPROVE_REQUESTS))
        .where(
            Stage.settled_at.is_(None),
            exists().where(
                proposed.stage_id == Stage.id,
                proposed.confirmed_by.is_(None),
                proposed.revoked_at.is_(None),
                proposed.proposed_by != actor.id,
            ),
        )
        .order_by(Stage.id)
    )
    return [
        Waiting(f"“{stage.event.name}”{stage.name}有并列裁定等待确认", "results.standings_show", {"stage_id": stage.id})
        for stage in stages
    ]


def _to_draft(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.DRAFT_PUBLICATION):
        return []
    return [
        Waiting(
            f"“{stage.event.competition.name}”{stage.event.name}{stage.name}已解密，可以拟稿公布",
            "results.publication_drafting",
            {"stage_id": stage.id},
        )
        for stage in stages_to_publish(session, actor)
        if is_decoded(session, stage.id)
    ]


def _to_approve(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.APPROVE_PUBLICATION):
        return []
    rows = session.scalars(drafts_to_decide(actor).order_by(Publication.drafted_at, Publication.id))
    return [
        Waiting(
            f"“{row.stage.event.competition.name}”{row.stage.event.name}第 {row.number} 号公布等待"
            f"{'审定签发' if row.state == 'draft' else '审定撤回'}",
            "results.publication_show",
            {"publication_id": row.id},
        )
        for row in rows
    ]


def _with_names(statement: Select[Stage]) -> Select[Stage]:
    return statement.options(selectinload(Stage.event).selectinload(Event.competition))


def _publication_names() -> ExecutableOption:
    return selectinload(Publication.stage).selectinload(Stage.event).selectinload(Event.competition)
