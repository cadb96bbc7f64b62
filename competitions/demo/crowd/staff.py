"""Accounts in great number: a reporter for each union that enters people, crews for the halls, their past sign-ins.

One password for all, as in the small demonstration.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from competitions.accounts.models import RoleAssignment, SignIn, User
from competitions.accounts.services import assign_role
from competitions.audit.recording import record
from competitions.base.database import db
from competitions.base.permissions import SYSTEM, Actor
from competitions.base.roles import WORDS
from competitions.demo.cast import HALL, REVIEWERS, Cast
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.units import Enterprise
from competitions.organisations.models import Union

CREWS = 3
"""Crews of the halls on each line of review."""
CREW = (*(role for _, role in HALL if role != "deputy_chief_judge"), "judge")
SIGN_INS = 3
"""Past sign-ins of a reporter, at most."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who acts: organisers; by the name of a line its id, its reviewer, its crews; by the id of a union its reporter."""

    drafting: Actor
    approving: Actor
    lines: dict[str, str]
    reviewers: dict[str, Actor]
    reporters: dict[str, Actor]
    crews: dict[str, list[dict[str, Actor]]]


class Recruiting:
    """Makes the accounts; a class, because each step writes to the same rows in the name of the same password."""

    def __init__(self, cast: Cast, people: Iterator[dict[str, Any]], rng: random.Random, at: datetime) -> None:
        self.cast, self.people, self.rng, self.at = cast, people, rng, at
        self.bulk = Bulk()

    def recruit(
        self, session: Session, region: Union, lines: dict[str, str], entering: Sequence[Enterprise], now: datetime
    ) -> Staff:
        """Everybody: a reviewer of the whole region, reporters, crews."""
        reviewer = self.cast.add(session, "quzong", f"{WORDS['reviewer']}：{region.name}", region, self.at)
        assign_role(session, reviewer, "reviewer", "union", region.id, by=SYSTEM, at=self.at)
        reporters = {}
        for number, unit in enumerate(entering, 1):
            actor = self._account(f"danwei{number:05d}", unit.union_id)
            self.give(actor, "reporter", "union", unit.union_id)
            self._sign_ins(actor, now)
            reporters[unit.union_id] = actor
        crews = {
            line: [
                {role: self._account(f"{username}.{role}.{crew + 1}", None) for role in CREW} for crew in range(CREWS)
            ]
            for line, username in REVIEWERS.items()
        }
        self.bulk.write(session)
        known = {name: self._actor(name) for name in ("nigao", "shending", *REVIEWERS.values())}
        return Staff(
            known["nigao"],
            known["shending"],
            lines,
            {line: known[name] for line, name in REVIEWERS.items()},
            reporters,
            crews,
        )

    def give(self, actor: Actor, role: str, kind: str, scope_id: str) -> None:
        """A role in a scope, recorded."""
        give(self.bulk, actor, role, kind, scope_id, self.at, None)

    def _actor(self, username: str) -> Actor:
        return Actor(self.cast.ids[username], username, self.cast.purpose[username])

    def _account(self, username: str, union_id: str | None) -> Actor:
        name = next(self.people)["name"]
        user_id = self.bulk.add(
            User,
            username=username,
            display_name=name,
            union_id=union_id,
            created_by=SYSTEM.id,
            created_at=self.at,
            password_hash=self.cast.password_hash,
        )
        record(db.session(), "account.create", "user", user_id, by=SYSTEM, at=self.at, after={"union": union_id})
        return Actor(user_id, username, name, union_id=union_id)

    def _sign_ins(self, actor: Actor, now: datetime) -> None:
        """They are over: their tokens are the digests of nothing that anybody has."""
        for _ in range(self.rng.randrange(SIGN_INS + 1)):
            begun = now - timedelta(hours=self.rng.randrange(48, 40_000))
            token = hashlib.sha256(self.rng.randbytes(32)).hexdigest()
            self.bulk.add(
                SignIn,
                user_id=actor.id,
                token_hash=token,
                created_at=begun,
                seen_at=begun + timedelta(minutes=30),
                expires_at=begun + timedelta(hours=12),
                address="10.0.0.1",
                agent="Chrome · Windows",
            )


def give(bulk: Bulk, actor: Actor, role: str, kind: str, scope_id: str, at: datetime, until: datetime | None) -> None:
    """A role in a scope for a time, recorded."""
    bulk.add(
        RoleAssignment,
        user_id=actor.id,
        role=role,
        scope_kind=kind,
        scope_id=scope_id,
        valid_from=at,
        valid_to=until,
        given_by=SYSTEM.id,
    )
    record(
        db.session(), "role.give", "user", actor.id, by=SYSTEM, at=at, after={"role": role, "scope": [kind, scope_id]}
    )
