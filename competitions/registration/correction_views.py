"""Correcting a staged roster on the page: one cell, one value in all rows, how the columns were matched."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Permission
from competitions.organisations.models import Union
from competitions.registration import uploads
from competitions.registration.blueprint import bp
from competitions.registration.preview import replacements
from competitions.registration.queries import upload_of
from competitions.registration.roster_views import Opened, opened, preview_page
from competitions.registration.uploads import Staged
from competitions.uploads.cells import place_of
from competitions.web.declared import requires

EDIT = Permission.EDIT_ENTRIES
MOST_EDITS = 2_000


def _correct(upload_id: str, verb: Callable[[Session, Opened, Staged], None]) -> Any:
    """Change what is staged and show the preview again (a part of it for htmx)."""
    found = opened(upload_id)
    with transaction() as session:
        kept = upload_of(session, current_user, upload_id, clock.now(), lock=True)
        staged = uploads.staged_of(kept)
        verb(session, found, staged)
        if sum(len(cells) for cells in staged.edits.values()) > MOST_EDITS:
            raise StateForbids("too_many_edits", most=MOST_EDITS)
        uploads.keep(session, kept, staged)
    if request.headers.get("HX-Request"):
        return preview_page(opened(upload_id))
    query = request.query_string.decode()
    return redirect(f"/desk/rosters/{upload_id}{'?' + query if query else ''}", 303)


@bp.post("/desk/rosters/<upload_id>/cells")
@requires(EDIT)
def correct_cell(upload_id: str) -> Any:
    """Correct one cell."""

    def verb(session: Session, found: Opened, staged: Staged) -> None:
        sheet, cell, value = (request.form.get(name, "") for name in ("sheet", "cell", "value"))
        table = next((each for each in found.roster.sheets if each.name == sheet), None)
        try:
            row = place_of(cell)[0]
        except ValueError:
            raise Invalid(code="invalid") from None
        if table is None or not any(each.number == row + 1 for each in table.rows) or len(cell) > 8:
            raise Invalid(code="invalid")
        staged.edits.setdefault(sheet, {})[cell.upper()] = value.strip()[:500]

    return _correct(upload_id, verb)


@bp.post("/desk/rosters/<upload_id>/replacements")
@requires(EDIT)
def replace_value(upload_id: str) -> Any:
    """一键替换: one wrong value in all rows."""

    def verb(session: Session, found: Opened, staged: Staged) -> None:
        name, old, new = (request.form.get(key, "").strip()[:500] for key in ("field", "old", "new"))
        edits = replacements(found.roster, name, old, new) if name and old and new else {}
        if not edits:
            raise Invalid(code="invalid.replacement")
        for sheet, cells in edits.items():
            staged.edits.setdefault(sheet, {}).update(cells)

    return _correct(upload_id, verb)


@bp.post("/desk/rosters/<upload_id>/columns")
@requires(EDIT)
def match_columns(upload_id: str) -> Any:
    """Columns and heading row of a sheet as the user says; remembered for the unit."""

    def verb(session: Session, found: Opened, staged: Staged) -> None:
        name = request.form.get("sheet", "")
        table = next((each for each in found.roster.sheets if each.name == name), None)
        if table is None:
            raise Invalid(code="invalid")
        automatic = staged_heading(found, name)
        mapping = _mapping(automatic)
        staged.mapping = {**staged.mapping, name: mapping}
        uploads.remember_mapping(
            session, session.get_one(Union, found.union.id), uploads.fingerprint(automatic), mapping
        )

    return _correct(upload_id, verb)


def staged_heading(found: Opened, name: str) -> Any:
    """The sheet as it is read without what was matched by hand: by its headings a match is remembered."""
    names = [event.name for event in found.plan.ground.events.values()]
    return next(sheet for sheet in found.staged.read_automatically(names).sheets if sheet.name == name)


def _mapping(automatic: Any) -> dict[str, Any]:
    """From the form: `field_<letters>` names what a column is. Raises Invalid when two columns are the same."""
    chosen = {
        key.removeprefix("field_"): value for key, value in request.form.items() if key.startswith("field_") and value
    }
    if len(set(chosen.values())) != len(chosen):
        raise Invalid(code="invalid.column_twice")
    found = automatic.heading.fields if automatic.heading else {}
    columns = {**dict.fromkeys(found, ""), **{name: letters for letters, name in chosen.items()}}
    mapping: dict[str, Any] = {"columns": columns}
    row = request.form.get("header_row", type=int)
    if row and (automatic.heading is None or row != automatic.heading.first_row + 1):
        mapping.update(header_row=row)
    if not chosen:
        mapping.pop("columns")
    return mapping
