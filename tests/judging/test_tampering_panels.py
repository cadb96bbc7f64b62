"""Whoever gives a sheet to another judge behind the house's back, closes it or undoes a recusal is found."""

import pytest
from flask import Flask
from sqlalchemy import text

from competitions.base.database import db
from tests.audit.tampering import drop_triggers
from tests.judging.test_tampering import codes_found
from tests.situations.panels import chief, hall_of, leave, new_judge, sheet_of


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE score_sheet SET judge_id = :other WHERE code = 'A02' AND judge_id = :new", "PROJECTION_MISMATCH"),
        ("UPDATE score_sheet SET closed = 'vacant' WHERE code = 'A02'", "PROJECTION_MISMATCH"),
        ("UPDATE score_sheet SET closed = NULL WHERE code = 'A01'", "PROJECTION_MISMATCH"),
        ("UPDATE sheet_change SET judge_id = :other", "ACT_WITHOUT_AUDIT"),
        ("DELETE FROM sheet_change", "AUDIT_WITHOUT_ACT"),
        ("UPDATE recusal SET revoked_at = at, revoked_by = by", "ACT_WITHOUT_AUDIT"),
        ("DELETE FROM recusal", "AUDIT_WITHOUT_ACT"),
    ],
)
def test_a_change_of_hands_behind_the_house_is_found(app: Flask, statement: str, code: str) -> None:
    hall = hall_of(app, judges=1)
    assert chief(hall, sheet_of("A01", hall.judges[0]).id, "recuse", reason="与选手同一师门").status_code == 303
    new, other = new_judge(hall), new_judge(hall)
    assert leave(hall, hall.judges[0], new).status_code == 303
    db.session.rollback()
    assert codes_found() == set()
    drop_triggers()
    named = {name: user.id for name, user in (("new", new), ("other", other)) if f":{name}" in statement}
    db.session.execute(text(statement), named)
    assert code in codes_found()
