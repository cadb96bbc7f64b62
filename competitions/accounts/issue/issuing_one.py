"""Issuing one account with its first role and its code, and what is handed to its person. Knows no request."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from competitions.accounts.pairs.requests import ask_for_role
from competitions.accounts.scope_names import NamedScope
from competitions.accounts.services import assign_role, create_user
from competitions.accounts.sign_in.activation import issue_code
from competitions.base.errors import Invalid
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.roles import BY_TWO, WORDS, scopes_of
from competitions.organisations.models import Union
from competitions.words.codes import SCOPE_KINDS


@dataclass(frozen=True, slots=True)
class Issued:
    """A new account with its one-time code, which is shown once and kept nowhere.

    `batch_id`: another person has to agree first (the act of two); then `code` is the first half.
    """

    user_id: str
    username: str
    display_name: str
    union_name: str
    role: str
    code: str
    batch_id: str = ""


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
    """A new account with its first role and a one-time code; for a role that two people give with half of the code, and
    the other half when another agrees. Raises what create_user and giving the role raise.
    """
    user = create_user(session, username=username, display_name=display_name, union=union, by=by, at=at)
    name = union.name if union else ""
    if role in BY_TWO:
        asked = ask_for_role(session, user, role, scope, validity, made=True, by=by, at=at)
        return Issued(user.id, user.username, user.display_name, name, role, asked.half, asked.batch_id)
    assign_role(session, user, role, *scope, *validity, by=by, at=at)
    code = issue_code(session, user, by=by, at=at)
    return Issued(user.id, user.username, user.display_name, name, role, code)
