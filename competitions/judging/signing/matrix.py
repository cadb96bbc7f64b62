"""The chief judge's matrix: codes × judges with totals, gaps, dropped and outlying sheets, and what the panel gives.

Also deviation and leniency of each judge. Computed from what is delivered, so it runs ahead of what is confirmed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.coding.models import CodedPlace
from competitions.judging.models import PanelMember, ScoreRevision, ScoreSheet
from competitions.judging.panels.rules import OWED
from competitions.judging.queries import head_revisions, judge_names, panel_of
from competitions.judging.schemes.versions import module_part
from competitions.judging.sheets.judgement import DELIVERED, Spread, unresolved_spreads
from competitions.judging.signing.module_state import ModuleState, module_state
from competitions.judging.signing.panel_results import PanelResults, panel_results
from competitions.judging.signing.statuses import module_statuses_of, statuses_of
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.timing.reckoning import SheetTime
from competitions.judging.timing.wording import told
from competitions.programme.models import Division, Module
from competitions.scoring.numbers import RoundingMode, rounded, with_places

OUTLYING = Fraction(30, 100)
"""Share of the full marks by which a sheet may differ from the median of its code (security.md §3.1 T8)."""


@dataclass(frozen=True, slots=True)
class JudgeColumn:
    """A judge of the panel: "J1", his name, how many sheets he owes, how far he lies from the panel's mean on average
    (leniency: with the sign).
    """

    user_id: str
    short: str
    name: str
    left: bool
    owes: int = 0
    leniency: str = "—"
    deviation: str = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """One sheet in the matrix; no sheet: a gap."""

    sheet: ScoreSheet | None
    total: str | None = None
    dropped: bool = False
    outlying: bool = False

    @property
    def closed(self) -> str | None:
        """Why nobody owes the sheet; None while somebody does."""
        return self.sheet.closed if self.sheet else None

    @property
    def recused(self) -> bool:
        """Whether its judge may not mark the code."""
        return self.closed == "recused"

    @property
    def is_unconfirmed(self) -> bool:
        """Whether marks are there that nobody has confirmed."""
        return self.sheet is not None and not self.closed and not (self.sheet.is_empty or self.sheet.is_done)


@dataclass(frozen=True, slots=True)
class Row:
    """One code: its cells in the order of the judges, what the panel gives, what is remarkable. `lacking`: how many
    judges it has too few; `vacancy`: a sheet in whose place somebody can be appointed. `time`: taken, stopped, granted as
    it counts; `times_told`: what was changed of it, signed or not.
    """

    code: str
    place: CodedPlace
    status: str | None
    cells: list[Cell]
    result: str | None
    spreads: list[Spread] = field(default_factory=list)
    module_status: str | None = None
    lacking: int = 0
    vacancy: ScoreSheet | None = None
    time: SheetTime = field(default_factory=SheetTime)
    times_told: list[str] = field(default_factory=list)

    @property
    def out(self) -> bool:
        """Whether the code's sheets do not count here."""
        return self.status is not None or self.module_status is not None


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix of a module and division."""

    judges: list[JudgeColumn]
    rows: list[Row]
    state: ModuleState

    @property
    def is_timed(self) -> bool:
        """Whether somebody's time was taken or changed."""
        return any(row.time.taken is not None or row.times_told for row in self.rows)


def matrix_of(session: Session, module: Module, division: Division) -> Matrix:
    """The matrix of a module of a division. What the panel gives and whose sheets it leaves out is what scoring says."""
    state = module_state(session, module, division.id)
    members = panel_of(session, module.id)
    statement = select(ScoreSheet).where(ScoreSheet.module_id == module.id, ScoreSheet.division_id == division.id)
    everything = sorted(session.scalars(statement), key=lambda sheet: (sheet.closed is None, sheet.id))
    sheets = {(sheet.code, sheet.judge_id): sheet for sheet in everything}  # the living one of a judge stands before
    vacancies = _vacancies(everything, members)
    revisions = head_revisions(session, statement)
    columns = _columns(members, sheets)
    part = module_part(session, module)
    given = panel_results(session, module, division)
    spreads: dict[str, list[Spread]] = {}
    places = list(
        session.scalars(
            select(CodedPlace)
            .where(CodedPlace.stage_id == module.stage_id, CodedPlace.division_id == division.id)
            .order_by(CodedPlace.code)
        )
    )
    for spread in unresolved_spreads(session, module, [place.code for place in places]):
        spreads.setdefault(spread.code, []).append(spread)
    statuses = statuses_of(session, module.stage_id)
    out_here = module_statuses_of(session, module.stage_id).get(module.id, {})
    rows = []
    for place in places:
        line = [sheets.get((place.code, column.user_id)) for column in columns]
        status = statuses.get(place.code) or (None if place.presence in ("present", "late") else place.presence)
        dropped = {column.user_id for column in columns if column.short in given.dropped.get(place.code, ())}
        cells = _cells(line, revisions, part, dropped)
        result, remarkable = given.scores.get(place.code), spreads.get(place.code, [])
        lacking, vacancy = state.lacking.get(place.code, 0), vacancies.get(place.code)
        if not lacking and (vacancy is None or vacancy.closed is not None):
            vacancy = None
        rows.append(
            Row(place.code, place, status, cells, result, remarkable, out_here.get(place.code), lacking, vacancy)
        )
    return Matrix(_with_tendencies(columns, rows), _with_times(session, module, rows, given), state)


def _with_times(session: Session, module: Module, rows: list[Row], given: PanelResults) -> list[Row]:
    """Each row with its time as it counts, and with what was changed of it."""
    changes = ModuleTimes(session, module.stage_id, [module])
    return [
        replace(
            row,
            time=given.times.get(row.code) or changes.of(module.id, row.code, signed=True).of(None),
            times_told=told(changes.of(module.id, row.code)),
        )
        for row in rows
    ]


def _vacancies(sheets: Sequence[ScoreSheet], members: Sequence[PanelMember]) -> dict[str, ScoreSheet]:
    """Code → a sheet that nobody marks: closed with none in its place, or owed by one who is not there any more."""
    alive = {(sheet.code, sheet.seat_id) for sheet in sheets if sheet.closed is None}
    there = {(member.user_id, member.code) for member in members if member.left_at is None}
    found: dict[str, ScoreSheet] = {}
    for sheet in sheets:
        if sheet.closed is not None and sheet.closed != "spare" and (sheet.code, sheet.seat_id) not in alive:
            found[sheet.code] = sheet
        if (
            sheet.closed is None
            and sheet.state in OWED
            and not there & {(sheet.judge_id, None), (sheet.judge_id, sheet.code)}
        ):
            found[sheet.code] = sheet
    return found


def _columns(members: list[PanelMember], sheets: dict[tuple[str, str], ScoreSheet]) -> list[JudgeColumn]:
    """Everybody of the panel who has a sheet in this division."""
    having = {judge_id for _, judge_id in sheets}
    there = {member.user_id for member in members if member.left_at is None}
    names = {member.user_id: member.user.display_name for member in members}
    owes = Counter(each.judge_id for each in sheets.values() if each.closed is None and each.state in OWED)
    return [
        JudgeColumn(user_id, short, names[user_id], user_id not in there, owes[user_id])
        for user_id, short in judge_names(members).items()
        if user_id in having
    ]


def _cells(
    line: Sequence[ScoreSheet | None],
    revisions: dict[str, ScoreRevision],
    part: dict[str, Any],
    dropped: set[str],
) -> list[Cell]:
    totals = {
        sheet.id: Fraction(revisions[sheet.id].total)
        for sheet in line
        if sheet and sheet.id in revisions and sheet.state in DELIVERED and sheet.closed is None
    }
    outlying = _outlying(totals, part)
    return [
        Cell(None)
        if sheet is None
        else Cell(
            sheet,
            revisions[sheet.id].total if sheet.id in revisions else None,
            sheet.judge_id in dropped,
            sheet.id in outlying,
        )
        for sheet in line
    ]


def _outlying(totals: dict[str, Fraction], part: dict[str, Any]) -> set[str]:
    if len(totals) < 3 or not part:
        return set()
    middle, width = median(totals.values()), Fraction(str(part.get("full_marks", "100"))) * OUTLYING
    return {sheet_id for sheet_id, total in totals.items() if abs(total - middle) > width}


def _with_tendencies(columns: list[JudgeColumn], rows: list[Row]) -> list[JudgeColumn]:
    """Each judge with his mean difference from the mean of the codes that at least two judges have delivered."""
    differences: dict[int, list[Fraction]] = {}
    for row in (row for row in rows if not row.out):
        given = {
            place: Fraction(cell.total)
            for place, cell in enumerate(row.cells)
            if cell.total is not None and cell.sheet and cell.sheet.state in DELIVERED and not cell.closed
        }
        if len(given) < 2:
            continue
        mean = sum(given.values(), Fraction(0)) / len(given)
        for place, total in given.items():
            differences.setdefault(place, []).append(total - mean)
    return [
        replace(column, leniency=_signed(found), deviation=_mean(map(abs, found)))
        if (found := differences.get(place))
        else column
        for place, column in enumerate(columns)
    ]


def _signed(values: list[Fraction]) -> str:
    text = _mean(values)
    return text if text.startswith("-") or not Fraction(text) else f"+{text}"


def _mean(values: Any) -> str:
    numbers = list(values)
    return with_places(rounded(sum(numbers, Fraction(0)) / len(numbers), 2, RoundingMode.HALF_UP), 2)
