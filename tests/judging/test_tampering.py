"""Whoever changes marks behind the house's back is found and the first bad record is named."""

import pytest
from flask import Flask
from sqlalchemy import text

from competitions import clock
from competitions.audit import triggers
from competitions.audit.verification import verify
from competitions.extensions import db
from competitions.judging.models import ModuleSignature
from competitions.judging.signing import paper_code
from tests.factories_judging import act, confirm_all, make_hall


def drop_triggers() -> None:
    for table in triggers.APPEND_ONLY:
        for kind in ("update", "delete", "replace", "change", "truncate"):
            on = f" ON {table}" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{kind}{on}"))


def codes_found() -> set[str]:
    return {finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault}


@pytest.mark.parametrize(("statement", "code"), [
    ("UPDATE score_revision SET marks = replace(marks, '35.5', '39.5')", "REVISION_CHANGED"),
    ("UPDATE score_revision SET digest = 'ff'", "REVISION_CHANGED"),
    ("DELETE FROM score_revision", "AUDIT_WITHOUT_REVISION"),
    ("UPDATE score_sheet SET head = 2", "PROJECTION_MISMATCH"),
    ("UPDATE score_sheet SET state = 'empty'", "PROJECTION_MISMATCH"),
    ("DELETE FROM sheet_confirmation", "PROJECTION_MISMATCH"),
    ("UPDATE module_signature SET digest = 'ff'", "SIGNED_SHEET_CHANGED"),
    ("UPDATE sheet_confirmation SET by = (SELECT author_id FROM score_revision), author_id = 'x'", "SELF_APPROVAL"),
])
def test_a_change_behind_the_house_is_found(app: Flask, statement: str, code: str) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign")
    db.session.rollback()
    assert codes_found() == set()
    drop_triggers()
    db.session.execute(text(statement))
    assert code in codes_found()


def test_a_paper_is_confirmed_by_its_code_until_the_module_is_opened_again(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    chief = hall.client("chief_judge")
    act(chief, f"/api/modules/{hall.modules['practice'].id}/sign")
    db.session.rollback()
    code = paper_code(db.session.query(ModuleSignature).one())
    db.session.rollback()
    run = app.test_cli_runner().invoke
    assert run(args=["audit", "check-paper", code]).exit_code == 0
    assert run(args=["audit", "check-paper", "0000-0000-0000-0001"]).exit_code == 2
    asked = act(chief, f"/api/sheets/{hall.sheet('A01').id}/reopen", {"reason": "原始记录与录入不一致"}).get_json()[
        "request"
    ]
    act(hall.client("supervisor"), f"/api/requests/{asked}/approve")
    assert run(args=["audit", "check-paper", code]).exit_code == 1
