"""A person as typed or read, made sound value by value. Knows no database and no page.

The same normalisers as a roster's (competitions.tabular), so that typing and uploading never disagree.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from competitions.base.errors import Invalid
from competitions.base.problems import Problem
from competitions.tabular.person_fields import fields_kept
from competitions.tabular.values import checked

Person = dict[str, Any]


def cleaned(raw: Mapping[str, Any]) -> tuple[Person, list[Problem]]:
    """The person with normalised values, and what is wrong (a missing name or ID number too). A field that `raw` does
    not name is not there, a blank one is ""; sex and birth date come from the ID number. What a roster's reader would
    leave out with a warning is a fault here: nothing that somebody types vanishes.
    """
    person: Person = {"employer_id": raw["employer_id"]} if raw.get("employer_id") else {}
    findings: list[Problem] = []
    asked = [each for each in fields_kept("column", "details", "sealed", "unit") if not each.from_id]
    for each in asked:
        if raw.get(each.name) is None:
            continue
        value, fault = checked(each.normaliser, raw[each.name])
        person[each.name] = value or ""
        if fault is not None and fault.code == "name.remark":
            findings.append(Problem("name.format", each.name, {"value": str(raw[each.name])[:40]}))
        elif fault is not None and value is None:
            findings.append(Problem(fault.code, each.name, fault.params))
    faulty = {each.where for each in findings}
    missing = [each.name for each in asked if each.required and not person.get(each.name) and each.name not in faulty]
    return with_identity(person), findings + [Problem("required.missing", name) for name in missing]


def mended(raw: Mapping[str, Any]) -> list[Problem]:
    """What was typed with characters that only look like those that are meant (pasted from a PDF), field by field."""
    typed = [each for each in fields_kept("column", "details", "unit") if isinstance(raw.get(each.name), str)]
    found = [(each.name, checked(each.normaliser, raw[each.name])[1]) for each in typed]
    return [Problem(fault.code, name, fault.params) for name, fault in found if fault and fault.code == "text.mended"]


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


def require_none(findings: list[Problem]) -> None:
    """Raises Invalid when there is anything."""
    if findings:
        raise Invalid(findings)


def age_on(birth_date: str, day: date) -> int:
    """Full years on that day (born on 29 February: a year older on 1 March)."""
    born = date.fromisoformat(birth_date)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
