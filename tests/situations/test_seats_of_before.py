"""Panels of before there were seats: the migration finds who followed whom, keeps every J-number, closes what is recused."""

import importlib.util
from pathlib import Path
from types import ModuleType

from flask import Flask
from sqlalchemy import select, text

from competitions.audit import triggers
from competitions.base.database import db
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.queries import judge_names, panel_of
from tests.situations.panels import chief, hall_of, leave, new_judge, score, sheet_of

FILE = next((Path(__file__).resolve().parents[2] / "migrations/versions").glob("*_seats.py"))


def migration() -> ModuleType:
    """The migration as a module."""
    spec = importlib.util.spec_from_file_location("seats", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seats() -> tuple[dict[str, str], dict[str, tuple[str, str | None]]]:
    """Member → seat, and sheet → seat and why it is closed."""
    db.session.rollback()
    members = {member.id: member.seat_id for member in db.session.scalars(select(PanelMember))}
    sheets = {sheet.id: (sheet.seat_id, sheet.closed) for sheet in db.session.scalars(select(ScoreSheet))}
    return members, sheets


def test_who_followed_whom_is_found_and_what_is_recused_is_closed(app: Flask) -> None:
    hall = hall_of(app, judges=3, least=1)
    score(hall, hall.judges[0], "A01")
    assert chief(hall, sheet_of("A02", hall.judges[1]).id, "recuse", reason="与选手同一师门").status_code == 303
    new = new_judge(hall)
    assert leave(hall, hall.judges[0], new).status_code == 303
    before = seats()
    db.session.execute(text("UPDATE panel_member SET seat_id = id, number = NULL"))
    triggers.release(db.session.connection())
    db.session.execute(text("UPDATE score_sheet SET seat_id = id, closed = NULL"))
    named = judge_names(panel_of(db.session(), hall.modules["practice"].id))
    migration()._seat_everybody(db.session.connection())
    triggers.install(db.session.connection())
    db.session.commit()
    assert seats() == before
    assert judge_names(panel_of(db.session(), hall.modules["practice"].id)) == named
