"""The two grids that people type or paste into: lots of the hall, codes drawn by hand. Turns what was typed into what the
services take, and gives back each fault beside its row. Knows no database.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from competitions.base.problems import Problem
from competitions.coding.models import Lot, Sitting
from competitions.registration.models import Entry
from competitions.words.sentences import sentence, worded

Seat = tuple[str, int]
NUMBER = re.compile(r"0*([0-9]{1,4})号?")


@dataclass(slots=True)
class GridRow:
    """A line: whose it is (id), what is shown, what is in its fields, what is wrong with it."""

    id: str
    shown: Sequence[str]
    values: dict[str, str]
    faults: list[str] = field(default_factory=list)


def entry_names(entry: Entry) -> str:
    """The members' names, after the team's if it has one."""
    names = "、".join(member.name for member in entry.members)
    return f"{entry.team_name}（{names}）" if entry.team_name else names


def employer_names(entry: Entry) -> str:
    """Where the members work, each once."""
    return "、".join(dict.fromkeys(member.employer_name for member in entry.members if member.employer_name))


def delegation_name(entry: Entry) -> str:
    """The side it counts for."""
    return entry.delegation.short_name or entry.delegation.name


def lot_rows(
    entries: Sequence[Entry], lots: Mapping[str, Lot], typed: Mapping[str, str] | None = None
) -> list[GridRow]:
    """A row an entry: ticket, names, unit, delegation; sitting id and station as stored, or as typed."""
    rows = []
    for entry in entries:
        lot = lots.get(entry.id)
        values = {"sitting": lot.sitting_id if lot else "", "station": str(lot.station) if lot else ""}
        if typed is not None:
            values = {name: typed.get(f"{name}-{entry.id}", value) for name, value in values.items()}
        rows.append(
            GridRow(
                entry.id,
                (entry.ticket or "—", entry_names(entry), employer_names(entry), delegation_name(entry)),
                values,
            )
        )
    return rows


def seats_typed(rows: Sequence[GridRow], sittings: Sequence[Sitting]) -> dict[str, Seat | None]:
    """Entry id → seat of every row; faults of the typing are put into the rows. With one sitting a station is enough."""
    known = {sitting.id for sitting in sittings}
    seats: dict[str, Seat | None] = {}
    for row in rows:
        sitting, station = row.values["sitting"], unicodedata.normalize("NFKC", row.values["station"]).strip()
        if not sitting and station and len(sittings) == 1:
            sitting = row.values["sitting"] = sittings[0].id
        if not station and (not sitting or len(sittings) == 1):
            seats[row.id] = None
        elif not station or not sitting:
            row.faults.append(sentence("invalid.lot.half"))
        elif sitting not in known:
            row.faults.append(sentence("invalid.lot.unknown_sitting"))
        elif not (number := NUMBER.fullmatch(station)):
            row.faults.append(sentence("invalid.lot.station_format"))
        else:
            seats[row.id] = (sitting, int(number[1]))
    return seats


def put_faults(rows: Sequence[GridRow], problems: Sequence[Problem]) -> list[str]:
    """Each problem into its row; gives those that belong to no row."""
    by_id = {row.id: row for row in rows}
    rest = []
    for problem in problems:
        row = by_id.get(problem.where or "")
        if row:
            row.faults.append(worded(problem))
        else:
            rest.append(worded(problem))
    return rest
