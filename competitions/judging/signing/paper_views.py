"""Papers of a module to download: score sheets for each code and judge, the summary by code after signing."""

from flask import Response, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from competitions.accounts.exports import count_export, record_export
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.module_pages import chosen_division
from competitions.judging.queries import head_revisions, judge_names, panel_of
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.settings import HALL_FILES
from competitions.judging.signing.matrix import matrix_of
from competitions.judging.signing.papers import MOST_PAPERS, module_summary, score_paper
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.worksheets.desk import Desk
from competitions.judging.worksheets.plan import SheetLine
from competitions.judging.worksheets.services import Seat, layout_of, sheet_lines
from competitions.judging.worksheets.views import SEATS, seated
from competitions.programme.models import Module
from competitions.programme.queries import module_in_scope
from competitions.web.answers import table_download
from competitions.web.declared import requires

VIEW = Permission.VIEW_MATRIX


def worksheet_papers(desk: Desk) -> Response:
    """评分表 to be filled in by hand: of all judges of the module or of the one named; a judge's own with his marks."""
    session, with_marks = db.session(), desk.seat is Seat.JUDGE and "marks" in request.args
    if with_marks:
        desk.module(session)
        count_export("marks", HALL_FILES)
    module = desk.module(session)
    layout = layout_of(session, module, desk.seat)
    lines = sheet_lines(session, current_user, module, desk.seat, layout)
    return _papers(module, lines, by_ticket=layout.by_ticket, with_marks=with_marks)


for _seat, (_place, _permission) in SEATS.items():
    bp.add_url_rule(
        f"/desk/modules/<module_id>/{_place}/papers.xlsx",
        f"{_seat}_worksheet_papers",
        seated(_seat, _permission, worksheet_papers),
    )


@bp.get("/desk/modules/<module_id>/score-sheets.xlsx")
@requires(VIEW)
def score_sheets(module_id: str) -> Response:
    """评分表 of a division with the marks that are delivered, to be signed on paper."""
    session = db.session()
    module_in_scope(session, current_user, module_id, VIEW)
    count_export("marks", HALL_FILES)
    module = module_in_scope(session, current_user, module_id, VIEW)
    statement = select(ScoreSheet).where(
        ScoreSheet.module_id == module.id,
        ScoreSheet.division_id == chosen_division(session, module).id,
        ScoreSheet.closed.is_(None),
    )
    short = judge_names(panel_of(session, module.id))
    revisions = head_revisions(session, statement)
    lines = [
        SheetLine(sheet.code, short.get(sheet.judge_id, ""), sheet, revisions.get(sheet.id))
        for sheet in session.scalars(statement.options(joinedload(ScoreSheet.division), joinedload(ScoreSheet.sitting)))
    ]
    lines.sort(key=lambda line: (len(line.judge), line.judge, line.name))
    return _papers(module, lines, with_marks=True)


@bp.get("/desk/modules/<module_id>/summary.xlsx")
@requires(VIEW)
def module_summary_table(module_id: str) -> Response:
    """成绩汇总表 of a signed division. Raises StateForbids before the signature."""
    session = db.session()
    module_in_scope(session, current_user, module_id, VIEW)
    count_export("marks", HALL_FILES)
    module = module_in_scope(session, current_user, module_id, VIEW)
    division = chosen_division(session, module)
    found = matrix_of(session, module, division)
    if found.state.signature is None or not found.state.signed:
        raise StateForbids("not_signed")
    answer = table_download(
        f"{module.stage.event.name}{module.name}成绩汇总表",
        module_summary(module, division, found, found.state.signature),
    )
    record_export("marks.export", "module", module_id, answer.get_data(), rows=len(found.rows), signed=True)
    return answer


def _papers(module: Module, lines: list[SheetLine], *, with_marks: bool, by_ticket: bool = False) -> Response:
    wanted = request.args.get("judge", "")
    lines = [line for line in lines if wanted in ("", line.judge)]
    if len(lines) > MOST_PAPERS or not lines:
        raise StateForbids("too_many_papers" if lines else "no_papers", most=MOST_PAPERS, count=len(lines))
    aspects = aspects_of(db.session(), module)
    times = ModuleTimes(db.session(), module.stage_id, [module])
    name, module_id = f"{module.stage.event.name}{module.name}评分表{f'{wanted}_' if wanted else ''}", module.id
    answer = table_download(
        name,
        *(
            score_paper(
                module,
                aspects,
                line,
                by_ticket=by_ticket,
                with_marks=with_marks,
                time=times.of(module.id, line.sheet.code, signed=True),
            )
            for line in lines
        ),
    )
    if with_marks:
        record_export("marks.export", "module", module_id, answer.get_data(), rows=len(lines))
    return answer
