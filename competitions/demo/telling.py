"""What has been loaded, said to people (the table of sign-ins) and to programs (the JSON of contracts.md)."""

import os
import unicodedata
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.base.database import db
from competitions.demo.story import Story
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, Event
from competitions.results.models import Publication

FILE = "demo-signins.txt"
SHOWN = (
    "admin",
    "nigao",
    "shending",
    "liuzhou",
    "qiye03",
    "qiye07",
    "caipanzhang3",
    "caipan31",
    "caipan32",
    "fuhe3",
    "tongfen3",
    "jiami3",
    "jianlu3",
    "jiandu3",
    "caipanzhang4",
    "caipan41",
    "fuhe4",
    "jiandu4",
)
"""The sign-ins listed first: one of each role, on the event that is being judged where it has one."""


def write_sign_ins(instance_path: Path, story: Story) -> Path:
    """The table of sign-ins, readable by its owner only."""
    path = instance_path / FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
        out.write(sign_ins(story))
    return path


def sign_ins(story: Story) -> str:
    """User names with what each is for, in columns; the password is one for all."""
    purpose = story.cast.purpose
    lines = [_line(name, purpose[name]) for name in SHOWN if name in purpose]
    others = len(purpose) - len(lines)
    return "\n".join(
        [
            f"演示账号（密码都是 {story.cast.password} ）：",
            *lines,
            f"  另有 {others} 个账号：qiye01 至 qiye{len(story.units):02d} 为各企业工会，各市工会用城市拼音；"
            "赛项编号 1 焊工、2 汽车维修工（已公布），3 电工、4 数控（评分中）。",
            "",
        ]
    )


def document(story: Story) -> dict[str, Any]:
    """The answer of `flask demo load --json`."""
    session = db.session()
    users = {user.id: user for user in session.scalars(select(User))}
    return {
        "users": [
            {
                "username": name,
                "password": story.cast.password,
                "roles": sorted({row.role for row in users[user_id].roles}),
            }
            for name, user_id in story.cast.ids.items()
        ],
        "competitions": [_competition(session, contest.competition_id, story) for contest in story.contests],
        "organisations": _organisations(session, story),
        "publications": list(
            session.scalars(
                select(Publication.id)
                .where(Publication.state == "published")
                .order_by(Publication.published_at, Publication.id)
            )
        ),
    }


def _competition(session: Session, competition_id: str, story: Story) -> dict[str, Any]:
    competition = session.get_one(Competition, competition_id)
    events = session.scalars(select(Event).where(Event.competition_id == competition_id).order_by(Event.position))
    told = [{"id": event.id, "name": event.name, "phase": story.phases[event.id]} for event in events]
    return {"id": competition.id, "name": competition.name, "phase": told[0]["phase"], "events": told}


def _organisations(session: Session, story: Story) -> list[dict[str, str]]:
    """The three enterprises listed first report for the event that is open; then their unions and those above."""
    chosen = story.units[:3]
    employers = [session.get_one(Employer, unit.employer_id) for unit in chosen]
    unions = [session.get_one(Union, unit.union_id) for unit in chosen]
    above = session.scalars(
        select(Union)
        .where(Union.name.in_({unit.above for unit in chosen} | {"广西壮族自治区总工会"}))
        .order_by(Union.name)
    )
    return [{"id": employer.id, "name": employer.name, "kind": "employer"} for employer in employers] + [
        {"id": union.id, "name": union.name, "kind": union.kind} for union in (*unions, *above)
    ]


def _line(name: str, purpose: str) -> str:
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in name)
    return f"  {name}{' ' * (16 - width)}{purpose}"
