"""A roster: the people of a 报名汇总表, normalised, with every problem named by cell. Knows no database.

What needs one (is he registered already, is the event known, is there a place left) the plan of `registration` adds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from competitions.tabular.columns import Columns
from competitions.tabular.dates import read_date
from competitions.tabular.events import event, event_of_sheet
from competitions.tabular.headings import Correction, Corrections
from competitions.tabular.person_fields import roster_columns
from competitions.tabular.problems import Problem, Unreadable
from competitions.tabular.reading import Book, read_book
from competitions.tabular.table import Row, Table, TableSheet, table_of
from competitions.tabular.values import as_text

Person = dict[str, Any]
"""`sheet`, `row` and the values by field; every field of `_ALWAYS` is there, None when unknown."""

_ALWAYS = ("name", "sex", "birth_date", "id_number", "phone", "event", "organisation", "delegation", "level")
_NOT_OF_A_PERSON = frozenset({"remark"})


@dataclass(slots=True)
class Roster:
    """What a file holds: its sheets with headings and rows, the people (rows without errors), all problems."""

    table: Table
    people: list[Person]

    @property
    def sheets(self) -> list[TableSheet]:
        return self.table.sheets

    @property
    def problems(self) -> list[Problem]:
        return self.table.problems

    @property
    def unreadable(self) -> bool:
        return self.table.unreadable

    def document(self) -> dict[str, Any]:
        """The JSON of the contract (`flask roster check --json`)."""
        return {
            "sheets": [sheet.document() for sheet in self.sheets if sheet.heading is not None],
            "people": self.people,
            "problems": [each.document() for each in self.problems],
        }


def corrections_of(mapping: dict[str, Any] | None) -> Corrections:
    """What a page sends as JSON: sheet name → `{"left_out", "header_row", "header_rows", "columns": {field: "E"}}`."""
    given = (mapping or {}).items()
    return {str(name): Correction.from_document(each) for name, each in given if isinstance(each, dict)}


def read_roster(
    data: bytes, filename: str, *, known_events: Sequence[str] | None = None, mapping: dict[str, Any] | None = None
) -> Roster:
    """The roster in a file. Never raises for a bad file: `unreadable` and `problems` say what is wrong.

    `known_events`: the events of the competition, whose spelling is then used and which a sheet may be named after.
    `mapping`: what the user set by hand (see `corrections_of`).
    """
    try:
        book = read_book(data, filename)
    except Unreadable as unreadable:
        return Roster(Table([], [unreadable.problem], unreadable=True), [])
    return roster_of(book, known_events=known_events, mapping=mapping)


def roster_of(
    book: Book, *, known_events: Sequence[str] | None = None, mapping: dict[str, Any] | None = None
) -> Roster:
    """The roster in cells that have been read (see `read_roster`)."""
    columns = _columns(tuple(known_events or ()))
    table = table_of(book, [columns] * len(book.sheets), corrections_of(mapping))
    first: dict[str, Row] = {}
    for sheet in table.sheets:
        lacks_event = sheet.heading is not None and "event" not in sheet.heading.fields
        given = event_of_sheet(sheet.name, known_events or ()) if lacks_event else None
        open_day = "日" not in sheet.label("birth_date")
        for row in sheet.rows:
            if row.kind == "data":
                before = len(row.problems)
                _check_person(sheet, row, first, first_day_is_open=open_day)
                row.values.setdefault("event", given)
                table.problems += row.problems[before:]
    table.problems = _in_order(table)
    return Roster(table, [_person(row) for row in table.rows if row.sound])


def _columns(known_events: Sequence[str]) -> Columns:
    one_event = event(known_events)
    return tuple(replace(each, normaliser=one_event) if each.field == "event" else each for each in roster_columns())


def _check_person(sheet: TableSheet, row: Row, first: dict[str, Row], *, first_day_is_open: bool) -> None:
    """Sex and birth date against the ID number, taken from it where blank; the same ID number again."""
    _keep_note(row)
    number = row.values.get("id_number")
    if number is None:
        return
    _check_sex(sheet, row, "男" if int(number[16]) % 2 else "女")
    _check_birth_date(sheet, row, f"{number[6:10]}-{number[10:12]}-{number[12:14]}", first_day_is_open)
    earlier = first.setdefault(number, row)
    if earlier is not row:
        row.refuse(sheet.at("duplicate.in_file", row, "id_number", first_row=earlier.number, first_sheet=earlier.sheet))


def _keep_note(row: Row) -> None:
    remarks = [found.params["remark"] for found in row.problems if found.code == "name.remark"]
    remark = row.values.get("remark")
    row.values["note"] = "；".join([*remarks, remark] if remark else remarks) or None


def _check_sex(sheet: TableSheet, row: Row, expected: str) -> None:
    given = row.values.get("sex")
    row.values["sex"] = expected
    if given is not None and given != expected:
        row.refuse(sheet.at("sex.mismatch", row, "sex", value=given[:20], expected=expected))


def _check_birth_date(sheet: TableSheet, row: Row, expected: str, first_day_is_open: bool) -> None:
    given = row.values.get("birth_date")
    row.values["birth_date"] = expected
    if given is None or expected.startswith(given):
        return
    from datetime import date

    cell = sheet.raw(row, "birth_date")
    born = date.fromisoformat(expected)
    is_date = not isinstance(cell, str)
    if not any(each.covers(born, first_day_is_open=first_day_is_open and is_date) for each in read_date(cell)):
        row.refuse(sheet.at("birth.mismatch", row, "birth_date", value=as_text(cell)[:20], expected=expected))


def _in_order(table: Table) -> list[Problem]:
    """Problems of the file and of sheets first, then row by row, cell by cell."""
    of_rows = [found for sheet in table.sheets for row in sheet.rows for found in row.problems]
    inside = {id(found) for found in of_rows}
    return [found for found in table.problems if id(found) not in inside] + of_rows


def _person(row: Row) -> Person:
    person: Person = {"sheet": row.sheet, "row": row.number}
    values = row.values
    for name in _ALWAYS:
        person[name] = values.get(name)
    for name, value in values.items():
        if name not in person and name not in _NOT_OF_A_PERSON and value is not None:
            person[name] = value
    if row.struck:
        person["struck"] = True
    return person
