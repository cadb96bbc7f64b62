"""What waits for somebody in results: standings to settle, rulings to confirm, publications to draft or approve, lists of
those who go on. No further than a desk lists.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import MOST, Waiting, cut
from competitions.coding.queries import is_decoded
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Module, Stage
from competitions.programme.queries import stages_in_scope
from competitions.results.models import Publication, TieRuling
from competitions.results.queries import drafts_to_decide, stages_to_publish, with_names
from competitions.results.selection.advancing import waiting_to_advance
from competitions.results.settlement.corrected import corrected_stages, must_settle_again


def waiting(session: Session, actor: Actor, _at: datetime) -> list[Waiting]:
    """All of it."""
    return [
        *_to_settle(session, actor),
        *_to_settle_again(session, actor),
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
        with_names(stages_in_scope(actor, Permission.SETTLE_STANDINGS))
        .where(Stage.settled_at.is_(None), sheets.exists(), ~sheets.where(ScoreSheet.state != "signed").exists())
        .order_by(Stage.id)
        .limit(MOST + 1)
    )
    return cut(
        [
            Waiting(
                f"“{stage.event.name}”{stage.name}各模块已签字，等待结算名次",
                "results.standings_show",
                {"stage_id": stage.id},
            )
            for stage in stages
        ]
    )


def _to_settle_again(session: Session, actor: Actor) -> list[Waiting]:
    """Settled stages in which a corrected entry counts for another side now."""
    if not actor.may(Permission.SETTLE_STANDINGS):
        return []
    public = exists().where(Publication.stage_id == Stage.id, Publication.state == "published")
    stages = session.scalars(
        with_names(stages_in_scope(actor, Permission.SETTLE_STANDINGS))
        .where(Stage.settled_at.is_not(None), corrected_stages(), ~public)
        .order_by(Stage.id)
        .limit(MOST)
    )
    return [
        Waiting(
            f"“{stage.event.name}”{stage.name}结算后有报名更正，等待重新结算签字",
            "results.standings_show",
            {"stage_id": stage.id},
        )
        for stage in stages
        if must_settle_again(session, stage)
    ]


def _rulings_to_confirm(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.APPROVE_REQUESTS):
        return []
    proposed = aliased(TieRuling)
    stages = session.scalars(
        with_names(stages_in_scope(actor, Permission.APPROVE_REQUESTS))
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
        .limit(MOST + 1)
    )
    return cut(
        [
            Waiting(
                f"“{stage.event.name}”{stage.name}有并列裁定等待确认", "results.standings_show", {"stage_id": stage.id}
            )
            for stage in stages
        ]
    )


def _to_draft(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.DRAFT_PUBLICATION):
        return []
    return cut(
        [
            Waiting(
                f"“{stage.event.competition.name}”{stage.event.name}{stage.name}已解密，可以拟稿公布",
                "results.publication_drafting",
                {"stage_id": stage.id},
            )
            for stage in stages_to_publish(session, actor, MOST + 1)
            if is_decoded(session, stage.id)
        ]
    )


def _to_approve(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.APPROVE_PUBLICATION):
        return []
    rows = session.scalars(drafts_to_decide(actor).order_by(Publication.drafted_at, Publication.id).limit(MOST + 1))
    return cut(
        [
            Waiting(
                f"“{row.stage.event.competition.name}”{row.stage.event.name}第 {row.number} 号公布等待"
                f"{'审定签发' if row.state == 'draft' else '审定撤回'}",
                "results.publication_show",
                {"publication_id": row.id},
            )
            for row in rows
        ]
    )
