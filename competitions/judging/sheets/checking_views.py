"""The checker's pages: what is delivered, by code; the judges' marks of one code side by side; confirming;
re-checking.
"""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import NotFound, Refusal
from competitions.base.permissions import Permission
from competitions.base.rows import RowsRefused, require_each
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.module_pages import chosen_division, module_lines
from competitions.judging.queries import (
    ALIVE,
    head_revisions,
    judge_names,
    latest_signature,
    panel_of,
    sheet_in_scope,
    sheets_in_scope,
)
from competitions.judging.schemes.marks import given_runs, given_seconds
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.blind import revision_document
from competitions.judging.sheets.deliveries import Answer, read_key
from competitions.judging.sheets.delivering import deliver
from competitions.judging.sheets.form_numbers import form_number
from competitions.judging.sheets.judgement import unresolved_spreads
from competitions.judging.sheets.rechecking import drawn_codes, outcomes_of, recheck
from competitions.judging.sheets.services import confirm_sheet, differing, second_entry
from competitions.judging.signing.module_state import module_state
from competitions.judging.signing.statuses import module_statuses_of, statuses_of
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.timing.reckoning import CodeTime, SheetTime
from competitions.programme.models import Module
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.programme.queries import module_in_scope
from competitions.web.declared import requires
from competitions.web.many import GoingOn, RefusedMany, RefusedRow, fields_again
from competitions.words.sentences import sentence, worded

CHECK = Permission.CONFIRM_SHEETS


@dataclass(frozen=True, slots=True)
class CheckedColumn:
    """One judge's sheet of a code beside the others'; `own`: the checker may not confirm it; `differs`: double entry; `time`:
    taken, stopped, granted.
    """

    sheet: ScoreSheet
    judge: str
    content: dict[str, Any]
    own: bool
    second: bool
    differs: list[str]
    time: SheetTime

    def waits_for(self, twice: bool, spread: bool) -> str:
        """Whom the sheet waits for: the judge, another checker, the whole panel (judgements too far apart), the second
        reading, this checker, nobody. `twice`: everything is read twice.
        """
        if not self.sheet.is_delivered:
            return "judge"
        if self.sheet.is_done:
            return "nobody"
        if self.own:
            return "another"
        if spread:
            return "panel"
        return "second" if twice and (not self.second or self.differs) else "checker"


@bp.get("/desk/judging/checking")
@requires(CHECK)
def checking() -> str:
    """The modules in which something is to be checked."""
    return render_template("judging/checking_list.html", lines=module_lines(db.session(), current_user, CHECK))


@bp.get("/desk/modules/<module_id>/checking")
@requires(CHECK)
def checking_module(module_id: str) -> str:
    """The codes of a module with how many sheets are delivered and confirmed."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, CHECK)
    rows = session.execute(
        select(ScoreSheet.code, ScoreSheet.state, func.count())
        .where(ScoreSheet.module_id == module.id, ALIVE)
        .group_by(ScoreSheet.code, ScoreSheet.state)
        .order_by(ScoreSheet.code)
    )
    codes: dict[str, dict[str, int]] = {}
    for code, state, count in rows:
        codes.setdefault(code, {})[state] = count
    division = chosen_division(session, module)
    sheets = module_state(session, module, division.id).sheets if JudgingSettings.of(module).recheck else []
    return render_template(
        "judging/checking_module.html",
        module=module,
        codes=codes,
        division=division,
        drawn=drawn_codes(session, module, division.id, sheets),
        outcomes=outcomes_of(session, module, sheets),
        statuses=statuses_of(session, module.stage_id),
        signed=latest_signature(session, module.id, division.id) is not None,
        module_statuses=module_statuses_of(session, module.stage_id).get(module.id, {}),
    )


@bp.get("/desk/modules/<module_id>/checking/<code>")
@requires(CHECK)
def checking_code(module_id: str, code: str) -> str:
    """One code: the sheets of all judges side by side."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, CHECK)
    columns = code_columns(session, module, code)
    codes = list(
        session.scalars(
            select(ScoreSheet.code).where(ALIVE, ScoreSheet.module_id == module.id).distinct().order_by(ScoreSheet.code)
        )
    )
    place = codes.index(code)
    return render_template(
        "judging/checking_code.html",
        module=module,
        code=code,
        key=new_id(),
        columns=columns,
        twice=JudgingSettings.of(module).double_entry,
        aspects=[aspect.document() for aspect in aspects_of(session, module)],
        spreads=unresolved_spreads(session, module, [code]),
        before=codes[place - 1] if place else None,
        after=codes[place + 1] if place + 1 < len(codes) else None,
    )


def code_columns(session: Session, module: Module, code: str) -> list[CheckedColumn]:
    """The sheets of a code by panel position. Raises NotFound when there are none."""
    statement = sheets_in_scope(current_user, CHECK).where(
        ALIVE, ScoreSheet.module_id == module.id, ScoreSheet.code == code
    )
    sheets, revisions = list(session.scalars(statement)), head_revisions(session, statement)
    if not sheets:
        raise NotFound
    names = judge_names(panel_of(session, module.id))
    order = list(names)
    sheets.sort(key=lambda sheet: order.index(sheet.judge_id) if sheet.judge_id in order else len(order))
    time = ModuleTimes(session, module.stage_id, [module]).of(module.id, code, signed=True)
    return [_column(session, sheet, names.get(sheet.judge_id, "—"), revisions.get(sheet.id), time) for sheet in sheets]


def _column(session: Session, sheet: ScoreSheet, judge: str, revision: Any, time: CodeTime) -> CheckedColumn:
    again = second_entry(session, sheet) if JudgingSettings.of(sheet.module).double_entry else None
    own = current_user.id in (sheet.judge_id, revision.author_id if revision else None)
    return CheckedColumn(
        sheet,
        judge,
        revision_document(revision),
        own,
        again is not None,
        differing(revision.marks, again.marks) if again and revision else [],
        time.of(given_seconds(revision.seconds), given_runs(revision.runs)) if revision else time.of(None),
    )


@bp.post("/desk/modules/<module_id>/checking/<code>")
@requires(CHECK)
def checking_confirm(module_id: str, code: str) -> Any:
    """Confirm every delivered sheet of the code in the revision that was shown; all of them or none."""
    shown = {name[4:]: form_number(value) for name, value in request.form.items() if name.startswith("rev.")}

    def act(session: Session, at: Any) -> Answer:
        sheets = [sheet_in_scope(session, current_user, sheet_id, CHECK, lock=True) for sheet_id in sorted(shown)]
        if any((sheet.module_id, sheet.code) != (module_id, code) for sheet in sheets):
            raise NotFound
        require_each(sheets, lambda sheet: confirm_sheet(session, sheet, shown[sheet.id], by=current_user, at=at))
        return {"confirmed": len(sheets)}

    try:
        answer, _, _ = deliver(f"confirm-code {module_id} {code}", read_key(request.form.get("key")), shown, act)
        flash(f"{code} 的 {answer['confirmed']} 份评分表已复核。", "success")
    except RowsRefused as refusal:
        return _refused(module_id, code, refusal)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        flash(sentence(refusal.code, **refusal.params), "danger")
    return redirect(url_for("judging.checking_code", module_id=module_id, code=code), 303)


def _refused(module_id: str, code: str, refusal: RowsRefused) -> Any:
    """Which sheets of the code could not be confirmed, and why; the others may go on."""
    module = module_in_scope(db.session(), current_user, module_id, CHECK)
    judges = {column.sheet.id: column.judge for column in code_columns(db.session(), module, code)}
    why = {f"rev.{problem.where}": worded(problem) for problem in refusal.problems}
    rows = [RefusedRow(f"{code}，{judges.get(name[4:], '—')}", said) for name, said in why.items()]
    left = [name for name in request.form if name.startswith("rev.") and name not in why]
    on = GoingOn(f"其余 {len(left)} 份复核通过", fields_again({"key": new_id()}, without=[*why])) if left else None
    back = url_for("judging.checking_code", module_id=module_id, code=code)
    return RefusedMany(f"{code} 复核", back, rows, on).answer(refusal)


@bp.post("/desk/modules/<module_id>/recheck")
@requires(CHECK)
def checking_recheck(module_id: str) -> Any:
    """Say what a re-check gave."""
    with transaction() as session:
        module = module_in_scope(session, current_user, module_id, CHECK)
        code = request.form.get("code", "")
        sheets = [
            sheet
            for sheet in session.scalars(
                sheets_in_scope(current_user, CHECK).where(
                    ALIVE, ScoreSheet.module_id == module.id, ScoreSheet.code == code
                )
            )
        ]
        recheck(
            session,
            module,
            sheets,
            code,
            request.form.get("outcome", ""),
            request.form.get("reason", ""),
            by=current_user,
            at=clock.now(),
        )
    flash(f"{code} 的抽查结果已记录。", "success")
    return redirect(url_for("judging.checking_module", module_id=module_id), 303)
