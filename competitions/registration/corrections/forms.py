"""What an organiser may type to correct an approved entry: a few values of each member, division, delegation, the reason."""

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import Optional

from competitions.organisations.models import Union
from competitions.registration.corrections.changes import MEMBER_FIELDS
from competitions.registration.corrections.typed import Wanted
from competitions.registration.forms import control
from competitions.registration.models import Entry, EntryMember
from competitions.web.fields import ReasonField, choices
from competitions.web.form import Form

HELP = {"organisation": "填写单位全称。系统中没有的单位，请先增加单位。"}


class CorrectionForm(Form):
    """The controls of one entry, filled with what it says now; division only where there is more than one."""

    version = IntegerField(validators=[Optional()])
    division_id = SelectField("组别", description="阶段锁定以后不能再更正组别。")
    delegation_id = SelectField("代表队", description="团体名次按代表队计算。")
    card_seen = BooleanField("更正姓名的：已核对身份证原件，身份证号不变，是同一个人")
    reason = ReasonField("更正原因", "entry.correct", render_kw={"rows": "2"})
    _unbound_fields: list[Any]  # of WTForms: the controls of the class, by which it makes a form

    def __init__(self, entry: Entry, delegations: list[Union], *arguments: Any, **named: Any) -> None:
        self.entry = entry
        asked = [(each, member) for member in entry.members for each in MEMBER_FIELDS]
        controls = [(f"{each.name}-{member.position}", control(each)) for each, member in asked]
        self._unbound_fields = [*type(self)._unbound_fields, *controls]
        super().__init__(*arguments, data=_values(entry), **named)
        for each, member in asked:
            field = self[f"{each.name}-{member.position}"]
            field.description, field.flags.required = HELP.get(each.name, ""), each.name != "level"
        self.delegation_id.choices = choices((each.id, each.name) for each in delegations)
        self.division_id.choices = choices((each.id, each.name) for each in entry.event.divisions)
        if len(entry.event.divisions) < 2:
            del self.division_id

    def of_member(self, member: EntryMember) -> list[Any]:
        """The controls of one member."""
        return [self[f"{each.name}-{member.position}"] for each in MEMBER_FIELDS]

    def wanted(self) -> Wanted:
        """What was typed, for the service."""
        return Wanted(
            {
                member.id: {
                    each.name: str(field.data or "")
                    for each, field in zip(MEMBER_FIELDS, self.of_member(member), strict=True)
                    if field.raw_data
                }
                for member in self.entry.members
            },
            self.division_id.data if "division_id" in self else None,
            self.delegation_id.data,
            bool(self.card_seen.data),
        )


def _values(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {"version": entry.version, "division_id": entry.division_id}
    values["delegation_id"] = entry.delegation_id
    for member in entry.members:
        values |= {f"name-{member.position}": member.name, f"level-{member.position}": member.level}
        values[f"organisation-{member.position}"] = member.employer_name
    return values
