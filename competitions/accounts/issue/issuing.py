"""Issuing many accounts from a worksheet, each with its role and code. Knows no request and no file format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.giving import givable_roles, may_give
from competitions.accounts.issue.issuing_one import Issued, scope_for
from competitions.accounts.models import ActivationCode, RoleAssignment, User
from competitions.accounts.pairs.deciding import GIVING
from competitions.accounts.pairs.models import AccountRequest
from competitions.accounts.pairs.requests import told, what
from competitions.accounts.passwords import new_activation_code, new_half, normalised_username, token_hash
from competitions.accounts.scope_names import NamedScope, offered
from competitions.accounts.services import USERNAME
from competitions.accounts.sign_in.activation import LIFE, half_digest
from competitions.audit.recording import record, record_all
from competitions.base.clock import from_beijing
from competitions.base.database import Base, new_id
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.many import add_rows, values_of
from competitions.base.permissions import Actor, Permission
from competitions.base.roles import BY_TWO, GIVABLE, WORDS
from competitions.organisations.models import Union
from competitions.organisations.queries import unions_in_scope
from competitions.words.sentences import sentence

MANAGE = Permission.MANAGE_ACCOUNTS


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


@dataclass(slots=True)
class PreparedAccounts:
    """A plan with all that issuing it writes, made before the write transaction: users with role and code, what the audit
    says; `ground` is what the plan rests on.
    """

    planned: list[PlannedAccount]
    ground: dict[str, Any]
    issued: list[Issued] = field(default_factory=list)
    asked: list[AccountRequest] = field(default_factory=list)
    batch_id: str = field(default_factory=new_id)
    rows: dict[type[Base], list[dict[str, Any]]] = field(default_factory=dict)
    told: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)


def prepare_accounts(
    session: Session, actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: datetime
) -> PreparedAccounts:
    """Plan the rows and make ready what issuing them writes. Only reads."""
    ground = _ground(session, actor, rows)
    found = PreparedAccounts(plan(session, actor, rows, at), ground)
    if any(each.faults for each in found.planned):
        return found
    found.rows = {User: [], RoleAssignment: [], ActivationCode: [], AccountRequest: []}
    found.told = {"account.create": [], "role.give": [], "account.code_issued": [], "account.asked": []}
    for each in found.planned:
        _prepare(found, each, actor, at)
    return found


def _prepare(found: PreparedAccounts, each: PlannedAccount, actor: Actor, at: datetime) -> None:
    name, union = each.values.get("display_name") or "", each.union
    user = User(
        username=each.username,
        display_name=name,
        union_id=union.id if union else None,
        created_by=actor.id,
        created_at=at,
        active=True,
    )
    found.rows[User].append(values_of(user))
    found.told["account.create"].append((user.id, {"after": {"union": user.union_id}}))
    if each.role in BY_TWO:
        code, batch_id = _prepare_asking(found, each, user), found.batch_id
    else:
        code, batch_id = _prepare_giving(found, each, user, actor, at), ""
    found.issued.append(Issued(user.id, user.username, name, union.name if union else "", each.role, code, batch_id))


def _prepare_giving(found: PreparedAccounts, each: PlannedAccount, user: User, actor: Actor, at: datetime) -> str:
    """The role and the whole code."""
    assert each.scope is not None
    code, (kind, scope) = new_activation_code(), each.scope
    role = RoleAssignment(
        user_id=user.id,
        role=each.role,
        scope_kind=kind,
        scope_id=scope,
        valid_from=at,
        valid_to=each.valid_to,
        given_by=actor.id,
    )
    secret = ActivationCode(user_id=user.id, code_hash=token_hash(code), expires_at=at + LIFE, issued_by=actor.id)
    found.rows[RoleAssignment].append(values_of(role))
    found.rows[ActivationCode].append(values_of(secret))
    found.told["role.give"].append((user.id, {"after": {"role": each.role, "scope": [kind, scope]}}))
    found.told["account.code_issued"].append((user.id, {}))
    return code


def _prepare_asking(found: PreparedAccounts, each: PlannedAccount, user: User) -> str:
    """The request that another has to agree to, and the first half of the code."""
    assert each.scope is not None
    half, (kind, scope) = new_half(), each.scope
    row = AccountRequest(user_id=user.id, role=each.role, scope_kind=kind, scope_id=scope, valid_to=each.valid_to)
    row.batch_id, row.position, row.made = found.batch_id, len(found.asked) + 1, True
    row.half_digest = half_digest(user.id, 1, half)
    found.asked.append(row)
    found.rows[AccountRequest].append(values_of(row))
    found.told["account.asked"].append((user.id, {"after": told(row)}))
    return half


def issue_prepared(
    session: Session,
    actor: Actor,
    sha256: str,
    rows: Sequence[Mapping[str, Any]],
    prepared: PreparedAccounts,
    *,
    at: datetime,
) -> list[Issued]:
    """All accounts or none, as prepared from these rows. Raises StateForbids when a row is wrong (it may have become so
    since the preview), Stale when what the plan rests on has changed since: plan anew then.
    """
    if any(each.faults for each in prepared.planned):
        raise StateForbids("import_changed")
    if _ground(session, actor, rows) != prepared.ground:
        raise Stale()
    try:
        for model, made in prepared.rows.items():
            add_rows(session, model, made)
    except IntegrityError as fault:  # a name that somebody else has taken in this moment
        raise Stale() from fault
    if prepared.asked:
        second_person.propose(session, GIVING, prepared.batch_id, what(prepared.asked), by=actor, at=at)
    for action, each in prepared.told.items():
        record_all(session, action, "user", each, by=actor, at=at)
    after = {"accounts": len(prepared.issued), "file": sha256}
    record(session, "account.import", "import", None, by=actor, at=at, after=after)
    return prepared.issued


def _ground(session: Session, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a plan rests on, as values: unions in scope and where they hang, names taken, competitions and events offered."""
    names = {value for row in rows if (value := row["values"].get("union"))}
    visible = unions_in_scope(session, actor, MANAGE).where(Union.name.in_(names))
    usernames = [normalised_username(row["values"].get("username") or "") for row in rows]
    return {
        "unions": {tuple(row) for row in session.execute(visible.with_only_columns(Union.name, Union.id, Union.path))},
        "taken": set(session.scalars(select(User.username).where(User.username.in_(usernames)))),
        "offered": offered(session, actor),
    }


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
            "note": "前 4 位，后 4 位由同意人告知；同意后 24 小时内有效" if each.batch_id else "",
            "until": None if each.batch_id else until,
        }
        for number, each in enumerate(issued, 1)
    ]
