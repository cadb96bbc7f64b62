"""What an act leaves in the log of the rows that it wrote: whoever writes them, and however."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from competitions.accounts.models import FormKey, KnownDevice, SignIn, User
from competitions.audit import compared
from competitions.audit.compared import COMPARED
from competitions.audit.covering import COVER, cover, covered
from competitions.audit.models import AuditEvent
from competitions.audit.recording import DIGESTS, MANY, VERSION
from competitions.audit.row_digests import all_rows, differing, logged_key
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.settings import Setting
from competitions.programme.models import Occupation
from tests.audit.recording import record, transaction
from tests.audit.tampering import cover_everything
from tests.factories import make_union, make_user


def payloads() -> list[dict[str, Any]]:
    db.session.rollback()
    return [json.loads(payload) for payload in db.session.scalars(select(AuditEvent.payload).order_by(AuditEvent.seq))]


def told() -> dict[str, set[str]]:
    """Table → the keys that the last record tells of."""
    return {named.split(".")[0]: set(rows) for named, rows in payloads()[-1].get(DIGESTS, {}).items()}


def named() -> list[str]:
    db.session.rollback()
    return [finding.sentence for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]


def past_the_house(statement: str) -> None:
    """Committed by somebody else, in a transaction that is not the house's."""
    db.session.rollback()
    db.session.execute(text(statement))
    db.session.commit()


def test_an_act_tells_of_every_row_that_it_wrote_by_objects_or_by_statements(app: Flask) -> None:
    union = make_union()
    one, two = make_user(), make_user()
    db.session.commit()
    with transaction() as session:
        session.add(Occupation(code="6-18", name="焊工"))
        session.get_one(User, one.id).display_name = "改名"
        session.execute(update(User).where(User.union_id.is_(None), User.id == two.id).values(union_id=union.id))
        session.connection().execute(insert(Setting.__table__), {"name": "a", "value": "1"})
        record("test.act", "thing", None, by=None, at=clock.now())
    assert told() == {"occupation": {"6-18"}, "user_account": {one.id, two.id}, "setting": {"a"}}
    assert payloads()[-1]["version"] == VERSION
    with transaction() as session:
        session.execute(delete(Setting))
        session.execute(insert(Setting), [{"name": "b", "value": "1"}])
        session.execute(insert(Setting).values(name="c", value="1"))
        session.execute(update(User).values(active=False))
        record("test.act", "thing", None, by=None, at=clock.now())
    assert told() == {"user_account": {one.id, two.id}, "setting": {"a", "b", "c"}}
    with transaction() as session:
        session.execute(insert(Setting).values([{"name": "d", "value": "1"}, {"name": "e", "value": "1"}]))
    assert told() == {"setting": {"d", "e"}}
    cover_everything()
    assert named() == []


def test_what_changes_all_the_time_is_left_free_and_writes_no_record(app: Flask) -> None:
    user = make_user()
    now = clock.now()
    db.session.add(SignIn(user_id=user.id, token_hash="t", created_at=now, seen_at=now, expires_at=now))
    db.session.commit()
    with transaction() as session:
        session.execute(update(SignIn).values(seen_at=clock.now()))
    with transaction() as session:
        session.scalars(select(SignIn)).one().seen_at = clock.now()
    assert payloads() == []


def test_an_act_without_a_record_of_its_own_leaves_one_of_its_rows(app: Flask) -> None:
    with transaction() as session:
        session.add(Setting(name="a", value="1"))
    assert payloads()[-1]["action"] == "audit.rows" and told() == {"setting": {"a"}}


def test_a_statement_that_finds_no_row_leaves_no_record(app: Flask) -> None:
    with transaction() as session:
        session.execute(delete(Setting))
        session.execute(update(User).values(active=False))
    assert payloads() == []


def test_an_act_on_many_rows_tells_of_them_in_several_records(app: Flask) -> None:
    with transaction() as session:
        session.add_all([Setting(name=f"n{number}", value="1") for number in range(MANY + 1)])
        record("test.act", "thing", None, by=None, at=clock.now())
    records = payloads()
    assert [each["action"] for each in records] == ["test.act", "audit.rows", "audit.rows"]
    assert sum(len(rows) for each in records[1:] for rows in each[DIGESTS].values()) == MANY + 1


def test_an_act_that_fails_leaves_nothing(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(Setting(name="a", value="1"))
        session.flush()
        raise ZeroDivisionError
    assert payloads() == []


def test_rows_without_a_key_in_the_statement_are_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="without their key"), transaction() as session:
        session.execute(insert(KnownDevice.__table__).values(user_id="x"))


def test_digests_are_keyed_and_hide_what_they_are_over(app: Flask) -> None:
    with transaction() as session:
        session.add_all([Setting(name="a", value="1"), Setting(name="b", value="1")])
    (rows,) = payloads()[-1][DIGESTS].values()
    assert rows["a"] != rows["b"], "the same value looks different in another row"


def test_a_row_changed_put_in_taken_away_or_brought_back_is_named(app: Flask) -> None:
    cover_everything()
    with transaction() as session:
        session.add_all([Setting(name=name, value="1") for name in "abc"])
    with transaction() as session:
        session.execute(delete(Setting).where(Setting.name == "c"))
    assert named() == []
    past_the_house("UPDATE setting SET value = '2' WHERE name = 'a'")
    past_the_house("DELETE FROM setting WHERE name = 'b'")
    past_the_house("INSERT INTO setting (name, value) VALUES ('c', '1'), ('d', '1')")
    said = "".join(named())
    assert "设置（a，a）的值与第 2 条" in said and "设置（b）已不存在" in said
    assert "设置（c，c）在第 3 条审计记录中已经删除" in said and "设置（d，d）没有审计记录" in said


def test_a_row_put_back_as_it_was_once_is_found(app: Flask) -> None:
    with transaction() as session:
        session.add(Setting(name="a", value="1"))
    with transaction() as session:
        session.get_one(Setting, "a").value = "2"
    past_the_house("UPDATE setting SET value = '1'")
    assert "设置（a，a）的值与第 2 条" in "".join(named())


def test_rows_that_go_when_their_time_is_over_are_not_missed(app: Flask) -> None:
    with transaction() as session:
        session.add(FormKey(key="k", user_id="u", endpoint="e", digest="d", at=clock.now()))
    past_the_house("DELETE FROM form_key")
    assert named() == []


def test_what_was_there_before_the_log_told_of_rows_is_named_once_and_no_finding(app: Flask) -> None:
    make_user()
    db.session.commit()
    report = verify(db.session(), at=clock.now())
    (note,) = [finding for finding in report.findings if finding.is_note]
    assert report.sound and note.code == "ROWS_NOT_COVERED" and "账号 1 行" in note.sentence
    with transaction():
        record("test.act", "thing", None, by=None, at=clock.now())
    cover_everything()
    report = verify(db.session(), at=clock.now())
    (note,) = [finding for finding in report.findings if finding.is_note]
    assert report.sound and "第 1 至 1 条是旧版审计记录" in note.sentence and "登记了 1 行" in note.sentence
    past_the_house("UPDATE user_account SET display_name = '冒名'")
    assert "的姓名与第 3 条" in "".join(named())


def test_covering_is_done_once_and_again_where_a_migration_says_so(app: Flask) -> None:
    with transaction() as session:
        session.add(Setting(name="a", value="1"))
    cover_everything()
    cover_everything()
    assert [each["action"] for each in payloads()].count(COVER) == 2, "the tables, then the row that was there"
    past_the_house("UPDATE setting SET value = '2'")
    db.session.rollback()
    assert cover(db.session.connection(), again=["setting"]) == ["setting"]
    assert [finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault] == []
    db.session.rollback()


def test_a_row_told_of_when_its_table_had_other_columns_is_compared_by_those(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = replace(COMPARED["occupation"], free=frozenset(["aliases"]))
    with monkeypatch.context() as then:
        then.setitem(compared._compared, "occupation", before)
        cover_everything()
        with transaction() as session:
            session.add(Occupation(code="6-18", name="焊工"))
    cover_everything()
    assert set(covered(db.session.connection())["occupation"].shapes) == {before.shape, COMPARED["occupation"].shape}
    past_the_house("UPDATE occupation SET aliases = '电焊工'")
    assert named() == [], "nobody told of the other names yet"
    past_the_house("UPDATE occupation SET name = '钳工'")
    assert "职业（钳工，6-18）的名称与第 2 条" in "".join(named())


def test_a_column_that_is_gone_does_not_hide_a_change_of_the_others(app: Flask) -> None:
    with transaction() as session:
        session.add(Occupation(code="6-18", name="焊工"))
    table = COMPARED["occupation"]
    (row,) = db.session.execute(all_rows(table, ["name"]))
    logged = payloads()[-1][DIGESTS][f"occupation.{table.shape}"]["6-18"]
    assert differing(table, row, logged, table.columns) == []
    past_the_house("UPDATE occupation SET name = '钳工'")
    (row,) = db.session.execute(all_rows(table, ["name"]))
    assert differing(table, row, logged, table.columns) == ["name"]


def test_ids_that_tell_who_is_who_do_not_stand_in_records() -> None:
    assert {name for name, table in COMPARED.items() if table.blind} == {"code_row", "coded_place"}
    key = new_id()
    assert logged_key(COMPARED["code_row"], key) != key and logged_key(COMPARED["entry"], key) == key
