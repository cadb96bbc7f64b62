"""The standings as a workbook for officials: counted against the hour's limit, and recorded with what was handed out.

Source of the limit: design.md §7 ("limits count … exports"), security.md §6.
"""

import hashlib
from datetime import timedelta

from flask import Response
from flask_login import current_user

from competitions import clock
from competitions.accounts.limits import limit
from competitions.audit.recording import record, transaction
from competitions.errors import NotFound
from competitions.extensions import db
from competitions.permissions import Permission, requires
from competitions.results.blueprint import bp
from competitions.results.standings_page import standings_table
from competitions.results.standings_views import seen_stage, shown_entrants, shown_standings
from competitions.results.workbooks import standings_workbook
from competitions.tabular.writing import content_disposition

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTS = 20
"""As many in an hour for each user as of entries with personal data."""


@bp.get("/desk/stages/<stage_id>/standings.xlsx")
@requires(Permission.SIGNED_IN)
def standings_file(stage_id: str) -> Response:
    """成绩汇总表 with the team table; by code before decoding. The file is written outside the write transactions."""
    seen_stage(db.session(), stage_id)
    with transaction() as session:
        limit(session, f"export:standings:{current_user.id}", clock.now(), timedelta(hours=1), EXPORTS)
    session, at = db.session(), clock.now()
    stage = seen_stage(session, stage_id)
    standings, entrants = shown_standings(session, stage), shown_entrants(session, stage)
    if not standings:
        raise NotFound
    tables = [(standing, standings_table(standing, entrants)) for standing in standings]
    heading = f"{stage.event.competition.name}{stage.event.name}{stage.name}"
    content = standings_workbook(heading, tables, entrants is not None, at)
    handed_out = {
        "file": hashlib.sha256(content).hexdigest(),
        "standings": [standing.digest for standing in standings],
        "rows": sum(len(table.rows) for _, table in tables),
        "teams": sum(len(table.teams) for _, table in tables),
        "named": entrants is not None,
    }
    with transaction():
        record("standings.export", "stage", stage_id, by=current_user, at=at, after=handed_out)
    return Response(
        content, mimetype=SPREADSHEET, headers={"Content-Disposition": content_disposition(f"{heading}成绩汇总表.xlsx")}
    )
