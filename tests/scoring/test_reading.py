"""What may be read as a scoring case, and where an unreadable one is said to be wrong."""

import json
from typing import Any

import pytest

from competitions.scoring import Unreadable, case_from_document, read_case, standings
from tests.scoring import cases


def where(document: Any) -> str:
    with pytest.raises(Unreadable) as refusal:
        case_from_document(document)
    return refusal.value.where


def with_mark(**changes: Any) -> cases.Document:
    mark = {"entrant": "A", "module": "p", "judge": "J1", "value": "5", **changes}
    given = {name: value for name, value in mark.items() if value != "left out"}
    good = [{"entrant": "A", "module": "p", "judge": f"J{number}", "value": "5"} for number in (2, 3)]
    return cases.case(cases.ruleset(), {"A": None}, marks=[*good, given])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"value": 86.5}, "marks[2].value"),
        ({"value": True}, "marks[2].value"),
        ({"value": None}, "marks[2].value"),
        ({"value": ["5"]}, "marks[2].value"),
        ({"judge": 1}, "marks[2].judge"),
        ({"judge": None}, "marks[2].judge"),
        ({"entrant": 5}, "marks[2].entrant"),
        ({"entrant": ["A"]}, "marks[2].entrant"),
        ({"module": {}}, "marks[2].module"),
        ({"aspect": None}, "marks[2].aspect"),
        ({"aspect": 3}, "marks[2].aspect"),
        ({"judge": "left out"}, "marks[2]"),
        ({"value": "left out"}, "marks[2]"),
        ({"remark": "好"}, "marks[2]"),
        ({"aspect": "A1", "remark": "好"}, "marks[2]"),
        ({"judge": "left out", "remark": "好"}, "marks[2]"),
    ],
)
def test_a_mark_of_the_wrong_shape_is_named_by_its_place(changes: cases.Document, place: str) -> None:
    assert where(with_mark(**changes)) == place


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"entrants": {}}, "entrants"),
        ({"entrants": [{"id": "A"}, {"id": "A"}]}, "entrants"),
        ({"entrants": [{"id": "A", "status": "ill"}]}, "entrants[0].status"),
        ({"marks": [[]]}, "marks[0]"),
        ({"marks": ["mark"]}, "marks[0]"),
        ({"marks": None}, "marks"),
        ({"times": [{"entrant": "A", "module": "p", "seconds": "1:30"}]}, "times[0].seconds"),
        ({"adjustments": [{"entrant": "A", "kind": "gift", "value": "1"}]}, "adjustments[0].kind"),
        ({"rulings": [{"order": ["A"]}]}, "rulings[0]"),
        ({"module_status": [{"entrant": "A", "module": "p", "status": "late"}]}, "module_status[0].status"),
        ({"recused": None}, "recused"),
        ({"notes": []}, ""),
    ],
)
def test_a_case_of_the_wrong_shape_is_named_by_its_place(changes: cases.Document, place: str) -> None:
    assert where({**with_mark(), **changes}) == place


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ({"ties": "maybe"}, "ruleset.ties"),
        ({"total": {"round": None, "deduction_cap": None, "floor": "0"}}, "ruleset.total.round"),
        ({"tie_breaks": [{"by": "time"}, {"by": "time", "better": "higher"}]}, "ruleset.tie_breaks"),
        ({"tie_breaks": [{"by": "best"}]}, "ruleset.tie_breaks[0].by"),
        ({"awards": cases.award_rule({"id": "x"})}, "ruleset.awards.list[0]"),
        ({"awards": cases.award_rule({"id": "x", "count": 1, "percent": "5"})}, "ruleset.awards.list[0]"),
        ({"honours": [{"id": "x", "rank_to_fraction": "1/0"}]}, "ruleset.honours[0].rank_to_fraction"),
        ({"advance": {"count": 2, "rounding": "floor", "ties": "include"}}, "ruleset.advance"),
        ({"advance": {"percent": "2", "ties": "include"}}, "ruleset.advance"),
    ],
)
def test_a_ruleset_of_the_wrong_shape_is_named_by_its_place(rules: cases.Document, place: str) -> None:
    assert where(cases.case(cases.ruleset(**rules), {})) == place


def test_a_field_given_twice_is_unreadable() -> None:
    text = json.dumps(with_mark()).replace('"value": "5"', '"value": "5", "value": "6"')
    with pytest.raises(Unreadable, match="value"):
        read_case(text)


def test_a_deep_list_where_a_number_belongs_is_unreadable() -> None:
    text = json.dumps(with_mark()).replace('"5"', "[" * 900 + "]" * 900)
    with pytest.raises(Unreadable):
        read_case(text)


def test_bytes_and_text_are_read_alike() -> None:
    text = json.dumps(cases.case(cases.ruleset(), {"甲": "80"}), ensure_ascii=False)
    assert standings(read_case(text)) == standings(read_case(text.encode("utf-8")))


def test_a_refusal_is_one_line_whatever_the_document_holds() -> None:
    with pytest.raises(Unreadable) as refusal:
        case_from_document({"a\nb": 1})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("value", ["9" * 5000, 10**2000, "-" + "9" * 1200])
def test_a_number_of_thousands_of_digits_is_out_of_range(value: str | int) -> None:
    result = standings(case_from_document(cases.case(cases.ruleset(), {"A": value})))
    assert [problem["code"] for problem in result["problems"]] == ["mark.range"]


def test_an_integer_too_long_for_the_interpreter_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_case(json.dumps(with_mark()).replace('"5"', "9" * 5000))


@pytest.mark.parametrize("value", ["", "+5", "5.", ".5", "5e1", " 5", "5 ", "5\n", "５", "٥", "1_0", "NaN", "--5"])
def test_what_is_not_a_plain_decimal_is_not_a_number(value: str) -> None:
    result = standings(case_from_document(cases.case(cases.ruleset(), {"A": value})))
    assert [problem["code"] for problem in result["problems"]] == ["mark.not_a_number"]
