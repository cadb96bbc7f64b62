"""Pages of one level of codes: drawing, typing, sealing, printing, decoding. Only the level's own coder sees its lines."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.exports import count_export
from competitions.accounts.second_person import open_act
from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Permission
from competitions.coding import papers, services
from competitions.coding.decoding import next_to_decode
from competitions.coding.grids import GridRow, put_faults
from competitions.coding.late import ADDING, add_code, late_sources
from competitions.coding.models import CodeSheet
from competitions.coding.pages import bp, stage_here, words_of, workbook
from competitions.coding.progress import progress_of
from competitions.coding.queries import LEVEL_NAMES, code_rows, code_sheets, entries_by_id
from competitions.coding.sealing import sources_of
from competitions.programme.models import Stage
from competitions.web.declared import requires


@bp.get("/desk/stages/<stage_id>/coding/levels/<int:level>")
@requires(Permission.SEAL_CODES)
def level(stage_id: str, level: int) -> str:
    """The level: for its custodian with its lines, for others without."""
    return _page(stage_id, level)


@bp.post("/desk/stages/<stage_id>/coding/levels/<int:level>/draw")
@requires(Permission.SEAL_CODES)
def level_draw(stage_id: str, level: int) -> Any:
    """Draw the codes by the system."""
    with transaction() as session:
        here = stage_here(session, stage_id, Permission.SEAL_CODES)
        services.draw_codes(session, here, level, by=current_user, at=clock.now())
    flash("编号已随机抽取。核对后封存。", "success")
    return _back(stage_id, level)


@bp.post("/desk/stages/<stage_id>/coding/levels/<int:level>/codes")
@requires(Permission.SEAL_CODES)
def level_codes(stage_id: str, level: int) -> Any:
    """Keep the codes that were typed in from the hall."""
    stage_here(db.session(), stage_id, Permission.SEAL_CODES)
    typed = {name.removeprefix("code-"): text for name, text in request.form.items() if name.startswith("code-")}
    try:
        with transaction() as session:
            here = stage_here(session, stage_id, Permission.SEAL_CODES)
            services.enter_codes(session, here, level, typed, by=current_user, at=clock.now())
    except Invalid as fault:
        return _page(stage_id, level, typed, fault), 422
    flash("已保存编号。", "success")
    return _back(stage_id, level)


@bp.post("/desk/stages/<stage_id>/coding/levels/<int:level>/seal")
@requires(Permission.SEAL_CODES)
def level_seal(stage_id: str, level: int) -> Any:
    """The coder seals; the supervisor follows from his own sign-in."""
    with transaction() as session:
        sheet = _sheet(session, stage_here(session, stage_id, Permission.SEAL_CODES), level)
        services.seal(session, sheet, by=current_user, at=clock.now())
    flash("已封存。请打印加密登记表，与监督员签字，并请监督员用自己的账号见证。", "success")
    return _back(stage_id, level)


@bp.post("/desk/stages/<stage_id>/coding/levels/<int:level>/late")
@requires(Permission.SEAL_CODES)
def level_late(stage_id: str, level: int) -> Any:
    """One more code for somebody who came late; the supervisor follows from his own sign-in."""
    with transaction() as session:
        sheet = _sheet(session, stage_here(session, stage_id, Permission.SEAL_CODES), level)
        add_code(session, sheet, request.form.get("source", ""), by=current_user, at=clock.now())
    flash("已补编一个编号。请监督员用自己的账号见证后生效。", "success")
    return _back(stage_id, level)


@bp.post("/desk/stages/<stage_id>/coding/levels/<int:level>/decode")
@requires(Permission.DECODE)
def level_decode(stage_id: str, level: int) -> Any:
    """The coder opens his level; the supervisor follows from his own sign-in."""
    with transaction() as session:
        sheet = _sheet(session, stage_here(session, stage_id, Permission.DECODE), level)
        services.decode_coder(session, sheet, by=current_user, at=clock.now())
    flash("已确认解密。请监督员用自己的账号确认并填写监督记录。", "success")
    return _back(stage_id, level)


@bp.get("/desk/stages/<stage_id>/coding/levels/<int:level>/sheet.xlsx")
@requires(Permission.SEAL_CODES)
def level_paper(stage_id: str, level: int) -> Response:
    """加密登记表 for two signatures, counted and recorded. Raises StateForbids for everybody but its coder."""
    _own_sheet(stage_id, level)
    count_export("codes")
    session = db.session()
    here, sheet = _own_sheet(stage_id, level)
    rows, sheet_id = code_rows(session, sheet), sheet.id
    table = papers.code_table(here, sheet, rows, _words(session, level, [row.source for row in rows]))
    answer = workbook([table], table.title)
    with transaction():  # without the file's digest: with few entrants the codes could be found by trying all orders
        record(
            session, "codes.export", "code_sheet", sheet_id, by=current_user, at=clock.now(), after={"rows": len(rows)}
        )
    return answer


def _own_sheet(stage_id: str, level: int) -> tuple[Stage, CodeSheet]:
    session = db.session()
    here = stage_here(session, stage_id, Permission.SEAL_CODES)
    sheet = _sheet(session, here, level)
    if sheet.coder_id != current_user.id:
        raise StateForbids("level_of_another", level=level)
    return here, sheet


def _page(stage_id: str, number: int, typed: dict[str, str] | None = None, fault: Invalid | None = None) -> str:
    session = db.session()
    here = stage_here(session, stage_id, Permission.SEAL_CODES)
    if not 1 <= number <= here.event.code_levels:
        raise NotFound
    sheets = {sheet.level: sheet for sheet in code_sheets(session, here.id)}
    sheet = sheets.get(number)
    own = sheet is None or sheet.coder_id == current_user.id
    blocked = None
    rows: list[GridRow] = []
    try:
        if own and not (sheet and sheet.sealed_at):
            sources_of(session, here, number)
    except StateForbids as reason:
        blocked = reason
    if sheet is not None and own:
        rows = _rows(session, here, sheet, typed)
    elif sheet is None and not blocked:
        rows = _blank_rows(session, here, number, typed)
    problems = put_faults(rows, fault.problems) if fault else []
    late = late_sources(session, sheet) if sheet is not None and sheet.coder_id == current_user.id else []
    late_words = _words(session, number, late)
    return render_template(
        "coding/level_show.html",
        **words_of(here),
        level=number,
        sheet=sheet,
        own=own,
        rows=rows,
        blocked=blocked,
        problems=problems,
        level_names=LEVEL_NAMES,
        level_words=papers.LEVEL_WORDS,
        grouped=papers.grouped,
        decode=next_to_decode(session, here),
        late=[(source, late_words.get(source, "—")) for source in late],
        adding=open_act(session, ADDING, sheet.id) if sheet is not None else None,
        progress=progress_of(session, [here])[here.id],
        complete=bool(rows) and all(row.values["code"] for row in rows),
    )


def _rows(session: Session, here: Stage, sheet: CodeSheet, typed: dict[str, str] | None) -> list[GridRow]:
    """Open: what is to be coded, in the order of what it replaces; sealed: the lines, by code."""
    lines = code_rows(session, sheet)
    codes = {line.source: line.code for line in lines}
    if sheet.sealed_at is not None:
        words = _words(session, sheet.level, list(codes))
        return [GridRow(line.source, (words.get(line.source, "—"),), {"code": line.code}) for line in lines]
    try:
        sources = sources_of(session, here, sheet.level)
    except StateForbids:
        sources = list(codes)
    return _grid(session, sheet.level, sources, codes | (typed or {}))


def _blank_rows(session: Session, here: Stage, number: int, typed: dict[str, str] | None) -> list[GridRow]:
    return _grid(session, number, sources_of(session, here, number), typed or {})


def _grid(session: Session, number: int, sources: list[str], codes: dict[str, str]) -> list[GridRow]:
    words = _words(session, number, sources)
    rows = [GridRow(source, (words.get(source, "—"),), {"code": codes.get(source, "")}) for source in sources]
    return sorted(rows, key=lambda row: tuple(row.shown))


def _words(session: Session, number: int, sources: list[str]) -> dict[str, str]:
    return papers.source_words(number, sources, entries_by_id(session, sources) if number == 1 else {})


def _sheet(session: Session, here: Stage, number: int) -> CodeSheet:
    found = next((sheet for sheet in code_sheets(session, here.id) if sheet.level == number), None)
    if found is None:
        raise NotFound
    return found


def _back(stage_id: str, number: int) -> Any:
    return redirect(url_for("coding.level", stage_id=stage_id, level=number), 303)
