"""The standings as a workbook for officials, counted and recorded; those of a large stage are made in the background."""

from typing import Any

from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.accounts.exports import count_export
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.jobs.handing_out import hand_out
from competitions.jobs.kinds import Kind, Parameters, Result, Work, register, workbook
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Module, Stage
from competitions.results.blueprint import bp
from competitions.results.publications.workbooks import standings_workbook
from competitions.results.standings.page import standings_table
from competitions.results.standings.views import shown_entrants, shown_standings, stage_seen_by
from competitions.web.declared import requires


@bp.get("/desk/stages/<stage_id>/standings.xlsx")
@requires(Permission.SIGNED_IN)
def standings_file(stage_id: str) -> Any:
    """成绩汇总表 with the team table; by code before decoding. The file is written outside the write transactions."""
    title = f"{_heading(stage_seen_by(db.session(), current_user, stage_id))}成绩汇总表"
    return hand_out(STANDINGS, {"stage": stage_id}, title, lambda: count_export("standings"))


def _heading(stage: Stage) -> str:
    return f"{stage.event.competition.name}{stage.event.name}{stage.name}"


def _sheets(session: Session, actor: Actor, parameters: Parameters) -> int:
    """How many sheets are put together: that is what takes the time."""
    stage = stage_seen_by(session, actor, parameters["stage"])
    of_stage = select(func.count(ScoreSheet.id)).join(Module, Module.id == ScoreSheet.module_id)
    return session.scalar(of_stage.where(Module.stage_id == stage.id)) or 0


def _make(work: Work) -> Result:
    stage = stage_seen_by(work.session, work.actor, work.parameters["stage"])
    standings, entrants = shown_standings(work.session, stage), shown_entrants(work.session, stage)
    if not standings:
        raise NotFound
    tables = [(standing, standings_table(standing, entrants)) for standing in standings]
    work.tell(60)
    content = standings_workbook(_heading(stage), tables, entrants is not None, work.at)
    facts = {
        "standings": [standing.digest for standing in standings],
        "rows": sum(len(table.rows) for _, table in tables),
        "teams": sum(len(table.teams) for _, table in tables),
        "named": entrants is not None,
    }
    return Result(workbook(f"{_heading(stage)}成绩汇总表.xlsx", content), "standings.export", "stage", stage.id, facts)


STANDINGS = register(Kind("results.standings", _sheets, _make))
