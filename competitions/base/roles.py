"""The one table of roles: what each is called, may do, where it is given and by whom, and with what it does not go.

A new role is one row here and a migration for the CHECK of `role_assignment`. Whoever asks which roles do something
asks a name below the table, never a list of codes of his own. Knows no person, no database and no page.

Sources: design.md §2 and §4.5, security.md §2, practice.md *Foundations* (the roles to come).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from competitions.base.permissions import Permission as P

ADMINISTRATOR = "administrator"
"""The role that is never without somebody who holds it; the command line gives the first one."""


class Reach(StrEnum):
    """How far a role reaches that gives others: whose accounts it administers."""

    EVERYWHERE = "everywhere"
    BELOW = "below"
    """Unions below its own; its own role strictly below."""
    INSIDE = "inside"
    """Its competitions and their events."""


class Factor(StrEnum):
    """When a role signs in with a second factor (RFC 6238) beside the password."""

    USUALLY = "usually"
    IF_SET = "if_set"
    """Where the installation says so."""


@dataclass(frozen=True, slots=True)
class Role:
    """A row of the table. Without permissions a role may do nothing yet: it cannot be given.

    `scopes`: the kinds it is given for; `given_by`: codes of the roles that give it; `reach`: how far it gives others.
    `excludes`: codes that one person may not hold with it over the same event (each pair stands once, it holds both
    ways). `duties`: what it does on a panel. `hall`: works in the hall, where a sign-in may rest for hours. `needed`: no
    event can be run without it. `competes`: whoever holds it may take part. `decodes`: may open codes. `stays`: goes on
    reading an archived competition. `three`: which of the three people who run a county contest has it (0: none).
    `factor`: when it needs a second factor, if ever.
    """

    code: str
    words: str
    scopes: tuple[str, ...] = ()
    permissions: frozenset[P] = frozenset()
    given_by: tuple[str, ...] = ()
    reach: Reach | None = None
    excludes: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    hall: bool = False
    needed: bool = False
    competes: bool = True
    decodes: bool = True
    stays: bool = False
    factor: Factor | None = None
    three: int = 0


ROLES: tuple[Role, ...] = (
    Role(
        ADMINISTRATOR,
        "系统管理员",
        ("system",),
        frozenset(
            {P.MANAGE_ACCOUNTS, P.CONFIGURE_SYSTEM, P.VIEW_ORGANISATIONS, P.EDIT_ORGANISATIONS, P.DECIDE_ORGANISATION}
        ),
        given_by=(ADMINISTRATOR,),
        reach=Reach.EVERYWHERE,
        factor=Factor.USUALLY,
    ),
    Role(
        "organiser_drafting",
        "组委会（拟稿）",
        ("system", "competition"),
        frozenset(
            {
                P.CREATE_COMPETITION,
                P.EDIT_COMPETITION,
                P.EXTEND_DEADLINE,
                P.VIEW_COMPETITIONS,
                P.VIEW_ENTRIES,
                P.DECIDE_ENTRIES,
                P.CORRECT_ENTRIES,
                P.VIEW_PERSONAL_DATA,
                P.ADVANCE_ENTRANTS,
                P.VIEW_SCANS,
                P.ATTACH_SCANS,
                P.EDIT_SCHEME,
                P.ASSIGN_PANELS,
                P.VIEW_DECODED,
                P.DRAFT_PUBLICATION,
                P.VIEW_OVERVIEW,
                P.VIEW_ORGANISATIONS,
                P.MANAGE_ACCOUNTS,
            }
        ),
        given_by=(ADMINISTRATOR,),
        reach=Reach.INSIDE,
        decodes=False,
        stays=True,
        factor=Factor.IF_SET,
        three=1,
    ),
    Role(
        "organiser_approving",
        "组委会（审定）",
        ("system", "competition"),
        frozenset(
            {
                P.VIEW_COMPETITIONS,
                P.VIEW_ENTRIES,
                P.DECIDE_ENTRIES,
                P.APPROVE_ENTRY_CORRECTION,
                P.VIEW_DECODED,
                P.APPROVE_PUBLICATION,
                P.APPROVE_RULESET,
                P.ARCHIVE_COMPETITION,
                P.VIEW_OVERVIEW,
                P.VIEW_ORGANISATIONS,
            }
        ),
        given_by=(ADMINISTRATOR, "organiser_drafting"),
        decodes=False,
        stays=True,
        factor=Factor.USUALLY,
        three=2,
    ),
    Role(
        "reviewer",
        "审核工会",
        ("union",),
        frozenset(
            {
                P.VIEW_COMPETITIONS,
                P.VIEW_ENTRIES,
                P.EDIT_ENTRIES,
                P.SUBMIT_ENTRIES,
                P.REVIEW_ENTRIES,
                P.CLOSE_LIST,
                P.VIEW_PERSONAL_DATA,
                P.MANAGE_ACCOUNTS,
                P.VIEW_ORGANISATIONS,
                P.EDIT_ORGANISATIONS,
                P.DECIDE_ORGANISATION,
                P.APPLY_ORGANISATION,
            }
        ),
        given_by=(ADMINISTRATOR, "reviewer"),
        reach=Reach.BELOW,
    ),
    Role(
        "reporter",
        "报送工会经办人",
        ("union",),
        frozenset(
            {
                P.VIEW_COMPETITIONS,
                P.VIEW_ENTRIES,
                P.EDIT_ENTRIES,
                P.SUBMIT_ENTRIES,
                P.VIEW_PERSONAL_DATA,
                P.VIEW_ORGANISATIONS,
                P.APPLY_ORGANISATION,
            }
        ),
        given_by=(ADMINISTRATOR, "reviewer"),
    ),
    Role(
        "chief_judge",
        "裁判长",
        ("event",),
        frozenset(
            {
                P.VIEW_MATRIX,
                P.SIGN_MODULES,
                P.VIEW_SCANS,
                P.ATTACH_SCANS,
                P.REQUEST_REOPENING,
                P.RECORD_INCIDENTS,
                P.VIEW_STANDINGS,
                P.RULE_TIES,
                P.SETTLE_STANDINGS,
            }
        ),
        given_by=("organiser_drafting",),
        hall=True,
        needed=True,
        competes=False,
        decodes=False,
        factor=Factor.IF_SET,
        three=3,
    ),
    Role(
        "deputy_chief_judge",
        "副裁判长",
        ("event",),
        frozenset({P.VIEW_MATRIX, P.VIEW_SCANS, P.RECORD_INCIDENTS, P.VIEW_STANDINGS}),
        given_by=("organiser_drafting",),
        hall=True,
        competes=False,
        decodes=False,
    ),
    Role(
        "judge",
        "裁判员",
        ("event",),
        frozenset({P.MARK_SHEETS}),
        given_by=("organiser_drafting",),
        duties=("marking", "floor"),
        hall=True,
        needed=True,
        competes=False,
        three=3,
    ),
    Role(
        "checker",
        "复核员",
        ("event",),
        frozenset({P.CONFIRM_SHEETS, P.VIEW_SCANS, P.ATTACH_SCANS}),
        given_by=("organiser_drafting",),
        excludes=("judge", "chief_judge"),
        hall=True,
        needed=True,
        competes=False,
        three=2,
    ),
    Role(
        "tabulator",
        "统分员",
        ("event",),
        frozenset({P.TABULATE}),
        given_by=("organiser_drafting",),
        # reads marks by ticket: whoever sees the same marks by code would have ticket and code side by side
        excludes=("chief_judge", "deputy_chief_judge", "checker", "supervisor"),
        duties=("tabulator",),
        hall=True,
        competes=False,
    ),
    Role(
        "coder",
        "加密裁判",
        ("event",),
        frozenset({P.ADVANCE_ENTRANTS, P.DRAW_LOTS, P.SEAL_CODES, P.DECODE}),
        given_by=("organiser_drafting",),
        excludes=("chief_judge", "judge", "checker", "tabulator", "supervisor"),
        hall=True,
        needed=True,
        competes=False,
        factor=Factor.IF_SET,
        three=1,
    ),
    Role(
        "steward",
        "检录裁判",
        ("event", "competition"),
        frozenset({P.CHECK_IN}),
        given_by=("organiser_drafting",),
        # sees names with sitting and station, which stand beside the code on the papers of all the others
        excludes=("chief_judge", "deputy_chief_judge", "judge", "checker", "tabulator", "coder"),
        hall=True,
        needed=True,
        three=1,
    ),
    Role(
        "supervisor",
        "监督员",
        ("event", "competition"),
        frozenset({P.WITNESS, P.VIEW_MATRIX, P.VIEW_SCANS, P.VIEW_STANDINGS, P.APPROVE_REQUESTS, P.VIEW_AUDIT}),
        # by the administrators too: whom an organiser had a part in making cannot be the second person of his acts
        given_by=("organiser_drafting", ADMINISTRATOR),
        excludes=("chief_judge", "judge"),
        hall=True,
        needed=True,
        factor=Factor.IF_SET,
        three=2,
    ),
    Role("arbitrator", "仲裁员", ("competition",), given_by=("organiser_drafting",), excludes=("supervisor",)),
    Role("team_leader", "领队", ("competition",), given_by=("organiser_drafting",)),
    # to come: each capability fills in what its role may do, where, and who gives it
    Role("statistics_reporter", "统计填报人"),
    Role("statistics_reviewer", "统计审核人"),
    Role("finance_clerk", "财务经办"),
    Role("venue_staff", "会务人员"),
    Role("review_expert", "评审专家"),
    Role("discipline_inspector", "纪检监督（只读）"),
    Role("leadership", "领导查阅（只看汇总）"),
)
"""In the order in which pages list them."""


def _codes(that: Callable[[Role], object]) -> tuple[str, ...]:
    return tuple(role.code for role in ROLES if that(role))


CODES = _codes(lambda _role: True)
WORDS = {role.code: role.words for role in ROLES}
"""Code → Chinese."""
ROLE_PERMISSIONS = {role.code: role.permissions for role in ROLES if role.permissions}
"""Code → permissions, of the roles that may do something."""
GIVABLE = _codes(lambda role: role.permissions)
"""What may be given at all."""
OF_EVENT = _codes(lambda role: role.permissions and "event" in role.scopes)
"""Given for one event, on its page of people."""
NEEDED = _codes(lambda role: role.needed)
OF_HALL = frozenset(_codes(lambda role: role.hall))
BY_CARD = frozenset(_codes(lambda role: P.MARK_SHEETS in role.permissions))
"""What a sign-in by a judge's card keeps of its owner's roles."""
NOT_COMPETING = _codes(lambda role: not role.competes)
"""Judge ≠ contestant (domain.md §5)."""
NOT_DECODING = frozenset(_codes(lambda role: not role.decodes))
STAYING = _codes(lambda role: role.stays)
DECIDING = frozenset(_codes(lambda role: role.permissions & {P.APPROVE_REQUESTS, P.APPROVE_PUBLICATION}))
"""What the second person of acts of two holds."""
BY_TWO = OF_HALL | DECIDING | {ADMINISTRATOR}
"""Given by two people, and an account that has one of these is reset by two."""
WITH_FACTOR = frozenset(_codes(lambda role: role.factor))
"""What may need a second factor, and what usually does."""
USUALLY_WITH_FACTOR = frozenset(_codes(lambda role: role.factor is Factor.USUALLY))
_BY_CODE = {role.code: role for role in ROLES}


def permissions_of(code: str) -> frozenset[P]:
    """What the role may do."""
    return _BY_CODE[code].permissions


def scopes_of(code: str) -> tuple[str, ...]:
    """The kinds of scope the role is given for; none for a code that is no role."""
    return _BY_CODE[code].scopes if code in _BY_CODE else ()


def reach_of(code: str) -> Reach | None:
    """How far the role reaches that gives others; None: it gives none."""
    return _BY_CODE[code].reach


def gives(giver: str, code: str) -> bool:
    """Whether the first role gives (and ends) the second somewhere."""
    return giver in _BY_CODE[code].given_by


def exclude(one: str, other: str) -> bool:
    """Whether one person may not hold both over the same event."""
    return other in _BY_CODE[one].excludes or one in _BY_CODE[other].excludes


def of_three(number: int) -> tuple[str, ...]:
    """The roles of the first (organiser), second (decides) or third (chief judge) of three who run a county contest."""
    return _codes(lambda role: role.three == number)


def lifted(one: str, other: str) -> int:
    """Which of the three may hold both although they exclude each other; 0: nobody."""
    number = _BY_CODE[one].three
    return number if number and number == _BY_CODE[other].three and exclude(one, other) else 0


def with_duty(duty: str) -> tuple[str, ...]:
    """Roles whose holder may have the duty on a panel."""
    return _codes(lambda role: duty in role.duties)


def position_of(code: str) -> int:
    """Where the role stands in the order of pages."""
    return CODES.index(code)
