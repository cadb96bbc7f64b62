"""Confirming all sheets of a code: which one stood in the way and why, and the others go on."""

from flask import Flask

from tests.factories_judging import RIGHT, deliver, make_hall, submission
from tests.sent_forms import sent_by


def test_the_sheet_that_was_delivered_anew_is_named_and_the_others_are_confirmed(app: Flask) -> None:
    hall = make_hall(app)
    for number, judge in enumerate(hall.judges):
        deliver(hall.client(judge), hall.sheet("A01", judge=number).id)
    checker, path = hall.client("checker"), f"/desk/modules/{hall.modules['practice'].id}/checking/A01"
    data = sent_by(checker.get(path).get_data(as_text=True), path)
    deliver(hall.client(hall.judges[1]), hall.sheet("A01", judge=1).id, submission(RIGHT, base=1))
    answer = checker.post(path, data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "3 条中有 1 条不能办理" in page and "刚被别人修改过" in page
    assert {hall.sheet("A01", judge=number).state for number in (0, 1, 2)} == {"submitted"}
    assert checker.post(path, sent_by(page, path)).status_code == 303
    assert [hall.sheet("A01", judge=number).state for number in (0, 1, 2)] == ["confirmed", "submitted", "confirmed"]
