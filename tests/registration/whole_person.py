"""What the tests of a person's fields share: a value for each field, a roster of one person, what is stored of him."""

from sqlalchemy import select

from competitions.base.database import db
from competitions.base.keyring import masked_id_number, masked_phone
from competitions.registration.member_values import values_of
from competitions.registration.models import EntryMember
from competitions.tabular import person_fields
from competitions.tabular.field_kinds import PersonField
from competitions.tabular.person_fields import fields_kept
from tests.factories_registration import Region, make_id_number, make_roster
from tests.people import Client
from tests.registration.uploading import confirm, counts, upload

FIRST, SECOND = 0, 1
"""The value that comes with the roster, and the one that is typed over it."""


def kept_fields() -> list[PersonField]:
    """What is kept of a person, in whatever way."""
    return [each for each in fields_kept("column", "details", "sealed", "unit") if each.places]


def value_of(field: PersonField, region: Region, which: int) -> str:
    """A value that this field may hold."""
    given = {
        "name": ("韦桂兰", "覃小燕"),
        "sex": ("男", "男"),
        "date": ("1990-03", "1990-03"),
        "id_number": (make_id_number(11), make_id_number(11)),
        "phone": ("13812345678", "13987654321"),
        "level": ("二级/技师", "一级/高级技师"),
        "yes_no": ("是", "否"),
        "email": ("a@example.org", "b@example.org"),
        "unit": (region.employer.name, region.employer.name),
    }
    return given.get(field.kind, (f"{field.label}甲", f"{field.label}乙"))[which]


def all_values(region: Region, which: int) -> dict[str, str]:
    return {each.name: value_of(each, region, which) for each in kept_fields()}


def shown_values(values: dict[str, str]) -> dict[str, str]:
    """As a page shows them that nobody has asked for in full."""
    return {
        **values,
        "id_number": masked_id_number(values["id_number"]),
        "phone": masked_phone(values["phone"]),
    }


def send_roster(client: Client, region: Region, values: dict[str, str]) -> dict[str, int]:
    """Upload and confirm a roster of one person with these values; what the preview counted."""
    fields = {each.name: each for each in person_fields.PERSON_FIELDS}
    row = {fields[name].label: value for name, value in values.items()}
    row["参赛项目"] = region.event.name
    preview = upload(client, region.competition, region.enterprise, make_roster([row], tuple(row)))
    told = counts(client, preview)
    assert confirm(client, preview) == 303
    db.session.rollback()
    return told


def the_member() -> EntryMember:
    db.session.rollback()
    return db.session.scalars(select(EntryMember).where(EntryMember.live)).one()


def stored() -> dict[str, str]:
    """What is stored of the one member, in full."""
    return values_of(the_member(), full=True)


def edit_address() -> str:
    member = the_member()
    address = f"/desk/entries/{member.entry_id}/members/{member.id}/edit"
    db.session.rollback()
    return address
