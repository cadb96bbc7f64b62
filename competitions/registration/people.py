"""A person as typed or read, made sound value by value. Knows no database and no page.

The same normalisers as a roster's (competitions.tabular), so that typing and uploading never disagree.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from competitions.base.errors import Invalid
from competitions.tabular.columns import ROSTER_COLUMNS
from competitions.tabular.problems import WARNINGS

COLUMNS = {column.field: column for column in ROSTER_COLUMNS}
DETAILS = (
    "ethnicity",
    "education",
    "politics",
    "department",
    "post",
    "certificate",
    "years",
    "started_work",
    "landline",
    "email",
    "migrant_worker",
    "new_employment",
    "clothes_size",
    "meals",
    "note",
)
"""Values kept in `EntryMember.details`, by the field names of the roster's columns."""
SHOWN = ("name", "level", "division", "employer_name", *DETAILS)
"""What a person may be changed in, besides the phone; the ID number is who he is."""
LABELS = {**{name: column.label for name, column in COLUMNS.items()}, "note": "备注", "employer_name": "单位名称"}

Person = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one value of a person: a code of contracts.md, the field, what its sentence needs."""

    code: str
    field: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As `Invalid` carries it."""
        return {"code": self.code, "where": self.field, "params": dict(self.params)}


def cleaned(raw: Mapping[str, Any]) -> tuple[Person, list[Finding]]:
    """The person with normalised values, and what is wrong (a missing name or ID number too). Sex and birth date come
    from the ID number; warnings of the reader are left out, as a person types what he sees.
    """
    person: Person = {name: raw[name] for name in ("employer_id", "note") if raw.get(name)}
    findings: list[Finding] = []
    for name, column in COLUMNS.items():
        if name in ("event", "sequence", "age", "sex", "birth_date") or column.derived or raw.get(name) in (None, ""):
            continue
        person[name], fault = column.normaliser(raw[name])
        if fault is not None and fault.code not in WARNINGS:
            findings.append(Finding(fault.code, name, fault.params))
    if person.get("remark"):
        person["note"] = person.pop("remark")
    faulty = {each.field for each in findings}
    findings += [
        Finding("required.missing", name)
        for name in ("name", "id_number")
        if not person.get(name) and name not in faulty
    ]
    return with_identity(person), findings


def with_identity(person: Person) -> Person:
    """Sex and birth date as the ID number says (GB 11643), when there is a sound one."""
    number = person.get("id_number")
    if number:
        person["sex"] = "男" if int(number[16]) % 2 else "女"
        person["birth_date"] = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return person


def sound(raw: Mapping[str, Any]) -> Person:
    """The cleaned person. Raises Invalid with every problem."""
    person, findings = cleaned(raw)
    require_none(findings)
    return person


def require_none(findings: list[Finding]) -> None:
    """Raises Invalid when there is anything."""
    if findings:
        raise Invalid([each.document() for each in findings])


def age_on(birth_date: str, day: date) -> int:
    """Full years on that day (born on 29 February: a year older on 1 March)."""
    born = date.fromisoformat(birth_date)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
