"""Correcting a staged roster on the page: one cell, one value in all rows, how the columns were matched."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.registration import roster_files
from competitions.registration.blueprint import bp
from competitions.registration.column_matches import fingerprint, remember_mapping
from competitions.registration.preview import replacements
from competitions.registration.queries import upload_of
from competitions.registration.roster_views import ReadUpload, planned, preview_page, read_upload
from competitions.tabular.table import TableSheet
from competitions.uploads.cells import place_of
from competitions.web.declared import requires
from competitions.web.heavy import heavy

EDIT = Permission.EDIT_ENTRIES
MOST_EDITS = 2_000
ATTEMPTS = 3
"""How often a correction is tried when others come in between."""


Also = Callable[[Session], None]
"""What else is written in the transaction that keeps a correction."""


@heavy
def _correct(upload_id: str, verb: Callable[[ReadUpload], Also | None]) -> Any:
    """Change what is kept and show the preview again (a part of it for htmx). Everything slow is done before the
    transaction; when another correction came in between, it is done again on what is there now.
    """
    for attempt in range(1, ATTEMPTS + 1):
        found = read_upload(upload_id)
        also = verb(found)
        if sum(len(cells) for cells in found.kept.edits.values()) > MOST_EDITS:
            raise StateForbids("too_many_edits", most=MOST_EDITS)
        try:
            _keep(found, also)
            break
        except Stale:
            if attempt == ATTEMPTS:
                raise
    if request.headers.get("HX-Request"):
        return preview_page(planned(read_upload(upload_id)))
    query = request.query_string.decode()
    return redirect(url_for("registration.preview", upload_id=upload_id) + (f"?{query}" if query else ""), 303)


def _keep(found: ReadUpload, also: Also | None) -> None:
    corrections = roster_files.sealed_corrections(found.id, found.kept)
    with transaction() as session:
        kept = upload_of(session, current_user, found.id)
        roster_files.correct(session, kept, found.version, corrections, by=current_user, at=clock.now())
        if also:
            also(session)


@bp.post("/desk/rosters/<upload_id>/cells")
@requires(EDIT)
def correct_cell(upload_id: str) -> Any:
    """Correct one cell."""

    def verb(found: ReadUpload) -> None:
        sheet, cell, value = (request.form.get(name, "") for name in ("sheet", "cell", "value"))
        table = next((each for each in found.roster.sheets if each.name == sheet), None)
        try:
            row = place_of(cell)[0]
        except ValueError:
            raise Invalid(code="invalid") from None
        if table is None or not any(each.number == row + 1 for each in table.rows) or len(cell) > 8:
            raise Invalid(code="invalid")
        found.kept.edits.setdefault(sheet, {})[cell.upper()] = value.strip()[:500]

    return _correct(upload_id, verb)


@bp.post("/desk/rosters/<upload_id>/replacements")
@requires(EDIT)
def replace_value(upload_id: str) -> Any:
    """一键替换: one wrong value in all rows."""

    def verb(found: ReadUpload) -> None:
        name, old, new = (request.form.get(key, "").strip()[:500] for key in ("field", "old", "new"))
        edits = replacements(found.roster, name, old, new) if name and old and new else {}
        if not edits:
            raise Invalid(code="invalid.replacement")
        for sheet, cells in edits.items():
            found.kept.edits.setdefault(sheet, {}).update(cells)

    return _correct(upload_id, verb)


@bp.post("/desk/rosters/<upload_id>/columns")
@requires(EDIT)
def match_columns(upload_id: str) -> Any:
    """Columns and heading row of a sheet as the user says; remembered for the unit."""

    def verb(found: ReadUpload) -> Also:
        name = request.form.get("sheet", "")
        automatic = next((each for each in _automatic_sheets(found) if each.name == name), None)
        if automatic is None or not any(each.name == name for each in found.roster.sheets):
            raise Invalid(code="invalid")
        mapping, digest = _mapping(automatic), fingerprint(automatic)
        found.kept.mapping = {**found.kept.mapping, name: mapping}
        return lambda session: remember_mapping(session, found.union_id, digest, mapping)

    return _correct(upload_id, verb)


def _automatic_sheets(found: ReadUpload) -> list[TableSheet]:
    """The sheets as they are read without what was matched by hand: by their headings a match is remembered."""
    return found.kept.read_automatically(found.events).sheets


def _mapping(automatic: TableSheet) -> dict[str, Any]:
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
