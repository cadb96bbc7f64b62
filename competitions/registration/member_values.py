"""The values of a member by the table of a person's fields: read as text, written from a person. Knows no rule, no page.

Where a field is kept (details, a column of its own, sealed, the unit) the table says; nothing else need know.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from competitions.base.errors import Invalid
from competitions.base.keyring import masked_id_number, masked_phone, ring
from competitions.organisations.models import Employer
from competitions.registration.models import EntryMember
from competitions.registration.people import Person
from competitions.registration.workers import id_number_of
from competitions.tabular.person_fields import fields_kept

DELETED = "已删除"
"""Stands for what was deleted: ID number and phone twelve months after archiving (purging.py), the name of a draft."""
LONGEST = 500
"""More is not kept of one value in a draft; the form says so before."""


def values_of(member: EntryMember, *, full: bool) -> dict[str, str]:
    """A member's values as text by field; ID number and phone in full (a logged act) or masked, or that they were
    deleted.
    """
    id_number, phone = _id_number_and_phone(member, full=full)
    return {**open_values_of(member), "id_number": id_number, "phone": phone}


def open_values_of(member: EntryMember) -> dict[str, str]:
    """A member's values that are not sealed: lists without personal numbers open none."""
    columns = {each.name: getattr(member, each.name) for each in fields_kept("column")}
    return open_values(columns, member.details, member.employer_name)


def open_values(columns: Mapping[str, Any], details: Mapping[str, Any] | None, unit: str) -> dict[str, str]:
    """What is not sealed of a member, as text by field: from its columns, its details and the name of its unit."""
    values = {name: _shown(value) for name, value in columns.items()}
    values |= {each.name: _shown((details or {}).get(each.name)) for each in fields_kept("details")}
    return {**values, "organisation": unit}


def _shown(value: Any) -> str:
    return value.strftime("%Y-%m") if isinstance(value, date) else str(value or "")


def _id_number_and_phone(member: EntryMember, *, full: bool) -> tuple[str, str]:
    if member.purged_at:  # even where the worker's number is still kept for another competition
        return DELETED, DELETED
    id_number = id_number_of(member.worker) if member.worker else ""
    phone = opened_phone(member.id, member.phone)
    return (id_number, phone) if full else (masked_id_number(id_number), masked_phone(phone))


def opened_phone(member_id: str, sealed: str) -> str:
    """A sealed phone of this member, "" for none."""
    return ring().open(sealed, "entry_member", "phone", member_id) if sealed else ""


def put_values(member: EntryMember, person: Person, employer: Employer | None) -> None:
    """Write a person's values into the member. What the person has no value for (None, or not named) stays as it is;
    "" empties it, but for the phone, which no page shows.
    """
    for each in fields_kept("column"):
        if (value := person.get(each.name)) is not None:
            setattr(member, each.name, date.fromisoformat(value) if each.kind == "date" else value)
    details = dict(member.details or {})
    for each in fields_kept("details"):
        if (value := person.get(each.name)) is not None:
            details[each.name] = value
    member.details = {name: value for name, value in details.items() if value != ""}
    if person.get("phone"):
        member.phone = ring().seal(person["phone"], "entry_member", "phone", member.id)
    if employer:
        member.employer_id, member.employer_name = employer.id, employer.name


def emptied() -> dict[str, Any]:
    """Columns of a member as they are once a person's data are deleted: all but what stays for the published result."""
    columns = {each.name: EntryMember.__table__.c[each.name] for each in fields_kept("column") if not each.stays}
    return {
        **{name: None if column.nullable else "" for name, column in columns.items()},
        "phone": "",
        "details": {},
        "draft": "",
    }


def draft_of(member: EntryMember) -> dict[str, str]:
    """What was typed into the member and not checked yet, blanks too; empty when there is no draft."""
    if not member.draft:
        return {}
    typed: dict[str, str] = json.loads(ring().open(member.draft, "entry_member", "draft", member.id))
    return typed


def seal_draft(member: EntryMember, typed: Mapping[str, Any]) -> None:
    """Keep what was typed, over an earlier draft. A member that has been complete keeps its values and its worker (so
    his place in the event too) until the draft is finished; one that has not is listed by what was typed.
    """
    draft = {**draft_of(member), **{name: str(value or "").strip()[:LONGEST] for name, value in typed.items()}}
    if not any(draft.values()):
        raise Invalid(code="invalid.draft_empty")
    member.draft = ring().seal(json.dumps(draft, ensure_ascii=False), "entry_member", "draft", member.id)
    if member.worker_id is None:
        member.name, member.employer_name = draft.get("name", "")[:60], draft.get("organisation", "")[:120]
