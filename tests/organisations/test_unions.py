"""The union tree on its pages: scope, search, editing, moving."""

import re

import pytest
from flask import Flask
from sqlalchemy import event, select

from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.base.permissions import SYSTEM
from competitions.organisations.models import Union
from competitions.organisations.services import UnionFacts, create_union, move_union
from tests.factories import make_union, number
from tests.factories_organisations import Region, anew, make_region, signed_in

RANDOM = "3f2b8a1e-0000-4000-8000-000000000000"
SOUND_UNION_CODE = "81450200MC0000001Q"


@pytest.fixture
def region(app: Flask) -> Region:
    return make_region()


def fresh(union: Union) -> Union:
    return anew().get_one(Union, union.id, populate_existing=True)


def without_request_id(page: bytes) -> bytes:
    return re.sub(rb"[0-9a-f]{16}", b"", page)


def test_a_reviewer_sees_his_union_and_what_is_below_it_only(app: Flask, region: Region) -> None:
    page = signed_in(app, region.reviewer).get("/desk/unions").get_data(as_text=True)
    assert "南宁市总工会" in page and "邕江机械厂工会委员会" in page
    assert "柳州市总工会" not in page and "柳江机械厂" not in page


def test_a_union_out_of_scope_answers_like_a_missing_one(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    for tail in ("", "/edit", "/move"):
        other = client.get(f"/desk/unions/{region.liuzhou.id}{tail}")
        missing = client.get(f"/desk/unions/{RANDOM}{tail}")
        assert other.status_code == missing.status_code == 404
        assert without_request_id(other.data) == without_request_id(missing.data)


def test_search_finds_by_part_of_the_name_and_by_code(app: Flask, region: Region) -> None:
    client = signed_in(app, region.administrator)
    assert "柳江机械厂" in client.get("/desk/unions?q=柳江").get_data(as_text=True)
    by_code = client.get("/desk/unions?q=450200").get_data(as_text=True)
    assert "柳州市总工会" in by_code and "邕江机械厂" not in by_code


def test_the_list_takes_the_same_number_of_queries_for_many_unions(app: Flask, region: Region) -> None:
    client, counted = signed_in(app, region.administrator), []
    event.listen(db.engine, "before_cursor_execute", lambda *_args: counted.append(1))
    client.get("/desk/unions")
    few = len(counted)
    anew()
    for _ in range(30):
        make_union(region.nanning)
    db.session.commit()
    counted.clear()
    client.get("/desk/unions")
    assert len(counted) <= few + 1


def test_a_reviewer_adds_a_union_below_his_own(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    answer = client.post(
        f"/desk/unions/new?parent={region.nanning.id}",
        {"name": "青秀区园区工会", "kind": "park", "area_code": "450100", "uscc": SOUND_UNION_CODE},
    )
    assert answer.status_code == 303
    made = anew().scalars(select(Union).where(Union.name == "青秀区园区工会")).one()
    assert made.path == f"{region.nanning.path}{made.id}/" and made.uscc == SOUND_UNION_CODE


def test_nothing_can_be_added_below_a_union_out_of_scope(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    answer = client.post(f"/desk/unions/new?parent={region.liuzhou.id}", {"name": "某工会", "kind": "enterprise"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "柳州市总工会", "这个名称已被使用"),
        ("name", "", "请填写工会名称"),
        ("uscc", "81450200MC0000001A", "以 81 开头"),
        ("uscc", "91350100M000100Y43", "以 81 开头"),
        ("area_code", "459999", "没有这个行政区划代码"),
        ("kind", "nonsense", ""),
    ],
)
def test_wrong_facts_are_named_and_nothing_is_saved(
    app: Flask, region: Region, field: str, value: str, says: str
) -> None:
    client = signed_in(app, region.administrator)
    data = {"name": "新的工会", "kind": "enterprise", "area_code": "450100", field: value}
    answer = client.post(f"/desk/unions/new?parent={region.nanning.id}", data)
    assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    assert anew().scalar(select(Union).where(Union.name == "新的工会")) is None


def test_an_industry_union_has_no_area(app: Flask, region: Region) -> None:
    answer = signed_in(app, region.administrator).post(
        f"/desk/unions/new?parent={region.root.id}", {"name": "机冶建材工会", "kind": "industry", "area_code": "450100"}
    )
    assert answer.status_code == 422 and "不填行政区划" in answer.get_data(as_text=True)


def test_a_union_changes_its_own_contact_but_not_its_name(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    answer = client.post(
        f"/desk/unions/{region.nanning.id}/edit",
        {"name": "改名", "contact": "韦老师", "contact_phone": "0771-5551234", "version": "1"},
    )
    assert answer.status_code == 303
    found = fresh(region.nanning)
    assert (found.name, found.contact) == ("南宁市总工会", "韦老师")


def test_the_second_of_two_editors_gets_409_with_both_versions(app: Flask, region: Region) -> None:
    first, second = signed_in(app, region.reviewer), signed_in(app, region.administrator)
    place = f"/desk/unions/{region.nanning_works.id}/edit"
    facts = {"name": "邕江机械厂工会委员会", "kind": "enterprise", "version": "1"}
    assert first.post(place, {**facts, "contact": "甲老师"}).status_code == 303
    late = second.post(place, {**facts, "contact": "乙老师"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and "甲老师" in page and "乙老师" in page
    assert fresh(region.nanning_works).contact == "甲老师"
    assert second.post(place, {**facts, "contact": "乙老师", "version": "2"}).status_code == 303


def test_moving_a_union_takes_everything_below_along(app: Flask, region: Region) -> None:
    below = make_union(region.nanning_works)
    db.session.commit()
    answer = signed_in(app, region.administrator).post(
        f"/desk/unions/{region.nanning_works.id}/move", {"parent_name": "柳州市总工会", "version": "1"}
    )
    assert answer.status_code == 303
    moved, inside = fresh(region.nanning_works), fresh(below)
    assert (
        moved.path == f"/{region.root.id}/{region.liuzhou.id}/{moved.id}/"
        and inside.path == f"{moved.path}{inside.id}/"
    )
    assert "邕江机械厂" in signed_in(app, region.other_reviewer).get("/desk/unions").get_data(as_text=True)
    assert "邕江机械厂" not in signed_in(app, region.reviewer).get("/desk/unions").get_data(as_text=True)


def test_a_union_never_hangs_below_itself(app: Flask, region: Region) -> None:
    answer = signed_in(app, region.administrator).post(
        f"/desk/unions/{region.nanning.id}/move", {"parent_name": "邕江机械厂工会委员会", "version": "1"}
    )
    assert answer.status_code == 409 and "下级工会下面" in answer.get_data(as_text=True)
    assert fresh(region.nanning).parent_id == region.root.id


def test_a_reviewer_can_neither_move_his_own_union_nor_move_one_out_of_his_scope(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    own = client.post(f"/desk/unions/{region.nanning.id}/move", {"parent_name": "邕江机械厂工会委员会", "version": "1"})
    out = client.post(f"/desk/unions/{region.nanning_works.id}/move", {"parent_name": "柳州市总工会", "version": "1"})
    assert own.status_code == 409 and out.status_code == 422
    assert fresh(region.nanning_works).parent_id == region.nanning.id


def test_the_tree_has_a_deepest_level(app: Flask, region: Region) -> None:
    with pytest.raises(StateForbids), transaction() as session:
        parent = session.get_one(Union, region.nanning_works.id)
        for _ in range(20):
            parent = create_union(session, parent, UnionFacts(name=f"第{number()}层"), by=SYSTEM, at=clock.now())


def test_a_move_that_would_be_too_deep_is_refused(app: Flask, region: Region) -> None:
    deep = region.nanning_works
    for _ in range(8):
        deep = make_union(deep)
    tall = region.liuzhou_works
    for _ in range(4):
        tall = make_union(tall)
    db.session.commit()
    with pytest.raises(StateForbids), transaction() as session:
        move_union(
            session,
            session.get_one(Union, region.liuzhou_works.id),
            session.get_one(Union, deep.id),
            1,
            by=SYSTEM,
            at=clock.now(),
        )


def test_the_log_tells_who_moved_and_holds_no_contact(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    client.post(
        f"/desk/unions/{region.nanning.id}/edit", {"contact": "韦老师", "contact_phone": "13900001111", "version": "1"}
    )
    told = anew().scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert told is not None and "union.edit" in told.payload and region.reviewer.id in told.payload
    assert "韦老师" not in told.payload and "13900001111" not in told.payload


def test_a_reporter_may_look_but_not_edit(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reporter)
    assert client.get(f"/desk/unions/{region.nanning_works.id}").status_code == 200
    assert client.get(f"/desk/unions/{region.nanning_works.id}/edit").status_code == 403


def test_the_export_holds_the_searched_unions(app: Flask, region: Region) -> None:
    from competitions.organisations.unit_table import UNION_COLUMNS, read_units

    answer = signed_in(app, region.reviewer).get("/desk/unions.xlsx?q=机械厂")
    rows, faults = read_units(answer.data, "x.xlsx", UNION_COLUMNS)
    assert faults == [] and [row["values"]["unit_name"] for row in rows] == ["邕江机械厂工会委员会"]


def test_names_are_offered_from_the_scope_only(app: Flask, region: Region) -> None:
    page = signed_in(app, region.reviewer).get("/desk/unions/names?parent_name=机械厂").get_data(as_text=True)
    assert "邕江机械厂" in page and "柳江机械厂" not in page
