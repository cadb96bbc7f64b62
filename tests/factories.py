"""Builders of test data: `make_x` adds to the session what is missing around it, and flushes. All people synthetic."""

import itertools
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher

from competitions.accounts.models import RoleAssignment, User
from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import Actor
from competitions.base.settings import NumberSetting, Setting
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, CompetitionLevel, Division, Event, Module, Programme, Stage
from tests.people import PASSWORD

_number = itertools.count(1)
_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def number() -> int:
    """A running number, for names that must differ."""
    return next(_number)


def make_union(parent: Union | None = None, **values: Any) -> Union:
    """A union below `parent` (a root federation without one)."""
    union = Union(
        **{
            "name": f"第{number()}总工会",
            "kind": "federation" if parent is None else "enterprise",
            "path": "",
            **values,
        }
    )
    union.parent_id = parent.id if parent else None
    union.path = f"{parent.path if parent else '/'}{union.id}/"
    db.session.add(union)
    db.session.flush()
    return union


def make_employer(union: Union | None = None, **values: Any) -> Employer:
    """An employer, of that union if one is given."""
    employer = Employer(**{"name": f"广西第{number()}机械有限公司", "union_id": union.id if union else None, **values})
    db.session.add(employer)
    db.session.flush()
    return employer


def make_user(*roles: tuple[str, str, str | None], union: Union | None = None, **values: Any) -> User:
    """A user with the password PASSWORD and roles given as (role, scope kind, scope id)."""
    count = number()
    user = User(
        **{
            "username": f"user{count}",
            "display_name": f"用户{count}",
            "password_hash": _HASH,
            "union_id": union.id if union else None,
            "created_at": clock.now(),
            "active": True,
            **values,
        }
    )
    user.roles = [RoleAssignment(role=role, scope_kind=kind, scope_id=scope) for role, kind, scope in roles]
    db.session.add(user)
    db.session.flush()
    return user


def actor(user: User) -> Actor:
    """The user as the value that services take."""
    from competitions.accounts.queries import actor_of

    return actor_of(user, clock.now())


def make_competition(**values: Any) -> Competition:
    """An open competition whose deadlines lie ahead, with its programme and level."""
    count = number()
    if db.session.get(CompetitionLevel, "region1") is None:
        db.session.add(CompetitionLevel(code="region1", name="自治区级一类", position=1))
    programme = Programme(name=f"主题竞赛{count}")
    db.session.add(programme)
    db.session.flush()
    now = clock.now()
    competition = Competition(
        **{
            "programme_id": programme.id,
            "name": f"第{count}届职工职业技能大赛",
            "level_code": "region1",
            "state": "open",
            "report_until": now + timedelta(days=10),
            "review_until": now + timedelta(days=20),
            "final_until": now + timedelta(days=30),
            "contact": "李老师",
            "contact_phone": "0771-5550000",
            "created_by": "factory",
            "created_at": now,
            **values,
        }
    )
    db.session.add(competition)
    db.session.flush()
    return competition


def make_event(
    competition: Competition | None = None, *, modules: tuple[str, ...] = ("theory", "practice"), **values: Any
) -> Event:
    """An event with one division (职工组), one stage (决赛) and the modules named (no ruleset)."""
    competition = competition or make_competition()
    event = Event(**{"competition_id": competition.id, "name": f"焊工{number()}", **values})
    db.session.add(event)
    db.session.flush()
    db.session.add(Division(event_id=event.id, name="职工组"))
    stage = Stage(event_id=event.id, name="决赛")
    db.session.add(stage)
    db.session.flush()
    for position, key in enumerate(modules):
        kind = "theory" if key == "theory" else "practice"
        db.session.add(
            Module(
                stage_id=stage.id,
                key=key,
                name={"theory": "理论", "practice": "实操"}.get(key, key),
                kind=kind,
                position=position,
                settings={},
            )
        )
    db.session.flush()
    return event


def allow(setting: NumberSetting, number: int) -> None:
    """Make a setting of the installation this number; committed."""
    db.session.rollback()
    db.session.add(Setting(name=setting.name, value=str(number)))
    db.session.commit()
