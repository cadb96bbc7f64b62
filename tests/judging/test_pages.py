"""The pages of judging, each by the person who needs it: from the scheme's grid to the signed module."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base.database import db
from competitions.judging.models import Incident, MarkingScheme, PanelMember, ScoreRevision, ScoreSheet
from competitions.judging.signing.models import ModuleSignature
from tests.factories_judging import ASPECTS, RIGHT, Hall, act, confirm_all, deliver, make_hall, new_key, submission

GRID = {
    "id": ["A1", "A2", "A3", ""],
    "name": ["外观", "安全", "工艺", ""],
    "kind": ["测量", "扣分", "评价", ""],
    "max": ["40", "２０", "40", ""],
    "step": ["0.5", "", "", ""],
    "per": ["", "5", "", ""],
    "cap": ["", "", "", ""],
    "rule": ["目测", "", "", ""],
    "base": "0",
}


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def fresh(statement: Any) -> list[Any]:
    db.session.rollback()
    return list(db.session.scalars(statement))


def test_the_organiser_types_a_scheme_and_it_is_read_as_aspects(app: Flask) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    organiser, path = hall.client("organiser"), f"/desk/modules/{hall.modules['practice'].id}/scheme"
    assert organiser.get(path).status_code == 200
    assert organiser.post(path, GRID).status_code == 303
    saved = fresh(select(MarkingScheme))[0]
    assert [(aspect["id"], aspect["kind"], aspect["max"]) for aspect in saved.aspects] == [
        ("A1", "measurement", "40"),
        ("A2", "deduction", "20"),
        ("A3", "judgement", "40"),
    ]
    assert "第 1 版" in text(organiser.get(path))


def test_of_two_who_type_a_scheme_the_second_sees_both(app: Flask) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    organiser, path = hall.client("organiser"), f"/desk/modules/{hall.modules['practice'].id}/scheme"
    assert organiser.post(path, GRID).status_code == 303
    answer = organiser.post(path, {**GRID, "name": ["我改的名称", *GRID["name"][1:]]})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "现在的第 1 版" in page
    assert f'<td data-label="评分项">{GRID["name"][0]}</td>' in page and 'value="我改的名称"' in page
    assert len(fresh(select(MarkingScheme))) == 1


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("max", ["40", "20", "30", ""], "配分之和为 90，与本模块满分 100 不一致"),
        ("max", ["40", "-1", "40", ""], "大于 0"),
        ("id", ["A1", "A1", "A3", ""], "出现了两次"),
        ("kind", ["测量", "神秘", "评价", ""], "“神秘”不认识"),
        ("per", ["", "", "", ""], "扣分项须填写每次扣几分"),
        ("step", ["0.5", "", "1", ""], "步长只用于测量项"),
        ("name", ["", "安全", "工艺", ""], "请填写名称"),
        ("base", "7", "刚被别人改过"),
    ],
)
def test_a_faulty_scheme_is_shown_again_with_what_is_wrong(app: Flask, column: str, values: Any, words: str) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    answer = hall.client("organiser").post(
        f"/desk/modules/{hall.modules['practice'].id}/scheme", {**GRID, column: values}
    )
    assert answer.status_code in (409, 422) and words in text(answer)
    assert fresh(select(MarkingScheme)) == []


def test_a_scheme_changed_after_the_lock_waits_for_a_second_person(app: Flask) -> None:
    hall = make_hall(app)
    organiser, path = hall.client("organiser"), f"/desk/modules/{hall.modules['practice'].id}/scheme"
    assert organiser.post(path, {**GRID, "base": "1"}).status_code == 422
    assert organiser.post(path, {**GRID, "base": "1", "reason": "技术文件勘误，经组委会讨论"}).status_code == 303
    assert [each.approved_by for each in fresh(select(MarkingScheme).order_by(MarkingScheme.number))] == [
        "before-lock",
        None,
    ]
    judge = hall.client(hall.judges[0])
    shown = judge.get(f"/api/sheets/{hall.sheet('A01').id}").get_json()["aspects"]
    assert [aspect["name"] for aspect in shown] == [aspect["name"] for aspect in ASPECTS]


def test_the_panel_page_warns_when_the_judges_own_unit_competes_and_names_no_entrant(app: Flask) -> None:
    from tests.factories import make_user
    from tests.judging.test_panels import make_entry_of

    hall = make_hall(app, open_sheets=False)
    employer, member = make_entry_of(hall)
    judge = make_user(("judge", "event", hall.event.id), employer_id=employer.id)
    db.session.commit()
    organiser, path = hall.client("organiser"), f"/desk/modules/{hall.modules['practice'].id}/panel"
    assert organiser.post(path, {"user": judge.id, "duty": "marking", "sitting": ""}).status_code == 303
    page = text(organiser.get(path))
    assert "所在单位有选手参加本赛项" in page and member not in page and employer.name not in page
    assert "不能重复编入" in text(organiser.post(path, {"user": judge.id, "duty": "marking", "sitting": ""}))


def test_judging_does_not_open_while_something_is_not_ready(app: Flask) -> None:
    hall = make_hall(app, open_sheets=False)
    leaving = fresh(select(PanelMember))[0]
    db.session.delete(leaving)
    db.session.commit()
    organiser, path = hall.client("organiser"), f"/desk/stages/{hall.stage.id}/judging/open"
    refused = organiser.post(path)
    assert refused.status_code == 409 and "要求 3 名裁判" in text(refused)
    assert fresh(select(ScoreSheet)) == []


def test_opening_makes_a_sheet_for_each_code_and_judge_and_again_adds_nothing(app: Flask) -> None:
    hall = make_hall(app, open_sheets=False)
    organiser, path = hall.client("organiser"), f"/desk/stages/{hall.stage.id}/judging/open"
    assert organiser.get(path).status_code == 200 and organiser.post(path).status_code == 303
    assert len(fresh(select(ScoreSheet))) == 6
    assert organiser.post(path).status_code == 303
    assert len(fresh(select(ScoreSheet))) == 6


def test_before_opening_a_practice_without_a_scheme_is_pointed_out(app: Flask) -> None:
    bare, ready = make_hall(app, open_sheets=False, aspects=[]), make_hall(app, open_sheets=False)
    for hall, shown in ((bare, True), (ready, False)):
        page = text(hall.client("organiser").get(f"/desk/stages/{hall.stage.id}/judging/open"))
        assert ("还没有评分细则" in page) is shown and "开启评分" in page


def form_of(hall: Hall, code: str = "A01", **more: str) -> dict[str, str]:
    return {
        "key": new_key(),
        "base_revision": "0",
        "complete": "1",
        **{f"mark.{name}": value for name, value in RIGHT.items()},
        "note.A1": "焊缝咬边0.6mm",
        "seconds": "",
        **more,
    }


def test_a_judge_submits_the_plain_form_without_scripts(app: Flask) -> None:
    hall = make_hall(app)
    judge, path = hall.client(hall.judges[0]), f"/desk/judging/sheets/{hall.sheet('A01').id}"
    page = text(judge.get(path))
    assert "A01" in page and 'name="mark.A1"' in page and hall.judges[1].display_name not in page
    answer = judge.post(path, form_of(hall))
    assert answer.status_code == 303 and hall.sheet("A02").id in answer.headers["Location"]
    assert "已送达" in text(judge.get(path)) and "焊缝咬边0.6mm" in text(judge.get(path))


def test_the_plain_form_shows_bad_marks_in_their_place_and_keeps_what_was_typed(app: Flask) -> None:
    hall = make_hall(app)
    judge, path = hall.client(hall.judges[0]), f"/desk/judging/sheets/{hall.sheet('A01').id}"
    answer = judge.post(path, form_of(hall, **{"mark.A1": "95"}))
    assert answer.status_code == 422
    assert "应在 0 到 40 之间" in text(answer) and 'value="95"' in text(answer)
    assert fresh(select(ScoreRevision)) == []


def test_a_double_click_on_the_plain_form_makes_one_revision(app: Flask) -> None:
    hall = make_hall(app)
    judge, path, form = hall.client(hall.judges[0]), f"/desk/judging/sheets/{hall.sheet('A01').id}", form_of(hall)
    assert [judge.post(path, form).status_code for _ in range(2)] == [303, 303]
    assert len(fresh(select(ScoreRevision))) == 1


def test_a_stale_plain_form_shows_both_versions(app: Flask) -> None:
    hall = make_hall(app)
    judge, sheet = hall.client(hall.judges[0]), hall.sheet("A01")
    deliver(judge, sheet.id, submission({**RIGHT, "A1": "12.5"}))
    answer = judge.post(f"/desk/judging/sheets/{sheet.id}", form_of(hall))
    assert answer.status_code == 409
    assert 'value="35.5"' in text(answer) and "已送达的给分：12.5" in text(answer)


def test_the_checker_sees_the_judges_side_by_side_and_confirms_a_code(app: Flask) -> None:
    hall = make_hall(app, judges=2)
    for number, judge in enumerate(hall.judges):
        deliver(hall.client(judge), hall.sheet("A01", judge=number).id)
    checker, path = hall.client("checker"), f"/desk/modules/{hall.modules['practice'].id}/checking"
    assert checker.get("/desk/judging/checking").status_code == 200 and "A01" in text(checker.get(path))
    page = text(checker.get(f"{path}/A01"))
    fields = dict(re.findall(r'name="(rev\.[^"]+)" value="(\d+)"', page))
    assert len(fields) == 2 and page.count("35.5") == 2
    assert checker.post(f"{path}/A01", {"key": new_key(), **fields}).status_code == 303
    assert [hall.sheet("A01", judge=number).state for number in (0, 1)] == ["confirmed", "confirmed"]


def test_a_number_of_thousands_of_digits_in_a_form_is_an_answer_and_not_a_fault(app: Flask) -> None:
    hall = make_hall(app)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    module, sheet, long = hall.modules["practice"].id, hall.sheet("A01").id, "9" * 5000
    for who, path, form in (
        (hall.judges[0], f"/desk/judging/sheets/{sheet}/sign", {"revision": long}),
        ("checker", f"/desk/modules/{module}/checking/A01", {"key": new_key(), f"rev.{sheet}": long}),
        ("organiser", f"/desk/modules/{module}/scheme", {"base": long}),
    ):
        assert hall.client(who).post(path, form).status_code in (303, 409, 422), path
    assert hall.sheet("A01").state == "submitted"


def test_nobody_confirms_what_he_marked_himself(app: Flask) -> None:
    from competitions.accounts.models import RoleAssignment

    hall = make_hall(app, judges=1)
    db.session.add(
        RoleAssignment(user_id=hall.judges[0].id, role="checker", scope_kind="event", scope_id=hall.event.id)
    )
    db.session.commit()
    both, sheet = hall.client(hall.judges[0]), hall.sheet("A01")
    deliver(both, sheet.id)
    refused = act(both, f"/api/sheets/{sheet.id}/confirm")
    assert refused.status_code == 409 and hall.sheet("A01").state == "submitted"


def test_the_matrix_leads_to_the_incidents_only_those_who_may_record_them(app: Flask) -> None:
    hall = make_hall(app)
    path = f"/desk/modules/{hall.modules['practice'].id}/matrix"
    assert "/incidents" in text(hall.client("chief_judge").get(path))
    seen = hall.client("supervisor").get(path)
    assert seen.status_code == 200 and "/incidents" not in text(seen)


def test_the_matrix_shows_gaps_and_what_keeps_the_module_from_being_signed(app: Flask) -> None:
    hall = make_hall(app)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    chief, path = hall.client("chief_judge"), f"/desk/modules/{hall.modules['practice'].id}"
    page = text(chief.get(f"{path}/matrix"))
    assert "cell-empty" in page and "50.5" in page and "还有评分表未送达" in page
    refused = chief.post(f"{path}/sign", {"key": new_key(), "division": hall.division.id})
    assert refused.status_code == 409 and "还有评分表未送达" in text(refused)
    assert fresh(select(ModuleSignature)) == []


def test_the_chief_judge_signs_and_prints_the_paper_with_its_code(app: Flask) -> None:
    hall = make_hall(app)
    confirm_all(hall)
    chief, path = hall.client("chief_judge"), f"/desk/modules/{hall.modules['practice'].id}"
    assert chief.post(f"{path}/sign", {"key": new_key(), "division": hall.division.id}).status_code == 303
    signature = fresh(select(ModuleSignature))[0]
    paper = text(chief.get(f"{path}/paper?division={hall.division.id}"))
    assert signature.digest in paper and signature.audit_head in paper and signature.digest[:4].upper() in paper
    assert "77.17" in paper, "35.5 + 15 + (6 / 9) × 40 = 77.1666…"
    assert {sheet.state for sheet in fresh(select(ScoreSheet))} == {"signed"}


def test_the_tabulator_types_theory_by_code_and_the_whole_grid_is_saved_or_nothing(app: Flask) -> None:
    hall = make_hall(app, modules=("theory",), judges=0)
    tabulator, path = hall.client("tabulator"), f"/desk/modules/{hall.modules['theory'].id}/tabulation"
    grid = {
        "key": new_key(),
        "name.0": "A01",
        "base.0": "0",
        "mark.0.score": "86.5",
        "name.1": "A02",
        "base.1": "0",
        "mark.1.score": "186",
    }
    refused = tabulator.post(path, grid)
    assert refused.status_code == 422 and "应在 0 到 100 之间" in text(refused) and fresh(select(ScoreRevision)) == []
    assert tabulator.post(path, {**grid, "key": new_key(), "mark.1.score": "９０"}).status_code == 303
    assert sorted(each.total for each in fresh(select(ScoreRevision))) == ["86.5", "90"]
    stale = tabulator.post(path, {**grid, "key": new_key(), "mark.0.score": "87", "mark.1.score": "90"})
    assert stale.status_code == 409 and "刚被别人修改过" in text(stale)


def test_incidents_are_recorded_by_code_and_taken_back_but_kept(app: Flask) -> None:
    hall = make_hall(app)
    chief, path = hall.client("chief_judge"), f"/desk/stages/{hall.stage.id}/incidents"
    wrong = chief.post(
        path, {"code": "Z99", "kind": "violation", "value": "2", "module": "", "status": "", "text": "未戴护目镜"}
    )
    assert wrong.status_code == 422 and "没有加密号“Z99”" in text(wrong)
    assert (
        chief.post(
            path, {"code": "A01", "kind": "violation", "value": "2", "module": "", "status": "", "text": "未戴护目镜"}
        ).status_code
        == 303
    )
    incident = fresh(select(Incident))[0]
    assert chief.post(f"/desk/incidents/{incident.id}/revoke").status_code == 303
    assert fresh(select(Incident))[0].revoked_at is not None and "未戴护目镜" in text(chief.get(path))


@pytest.mark.parametrize(
    "path",
    [
        "/desk/judging/sheets",
        "/desk/judging/checking",
        "/desk/judging/matrices",
        "/desk/judging/requests",
        "/desk/judging/tabulation",
        "/desk/judging/preparation",
    ],
)
def test_somebody_without_the_role_is_denied(app: Flask, path: str) -> None:
    hall = make_hall(app, open_sheets=False)
    assert hall.client("coder").get(path).status_code == 403


def test_pages_of_another_event_look_missing(app: Flask) -> None:
    hall, other = make_hall(app), make_hall(app)
    module = other.modules["practice"].id
    chief = hall.client("chief_judge")
    assert chief.get(f"/desk/modules/{module}/matrix").status_code == 404
    assert hall.client("checker").get(f"/desk/modules/{module}/checking").status_code == 404
    assert act(chief, f"/api/modules/{module}/sign").status_code == 404
    assert hall.client("organiser").get(f"/desk/modules/{module}/panel").status_code == 404
