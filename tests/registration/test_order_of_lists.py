"""The list of entries by strokes, by pinyin and by unit, on the page and in the workbook; found by pinyin."""

import re

import pytest
from flask import Flask

from competitions.base.database import db
from tests.factories_registration import Region, make_entry, make_region, opened, signed_in

NAMES = ("黄志强", "𠮷田一", "覃小燕", "陈建国", "丁一", "䶮明", "谭永福")


def listed_names(app: Flask, region: Region, query: str) -> list[str]:
    """The names in the order of the page; the workbook has them in the same one."""
    client = signed_in(app, region.reporter)
    path = f"/desk/competitions/{region.competition.id}/entries"
    page = client.get(f"{path}?{query}").get_data(as_text=True)
    names = re.findall(r'<td class="lead"><a href="[^"]*">([^<]*)</a>', page)
    rows = opened(client.get(f"{path}.xlsx?{query}").data).iter_rows(values_only=True)
    exported = [str(row[1]) for row in rows if isinstance(row[0], int)]
    assert exported == names
    return names


@pytest.fixture
def region(app: Flask) -> Region:
    made = make_region()
    for name in NAMES:
        make_entry(made, name=name)
    db.session.commit()
    return made


def test_the_order_by_strokes_has_fewer_strokes_first(app: Flask, region: Region) -> None:
    by_strokes = ["丁一", "𠮷田一", "陈建国", "黄志强", "覃小燕", "谭永福"]  # 2, 6, 7, 11, 12, 14 strokes
    assert [name for name in listed_names(app, region, "sort=strokes") if name != "䶮明"] == by_strokes
    assert listed_names(app, region, "sort=-strokes") == listed_names(app, region, "sort=strokes")[::-1]


def test_the_order_by_pinyin_reads_surnames_as_guangxi_does(app: Flask, region: Region) -> None:
    by_pinyin = ["陈建国", "丁一", "黄志强", "𠮷田一", "覃小燕", "谭永福", "䶮明"]  # chén dīng huáng jí qín tán yǎn
    assert listed_names(app, region, "sort=pinyin") == by_pinyin


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("qin", ["覃小燕"]),
        ("QXY", ["覃小燕"]),
        ("Tán", ["覃小燕", "谭永福"]),  # a 覃 outside Guangxi
        ("jitian", ["𠮷田一"]),
        ("yan", ["覃小燕", "䶮明"]),
        ("xyz", []),
    ],
)
def test_people_are_found_by_pinyin(app: Flask, region: Region, typed: str, found: list[str]) -> None:
    assert listed_names(app, region, f"sort=pinyin&q={typed}") == found


def test_a_corrected_name_moves_in_the_order(app: Flask) -> None:
    region = make_region()
    first, second = make_entry(region, name="陈一"), make_entry(region, name="黄一")
    first.members[0].name = "谭一"
    db.session.commit()
    assert listed_names(app, region, "sort=pinyin") == ["黄一", "谭一"]
    assert [listed_names(app, region, f"q={typed}") for typed in ("chen", "ty", "huangyi")] == [[], ["谭一"], ["黄一"]]
    assert second.members[0].name == "黄一"


def test_the_order_is_chosen_beside_the_filters(app: Flask, region: Region) -> None:
    page = (
        signed_in(app, region.reporter)
        .get(f"/desk/competitions/{region.competition.id}/entries?sort=pinyin")
        .get_data(as_text=True)
    )
    assert '<option value="pinyin" selected>姓名拼音</option>' in page and ">姓氏笔画</option>" in page
    assert 'type="hidden" name="sort"' not in page
