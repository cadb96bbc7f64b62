"""Builders for judging: a stage sealed and ready, panels, sheets open; by code, nobody behind the codes unless asked."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet, Sitting
from competitions.coding.sealing import mapping_digest
from competitions.judging.models import MarkingScheme, PanelMember, ScoreSheet
from competitions.judging.panels.services import open_judging
from competitions.judging.schemes.versions import SAME
from competitions.programme.models import Division, Event, Module, Ruleset, Stage
from tests.factories import actor, make_event, make_user
from tests.people import Client

ASPECTS: list[dict[str, Any]] = [
    {"id": "A1", "name": "焊缝外观", "kind": "measurement", "max": "40", "step": "0.5"},
    {"id": "A2", "name": "安全文明", "kind": "deduction", "max": "20", "per": "5"},
    {"id": "A3", "name": "整体工艺", "kind": "judgement", "max": "40", "grades": ["未达到", "达到", "较好", "优秀"]},
]
RIGHT = {"A1": "35.5", "A2": "1", "A3": "2"}
"""Marks that fit ASPECTS: 35.5 + (20 − 5) = 50.5 without the judgement."""


@dataclass
class Hall:
    """A stage under way, with the people of it (all with the password PASSWORD)."""

    event: Event
    stage: Stage
    division: Division
    modules: dict[str, Module]
    judges: list[User]
    people: dict[str, User]
    codes: list[str]
    app: Flask
    sittings: list[Sitting] = field(default_factory=list)

    def client(self, name: str | User) -> Client:
        """Somebody signed in: a role's name or a judge."""
        user = name if isinstance(name, User) else self.people[name]
        client = Client(self.app)
        assert client.sign_in(user.username).status_code == 303
        return client

    def sheet(self, code: str, judge: int = 0, module: str = "practice") -> ScoreSheet:
        """The sheet of a judge for a code, as it is now."""
        db.session.rollback()
        user = self.judges[judge] if module != "theory" else self.people["tabulator"]
        return db.session.scalars(
            select(ScoreSheet).where(
                ScoreSheet.module_id == self.modules[module].id, ScoreSheet.code == code, ScoreSheet.judge_id == user.id
            )
        ).one()


def make_ruleset(stage: Stage, modules: list[Module], judges: int, **part: Any) -> Ruleset:
    """A ruleset with equal weights: `judges` mark each module that is not theory."""
    document = {
        "modules": [
            {
                "id": module.key,
                "name": module.name,
                "full_marks": "100",
                "weight": "1",
                "panel": {
                    "combine": "mean",
                    "drop_highest": 0,
                    "drop_lowest": 0,
                    "judges": 1 if module.kind == "theory" else judges,
                },
                "combine_at": "sheet",
                "deduction_cap": None,
                "bonus_cap": None,
                "round": {"places": 2, "mode": "half_up"},
                "pass_mark": None,
                **part,
            }
            for module in modules
        ],
        "total": {"round": {"places": 2, "mode": "half_up"}, "deduction_cap": None, "floor": "0"},
        "order": "descending",
        "tie_breaks": [],
        "ties": "shared",
        "absent": "unranked",
    }
    ruleset = Ruleset(
        stage_id=stage.id, number=1, document=json.dumps(document), created_by="factory", created_at=clock.now()
    )
    db.session.add(ruleset)
    db.session.flush()
    return ruleset


def make_places(stage: Stage, division: Division, codes: list[str], sitting: Sitting | None = None) -> None:
    """A sealed level of codes, with a place for each, all present."""
    at = clock.now()
    sheet = CodeSheet(
        stage_id=stage.id,
        level=1,
        state="sealed",
        coder_id="coder",
        drawn_at=at,
        sealed_digest="0" * 64,
        sealed_by="coder",
        sealed_at=at,
        witness_id="witness",
        witnessed_at=at,
    )
    db.session.add(sheet)
    db.session.flush()
    db.session.add_all(CodeRow(sheet_id=sheet.id, source=new_id(), code=code, created_at=at) for code in codes)
    db.session.flush()
    sheet.sealed_digest = mapping_digest(db.session(), sheet)
    for station, code in enumerate(codes, 1):
        db.session.add(
            CodedPlace(
                stage_id=stage.id,
                division_id=division.id,
                code=code,
                station=station,
                sitting_id=sitting.id if sitting else None,
                presence="present",
                created_at=at,
            )
        )
    db.session.flush()


def make_hall(
    app: Flask,
    *,
    judges: int = 3,
    codes: tuple[str, ...] = ("A01", "A02"),
    aspects: list[dict[str, Any]] | None = None,
    modules: tuple[str, ...] = ("practice",),
    open_sheets: bool = True,
    settings: dict[str, Any] | None = None,
) -> Hall:
    """An event with a sealed stage, panels and (unless told not to) open sheets; everything committed."""
    db.session.rollback()
    event = make_event(modules=modules)
    stage, division = event.stages[0], event.divisions[0]
    found = {module.key: module for module in stage.modules}
    for module in found.values():
        module.settings = {**module.settings, **(settings or {})}
    make_ruleset(stage, list(found.values()), judges)
    sitting = Sitting(stage_id=stage.id, name="第一场", starts_at=clock.now(), stations=max(1, len(codes)))
    db.session.add(sitting)
    db.session.flush()
    make_places(stage, division, list(codes), sitting)
    people = {
        role: make_user((role, "event", event.id))
        for role in ("chief_judge", "checker", "tabulator", "supervisor", "coder")
    }
    people["organiser"] = make_user(("organiser_drafting", "competition", event.competition_id))
    panel = [make_user(("judge", "event", event.id)) for _ in range(judges)]
    _seat(found, panel, people["tabulator"], ASPECTS if aspects is None else aspects)
    db.session.commit()
    hall = Hall(event, stage, division, found, panel, people, list(codes), app, [sitting])
    return opened(hall) if open_sheets else hall


def opened(hall: Hall) -> Hall:
    """The same hall with its sheets open."""
    with transaction() as session:
        stage = session.get_one(Stage, hall.stage.id)
        open_judging(session, stage, by=actor(hall.people["organiser"]), at=clock.now())
    return hall


def _seat(modules: dict[str, Module], judges: list[User], tabulator: User, aspects: list[dict[str, Any]]) -> None:
    at = clock.now()
    for module in modules.values():
        if module.kind == "theory":
            db.session.add(
                PanelMember(
                    module_id=module.id,
                    user_id=tabulator.id,
                    duty="tabulator",
                    position=1,
                    assigned_by="factory",
                    assigned_at=at,
                )
            )
            continue
        if aspects:
            db.session.add(
                MarkingScheme(
                    module_id=module.id,
                    number=1,
                    aspects=aspects,
                    created_by="factory",
                    created_at=at,
                    approved_by=SAME,
                )
            )
        for position, judge in enumerate(judges, 1):
            db.session.add(
                PanelMember(
                    module_id=module.id,
                    user_id=judge.id,
                    duty="marking",
                    position=position,
                    assigned_by="factory",
                    assigned_at=at,
                )
            )


def submission(marks: dict[str, Any] | None = None, base: int = 0, **more: Any) -> dict[str, Any]:
    """The body of a submission, complete unless told otherwise."""
    return {
        "base_revision": base,
        "marks": RIGHT if marks is None else marks,
        "notes": {},
        "seconds": None,
        "complete": True,
        "client": {"device": "tablet-1", "sequence": 1, "time": "2026-11-21T09:00:00+08:00"},
        **more,
    }


def new_key() -> str:
    """An idempotency key."""
    return str(uuid.uuid4())


def deliver(client: Client, sheet_id: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    """POST a revision as the tablet does."""
    return client.post(
        f"/api/sheets/{sheet_id}/revisions",
        json=submission() if body is None else body,
        headers={"Idempotency-Key": key or new_key()},
    )


def act(client: Client, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    """POST any other write of the judges' API."""
    return client.post(path, json=body or {}, headers={"Idempotency-Key": key or new_key()})


def confirm_all(hall: Hall, marks: dict[str, Any] | None = None) -> None:
    """Every judge delivers every sheet and the checker confirms it, through the API."""
    for judge in hall.judges:
        client = hall.client(judge)
        for line in client.get("/api/sheets").get_json()["sheets"]:
            assert deliver(client, line["id"], submission(marks)).status_code == 201
    checker = hall.client("checker")
    db.session.rollback()
    for sheet_id in db.session.scalars(select(ScoreSheet.id).where(ScoreSheet.state == "submitted")).all():
        assert act(checker, f"/api/sheets/{sheet_id}/confirm").status_code == 201
