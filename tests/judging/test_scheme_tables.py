"""Marking schemes out and in as worksheets: the same scheme comes back, every fault is said by cell, the sum is checked."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from competitions.base.database import db
from competitions.judging.models import MarkingScheme
from competitions.judging.schemes.versions import SAME, scheme_in_force
from tests.factories import make_user
from tests.factories_judging import ASPECTS, Hall, make_hall
from tests.factories_worksheets import confirm, desk, every_cell, plain, preview, upload, workbook_of

HEADING = [
    "编号",
    "评分项",
    "类型",
    "配分",
    "步长",
    "每次扣分",
    "扣分上限",
    "评分标准",
    "0 分标准",
    "1 分标准",
    "2 分标准",
    "3 分标准",
]
A1 = ["A1", "焊缝外观", "测量", 40, 0.5, None, None, "目测", None, None, None, None]
A2 = ["A2", "安全文明", "扣分", "２０", None, 5, 15, None, None, None, None, None]
A3 = ["A3", "整体工艺", "评价", 40, None, None, None, None, "未达到", "达到", "较好", "优秀"]
WHY = "技术文件勘误，经组委会讨论"


def schemes(hall: Hall) -> list[MarkingScheme]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(MarkingScheme)
            .where(MarkingScheme.module_id == hall.modules["practice"].id)
            .order_by(MarkingScheme.number)
        )
    )


def place_of(hall: Hall) -> str:
    return desk(hall, "practice", "scheme/table")


def save(hall: Hall, data: bytes, **fields: str) -> Any:
    """Upload and confirm."""
    organiser = hall.client("organiser")
    place, page = preview(organiser, place_of(hall), data)
    base = str(len(schemes(hall)))
    return confirm(organiser, place, **{"base": base, "reason": "", **fields}), page


def test_a_scheme_comes_in_with_kinds_maxima_and_what_the_grades_mean(app: Flask) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    answer, page = save(hall, workbook_of(["某赛项评分细则"], HEADING, A1, A2, A3, ["合计", None, None, 100]))
    assert answer.status_code == 303 and "共 3 项" in page
    assert schemes(hall)[0].aspects == [
        {"id": "A1", "name": "焊缝外观", "kind": "measurement", "max": "40", "step": "0.5", "rule": "目测"},
        {"id": "A2", "name": "安全文明", "kind": "deduction", "max": "20", "per": "5", "cap": "15"},
        {
            "id": "A3",
            "name": "整体工艺",
            "kind": "judgement",
            "max": "40",
            "grades": ["未达到", "达到", "较好", "优秀"],
        },
    ]


def test_what_goes_out_comes_back_the_same(app: Flask) -> None:
    hall = make_hall(app, open_sheets=False)
    organiser = hall.client("organiser")
    data = organiser.get(f"/desk/modules/{hall.modules['practice'].id}/scheme.xlsx").data
    assert "合计：配分 100" in every_cell(data) and "优秀" in every_cell(data)
    answer, _ = save(hall, data)
    assert answer.status_code == 303
    assert [each.aspects for each in schemes(hall)] == [ASPECTS, ASPECTS]


def test_the_template_is_read_and_its_example_is_left_out(app: Flask) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    organiser = hall.client("organiser")
    data = organiser.get(f"/desk/modules/{hall.modules['practice'].id}/scheme/template.xlsx").data
    assert "满分 100" in every_cell(data)
    refused = upload(organiser, place_of(hall), data)
    assert refused.status_code == 422 and "没有评分项" in plain(refused)
    book = load_workbook(BytesIO(data))
    for column, value in enumerate(["1", "B1", "接线", "测量", "100"], 1):
        book.worksheets[0].cell(5, column).value = value
    stream = BytesIO()
    book.save(stream)
    assert save(hall, stream.getvalue())[0].status_code == 303
    assert [aspect["id"] for aspect in schemes(hall)[0].aspects] == ["B1"]


@pytest.mark.parametrize(
    ("rows", "cell", "words"),
    [
        ([A1, A2, [*A3[:3], 30, *A3[4:]]], None, "配分之和为 90，与本模块满分 100 不一致"),
        ([A1, A2, ["A1", *A3[1:]]], None, "编号“A1”出现了两次"),
        ([A1, A2, [*A3[:2], "神秘", *A3[3:]]], "C4", "“神秘”不认识"),
        ([A1, A2, [*A3[:3], None, *A3[4:]]], "D4", "请填写大于 0 的配分"),
        ([A1, A2, [*A3[:3], "四十", *A3[4:]]], "D4", "都应是大于 0 的数"),
        ([A1, [*A2[:5], None, *A2[6:]], A3], "F3", "扣分项须填写每次扣几分"),
        ([A1, A2, [*A3[:11], None]], "L4", "请四格都填，或都留空"),
        ([[*A1[:8], "差", "中", "良", "优"], A2, A3], "I2", "只用于评价项"),
        ([A1, [*A2[:5], None, *A2[6:]], [*A3[:11], None]], "L4", "请四格都填，或都留空"),
        ([[None, *A1[1:]], A2, A3], "A2", "没有填写"),
        ([[*A1[:3], "=20+20", *A1[4:]], A2, A3], "D2", "是公式"),
    ],
)
def test_faults_of_a_scheme_are_said_by_cell_and_nothing_is_saved(
    app: Flask, rows: Any, cell: str | None, words: str
) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    organiser = hall.client("organiser")
    place, page = preview(organiser, place_of(hall), workbook_of(HEADING, *rows))
    assert words in page and "保存为第 1 版" not in page
    assert confirm(organiser, place, base="0").status_code == 409 and schemes(hall) == []
    marked = load_workbook(BytesIO(organiser.get(f"{place}/annotated.xlsx").data)).active
    comment = marked[cell].comment if cell else None
    assert words in (comment.text if comment else every_cell(organiser.get(f"{place}/annotated.xlsx").data))


def test_after_the_lock_a_reason_and_a_second_person_are_needed(app: Flask) -> None:
    hall = make_hall(app)
    data = workbook_of(HEADING, A1, A2, A3)
    refused, page = save(hall, data)
    assert refused.status_code == 422 and "修改理由" in page and "修改评分细则须写明理由" in plain(refused)
    assert save(hall, data, reason=WHY)[0].status_code == 303
    assert [each.approved_by for each in schemes(hall)] == [SAME, None] and schemes(hall)[1].reason == WHY


def test_a_first_scheme_after_the_lock_waits_for_a_second_person_too(app: Flask) -> None:
    hall = make_hall(app, aspects=[])
    assert save(hall, workbook_of(HEADING, A1, A2, A3), reason=WHY)[0].status_code == 303
    first, module = schemes(hall)[0].id, hall.modules["practice"].id
    assert scheme_in_force(db.session(), module) is None
    hall.people["approver"] = make_user(("organiser_approving", "competition", hall.event.competition_id))
    db.session.commit()
    approver = hall.client("approver")
    assert WHY in approver.get("/desk/judging/schemes/waiting").get_data(as_text=True)
    assert approver.post(f"/desk/judging/schemes/{first}/approve").status_code == 303
    db.session.rollback()
    found = scheme_in_force(db.session(), module)
    assert found is not None and found.id == first


def test_somebody_who_was_faster_is_not_overwritten(app: Flask) -> None:
    hall = make_hall(app, open_sheets=False)
    answer, _ = save(hall, workbook_of(HEADING, A1, A2, A3), base="0")
    assert answer.status_code == 409 and "刚被别人改过" in plain(answer) and len(schemes(hall)) == 1


@pytest.mark.parametrize("role", ["chief_judge", "tabulator", "coder"])
def test_only_the_organiser_brings_a_scheme(app: Flask, role: str) -> None:
    hall, other = make_hall(app, open_sheets=False), make_hall(app, open_sheets=False)
    assert hall.client(role).get(place_of(hall)).status_code == 403
    assert hall.client("organiser").get(place_of(other)).status_code == 404
