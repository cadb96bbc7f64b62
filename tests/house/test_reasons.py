"""One table of reasons: what an act asks for is checked by its service and said beforehand by its page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from competitions.base.errors import Invalid
from competitions.base.reasons import LONGEST, REASONS, is_enough, least_of, reason_of
from competitions.organisations.forms import RefusalForm
from competitions.results.forms import RulingForm
from competitions.web.fields import reason_label
from competitions.words.sentences import SENTENCES, worded
from tests.factories_judging import confirm_all, make_hall

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for path in sorted((ROOT / "competitions").rglob("*.py")) if path.name != "reasons.py"]
IN_THE_FORM_OF_THE_RULES = {"ruleset.propose"}
"""The field stands in a form that also saves without a reason, before the lock; one character is enough."""
DIALOG = """{% from "_macros/form.html" import confirm_button with context %}
{{ confirm_button("作废", "不再作为凭据。", "/x", reason=("原因", "scan.withdraw")) }}"""


def calls_of(name: str) -> Iterator[str]:
    """The acts that are named in calls of a function or class."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                yield from (a.value for a in node.args[1:2] if isinstance(a, ast.Constant) and isinstance(a.value, str))


def acts_of_pages() -> set[str]:
    """The acts of the pairs (label, act) in templates, and those of fields of forms."""
    pairs = re.compile(
        r"""reason(?:"\s*:|=)\s*\("[^"]+",\s*"([a-z_.]+)"\)|reason_(?:field|line)\("[^"]+",\s*"([a-z_.]+)\""""
    )
    found = {
        act
        for path in (ROOT / "templates").rglob("*.html")
        for pair in pairs.findall(path.read_text("utf-8"))
        for act in pair
        if act
    }
    return found | set(calls_of("ReasonField"))


@pytest.mark.parametrize("act", REASONS)
def test_one_character_too_few_is_refused_by_a_sentence_that_names_the_least(act: str) -> None:
    least = least_of(act)
    short = "　" + "字" * (least - 1) + " \n"
    assert not is_enough(short, act)
    with pytest.raises(Invalid) as fault:
        reason_of(short, act)
    problem = fault.value.problems[0]
    assert problem.where == "reason" and fault.value.status == 422 and problem.code in SENTENCES
    assert least == 1 or f"至少 {least} 个字" in worded(problem)
    assert worded(fault.value) == worded(problem)


@pytest.mark.parametrize("act", REASONS)
def test_the_least_is_enough_and_white_space_around_it_goes(act: str) -> None:
    words = "字" * least_of(act)
    assert reason_of(f"　{words}\n", act) == words and is_enough(f" {words} ", act)


def test_more_than_the_most_is_refused_and_nothing_is_cut_off() -> None:
    assert reason_of("字" * LONGEST, "sheet.reopen") == "字" * LONGEST
    with pytest.raises(Invalid) as fault:
        reason_of("字" * (LONGEST + 1), "sheet.reopen")
    assert worded(fault.value) == "最多写 500 个字，请精简。"


def test_nothing_at_all_is_refused_too() -> None:
    with pytest.raises(Invalid):
        reason_of(None, "deadline.extend")


def test_every_act_of_the_table_is_checked_by_a_service_and_no_other_is() -> None:
    by_kind = {"sheet.reopen", "late_delivery.take"}
    assert set(calls_of("reason_of")) | by_kind == set(REASONS)


def test_every_act_of_the_table_is_said_beforehand_by_a_page() -> None:
    assert acts_of_pages() | IN_THE_FORM_OF_THE_RULES == set(REASONS)


def test_no_template_asks_for_a_reason_without_its_act() -> None:
    bare = re.compile(r"""reason(?:"\s*:|=)\s*["']|name="reason\"""")
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if bare.search(path.read_text("utf-8"))
    ]
    assert found == ["templates/_macros/form.html"]


def test_no_second_check_of_a_length_stands_in_a_service() -> None:
    short = re.compile(r"len\((?:(?:reason|answer|words)|[\w.]+\.strip\(\))\) *<(?!=)")
    found = [path.name for path in SOURCES if short.search(path.read_text("utf-8"))]
    assert found == ["lots.py"], "the seed of a draw is no reason; everything else stands in the table"


def test_a_form_tells_the_browser_and_checks_the_same(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"reason": "太短"}):
        form = RulingForm()
        assert 'minlength="10"' in form.reason() and 'maxlength="500"' in form.reason() and "required" in form.reason()
        assert form.reason.label.text == "裁定理由（至少 10 个字）"
        assert not form.validate() and form.reason.errors == ["请写明理由，至少 10 个字。"]
    with app.test_request_context(method="POST", data={"reason": "　"}):
        form = RefusalForm()
        assert form.reason.label.text == "理由"
        assert not form.validate() and form.reason.errors == ["请填写理由。"]


def test_a_dialog_says_how_much_is_asked(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string(DIALOG)
    assert "原因（至少 4 个字）" in page and 'minlength="4"' in page and 'maxlength="500"' in page
    assert reason_label("原因", "scan.withdraw") == "原因（至少 4 个字）"


def test_a_reason_too_short_for_a_recusal_is_answered_with_how_much_is_asked(app: Flask) -> None:
    hall = make_hall(app, codes=("A01",))
    refused = hall.client("chief_judge").post(f"/desk/judging/sheets/{hall.sheet('A01').id}/recuse", {"reason": "同门"})
    assert refused.status_code == 422 and "请写明理由，至少 4 个字。" in refused.get_data(as_text=True)


def test_an_outcome_of_a_recheck_that_is_wrong_says_what_is_to_be_written(app: Flask) -> None:
    hall = make_hall(app, codes=("A01",), judges=1)
    confirm_all(hall)
    path = f"/desk/modules/{hall.modules['practice'].id}/recheck"
    refused = hall.client("checker").post(path, {"code": "A01", "outcome": "wrong", "reason": "错"})
    assert refused.status_code == 422 and "请写明哪一项不符、原始记录是多少，至少 4 个字。" in refused.get_data(
        as_text=True
    )
