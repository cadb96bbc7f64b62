"""What may be done (Permission), and the caller as a value (Actor). Knows no role, no database and no request.

A role gives permissions (base/roles.py has the table); an assignment gives a role within one scope (the system, a union
and what is below it, a competition, an event) for a time. Queries turn scopes into conditions (security.md §2).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Permission(StrEnum):
    """One function each; PUBLIC needs nobody, SIGNED_IN anybody who is signed in with his password, SIGN_OUT anybody who
    is signed in in whatever way.
    """

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    SIGN_OUT = "sign_out"
    MANAGE_ACCOUNTS = "accounts.manage"
    VIEW_ORGANISATIONS = "organisations.view"
    EDIT_ORGANISATIONS = "organisations.edit"
    APPLY_ORGANISATION = "organisations.apply"
    DECIDE_ORGANISATION = "organisations.decide"
    CONFIGURE_SYSTEM = "system.configure"
    VIEW_COMPETITIONS = "competitions.view"
    CREATE_COMPETITION = "competitions.create"
    EDIT_COMPETITION = "competitions.edit"
    EXTEND_DEADLINE = "deadlines.extend"
    ARCHIVE_COMPETITION = "competitions.archive"
    APPROVE_RULESET = "rulesets.approve"
    EDIT_ENTRIES = "entries.edit"
    SUBMIT_ENTRIES = "entries.submit"
    VIEW_ENTRIES = "entries.view"
    REVIEW_ENTRIES = "entries.review"
    CLOSE_LIST = "entries.close_list"
    DECIDE_ENTRIES = "entries.decide"
    CORRECT_ENTRIES = "entries.correct"
    APPROVE_ENTRY_CORRECTION = "entries.approve_correction"
    VIEW_PERSONAL_DATA = "personal_data.view"
    ADVANCE_ENTRANTS = "entrants.advance"
    DRAW_LOTS = "draw.run"
    SEAL_CODES = "codes.seal"
    CHECK_IN = "check_in.mark"
    DECODE = "codes.decode"
    WITNESS = "codes.witness"
    EDIT_SCHEME = "schemes.edit"
    ASSIGN_PANELS = "panels.assign"
    MARK_SHEETS = "sheets.mark"
    TABULATE = "sheets.tabulate"
    CONFIRM_SHEETS = "sheets.confirm"
    VIEW_MATRIX = "matrix.view"
    SIGN_MODULES = "modules.sign"
    VIEW_SCANS = "scans.view"
    ATTACH_SCANS = "scans.attach"
    REQUEST_REOPENING = "sheets.reopen"
    APPROVE_REQUESTS = "requests.approve"
    RECORD_INCIDENTS = "incidents.record"
    VIEW_STANDINGS = "standings.view"
    RULE_TIES = "ties.rule"
    SETTLE_STANDINGS = "standings.settle"
    VIEW_DECODED = "standings.view_decoded"
    DRAFT_PUBLICATION = "publications.draft"
    APPROVE_PUBLICATION = "publications.approve"
    VIEW_OVERVIEW = "overview.view"
    VIEW_AUDIT = "audit.view"


CARD_PERMISSIONS = frozenset({Permission.PUBLIC, Permission.SIGN_OUT, Permission.MARK_SHEETS})
"""All that a sign-in by a judge's card may do, whatever else the person may do with his password: a card lies about in
the hall, so it opens his own sheets and nothing else.
"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role in a scope for a time, with what it permits; `scope_kind` is system, union, competition or event; no id for
    system.
    """

    role: str
    scope_kind: str
    scope_id: str | None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    permissions: frozenset[Permission] = frozenset()

    def holds_at(self, at: datetime) -> bool:
        """Whether the assignment is valid at that moment."""
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Scopes:
    """Where a permission holds: everywhere (`system`), below unions, in competitions, in events (ids)."""

    system: bool = False
    unions: frozenset[str] = frozenset()
    competitions: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.system or bool(self.unions or self.competitions or self.events)


@dataclass(frozen=True)
class Actor:
    """Who does something: a user with his valid assignments, as a value (services take it as `by=`).

    Signed in by a judge's card: `card_id` and the one stage it is for; then only CARD_PERMISSIONS are his.
    """

    id: str
    username: str
    display_name: str
    sign_in_id: str | None = None
    union_id: str | None = None
    assignments: tuple[Assignment, ...] = ()
    device_id: str | None = None
    card_id: str | None = None
    card_stage_id: str | None = None
    is_authenticated: bool = field(default=True, init=False)
    is_active: bool = field(default=True, init=False)
    is_anonymous: bool = field(default=False, init=False)

    def get_id(self) -> str:
        """For Flask-Login."""
        return self.id

    @property
    def roles(self) -> list[str]:
        """Role codes, each once, in the order of the assignments."""
        return list(dict.fromkeys(assignment.role for assignment in self.assignments))

    def may(self, permission: Permission) -> bool:
        """Whether the function is the actor's in any scope (function level; the query adds the scope)."""
        if not self._allows(permission):
            return False
        if permission in (Permission.PUBLIC, Permission.SIGNED_IN, Permission.SIGN_OUT):
            return True
        return any(permission in assignment.permissions for assignment in self.assignments)

    def scopes(self, *permissions: Permission) -> Scopes:
        """The union of the scopes in which any of the permissions holds."""
        allowed = [permission for permission in permissions if self._allows(permission)]
        held = [a for a in self.assignments if not a.permissions.isdisjoint(allowed)]
        ids = {
            kind: frozenset(a.scope_id for a in held if a.scope_kind == kind and a.scope_id)
            for kind in ("union", "competition", "event")
        }
        return Scopes(any(a.scope_kind == "system" for a in held), ids["union"], ids["competition"], ids["event"])

    def _allows(self, permission: Permission) -> bool:
        return self.card_id is None or permission in CARD_PERMISSIONS

    def role_scopes(self, role: str, kind: str) -> frozenset[str]:
        """Ids of the scopes of that kind in which the actor has the role."""
        return frozenset(a.scope_id for a in self.assignments if a.role == role and a.scope_kind == kind and a.scope_id)


SYSTEM = Actor(id="system", username="system", display_name="系统")
"""The house itself: demonstration data, migrations and commands act as it."""
