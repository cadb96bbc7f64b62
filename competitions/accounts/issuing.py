"""Issuing accounts: one with its role and code, or many from a worksheet. Knows no request and no file format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.activation import issue_code
from competitions.accounts.giving import givable_roles, may_give
from competitions.accounts.models import User
from competitions.accounts.passwords import normalised_username
from competitions.accounts.scope_names import NamedScope, offered
from competitions.accounts.services import USERNAME, assign_role, create_user
from competitions.audit.recording import record
from competitions.base.clock import from_beijing
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.base.problems import Problem
from competitions.base.roles import GIVABLE, WORDS, scopes_of
from competitions.organisations.models import Union
from competitions.organisations.queries import unions_in_scope
from competitions.words.codes import SCOPE_KINDS
from competitions.words.sentences import sentence

MANAGE = Permission.MANAGE_ACCOUNTS


@dataclass(frozen=True, slots=True)
class Issued:
    """A new account with its one-time code, which is shown once and kept nowhere."""

    user_id: str
    username: str
    display_name: str
    union_name: str
    role: str
    code: str


@dataclass(slots=True)
class PlannedAccount:
    """One row of a worksheet beside what is there; `faults` are sentences."""

    row: int
    values: Mapping[str, str | None]
    faults: list[str]
    username: str = ""
    role: str = ""
    union: Union | None = None
    scope: tuple[str, str | None] | None = None
    valid_to: datetime | None = None


def scope_for(role: str, union: Union | None, chosen: NamedScope | None) -> tuple[str, str | None]:
    """The scope that a role gets from what was chosen beside it. Raises Invalid when it needs another kind of scope."""
    kinds = scopes_of(role)
    if chosen is not None and chosen.kind in kinds:
        return chosen.kind, chosen.id
    if "union" in kinds and union is not None:
        return "union", union.id
    if "system" in kinds and chosen is None:
        return "system", None
    words = "、".join(SCOPE_KINDS[kind] for kind in kinds)
    raise Invalid(
        [
            Problem(
                "invalid.account.role_scope",
                "union_name" if "union" in kinds else "scope",
                {"role": WORDS.get(role, role), "kinds": words},
            )
        ]
    )


def issue_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    union: Union | None,
    role: str,
    scope: tuple[str, str | None],
    validity: tuple[datetime | None, datetime | None] = (None, None),
    by: Actor,
    at: datetime,
) -> Issued:
    """A new account with its first role and a one-time code. Raises what create_user and assign_role raise."""
    user = create_user(session, username=username, display_name=display_name, union=union, by=by, at=at)
    assign_role(session, user, role, *scope, *validity, by=by, at=at)
    code = issue_code(session, user, by=by, at=at)
    return Issued(user.id, user.username, user.display_name, union.name if union else "", role, code)


def plan(session: Session, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime) -> list[PlannedAccount]:
    """What issuing these rows would do, with everything that forbids it."""
    names = {value for row in rows if (value := row["values"].get("union"))}
    unions = {
        union.name: union
        for union in session.scalars(unions_in_scope(session, actor, MANAGE).where(Union.name.in_(names)))
    }
    usernames = [normalised_username(row["values"].get("username") or "") for row in rows]
    taken = set(session.scalars(select(User.username).where(User.username.in_(usernames))))
    scopes = offered(session, actor)
    planned = [_planned(session, actor, row, unions, taken, scopes, at) for row in rows]
    seen: dict[str, int] = {}
    for each in planned:
        first = seen.setdefault(each.username, each.row)
        if each.username and first != each.row:
            _refuse(each, "repeated", first=first)
    return planned


def _planned(
    session: Session,
    actor: Actor,
    row: Mapping[str, Any],
    unions: Mapping[str, Union],
    taken: set[str],
    scopes: Sequence[NamedScope],
    at: datetime,
) -> PlannedAccount:
    values = row["values"]
    planned = PlannedAccount(row["row"], values, list(row["faults"]), normalised_username(values.get("username") or ""))
    if planned.username and not USERNAME.fullmatch(planned.username):
        _refuse(planned, "username_format")
    elif planned.username in taken:
        _refuse(planned, "username_taken")
    union_name = values.get("union") or ""
    planned.union = unions.get(union_name)
    if union_name and planned.union is None:
        _refuse(planned, "union_unknown", name=union_name)
    planned.valid_to = _end_of_day(values.get("valid_to"))
    if planned.valid_to and planned.valid_to <= at:
        _refuse(planned, "validity")
    planned.role = next((role for role, word in WORDS.items() if word == values.get("role")), "")
    if planned.role and planned.role not in GIVABLE:
        _refuse(planned, "role_idle", role=WORDS[planned.role])
    elif planned.role and not planned.faults:
        _plan_scope(session, actor, planned, scopes)
    return planned


def _plan_scope(session: Session, actor: Actor, planned: PlannedAccount, scopes: Sequence[NamedScope]) -> None:
    name = planned.values.get("scope") or ""
    chosen = next((scope for scope in scopes if scope.name == name), None)
    if name and chosen is None:
        return _refuse(planned, "scope_unknown", name=name)
    try:
        planned.scope = scope_for(planned.role, planned.union, chosen)
    except Invalid as fault:
        return _refuse(planned, "role_scope", **fault.problems[0].params)
    if planned.role not in givable_roles(actor) or not may_give(session, actor, planned.role, *planned.scope):
        _refuse(planned, "role_not_yours", role=WORDS[planned.role])
    return None


def issue_planned(
    session: Session, actor: Actor, sha256: str, planned: Sequence[PlannedAccount], *, at: datetime
) -> list[Issued]:
    """All accounts planned in this transaction or none. Raises StateForbids when a row is wrong (it may have become so
    since the preview).
    """
    if any(each.faults for each in planned):
        raise StateForbids("import_changed")
    issued = [_issue(session, each, actor, at) for each in planned]
    record(session, "account.import", "import", None, by=actor, at=at, after={"accounts": len(issued), "file": sha256})
    return issued


def _issue(session: Session, each: PlannedAccount, actor: Actor, at: datetime) -> Issued:
    assert each.scope is not None
    return issue_account(
        session,
        username=each.username,
        display_name=each.values.get("display_name") or "",
        union=each.union,
        role=each.role,
        scope=each.scope,
        validity=(None, each.valid_to),
        by=actor,
        at=at,
    )


def _end_of_day(text: str | None) -> datetime | None:
    """The end of a day in Beijing as UTC; None for no day, or one that is not given to the day."""
    try:
        return from_beijing(datetime.combine(date.fromisoformat(text), time()) + timedelta(days=1)) if text else None
    except ValueError:
        return None


def _refuse(planned: PlannedAccount, code: str, **params: Any) -> None:
    planned.faults.append(f"第 {planned.row} 行：" + sentence(f"invalid.account.{code}", **params))


def rows_of(issued: Iterable[Issued], until: datetime) -> list[dict[str, object]]:
    """Issued accounts as rows of the worksheet that is handed back."""
    return [
        {
            "sequence": number,
            "username": each.username,
            "display_name": each.display_name,
            "union": each.union_name,
            "role": WORDS[each.role],
            "code": each.code,
            "until": until,
        }
        for number, each in enumerate(issued, 1)
    ]
