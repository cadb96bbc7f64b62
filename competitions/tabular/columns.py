"""The columns of a table: one list for the template, the reading, the page and the export. Knows no file format.

Those of a 报名汇总表 come from the table of a person's fields (person_fields.py); other imports (organisations, marks,
accounts) give a list of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from competitions.tabular import values
from competitions.tabular.values import Normaliser


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called and what may stand in it.

    `synonyms` are other headings for it, the more telling first: where two columns of a file would serve,
           the first wins.
    `filled_down`: a merged cell counts for all its rows (a unit over its people); other cells must not be merged.
    `as_text`: the template and the export give it the format "text", so that Excel keeps all digits.
    `advisory`: a fault is a warning and the value is left out; the row is taken all the same.
    `derived`: recomputed or only counting (序号, 年龄): whatever stands there, formulas too, is never a problem.
    """

    field: str
    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    normaliser: Normaliser = values.text()
    filled_down: bool = False
    as_text: bool = False
    advisory: bool = False
    derived: bool = False
    choices: tuple[str, ...] = ()
    width: int = 12
    note: str = ""


Columns = Sequence[Column]

YES_NO = ("是", "否")


def column(columns: Columns, field: str) -> Column:
    """The column of this field.

    Raises:
        KeyError: there is none.
    """
    for each in columns:
        if each.field == field:
            return each
    raise KeyError(field)
