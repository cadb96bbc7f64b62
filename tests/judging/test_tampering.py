"""Whoever changes marks behind the house's back is found and the first bad record is named."""

import json

import pytest
from flask import Flask
from sqlalchemy import select, text

from competitions.audit import append_only, fixed_columns, triggers
from competitions.audit.chain import digest
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.kept_files import put
from competitions.base.media import Document
from competitions.judging.cards.services import CardSecrets, issue_cards
from competitions.judging.models import MarkingScheme, ScoreSheet
from competitions.judging.schemes.marks import revision_digest
from competitions.judging.schemes.versions import save_scheme
from competitions.judging.signing.models import ModuleSignature
from competitions.judging.signing.scans import attach_scan
from competitions.judging.signing.services import paper_code
from competitions.judging.signing.signatures import signed_document
from competitions.programme.models import Division, Module, Ruleset, Stage
from competitions.programme.rulesets.services import propose_ruleset
from tests.audit.tampering import drop_triggers
from tests.factories import actor
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, submission


def codes_found() -> set[str]:
    return {finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE score_revision SET marks = replace(marks, '35.5', '39.5')", "REVISION_CHANGED"),
        ("UPDATE score_revision SET digest = 'ff'", "REVISION_CHANGED"),
        ("DELETE FROM score_revision", "AUDIT_WITHOUT_REVISION"),
        ("UPDATE score_sheet SET head = 2", "PROJECTION_MISMATCH"),
        ("UPDATE score_sheet SET state = 'empty'", "PROJECTION_MISMATCH"),
        ("DELETE FROM sheet_confirmation", "PROJECTION_MISMATCH"),
        ("UPDATE module_signature SET digest = 'ff'", "SIGNED_SHEET_CHANGED"),
        ("UPDATE sheet_confirmation SET by = (SELECT author_id FROM score_revision), author_id = 'x'", "SELF_APPROVAL"),
    ],
)
def test_a_change_behind_the_house_is_found(app: Flask, statement: str, code: str) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign")
    db.session.rollback()
    assert codes_found() == set()
    drop_triggers()
    db.session.execute(text(statement))
    assert code in codes_found()


def signed_hall(app: Flask) -> Hall:
    """Two codes marked, one with a violation; signed by their judge, confirmed, signed by the chief judge."""
    hall = make_hall(app, judges=1)
    chief, judge = hall.client("chief_judge"), hall.client(hall.judges[0])
    assert (
        chief.post(
            f"/desk/stages/{hall.stage.id}/incidents",
            {"code": "A01", "kind": "violation", "value": "2", "module": "", "status": "", "text": "未戴护目镜"},
        ).status_code
        == 303
    )
    for code, mark in (("A01", "35.5"), ("A02", "20")):
        sheet = hall.sheet(code).id
        assert deliver(judge, sheet, submission({**RIGHT, "A1": mark})).status_code == 201
        assert act(judge, f"/api/sheets/{sheet}/sign", {"revision": 1}).status_code == 201
        assert act(hall.client("checker"), f"/api/sheets/{sheet}/confirm").status_code == 201
    assert act(chief, f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    assert deliver(judge, hall.sheet("A01").id, submission({**RIGHT, "A1": "1"}, base=1)).status_code == 409
    db.session.rollback()
    return hall


def kept_beside(hall: Hall) -> None:
    """A scan of the signed paper, a card that was stopped and one that works."""
    by, at = actor(hall.people["chief_judge"]), clock.now()
    with transaction() as session:
        stage, judge = session.get_one(Stage, hall.stage.id), hall.judges[0].id
        for number in ("AAAA-AAAA", "BBBB-BBBB"):
            issue_cards(session, stage, {judge: CardSecrets(new_id(), number, number, "1", "hash")}, by=by, at=at)
        attach_scan(
            session,
            session.scalars(select(ModuleSignature)).one(),
            put(Document("a.pdf", "application/pdf", b"%PDF-1"), personal=True),
            by=by,
            at=at,
        )


def replaced_revision(sheet_id: str) -> tuple[str, ...]:
    """What somebody does who knows how digests are made: the revision goes, another with its id and number comes."""
    marks = {"A1": "40", "A2": "0", "A3": "3"}
    digest, text_of = revision_digest(sheet_id, 1, marks, None), json.dumps(marks, separators=(",", ":"))
    return (
        "CREATE TEMPORARY TABLE kept AS SELECT * FROM score_revision",
        f"DELETE FROM score_revision WHERE sheet_id = '{sheet_id}'",
        f"UPDATE kept SET marks = '{text_of}', digest = '{digest}', total = '60'",
        f"INSERT INTO score_revision SELECT * FROM kept WHERE sheet_id = '{sheet_id}'",
        "DROP TABLE kept",
    )


COPY = (
    "CREATE TEMPORARY TABLE kept AS SELECT * FROM {table}",
    "UPDATE kept SET {change}",
    "INSERT INTO {table} SELECT * FROM kept {one}",
    "DROP TABLE kept",
)
"""A row more, after the pattern of one that is there."""


def one_more(table: str, change: str, one: str = "") -> tuple[str, ...]:
    return tuple(
        statement.format(table=table, change=f"id = 'ffffffff-0000-4000-8000-000000000000', {change}", one=one)
        for statement in COPY
    )


def test_every_kind_of_change_to_marks_and_acts_is_found_and_named(app: Flask) -> None:
    hall = signed_hall(app)
    first, second = hall.sheet("A01").id, hall.sheet("A02").id
    one = f"WHERE sheet_id = '{first}'"
    assert codes_found() == set()
    db.session.rollback()
    changes: list[tuple[str, tuple[str, ...]]] = [
        ("PROJECTION_MISMATCH", (f"UPDATE score_revision SET total = '99' {one}",)),
        ("REVISION_CHANGED", (f"UPDATE score_revision SET author_id = 'another' {one}",)),
        ("REVISION_CHANGED", (f"UPDATE score_revision SET seconds = '7' {one}",)),
        ("REVISION_CHANGED", (f"UPDATE score_revision SET number = 9 {one}",)),
        (
            "REVISION_CHANGED",
            (  # the revisions of two sheets swapped
                f"UPDATE score_revision SET number = 8 WHERE sheet_id = '{second}'",
                f"UPDATE score_revision SET sheet_id = '{second}' WHERE sheet_id = '{first}'",
                f"UPDATE score_revision SET sheet_id = '{first}', number = 1 WHERE number = 8",
            ),
        ),
        ("REVISION_CHANGED", replaced_revision(first)),
        ("REVISION_WITHOUT_AUDIT", one_more("score_revision", "number = 2", one)),
        ("ACT_WITHOUT_AUDIT", (f"UPDATE sheet_confirmation SET by = 'another' {one}",)),
        ("ACT_WITHOUT_AUDIT", one_more("sheet_confirmation", "opening = 2", one)),
        ("AUDIT_WITHOUT_ACT", (f"DELETE FROM sheet_confirmation {one}",)),
        ("ACT_WITHOUT_AUDIT", (f"UPDATE judge_signature SET digest = 'ff' {one}",)),
        ("AUDIT_WITHOUT_ACT", (f"DELETE FROM judge_signature {one}",)),
        ("ACT_WITHOUT_AUDIT", one_more("module_signature", "opening = 2")),
        ("ACT_WITHOUT_AUDIT", ("UPDATE module_signature SET by = 'another'",)),
        ("AUDIT_WITHOUT_ACT", ("DELETE FROM module_signature",)),
        ("ACT_WITHOUT_AUDIT", ("UPDATE incident SET value = '1'",)),
        ("ACT_WITHOUT_AUDIT", ("UPDATE incident SET revoked_at = at, revoked_by = by",)),
        ("ACT_WITHOUT_AUDIT", one_more("incident", "code = 'A02'")),
        ("AUDIT_WITHOUT_ACT", ("DELETE FROM incident",)),
        ("PROJECTION_MISMATCH", ("UPDATE score_sheet SET state = 'submitted'",)),
    ]
    assert missed_of(changes) == []


def missed_of(changes: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    """The changes that verification does not find, each tried by itself and taken back."""
    missed = []
    for code, statements in changes:
        drop_triggers()
        for statement in statements:
            db.session.execute(text(statement))
        missed += [] if code in codes_found() else [(code, statements)]
        db.session.rollback()
    return missed


def test_a_scan_a_card_or_a_late_delivery_that_was_put_in_changed_or_taken_away_is_found(app: Flask) -> None:
    kept_beside(signed_hall(app))
    assert codes_found() == set()
    db.session.rollback()
    assert (
        missed_of(
            [
                ("AUDIT_WITHOUT_ACT", ("DELETE FROM signed_scan",)),
                ("ACT_WITHOUT_AUDIT", ("UPDATE signed_scan SET withdrawn_at = at, withdrawn_by = by",)),
                (
                    "AUDIT_WITHOUT_ACT",
                    (
                        "DELETE FROM judge_card WHERE number = 'BBBB-BBBB'",
                        "UPDATE judge_card SET revoked_at = NULL WHERE number = 'AAAA-AAAA'",
                    ),
                ),
                ("ACT_WITHOUT_AUDIT", ("UPDATE judge_card SET issued_by = 'another'",)),
                ("AUDIT_WITHOUT_ACT", ("DELETE FROM quarantine",)),
                ("ACT_WITHOUT_AUDIT", ("UPDATE quarantine SET body = replace(body, 'tablet-1', 'tablet-9')",)),
            ]
        )
        == []
    )


def signed_findings() -> set[tuple[str, str]]:
    found = verify(db.session(), at=clock.now()).findings
    return {each.place for each in found if each.code == "SIGNED_SHEET_CHANGED" and each.place}


def test_a_signature_says_whose_marks_it_signs(app: Flask) -> None:
    hall = signed_hall(app)
    first, second = hall.sheet("A01").id, hall.sheet("A02").id
    db.session.rollback()
    assert signed_findings() == set()
    drop_triggers()
    for code, sheet in (("TMP", first), ("A01", second), ("A02", first)):
        db.session.execute(text("UPDATE score_sheet SET code = :code WHERE id = :id"), {"code": code, "id": sheet})
    assert {kind for kind, _ in signed_findings()} == {"module_signature", "judge_signature"}
    db.session.rollback()
    drop_triggers()
    db.session.execute(text("UPDATE score_sheet SET judge_id = :other"), {"other": hall.people["checker"].id})
    assert {kind for kind, _ in signed_findings()} == {"module_signature"}
    db.session.rollback()


def test_a_signature_of_version_1_is_held_to_what_it_signed_and_named_once(app: Flask) -> None:
    hall = signed_hall(app)
    division_id = hall.sheet("A01").division_id
    module, division = hall.modules["practice"], db.session.get_one(Division, division_id)
    drop_triggers()
    sheets = db.session.scalars(select(ScoreSheet).where(ScoreSheet.module_id == module.id)).all()
    then = digest(signed_document(db.session(), module, division, sheets, version=1))
    db.session.execute(text("UPDATE module_signature SET version = 1, digest = :then"), {"then": then})
    db.session.execute(
        text(
            "UPDATE judge_signature SET version = 1, digest = (SELECT digest FROM score_revision "
            "WHERE score_revision.sheet_id = judge_signature.sheet_id)"
        )
    )
    found = verify(db.session(), at=clock.now()).findings
    notes = [each.sentence for each in found if each.code == "SIGNATURES_OF_VERSION_1"]
    assert len(notes) == 1 and "1 份裁判长签字、2 份裁判员签字" in notes[0] and signed_findings() == set()
    db.session.execute(text("UPDATE score_revision SET digest = 'ff'"))
    assert {kind for kind, _ in signed_findings()} == {"module_signature", "judge_signature"}
    db.session.rollback()


def test_each_missing_trigger_of_each_table_is_named(app: Flask) -> None:
    sqlite = db.engine.dialect.name == "sqlite"
    kinds = ("update", "delete", "replace") if sqlite else ("change", "truncate")
    fixed = ("exchange", "replace") if sqlite else ("exchange",)
    names = [(table, f"{table}_no_{kind}") for table in append_only.TABLES for kind in kinds]
    names += [(table, f"{table}_no_{kind}") for table in fixed_columns.FIXED for kind in fixed]
    for table, name in names:
        db.session.execute(text(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}")))
        faults = [finding for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]
        assert [(finding.code, finding.place) for finding in faults] == [("TRIGGER_MISSING", ("trigger", name))]
        db.session.rollback()


def test_a_trigger_that_says_something_else_is_named(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        name = "score_revision_no_update"
        statements = [
            f"DROP TRIGGER {name}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON score_revision BEGIN SELECT 1; END",
        ]
    else:
        name = "score_revision_no_change"
        statements = [
            f"DROP TRIGGER {name} ON score_revision",
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON score_revision FOR EACH ROW WHEN (false) "
            "EXECUTE FUNCTION refuse_change()",
        ]
    for statement in statements:
        db.session.execute(text(statement))
    assert triggers.missing(db.session.connection()) == [name]


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


def test_rules_that_no_longer_say_what_was_saved_are_named(app: Flask) -> None:
    hall = make_hall(app)
    by, at, module_id = actor(hall.people["organiser"]), clock.now(), hall.modules["practice"].id
    with transaction() as session:
        module = session.get_one(Module, module_id)
        saved = session.scalars(select(MarkingScheme).where(MarkingScheme.module_id == module_id)).one()
        save_scheme(session, module, saved.aspects, "现场设备与样题不同，调整评分项", 1, by=by, at=at)
        rules = json.loads(session.scalars(select(Ruleset).where(Ruleset.stage_id == hall.stage.id)).one().document)
        rules["modules"][0]["name"] = "NEW"
        propose_ruleset(
            session, session.get_one(Stage, hall.stage.id), rules, 1, "技术文件更正后调整计分规则", by=by, at=at
        )
    assert codes_found() == set()
    db.session.rollback()
    assert (
        missed_of(
            [
                ("RULES_CHANGED", ("UPDATE ruleset SET document = replace(document, 'NEW', 'OLD') WHERE number = 2",)),
                ("RULES_CHANGED", ("DELETE FROM ruleset WHERE number = 2",)),
                ("RULES_CHANGED", ("UPDATE marking_scheme SET aspects = '[]' WHERE number = 2",)),
                ("RULES_CHANGED", ("DELETE FROM marking_scheme WHERE number = 2",)),
            ]
        )
        == []
    )
