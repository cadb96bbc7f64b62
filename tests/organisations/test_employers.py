"""Employers, applications for missing units, and both in bulk."""

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from competitions.base import clock
from competitions.base.database import db
from competitions.organisations import unit_import
from competitions.organisations.models import Employer, Union, UnitApplication
from competitions.organisations.queries import waiting
from competitions.tabular.writing import Table, TableColumn, write_workbook
from competitions.uploads.models import Upload
from tests.factories import actor, make_employer, make_union
from tests.factories_organisations import Region, anew, make_region, signed_in
from tests.people import Client
from tests.sent_forms import sent_by

SOUND_CODE = "91350100M000100Y43"  # the worked example of GB 32100-2015


@pytest.fixture
def region(app: Flask) -> Region:
    return make_region()


def workbook(rows: list[dict[str, Any]]) -> bytes:
    columns = [TableColumn(name, name) for name in rows[0]]
    return write_workbook([Table("导入表", columns, rows)], title="导入表", at=clock.now())


def upload(client: Client, purpose: str, data: bytes, name: str = "units.xlsx") -> Any:
    return client.post(
        f"/desk/import/{purpose}", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data"
    )


def count(model: Any) -> int:
    return anew().scalar(select(func.count()).select_from(model)) or 0


def test_an_employer_is_added_below_a_union_with_a_checked_code(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    facts = {
        "name": "邕江机械厂",
        "union_name": "邕江机械厂工会委员会",
        "ownership": "state",
        "industry": "C",
        "size": "large",
        "area_code": "450100",
        "new_employment": "y",
    }
    wrong = client.post("/desk/employers/new", {**facts, "uscc": SOUND_CODE[:-1] + "Z"})
    assert wrong.status_code == 422 and "统一社会信用代码" in wrong.get_data(as_text=True)
    assert client.post("/desk/employers/new", {**facts, "uscc": SOUND_CODE.lower()}).status_code == 303
    made = anew().scalars(select(Employer)).one()
    assert (made.uscc, made.union_id, made.new_employment) == (SOUND_CODE, region.nanning_works.id, True)


def test_an_employer_cannot_be_put_below_a_union_out_of_scope(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    facts = {"name": "柳江机械厂", "ownership": "state", "size": "large"}
    assert client.post("/desk/employers/new", {**facts, "union_name": "柳江机械厂工会委员会"}).status_code == 422
    assert client.post("/desk/employers/new", facts).status_code == 422
    assert count(Employer) == 0


def test_an_employer_of_another_city_is_missing_and_one_without_a_union_is_seen_but_not_edited(
    app: Flask, region: Region
) -> None:
    theirs, free = make_employer(region.liuzhou_works), make_employer(None, area_code="450200")
    near = make_employer(None, area_code="450100")
    db.session.commit()
    client = signed_in(app, region.reviewer)
    assert client.get(f"/desk/employers/{theirs.id}").status_code == 404
    assert client.get(f"/desk/employers/{free.id}").status_code == 200
    assert client.get(f"/desk/employers/{free.id}/edit").status_code == 404
    assert client.get(f"/desk/employers/{near.id}/edit").status_code == 200


def test_the_second_editor_of_an_employer_gets_409(app: Flask, region: Region) -> None:
    works = make_employer(region.nanning_works)
    db.session.commit()
    client = signed_in(app, region.reviewer)
    facts = {
        "name": works.name,
        "union_name": "邕江机械厂工会委员会",
        "ownership": "state",
        "size": "small",
        "version": "1",
    }
    assert client.post(f"/desk/employers/{works.id}/edit", facts).status_code == 303
    late = client.post(f"/desk/employers/{works.id}/edit", {**facts, "size": "large"})
    assert late.status_code == 409 and "国有及国有控股" in late.get_data(as_text=True)


def test_employers_are_filtered_by_union_and_ownership(app: Flask, region: Region) -> None:
    make_employer(region.nanning_works, name="国企甲", ownership="state")
    make_employer(region.nanning_works, name="民企乙")
    db.session.commit()
    page = (
        signed_in(app, region.administrator)
        .get(f"/desk/employers?union={region.nanning.id}&ownership=state")
        .get_data(as_text=True)
    )
    assert "国企甲" in page and "民企乙" not in page


def apply(client: Client, parent: Union, **values: str) -> Any:
    return client.post(
        "/desk/unit-applications/new",
        {
            "kind": "employer",
            "union_kind": "enterprise",
            "name": "邕江劳务公司",
            "parent": parent.id,
            "reason": "有 5 人参赛",
            **values,
        },
    )


def test_a_missing_employer_is_applied_for_and_granted_by_the_next_union_up(app: Flask, region: Region) -> None:
    clerk, reviewer = signed_in(app, region.reporter), signed_in(app, region.reviewer)
    assert apply(clerk, region.nanning_works).status_code == 303
    asked = anew().scalars(select(UnitApplication)).one()
    assert [each.count for each in waiting(anew(), actor(region.reviewer), clock.now())] == [1]
    assert waiting(anew(), actor(region.other_reviewer), clock.now()) == []
    assert clerk.post(f"/desk/unit-applications/{asked.id}/grant").status_code == 403
    assert signed_in(app, region.other_reviewer).post(f"/desk/unit-applications/{asked.id}/grant").status_code == 404
    assert reviewer.post(f"/desk/unit-applications/{asked.id}/grant").status_code == 303
    made = anew().scalars(select(Employer)).one()
    assert (made.name, made.union_id) == ("邕江劳务公司", region.nanning_works.id)
    assert reviewer.post(f"/desk/unit-applications/{asked.id}/grant").status_code == 409
    assert "已同意" in clerk.get("/desk/unit-applications").get_data(as_text=True)


def test_a_refusal_carries_a_reason_that_the_applicant_reads(app: Flask, region: Region) -> None:
    clerk, reviewer = signed_in(app, region.reporter), signed_in(app, region.reviewer)
    apply(clerk, region.nanning, kind="union", name="邕江二厂工会")
    asked = anew().scalars(select(UnitApplication)).one()
    assert reviewer.post(f"/desk/unit-applications/{asked.id}/refuse", {"reason": ""}).status_code == 422
    assert reviewer.post(f"/desk/unit-applications/{asked.id}/refuse", {"reason": "已并入一厂"}).status_code == 303
    assert "已并入一厂" in clerk.get(f"/desk/unit-applications/{asked.id}").get_data(as_text=True)
    assert count(Union) == 5


def test_nobody_decides_his_own_application_and_no_unit_is_asked_for_twice(app: Flask, region: Region) -> None:
    reviewer = signed_in(app, region.reviewer)
    assert apply(reviewer, region.nanning).status_code == 303
    asked = anew().scalars(select(UnitApplication)).one()
    assert reviewer.post(f"/desk/unit-applications/{asked.id}/grant").status_code == 409
    assert apply(signed_in(app, region.reporter), region.nanning_works).status_code == 422


def test_an_application_cannot_name_a_union_elsewhere(app: Flask, region: Region) -> None:
    assert apply(signed_in(app, region.reporter), region.liuzhou).status_code == 422
    assert count(UnitApplication) == 0


def unions_file(**last: str) -> bytes:
    rows = [
        {"工会名称": "江南园区工会", "上级工会": "南宁市总工会", "工会类型": "园区工会", "联系人": "韦老师"},
        {"工会名称": "江南一厂工会", "上级工会": "江南园区工会", "工会类型": "企业工会", "联系人": ""},
        {
            "工会名称": "邕江机械厂工会委员会",
            "上级工会": "南宁市总工会",
            "工会类型": "企业工会",
            "联系人": "黄老师",
            **last,
        },
    ]
    return workbook(rows)


def test_unions_in_bulk_are_previewed_confirmed_and_the_same_file_again_changes_nothing(
    app: Flask, region: Region
) -> None:
    client = signed_in(app, region.reviewer)
    answer = upload(client, "unions", unions_file())
    page = client.get(answer.location).get_data(as_text=True)
    assert answer.status_code == 303 and page.count("新增") >= 2 and "联系人：空" in page and "联系人：黄老师" in page
    assert count(Union) == 5
    assert client.post(f"{answer.location}/confirm").status_code == 303
    park = anew().scalars(select(Union).where(Union.name == "江南园区工会")).one()
    plant = anew().scalars(select(Union).where(Union.name == "江南一厂工会")).one()
    assert plant.path == f"{park.path}{plant.id}/" and count(Union) == 7 and count(Upload) == 0
    done = client.post(f"{answer.location}/confirm")
    assert done.status_code == 303 and "这份名单已导入" in client.get(done.location).get_data(as_text=True)
    again = upload(client, "unions", unions_file())
    assert "完全相同" in client.get(again.location).get_data(as_text=True)
    client.post(f"{again.location}/confirm")
    assert count(Union) == 7 and db.session.get_one(Union, park.id).version == 1


def test_a_wrong_row_stops_the_whole_import(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    answer = upload(client, "unions", unions_file(**{"工会名称": "柳江机械厂工会委员会", "上级工会": "柳州市总工会"}))
    page = client.get(answer.location).get_data(as_text=True)
    assert "这个名称已被使用" in page and "确认导入" not in page
    assert client.post(f"{answer.location}/confirm").status_code == 409
    assert count(Union) == 5


def test_a_confirmation_compares_the_rows_once_whether_it_is_taken_or_refused(
    app: Flask, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(app, region.reviewer)
    compared: list[str] = []
    compare = unit_import.compare

    def noting(session: Any, actor: Any, purpose: str, rows: Any) -> Any:
        compared.append(purpose)
        return compare(session, actor, purpose, rows)

    monkeypatch.setattr(unit_import, "compare", noting)
    for wrong, status in (({"工会名称": "柳江机械厂工会委员会"}, 409), ({}, 303)):
        place = upload(client, "unions", unions_file(**wrong)).location
        assert (client.post(f"{place}/confirm").status_code, compared) == (status, ["unions"])
        compared.clear()


def test_an_import_is_confirmed_as_its_preview_showed_it(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    place = upload(client, "unions", unions_file()).location
    data = sent_by(client.get(place).get_data(as_text=True), f"{place}/confirm")
    park = make_union(anew().get_one(Union, region.nanning.id), name="江南园区工会", kind="park")
    park_id = park.id
    db.session.commit()
    answer = client.post(f"{place}/confirm", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "预览之后数据有变化" in page and count(Union) == 6
    assert client.post(f"{place}/confirm", sent_by(page, f"{place}/confirm")).status_code == 303
    assert count(Union) == 7 and anew().get_one(Union, park_id)


def test_nobody_else_can_open_or_confirm_a_staged_import(app: Flask, region: Region) -> None:
    place = upload(signed_in(app, region.reviewer), "unions", unions_file()).location
    other = signed_in(app, region.administrator)
    assert other.get(place).status_code == 404 and other.post(f"{place}/confirm").status_code == 404


def test_the_staged_rows_are_sealed(app: Flask, region: Region) -> None:
    upload(signed_in(app, region.reviewer), "unions", unions_file())
    assert "韦老师" not in anew().scalars(select(Upload)).one().content


@pytest.mark.parametrize(("data", "name"), [(b"PK\x03\x04rubbish", "x.xlsx"), (b"%PDF-1.4", "x.pdf"), (b"", "x.csv")])
def test_a_file_that_is_no_table_is_refused_with_advice(app: Flask, region: Region, data: bytes, name: str) -> None:
    answer = upload(signed_in(app, region.reviewer), "unions", data, name)
    assert answer.status_code == 422 and "文件没有读取" in answer.get_data(as_text=True)


def test_the_template_can_be_sent_back_and_its_example_is_left_out(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    for purpose in ("unions", "employers"):
        template = client.get(f"/desk/import/{purpose}/template.xlsx")
        assert template.status_code == 200
        answer = upload(client, purpose, template.data)
        assert answer.status_code == 422 and "没有可导入的行" in answer.get_data(as_text=True)


def test_employers_in_bulk_say_every_fault_by_its_row(app: Flask, region: Region) -> None:
    rows = [
        {
            "单位名称": "甲公司",
            "统一社会信用代码": SOUND_CODE,
            "所属工会": "邕江机械厂工会委员会",
            "单位性质": "集体",
            "新就业形态": "是",
        },
        {
            "单位名称": "乙公司",
            "统一社会信用代码": SOUND_CODE[:-1] + "Z",
            "所属工会": "邕江机械厂工会委员会",
            "单位性质": "集体",
            "新就业形态": "",
        },
        {
            "单位名称": "丙公司",
            "统一社会信用代码": "",
            "所属工会": "柳州市总工会",
            "单位性质": "私企",
            "新就业形态": "",
        },
    ]
    client = signed_in(app, region.reviewer)
    page = client.get(upload(client, "employers", workbook(rows)).location).get_data(as_text=True)
    assert "不是有效的统一社会信用代码" in page and "不在可填内容中" in page and "没有找到“柳州市总工会”" in page
    good = upload(client, "employers", workbook(rows[:1]))
    assert client.post(f"{good.location}/confirm").status_code == 303
    made = anew().scalars(select(Employer)).one()
    assert (made.ownership, made.new_employment, made.union_id) == ("collective", True, region.nanning_works.id)
