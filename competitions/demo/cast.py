"""Who signs in to the demonstration: one password for all, somebody for each role that can be given, by user name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.models import User
from competitions.accounts.queries import actor_of
from competitions.accounts.services import assign_role, create_user
from competitions.base.permissions import SYSTEM, Actor
from competitions.base.roles import WORDS
from competitions.demo.units import Unit
from competitions.organisations.models import Union

REVIEWERS = {
    "南宁市总工会": "nanning",
    "柳州市总工会": "liuzhou",
    "桂林市总工会": "guilin",
    "梧州市总工会": "wuzhou",
    "北海市总工会": "beihai",
    "防城港市总工会": "fangchenggang",
    "钦州市总工会": "qinzhou",
    "贵港市总工会": "guigang",
    "玉林市总工会": "yulin",
    "百色市总工会": "baise",
    "贺州市总工会": "hezhou",
    "河池市总工会": "hechi",
    "来宾市总工会": "laibin",
    "崇左市总工会": "chongzuo",
    "广西壮族自治区机冶建材工会": "jiye",
    "广西壮族自治区能源化学工会": "nenghua",
    "广西壮族自治区交通运输工会": "jiaotong",
    "中国铁路南宁局集团有限公司工会": "tielu",
}
"""Reviewing union → user name."""
HALL = (
    ("caipanzhang", "chief_judge"),
    ("fucaipanzhang", "deputy_chief_judge"),
    ("fuhe", "checker"),
    ("tongfen", "tabulator"),
    ("jiami", "coder"),
    ("jianlu", "steward"),
    ("jiandu", "supervisor"),
)
"""Beginning of the user name → role; the number of the event follows."""


@dataclass
class Cast:
    """User name → id, and what each is there for, in the order in which they were made."""

    password: str
    password_hash: str
    people: Iterator[dict[str, Any]]
    ids: dict[str, str] = field(default_factory=dict)
    purpose: dict[str, str] = field(default_factory=dict)
    reporters: dict[str, str] = field(default_factory=dict)
    _actors: dict[tuple[str, datetime], Actor] = field(default_factory=dict)

    def add(self, session: Session, username: str, purpose: str, union: Union | None, at: datetime) -> User:
        """A new user with the demonstration's password."""
        user = create_user(
            session, username=username, display_name=next(self.people)["name"], union=union, by=SYSTEM, at=at
        )
        user.password_hash = self.password_hash
        self.ids[username], self.purpose[username] = user.id, purpose
        return user

    def actor(self, session: Session, username: str, at: datetime) -> Actor:
        """The user as the value that services take; all of his roles are given before he acts at a moment."""
        known = self._actors.get((username, at))
        if known is not None:
            return known
        user = session.scalars(
            select(User).where(User.id == self.ids[username]).options(selectinload(User.roles))
        ).one()
        self._actors[username, at] = actor = actor_of(user, at)
        return actor


def make_office(session: Session, cast: Cast, units: Sequence[Unit], at: datetime) -> None:
    """Administrator, organisers, reviewers of every line, a reporter for each enterprise union."""
    unions = {
        union.name: union
        for union in session.scalars(select(Union).where(Union.name.in_(["广西壮族自治区总工会", *REVIEWERS])))
    }
    region = unions["广西壮族自治区总工会"]
    for username, role in (
        ("admin", "administrator"),
        ("nigao", "organiser_drafting"),
        ("shending", "organiser_approving"),
    ):
        _give(session, cast.add(session, username, WORDS[role], region, at), role, "system", None, at)
    for name, username in REVIEWERS.items():
        purpose = f"{WORDS['reviewer']}：{name}"
        _give(session, cast.add(session, username, purpose, unions[name], at), "reviewer", "union", unions[name].id, at)
    own = {
        union.id: union
        for union in session.scalars(select(Union).where(Union.id.in_([unit.union_id for unit in units])))
    }
    for number, unit in enumerate(units, 1):
        username = f"qiye{number:02d}"
        user = cast.add(session, username, f"{WORDS['reporter']}：{unit.name}", own[unit.union_id], at)
        _give(session, user, "reporter", "union", unit.union_id, at)
        cast.reporters[unit.union_id] = username


def make_hall(
    session: Session, cast: Cast, event_id: str, event_name: str, number: int, judges: int, at: datetime
) -> list[str]:
    """The people of one event; gives the user names of its judges."""
    for start, role in HALL:
        user = cast.add(session, f"{start}{number}", f"{WORDS[role]}：{event_name}", None, at)
        _give(session, user, role, "event", event_id, at)
    names = [f"caipan{number}{place}" for place in range(1, judges + 1)]
    for username in names:
        _give(
            session,
            cast.add(session, username, f"{WORDS['judge']}：{event_name}", None, at),
            "judge",
            "event",
            event_id,
            at,
        )
    return names


def tie_to_employer(session: Session, cast: Cast, username: str, unit: Unit) -> None:
    """A judge who works for an employer whose people compete: the assignment of the panel then warns."""
    session.get_one(User, cast.ids[username]).employer_id = unit.employer_id


def _give(session: Session, user: User, role: str, kind: str, scope_id: str | None, at: datetime) -> None:
    assign_role(session, user, role, kind, scope_id, by=SYSTEM, at=at)
