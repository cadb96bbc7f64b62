"""A mapping that was changed behind its seal is named by verification."""

from flask import Flask
from sqlalchemy import delete, select, update

from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.coding import services
from competitions.coding.models import CheckIn, CodedPlace, CodeRow
from competitions.programme.models import Stage
from tests.audit.tampering import unguarded
from tests.factories_coding import make_contest, make_official, sealed, with_lots


def test_a_sealed_sheet_and_the_places_of_judging_are_compared(app: Flask) -> None:
    stage = make_contest(3)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    with_lots(stage, coder)
    sheet = sealed(stage, 1, coder, supervisor)

    def codes() -> list[str]:
        db.session.rollback()
        found = [finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]
        return [code for code in found if not code.startswith("ROW_")]

    assert codes() == []
    row = db.session.scalars(select(CodeRow).where(CodeRow.sheet_id == sheet.id)).first()
    assert row is not None
    code, row_id = row.code, row.id
    with unguarded():
        db.session.execute(update(CodedPlace).where(CodedPlace.code == code).values(code="X1"))
    db.session.commit()
    assert codes() == ["PLACES_CHANGED"]
    with unguarded():
        db.session.execute(update(CodeRow).where(CodeRow.id == row_id).values(code="X1"))
    db.session.commit()
    assert codes() == ["CODES_CHANGED"]


def test_who_was_there_is_compared_with_the_log_and_with_the_codes(app: Flask) -> None:
    stage = make_contest(3)
    coder, supervisor, steward = (make_official(role, stage) for role in ("coder", "supervisor", "steward"))
    with_lots(stage, coder)
    row = db.session.scalars(select(CodeRow).where(CodeRow.sheet_id == sealed(stage, 1, coder, supervisor).id)).first()
    assert row is not None
    entry = row.source
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), entry, "present", by=steward, at=clock.now())

    def found() -> set[str]:
        found = {finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault}
        return {code for code in found if not code.startswith("ROW_")}

    assert found() == set()
    changes = {
        "PRESENCE_CHANGED": update(CodedPlace).values(presence="absent"),
        "CHECK_IN_CHANGED": update(CheckIn).values(by="another"),
    }
    for code, change in changes.items():
        db.session.execute(change)
        assert found() == {code}
        db.session.rollback()
    db.session.execute(delete(CheckIn))
    assert found() == {"CHECK_IN_CHANGED"}
