"""What may be corrected of an approved entry: compared with what it is now, said in words, put into it.

A person's identity is not among it: the ID number, and with it birth date and sex, is the worker's; another number is
another person, who comes as a substitute (替补). Knows no rule of who may and no page.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from competitions.audit.chain import canonical
from competitions.base.keyring import ring
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Division
from competitions.registration.models import Entry, EntryMember
from competitions.tabular.person_fields import PERSON_FIELDS, label_of

MEMBER_FIELDS = tuple(
    next(each for each in PERSON_FIELDS if each.name == name) for name in ("name", "organisation", "level")
)
"""What is corrected of a member; of the entry itself: division and delegation."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that becomes another: `field` by its name in the table of a person's fields, of a member (id) or of the
    entry itself; ids where the value names a row.
    """

    field: str
    before: str
    after: str
    member: str | None = None
    before_id: str | None = None
    after_id: str | None = None

    @property
    def label(self) -> str:
        """What the field is called."""
        return label_of(self.field)

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def read(documents: Sequence[dict[str, Any]]) -> list[Change]:
    """The changes of a correction that is kept."""
    return [Change(**each) for each in documents]


def now(entry: Entry, change: Change) -> str:
    """What stands in the entry where the change would write: the id where the value names a row, else the value."""
    if change.field == "division":
        return entry.division_id
    if change.field == "delegation":
        return entry.delegation_id
    member = member_of(entry, change)
    if change.field == "organisation":
        return member.employer_id or member.employer_name
    return str(getattr(member, change.field))


def member_of(entry: Entry, change: Change) -> EntryMember:
    """The member that a change is about."""
    return next(each for each in entry.members if each.id == change.member)


def digest_of(entry_id: str, changes: Sequence[Change], reason: str) -> str:
    """Keyed digest of what is corrected and why: the log holds this, nothing of a person."""
    said = {"entry": entry_id, "changes": [each.document() for each in changes], "reason": reason}
    return ring().keyed_digest("entry_correction", canonical(said))


def asked(entry: Entry, correction_id: str, changes: Sequence[Change]) -> dict[str, str]:
    """What the second person decides on: this correction, of the entry as it is now; as a keyed digest."""
    said = [[each.field, each.member, now(entry, each), each.after_id or each.after] for each in changes]
    return {"correction": correction_id, "digest": ring().keyed_digest("entry_correction", canonical(said))}


def apply(session: Session, entry: Entry, changes: Sequence[Change]) -> None:
    """Write the new values: everything made from now on reads them."""
    for change in changes:
        if change.field == "division":
            entry.division = session.get_one(Division, change.after_id)
        elif change.field == "delegation":
            entry.delegation = session.get_one(Union, change.after_id)
        elif change.field == "organisation":
            employer, member = session.get_one(Employer, change.after_id), member_of(entry, change)
            member.employer_id, member.employer_name = employer.id, employer.name
        else:
            setattr(member_of(entry, change), change.field, change.after)
    session.flush()
