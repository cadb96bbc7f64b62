"""What a person may do with an entry as it is now: the rules behind the buttons of its page. Changes nothing.

The services check the same again, with the cut-offs; here is only what nobody needs to be offered.
"""

from collections.abc import Collection
from dataclasses import dataclass

from competitions.base.permissions import Actor, Permission
from competitions.registration.models import EDITABLE, WITHDRAWABLE, Entry


@dataclass(frozen=True, slots=True)
class EntryActs:
    """`review`: endorse, return, refuse; `decide`: approve, return, refuse, and `decided_by_another` where it would be
    his own; `as_organiser`: replacing and withdrawing on a unit's behalf; the others as they are called.
    """

    review: bool = False
    decide: bool = False
    decided_by_another: bool = False
    submit: bool = False
    take_back: bool = False
    replace: bool = False
    replace_as_organiser: bool = False
    withdraw: bool = False
    withdraw_as_organiser: bool = False
    edit: bool = False
    add_member: bool = False
    remove_member: bool = False
    delete: bool = False


def acts_on(entry: Entry, held: Collection[Permission], actor: Actor) -> EntryActs:
    """What the actor may do, who holds these permissions over the entry."""
    if entry.competition.is_archived or entry.event.is_called_off:
        return EntryActs()
    own = actor.id == entry.author_id or actor.union_id == entry.reporting_union_id
    submits, decides, edits = (
        permission in held
        for permission in (Permission.SUBMIT_ENTRIES, Permission.DECIDE_ENTRIES, Permission.EDIT_ENTRIES)
    )
    editable, withdrawable = entry.state in EDITABLE, entry.state in WITHDRAWABLE
    replaceable, to_decide = withdrawable and entry.event.team_size == 1, decides and entry.awaits_organiser
    edit = edits and editable
    return EntryActs(
        review=Permission.REVIEW_ENTRIES in held and entry.awaits_reviewer and not own,
        decide=to_decide and actor.id != entry.author_id,
        decided_by_another=to_decide and actor.id == entry.author_id,
        submit=submits and editable,
        take_back=submits and entry.state == "submitted",
        replace=submits and replaceable,
        replace_as_organiser=decides and not submits and replaceable and entry.competition.is_open,
        withdraw=submits and withdrawable,
        withdraw_as_organiser=decides and not submits and withdrawable,
        edit=edit,
        add_member=edit and len(entry.members) < entry.event.team_size,
        remove_member=edit and len(entry.members) > 1,
        delete=edits and entry.state == "draft",
    )
