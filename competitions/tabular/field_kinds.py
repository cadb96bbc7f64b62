"""What a field of a person is: what it may hold, how it is kept, where it stands. Knows no field by name.

The fields themselves are the table in person_fields.py.
"""

from dataclasses import dataclass
from typing import Literal

from competitions.tabular import limits, values
from competitions.tabular.columns import YES_NO, Column
from competitions.tabular.values import Normaliser

Kind = Literal[
    "text",
    "long_text",
    "unit",
    "counted",
    "name",
    "sex",
    "date",
    "id_number",
    "level",
    "phone",
    "email",
    "yes_no",
    "uscc",
]
Kept = Literal["details", "column", "sealed", "unit", "entry", "nowhere"]
Place = Literal["template", "summary", "form", "page", "print"]
Group = Literal["identity", "work", "contact", "affairs"]

GROUPS: tuple[Group, ...] = ("identity", "work", "contact", "affairs")
LISTS: tuple[Place, ...] = ("template", "summary")
PAPERS: tuple[Place, ...] = ("form", "page", "print")
EVERYWHERE: tuple[Place, ...] = (*LISTS, *PAPERS)

_NORMALISERS: dict[Kind, Normaliser] = {
    "name": values.name,
    "sex": values.sex,
    "date": values.date,
    "id_number": values.id_number,
    "level": values.level,
    "phone": values.phone,
    "yes_no": values.yes_no,
    "uscc": values.uscc,
}
_CHOICES: dict[Kind, tuple[str, ...]] = {"sex": ("男", "女"), "level": values.LEVELS, "yes_no": YES_NO}
EXACT: tuple[Kind, ...] = ("id_number", "phone")
"""Kinds of which a value has exactly `length` characters."""


@dataclass(frozen=True, slots=True)
class PersonField:
    """A field: its name in code, its label everywhere, what it may hold, where it stands and how it is kept.

    `synonyms`: other headings of its column, the more telling first; `column`: the name of the column, where another.
    `kept`: in the member's `details`, in a column of its own of that name, sealed, as the unit, by the entry, or not.
    `from_id`: follows from the ID number, so nobody types it. `stays`: not deleted with a person's other data.
    `required`: a person must have it; `wanted`: the template says so too, though it may follow from elsewhere.
    `filled_down`: a merged cell counts for all its rows. `help` stands under the field of the form, `advice` at the
    heading of the template. `share` of a row of 报名表 (a row has three, or two beside the photo), `paper_label` there.
    """

    name: str
    label: str
    synonyms: str = ""
    kind: Kind = "text"
    length: int = limits.TEXT_CHARACTERS
    kept: Kept = "details"
    places: tuple[Place, ...] = PAPERS
    group: Group = "affairs"
    example: str = ""
    advice: str = ""
    help: str = ""
    required: bool = False
    wanted: bool = False
    filled_down: bool = False
    from_id: bool = False
    stays: bool = False
    width: int = 12
    share: int = 1
    paper_label: str = ""
    column: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen; nothing for free text."""
        return _CHOICES.get(self.kind, ())

    @property
    def normaliser(self) -> Normaliser:
        """How a value is read, whether it is typed or stands in a cell."""
        return _NORMALISERS.get(self.kind) or (values.title if self.kind == "unit" else values.text)(self.length)

    def as_column(self) -> Column:
        """Its column in a roster."""
        return Column(
            self.column or self.name,
            self.label,
            tuple(self.synonyms.split()),
            required=self.required,
            normaliser=self.normaliser,
            filled_down=self.filled_down,
            advisory=self.kind in ("yes_no", "uscc"),
            derived=self.kind == "counted",
            choices=self.choices,
            width=self.width,
            note=self.advice,
        )
