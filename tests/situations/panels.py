"""What tests of panels share: a hall without aspects, judges who leave and come, marks given, everything confirmed."""

import json
from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.base.database import db
from competitions.coding.models import CodeRow, CodeSheet
from competitions.coding.sealing import mapping_digest
from competitions.judging.models import PanelMember, Quarantine, ScoreSheet
from competitions.programme.models import Event, Ruleset, Stage
from competitions.results.settlement.checks import blocking_settlement
from competitions.results.standings.computed import stage_standings
from tests.audit.tampering import unguarded
from tests.factories import make_user
from tests.factories_coding import make_entry
from tests.factories_judging import Hall, act, deliver, make_hall, submission

Answer = Any


def hall_of(app: Flask, judges: int = 2, least: int | None = None, **more: Any) -> Hall:
    """A hall whose sheets have one mark; `least`: how many judges a code must have in the end (all unless told)."""
    hall = make_hall(app, judges=judges, aspects=[], **more)
    _people_behind_the_codes(hall)
    if least is not None:
        ruleset = db.session.scalars(select(Ruleset).where(Ruleset.stage_id == hall.stage.id)).one()
        document = json.loads(ruleset.document)
        for part in document["modules"]:
            part["panel"]["min_judges"] = least
        ruleset.document = json.dumps(document)
        db.session.commit()
    return hall


def _people_behind_the_codes(hall: Hall) -> None:
    """Somebody competes under each code, so that the stage can be settled."""
    sheet = db.session.scalars(select(CodeSheet).where(CodeSheet.stage_id == hall.stage.id)).one()
    with unguarded():
        for row in db.session.scalars(select(CodeRow).where(CodeRow.sheet_id == sheet.id)).all():
            row.source = make_entry(db.session.get_one(Event, hall.event.id)).id
    sheet.sealed_digest = mapping_digest(db.session(), sheet)
    db.session.commit()


def new_judge(hall: Hall) -> User:
    """A judge of the event who sits nowhere yet."""
    db.session.rollback()
    user: User = make_user(("judge", "event", hall.event.id))
    db.session.commit()
    return user


def leave(hall: Hall, user: User, substitute: User | None = None, **more: str) -> Answer:
    """The organiser takes a judge off the panel."""
    db.session.rollback()
    member = db.session.scalars(
        select(PanelMember).where(PanelMember.user_id == user.id, PanelMember.left_at.is_(None))
    ).one()
    body = {"substitute": substitute.id if substitute else "", **more}
    return hall.client("organiser").post(f"/desk/judging/members/{member.id}/leave", body)


def join(hall: Hall, user: User) -> Answer:
    """The organiser puts a judge on the panel."""
    path = f"/desk/modules/{hall.modules['practice'].id}/panel"
    return hall.client("organiser").post(path, {"user": user.id, "duty": "marking", "sitting": ""})


def chief(hall: Hall, sheet_id: str, what: str, **body: str) -> Answer:
    """The chief judge recuses, takes back or appoints."""
    return hall.client("chief_judge").post(f"/desk/judging/sheets/{sheet_id}/{what}", body)


def sheet_of(code: str, user: User, *, alive: bool | None = None) -> ScoreSheet:
    """A judge's sheet of a code; `alive`: only one that is, or is not."""
    db.session.rollback()
    statement = select(ScoreSheet).where(ScoreSheet.code == code, ScoreSheet.judge_id == user.id)
    if alive is not None:
        statement = statement.where(ScoreSheet.closed.is_(None) if alive else ScoreSheet.closed.is_not(None))
    return db.session.scalars(statement).one()


def score(hall: Hall, user: User, code: str, value: str = "80", base: int = 0) -> Answer:
    """A judge delivers his sheet of a code."""
    return deliver(hall.client(user), sheet_of(code, user).id, submission({"score": value}, base))


def sees(hall: Hall, user: User) -> list[str]:
    """The codes on a judge's tablet."""
    return sorted(line["code"] for line in hall.client(user).get("/api/sheets").get_json()["sheets"])


def owners() -> dict[str, list[tuple[str, str | None]]]:
    """Code → the names of the judges of its sheets, with why one is closed."""
    db.session.rollback()
    found: dict[str, list[tuple[str, str | None]]] = {}
    for sheet in db.session.scalars(select(ScoreSheet).order_by(ScoreSheet.code)):
        found.setdefault(sheet.code, []).append((sheet.judge.display_name, sheet.closed))
    return {code: sorted(rows, key=str) for code, rows in found.items()}


def mark_all(hall: Hall, *users: User, value: str = "80") -> None:
    """These judges deliver what they owe, the checker confirms everything delivered."""
    for user in users:
        client = hall.client(user)
        for line in client.get("/api/sheets").get_json()["sheets"]:
            if line["state"] in ("empty", "draft") and sheet_of(line["code"], user, alive=None).closed is None:
                body = submission({"score": value}, line["revision"])
                assert deliver(client, line["id"], body).status_code == 201
    confirm(hall)


def confirm(hall: Hall) -> None:
    """The checker confirms everything delivered."""
    checker = hall.client("checker")
    db.session.rollback()
    waiting = select(ScoreSheet.id).where(ScoreSheet.state == "submitted", ScoreSheet.closed.is_(None))
    for sheet_id in db.session.scalars(waiting).all():
        assert act(checker, f"/api/sheets/{sheet_id}/confirm").status_code == 201


def sign(hall: Hall) -> Answer:
    """The chief judge signs the module."""
    return act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign")


def unsettled(hall: Hall) -> set[str]:
    """What keeps the stage from being settled, by code of the problem; the draw, which this hall has not, apart."""
    db.session.rollback()
    stage = db.session.get_one(Stage, hall.stage.id)
    found = blocking_settlement(db.session(), stage, stage_standings(db.session(), stage))
    return {problem.code for problem in found if not problem.code.startswith("check.hall.")}


def aside() -> list[Quarantine]:
    """What is kept aside."""
    db.session.rollback()
    return list(db.session.scalars(select(Quarantine).order_by(Quarantine.received_at)))


def matrix_page(hall: Hall) -> str:
    """The chief judge's matrix."""
    page = hall.client("chief_judge").get(f"/desk/modules/{hall.modules['practice'].id}/matrix")
    text: str = page.get_data(as_text=True)
    return text


def sheet_page(hall: Hall, sheet_id: str) -> str:
    """A sheet as the chief judge sees it."""
    text: str = hall.client("chief_judge").get(f"/desk/judging/sheets/{sheet_id}/revisions").get_data(as_text=True)
    return text
