"""The standings as a workbook for officials, counted and recorded."""

from flask import Response

from competitions.accounts.exports import count_export, record_export
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.results.blueprint import bp
from competitions.results.publications.workbooks import standings_workbook
from competitions.results.standings.page import standings_table
from competitions.results.standings.views import seen_stage, shown_entrants, shown_standings
from competitions.tabular.writing import content_disposition
from competitions.web.declared import requires

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/desk/stages/<stage_id>/standings.xlsx")
@requires(Permission.SIGNED_IN)
def standings_file(stage_id: str) -> Response:
    """成绩汇总表 with the team table; by code before decoding. The file is written outside the write transactions."""
    seen_stage(db.session(), stage_id)
    count_export("standings")
    session, at = db.session(), clock.now()
    stage = seen_stage(session, stage_id)
    standings, entrants = shown_standings(session, stage), shown_entrants(session, stage)
    if not standings:
        raise NotFound
    tables = [(standing, standings_table(standing, entrants)) for standing in standings]
    heading = f"{stage.event.competition.name}{stage.event.name}{stage.name}"
    content = standings_workbook(heading, tables, entrants is not None, at)
    record_export(
        "standings.export",
        "stage",
        stage_id,
        content,
        standings=[standing.digest for standing in standings],
        rows=sum(len(table.rows) for _, table in tables),
        teams=sum(len(table.teams) for _, table in tables),
        named=entrants is not None,
    )
    return Response(
        content, mimetype=SPREADSHEET, headers={"Content-Disposition": content_disposition(f"{heading}成绩汇总表.xlsx")}
    )
