"""The doors of registration for others: the verbs, each in the file of its matter."""

from competitions.registration.drafting import change_draft, delete_draft, save_draft
from competitions.registration.entering import add_member, change_member, create_entry, remove_member
from competitions.registration.reporting import close_list
from competitions.registration.review import approve, endorse, refuse, return_entries
from competitions.registration.roster_applying import apply_plan
from competitions.registration.roster_plan import plan_roster
from competitions.registration.submitting import replace_entry, submit_entries, take_back, withdraw

__all__ = [
    "add_member",
    "apply_plan",
    "approve",
    "change_draft",
    "change_member",
    "close_list",
    "create_entry",
    "delete_draft",
    "endorse",
    "plan_roster",
    "refuse",
    "remove_member",
    "replace_entry",
    "return_entries",
    "save_draft",
    "submit_entries",
    "take_back",
    "withdraw",
]
