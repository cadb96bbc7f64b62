"""Builders of programme data: organisers, forms as they are sent, rulesets. All people synthetic."""

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from competitions.base import clock
from competitions.base.database import db
from competitions.programme.models import Competition, Programme, Ruleset, Stage
from tests.factories import make_competition, make_user, number
from tests.people import Client


def signed_in(app: Flask, *roles: tuple[str, str, str | None], **values: Any) -> Client:
    """A client signed in as a new user with these roles (commits)."""
    user = make_user(*roles, **values)
    username = user.username
    db.session.commit()
    client = Client(app)
    assert client.sign_in(username).status_code == 303
    return client


def organiser(app: Flask, competition: Competition | None = None, **values: Any) -> Client:
    """An organiser who drafts: of the whole house, or of one competition."""
    scope = ("competition", competition.id) if competition else ("system", None)
    return signed_in(app, ("organiser_drafting", *scope), **values)


def approver(app: Flask, **values: Any) -> Client:
    """An organiser who approves, for the whole house."""
    return signed_in(app, ("organiser_approving", "system", None), **values)


def beijing_typed(moment: datetime) -> str:
    """A moment as a browser sends it."""
    return clock.beijing(moment).strftime("%Y-%m-%dT%H:%M")


def competition_typed(programme: Programme, **changes: Any) -> dict[str, Any]:
    """The form of a competition, filled in."""
    now = clock.now()
    return {
        "version": "1",
        "programme_id": programme.id,
        "name": f"第{number()}届焊接大赛",
        "level_code": "region1",
        "area_code": "",
        "host": "广西总工会\n广西人社厅",
        "organiser": "南宁市总工会",
        "co_organiser": "",
        "supporter": "",
        "technical": "",
        "document_number": "桂工发〔2026〕12号",
        "notice": "各市总工会：\n现通知如下。",
        "conditions": "在岗职工。",
        "place": "南宁职业技术学院",
        "held_from": beijing_typed(now + timedelta(days=25))[:10],
        "held_to": beijing_typed(now + timedelta(days=27))[:10],
        "contact": "李老师",
        "contact_phone": "0771-5550000",
        "report_until": beijing_typed(now + timedelta(days=10)),
        "review_until": beijing_typed(now + timedelta(days=15)),
        "final_until": beijing_typed(now + timedelta(days=20)),
        "event_word": "竞赛项目",
        "events_per_person": "1",
        "publish_marks": "y",
        **changes,
    }


def event_typed(**changes: Any) -> dict[str, Any]:
    """The form of an event, filled in."""
    return {
        "version": "1",
        "name": "焊工",
        "occupation_code": "",
        "team_size": "1",
        "quota_per_union": "3",
        "code_levels": "1",
        "conditions": "",
        "divisions-0-id": "",
        "divisions-0-name": "职工组",
        "stages-0-id": "",
        "stages-0-name": "决赛",
        **changes,
    }


def make_ruleset(stage: Stage, document: dict[str, Any], **values: Any) -> Ruleset:
    """A version in force."""
    ruleset = Ruleset(
        **{
            "stage_id": stage.id,
            "number": 1,
            "document": json.dumps(document, ensure_ascii=False),
            "state": "approved",
            "created_by": "factory",
            "created_at": clock.now(),
            **values,
        }
    )
    db.session.add(ruleset)
    db.session.flush()
    return ruleset


def make_notice(**values: Any) -> Competition:
    """A competition with a level and programme, by default a draft."""
    return make_competition(**{"state": "draft", "notice": "各市总工会：现通知如下。", **values})
