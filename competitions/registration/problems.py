"""Problems with people as sentences: beside a field of a form, or by cell of a roster. Knows no rule."""

from collections.abc import Mapping
from typing import Any

from competitions.base.problems import Problem
from competitions.tabular.problems import Problem as CellProblem
from competitions.tabular.table import Row, TableSheet
from competitions.words.sentences import SENTENCES

_AFTER_PLACE = "）："


def says(code: str, params: Mapping[str, Any]) -> str:
    """What is wrong and what to do, without the place; the reason decides where a code has several sentences."""
    keys = (f"{code}.{params.get('reason')}", code, "invalid")
    template = next(text for key in keys if (text := SENTENCES.get(key)))
    if template.startswith("第 {row} 行"):
        template = template.partition(_AFTER_PLACE)[2]
    return template.format_map(_Known(params))


class _Known(dict[str, Any]):
    """Leaves a parameter that is not known standing empty: a sentence is never a fault of its own."""

    def __missing__(self, key: str) -> str:
        return ""


class RosterProblem(CellProblem):
    """A problem that needs the database; its sentence stands in the catalogue of the house."""

    __slots__ = ()

    @property
    def message(self) -> str:
        """Where, why, what to do."""
        place = f"（{self.cell}）" if self.cell else ""
        return f"第 {self.params['row']} 行“{self.params['label']}”{place}：{says(self.code, self.params)}"


def at_cell(sheet: TableSheet, row: Row, found: Problem) -> RosterProblem:
    """A problem with a field at its cell in the user's file."""
    field = found.where or ""
    return RosterProblem(
        found.code,
        sheet.name,
        sheet.cell(row, field),
        "error",
        {**found.params, "row": row.number, "label": sheet.label(field), "field": field},
    )
