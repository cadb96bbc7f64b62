"""Rosters through the pages: the workbooks that unions send, corrections on the page, bad files, secrets at rest."""

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from competitions.audit.models import AuditEvent
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.programme.models import Event
from competitions.registration.models import ColumnMatch, Entry, EntryMember, RosterUpload, Worker
from competitions.uploads.models import Upload
from tests.factories import make_competition, make_employer, make_event, make_union, make_user
from tests.factories_registration import (
    HEADINGS,
    make_id_number,
    make_region,
    make_roster,
    opened,
    roster_row,
    signed_in,
)
from tests.people import Client
from tests.registration.uploading import WORKBOOKS, confirm, counts, post_file, upload

EXPECTED = json.loads((WORKBOOKS / "expected.json").read_text())


def make_city(app: Flask, workbook: str) -> tuple[Client, object, object]:
    """A city federation with the employers of a workbook below it, and a competition with its events."""
    people = EXPECTED[workbook]["people"]
    city = make_union(make_union(), kind="federation", name="柳州市总工会")
    for name in {person["organisation"] for person in people}:
        make_employer(make_union(city, name=f"{name}工会"), name=name)
    competition = make_competition()
    for name in sorted({person["event"] for person in people}):
        make_event(competition, name=name)
    user = make_user(("reporter", "union", city.id), union=city)
    db.session.commit()
    return signed_in(app, user), competition, city


@pytest.mark.parametrize("workbook", ["plain.xlsx", "notice-attachment.xlsx", "leftovers.xlsx"])
def test_a_workbook_as_unions_send_it_gives_its_right_rows(app: Flask, workbook: str) -> None:
    client, competition, city = make_city(app, workbook)
    expected = EXPECTED[workbook]
    wrong = {each["cell"][1:] for each in expected["problems"] if each["severity"] == "error"}
    preview = upload(client, competition, city, (WORKBOOKS / workbook).read_bytes(), workbook)
    assert counts(client, preview) == {"新增": len(expected["people"]), "变化": 0, "相同": 0, "有误": len(wrong)}
    page = client.get(preview).get_data(as_text=True)
    repeated = sum(each["code"] == "duplicate.in_file" for each in expected["problems"])
    assert sum(person["id_number"] in page for person in expected["people"]) == repeated
    if wrong:
        assert confirm(client, preview) == 409
        db.session.rollback()
        assert db.session.scalar(select(func.count(Entry.id))) == 0
        db.session.rollback()
    assert confirm(client, preview, **({"only_sound": "1"} if wrong else {})) == 303
    db.session.rollback()
    rows = db.session.execute(
        select(EntryMember.name, EntryMember.sex, EntryMember.employer_name, Event.name).join(
            Event, Event.id == EntryMember.event_id
        )
    ).all()
    assert sorted(map(tuple, rows)) == sorted(
        (p["name"], p["sex"], p["organisation"], p["event"]) for p in expected["people"]
    )


def test_the_corrected_file_adds_exactly_what_was_missing(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client, name = signed_in(app, region.reporter), region.employer.name
    rows = [roster_row(name), roster_row(name, 姓名=""), roster_row(name, 手机="12")]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    assert counts(client, preview) == {"新增": 1, "变化": 0, "相同": 0, "有误": 2}
    assert confirm(client, preview, only_sound="1") == 303
    assert counts(client, preview) == {"新增": 0, "变化": 0, "相同": 1, "有误": 2}
    rows[1]["姓名"], rows[2]["手机"] = "覃小燕", "13900000001"
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    assert counts(client, preview) == {"新增": 2, "变化": 0, "相同": 1, "有误": 0}
    assert confirm(client, preview) == 303
    db.session.rollback()
    assert db.session.scalar(select(func.count(Entry.id))) == 3


def test_a_changed_value_is_shown_old_and_new_and_written_once_confirmed(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    row = roster_row(region.employer.name)
    confirm(client, upload(client, region.competition, region.enterprise, make_roster([row])))
    preview = upload(client, region.competition, region.enterprise, make_roster([{**row, "职业技能等级": "技师"}]))
    page = client.get(preview).get_data(as_text=True)
    assert counts(client, preview)["变化"] == 1
    assert '<span class="cell-was">三级/高级工</span>' in page
    assert confirm(client, preview) == 303
    db.session.rollback()
    assert db.session.scalars(select(EntryMember.level)).one() == "二级/技师"


def test_two_people_of_one_name_are_two_people(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    first, second = (roster_row(region.employer.name, 姓名="韦秀兰") for _ in range(2))
    assert confirm(client, upload(client, region.competition, region.enterprise, make_roster([first]))) == 303
    preview = upload(client, region.competition, region.enterprise, make_roster([first, second]))
    assert counts(client, preview) == {"新增": 1, "变化": 0, "相同": 1, "有误": 0}
    assert confirm(client, preview) == 303
    third = roster_row(region.employer.name, 姓名="韦秀兰")
    fourth = roster_row(region.employer.name, 姓名="韦秀兰")
    preview = upload(client, region.competition, region.enterprise, make_roster([third, fourth]))
    assert counts(client, preview) == {"新增": 2, "变化": 0, "相同": 0, "有误": 0}
    db.session.rollback()
    members = db.session.execute(select(EntryMember.name, EntryMember.worker_id)).all()
    assert [name for name, _ in members] == ["韦秀兰", "韦秀兰"] and len({worker for _, worker in members}) == 2


@pytest.mark.parametrize(
    ("state", "changed"),
    [("submitted", 0), ("endorsed", 0), ("approved", 0), ("draft", 1), ("taken_back", 1), ("returned", 1)],
)
def test_a_list_changes_nothing_that_is_under_review_or_was_decided(app: Flask, state: str, changed: int) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    row = roster_row(region.employer.name)
    confirm(client, upload(client, region.competition, region.enterprise, make_roster([row])))
    db.session.rollback()
    db.session.scalars(select(Entry)).one().state = state
    db.session.commit()
    rows = [{**row, "职业技能等级": "技师"}, roster_row(region.employer.name)]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    assert counts(client, preview) == {"新增": 1, "变化": changed, "相同": 0, "有误": 1 - changed}
    assert confirm(client, preview, only_sound="1") == 303
    db.session.rollback()
    level = db.session.scalars(select(EntryMember.level).where(EntryMember.name == row["姓名"])).one()
    assert level == ("二级/技师" if changed else "三级/高级工")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"参赛项目": "电焊"}, "没有“电焊”这个项目"),
        ({"单位名称": "子虚乌有公司"}, "系统中没有“子虚乌有公司”这个单位"),
        ({"身份证号": make_id_number(7, born="20150101")}, "未满 16 周岁"),
        ({"身份证号": 450103199003070000}, "末三位已丢失"),
        ({"姓名": "=1+1"}, "是公式"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(app: Flask, values: dict[str, object], said: str) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    preview = upload(
        client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name, **values)])
    )
    assert counts(client, preview)["有误"] == 1
    assert said in client.get(preview).get_data(as_text=True)


def test_an_employer_of_another_union_is_out_of_scope(app: Flask) -> None:
    region = make_region()
    other = make_employer(make_union(region.other_city), name="乙市化工有限公司")
    db.session.commit()
    client = signed_in(app, region.reporter)
    preview = upload(client, region.competition, region.enterprise, make_roster([roster_row(other.name)]))
    assert "不在您的管理范围内" in client.get(preview).get_data(as_text=True)


def test_a_roster_beyond_the_quota_is_refused_from_the_first_row_too_many(app: Flask) -> None:
    region = make_region()
    region.event.quota_per_union = 2
    db.session.commit()
    client = signed_in(app, region.reporter)
    rows = [roster_row(region.employer.name) for _ in range(3)]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    assert counts(client, preview) == {"新增": 2, "变化": 0, "相同": 0, "有误": 1}
    assert "名额为 2 个，已用 2 个" in client.get(preview).get_data(as_text=True)


def test_one_cell_is_corrected_on_the_page(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    preview = upload(
        client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name, 姓名="=1")])
    )
    answer = client.post(
        f"{preview}/cells", data={"sheet": "报名汇总表", "cell": "D2", "value": "覃小燕"}, headers={"HX-Request": "1"}
    )
    assert answer.status_code == 200 and answer.get_data(as_text=True).lstrip().startswith('<div id="preview">')
    assert counts(client, preview) == {"新增": 1, "变化": 0, "相同": 0, "有误": 0}
    assert confirm(client, preview) == 303
    db.session.rollback()
    assert db.session.scalars(select(EntryMember.name)).one() == "覃小燕"


def test_numbers_are_masked_wherever_they_stand_in_the_users_columns(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client, number = signed_in(app, region.reporter), make_id_number()
    row = roster_row(region.employer.name, 家属联系="13912345678", 旧表备注=f"原填{number}，已更正")
    headings = (*HEADINGS, "家属联系", "旧表备注")
    preview = upload(client, region.competition, region.enterprise, make_roster([row], headings))
    page = client.get(preview).get_data(as_text=True)
    assert number not in page and "13912345678" not in page
    assert "139****5678" in page and f"原填450***********{number[-4:]}，已更正" in page


def test_correcting_a_cell_keeps_the_merged_units_of_the_other_rows(app: Flask) -> None:
    client, competition, city = make_city(app, "notice-attachment.xlsx")
    preview = upload(client, competition, city, (WORKBOOKS / "notice-attachment.xlsx").read_bytes())
    before = counts(client, preview)
    problems = EXPECTED["notice-attachment.xlsx"]["problems"]
    wrong = next(each for each in problems if each["code"] == "id_number.truncated")
    client.post(
        f"{preview}/cells", data={"sheet": "附件2", "cell": wrong["cell"], "value": make_id_number(3, born="19850505")}
    )
    assert counts(client, preview)["有误"] <= before["有误"]
    assert counts(client, preview)["新增"] >= before["新增"]


def test_a_wrong_value_is_replaced_in_all_rows_at_once(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    rows = [roster_row(region.employer.name, event="电焊") for _ in range(5)]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    assert "（5 行）" in client.get(preview).get_data(as_text=True)
    assert (
        client.post(f"{preview}/replacements", data={"field": "event", "old": "电焊", "new": "焊工"}).status_code == 303
    )
    assert counts(client, preview) == {"新增": 5, "变化": 0, "相同": 0, "有误": 0}


def test_a_unit_merged_over_rows_is_replaced_in_all_of_them(app: Flask) -> None:
    client, competition, city = make_city(app, "notice-attachment.xlsx")
    preview = upload(client, competition, city, (WORKBOOKS / "notice-attachment.xlsx").read_bytes())
    wrong = "某某不存在的公司"
    for old, new, faulty in (("柳州钢铁股份有限公司", wrong, 6), (wrong, "柳州钢铁股份有限公司", 0)):
        answer = client.post(f"{preview}/replacements", data={"field": "organisation", "old": old, "new": new})
        assert answer.status_code == 303
        assert client.get(preview).get_data(as_text=True).count(f"系统中没有“{wrong}”这个单位") == faulty


def test_an_event_that_a_sheets_name_gives_is_told_in_each_row_and_not_offered_for_replacement(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    data = (WORKBOOKS / "sheet-per-event.xlsx").read_bytes()
    preview = upload(client, region.competition, region.enterprise, data)
    page = client.get(preview).get_data(as_text=True)
    marked = opened(client.get(f"{preview}/annotated.xlsx").data).parent["电工"]
    assert marked["H2"].value == "错误原因" and "没有“电工”这个项目" in marked["H3"].value
    assert "没有“电工”这个项目" in page and 'name="old" value="电工"' not in page
    assert 'name="field" value="organisation"' in page


def test_columns_matched_by_hand_are_remembered_for_the_union(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    headings = ("单位名称", "参赛项目", "称呼一栏", "证照", "身份证号")
    row = roster_row(region.employer.name)
    data = make_roster([{**row, "称呼一栏": row["姓名"], "证照": "甲"}], headings)
    preview = upload(client, region.competition, region.enterprise, data)
    assert "没有“姓名”列" in client.get(preview).get_data(as_text=True)
    matched = {
        "sheet": "报名汇总表",
        "header_row": "1",
        "field_A": "organisation",
        "field_B": "event",
        "field_C": "name",
        "field_E": "id_number",
    }
    assert client.post(f"{preview}/columns", data=matched).status_code == 303
    assert counts(client, preview)["新增"] == 1
    assert counts(client, upload(client, region.competition, region.enterprise, data))["新增"] == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count(ColumnMatch.id))) == 1


def test_the_users_own_workbook_comes_back_with_its_faults_marked(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    rows = [roster_row(region.employer.name), roster_row(region.employer.name, event="电焊")]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows), "甲市名单.xlsx")
    answer = client.get(f"{preview}/annotated.xlsx")
    sheet = opened(answer.data)
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert sheet.cell(1, len(HEADINGS) + 1).value == "错误原因"
    assert "没有“电焊”这个项目" in sheet.cell(3, len(HEADINGS) + 1).value
    assert sheet.cell(2, len(HEADINGS) + 1).value is None
    assert "没有“电焊”" in sheet["C3"].comment.text


def zip_bomb() -> bytes:
    """An .xlsx whose sheet unpacks to 200 MB."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(make_roster([]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, b" " * 200_000_000 if entry.endswith("sheet1.xml") else old.read(entry))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"%PDF-1.7 nothing of a table", "名单.pdf", "请"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "照片.png", "请"),
        (b"", "空.xlsx", "请"),
        (b"PK\x03\x04 broken", "名单.xlsx", "请"),
        (zip_bomb(), "名单.xlsx", "解压后超过"),
        (bytes(11 * 1024 * 1024), "大.xlsx", "10 MB"),
    ],
)
def test_a_bad_file_is_refused_with_advice_and_nothing_is_kept(app: Flask, data: bytes, name: str, said: str) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    status, page = post_file(client, region.competition, region.enterprise, data, name)
    assert status == 422 and said in page and "没有保存任何内容" in page
    db.session.rollback()
    assert db.session.scalar(select(func.count(RosterUpload.id))) == 0


def test_an_upload_is_for_its_user_alone_and_gone_when_discarded(app: Flask) -> None:
    region = make_region()
    colleague = make_user(("reporter", "union", region.enterprise.id), union=region.enterprise)
    db.session.commit()
    client, other = signed_in(app, region.reporter), signed_in(app, colleague)
    preview = upload(client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name)]))
    assert other.get(preview).status_code == 404
    assert client.post(f"{preview}/discard").status_code == 303
    assert client.get(preview).status_code == 404
    db.session.rollback()
    assert db.session.scalars(select(RosterUpload.state)).all() == ["discarded"]
    assert db.session.scalar(select(func.count(Upload.id))) == 0


def test_a_plan_that_has_changed_meanwhile_is_not_confirmed(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    data = make_roster([roster_row(region.employer.name)])
    preview = upload(client, region.competition, region.enterprise, data)
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', client.get(preview).get_data(as_text=True)).group(1)
    db.session.rollback()
    region.event.quota_per_union = 0
    db.session.commit()
    answer = client.post(f"{preview}/confirm", data={"digest": digest})
    assert answer.status_code == 409 and "预览之后数据有变化" in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count(Entry.id))) == 0


def test_the_twenty_first_upload_of_an_hour_is_refused(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    statuses = [post_file(client, region.competition, region.enterprise, b"x;y\n", "a.csv")[0] for _ in range(21)]
    assert statuses[-1] == 429 and 429 not in statuses[:-1]


def test_id_numbers_and_phones_never_stand_in_plain_in_the_database(app: Flask, settings: Settings) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    rows = [roster_row(region.employer.name) for _ in range(3)]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    staged = plain_text(settings)
    confirm(client, preview)
    written = plain_text(settings)
    db.session.rollback()
    for row in rows:
        for value in (row["身份证号"], row["手机"]):
            assert value not in staged and value not in written
    assert db.session.scalar(select(func.count(Worker.id))) == 3


def plain_text(settings: Settings) -> str:
    """Everything in the database as text: the files of SQLite, every value of PostgreSQL."""
    if settings.is_sqlite:
        path = settings.database_url.removeprefix("sqlite:///")
        return "".join(
            Path(path + end).read_bytes().decode("latin-1") for end in ("", "-wal") if Path(path + end).exists()
        )
    db.session.rollback()
    tables = db.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in db.session.execute(table.select()))


def test_an_import_is_audited_by_counts_and_the_files_digest(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    row = roster_row(region.employer.name)
    confirm(client, upload(client, region.competition, region.enterprise, make_roster([row])))
    db.session.rollback()
    log = "\n".join(db.session.scalars(select(AuditEvent.payload)))
    assert '"roster.confirmed"' in log and '"sha256"' in log and '"new":1' in log
    assert row["姓名"] not in log and row["身份证号"] not in log
