"""What somebody typed as a correction, compared with the entry as it is: the changes, or what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from competitions.base.errors import Invalid, NotFound
from competitions.base.permissions import SYSTEM
from competitions.base.problems import Problem
from competitions.registration.corrections.changes import MEMBER_FIELDS, Change
from competitions.registration.corrections.queries import delegations_for
from competitions.registration.ground import comparable, ground_for
from competitions.registration.models import Entry, EntryMember
from competitions.registration.people import require_none
from competitions.tabular.field_kinds import PersonField
from competitions.tabular.values import checked

Found = tuple[list[Change], list[Problem]]
"""What is different, and what is wrong with what was typed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed: by member id and field what should stand there (what is not named stays), the ids of division
    and delegation (None: as it is), and whether the ID card was looked at.
    """

    members: Mapping[str, Mapping[str, str]]
    division_id: str | None = None
    delegation_id: str | None = None
    card_seen: bool = False


def changes_of(session: Session, entry: Entry, wanted: Wanted) -> list[Change]:
    """What differs from the entry as it is. Raises Invalid with every problem, NotFound for what is not offered."""
    changes, findings = [], []
    for member in entry.members:
        found, faults = _member_changes(session, entry, member, wanted.members.get(member.id, {}))
        changes += found
        findings += faults
    changes += _entry_changes(session, entry, wanted)
    if any(each.field == "name" for each in changes) and not wanted.card_seen:
        findings.append(Problem("invalid.correction_card", "card_seen"))
    require_none(findings)
    if not changes:
        raise Invalid(code="invalid.correction_empty")
    return changes


def _member_changes(session: Session, entry: Entry, member: EntryMember, typed: Mapping[str, str]) -> Found:
    changes, findings = [], []
    for each in MEMBER_FIELDS:
        there = member.employer_name if each.name == "organisation" else str(getattr(member, each.name))
        value, where = typed.get(each.name, there).strip(), f"{each.name}-{member.position}"
        if value == there:
            continue
        if each.name == "organisation":
            found, faults = _employer_change(session, entry, member, value)
        else:
            found, faults = _value_change(each, there, value, member)
        changes += found
        findings += [fault.at(where) for fault in faults]
    return changes, findings


def _value_change(field: PersonField, there: str, typed: str, member: EntryMember) -> Found:
    name = field.name
    value, fault = checked(field.normaliser, typed)
    if fault is not None and fault.code != "text.mended":  # a remark too: nothing that somebody types vanishes
        code = "name.format" if fault.code == "name.remark" else fault.code
        return [], [Problem(code, name, {"value": typed[:40], **fault.params})]
    if field.required and not value:
        return [], [Problem("required.missing", name)]
    after = str(value or "")
    return ([Change(name, there, after, member.id)] if after != there else []), []


def _employer_change(session: Session, entry: Entry, member: EntryMember, typed: str) -> Found:
    """Any unit of the register, also beyond what the reporting union enters for: two organisers answer for it."""
    if not typed:
        return [], [Problem("required.missing", "organisation")]
    if comparable(typed) == comparable(member.employer_name):
        return [], []
    person = {"organisation": typed}
    ground = ground_for(session, entry.competition, entry.reporting_union, SYSTEM, [person])
    employer, faults = ground.employer(person)
    if employer is None or employer.id == member.employer_id:
        return [], faults
    return [Change("organisation", member.employer_name, employer.name, member.id, member.employer_id, employer.id)], []


def _entry_changes(session: Session, entry: Entry, wanted: Wanted) -> list[Change]:
    changes = []
    if wanted.division_id not in (None, entry.division_id):
        division = next((each for each in entry.event.divisions if each.id == wanted.division_id), None)
        if division is None:
            raise NotFound
        changes.append(Change("division", entry.division.name, division.name, None, entry.division_id, division.id))
    if wanted.delegation_id not in (None, entry.delegation_id):
        side = next((each for each in delegations_for(session, entry) if each.id == wanted.delegation_id), None)
        if side is None:
            raise NotFound
        before = entry.delegation
        changes.append(Change("delegation", before.name, side.name, None, before.id, side.id))
    return changes
