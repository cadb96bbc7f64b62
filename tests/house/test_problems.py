"""One problem: every refusal, check and finding says what is wrong by the same type, in the same JSON form."""

import ast
from pathlib import Path

import pytest
from flask import Flask

from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.problems import Problem
from competitions.registration.problems import at_cell
from competitions.tabular.roster import read_roster
from competitions.words.sentences import sentence, worded
from tests.factories_judging import deliver, make_hall

ROOT = Path(__file__).resolve().parents[2] / "competitions"
OWN_FORM = {
    "base/problems.py": "the type",
    "scoring/problems.py": "scoring is pure: its documents are read by Problem.of",
    "tabular/problems.py": "tabular knows nothing of ours: its type is of cells",
    "tabular/child.py": "what the reading process hands back",
    "tabular/values.py": "a normaliser's fault has no place yet: it becomes tabular's problem at a cell",
    "audit/findings.py": "what `audit verify` finds in the chain and the tables, as it prints it",
}


def fields_of(node: ast.ClassDef) -> set[str]:
    return {
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def keys_of(node: ast.Dict) -> set[str]:
    return {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def second_types(source: str) -> list[int]:
    """Lines with a class of a code and its parameters, or with a problem written as a dictionary."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.ClassDef) and fields_of(node) >= {"code", "params"})
        or (isinstance(node, ast.Dict) and "code" in keys_of(node) and keys_of(node) & {"params", "where"})
    ]


def test_no_second_type_of_problem_stands_anywhere() -> None:
    found = {
        name: lines
        for path in sorted(ROOT.rglob("*.py"))
        if (name := path.relative_to(ROOT).as_posix()) not in OWN_FORM
        and (lines := second_types(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source", ["Invalid([{'code': 'x', 'where': 'y'}])", "class Fault:\n    code: str\n    params: dict[str, str]"]
)
def test_the_search_sees_a_second_type(source: str) -> None:
    assert second_types(source)


def test_its_document_has_a_place_where_there_is_one_and_a_severity_where_it_only_warns() -> None:
    assert Problem("open.nobody").document() == {"code": "open.nobody", "params": {}}
    assert Problem("body.not_object", "").document() == {"code": "body.not_object", "where": "", "params": {}}
    assert Problem("mark.step", "A1", {"step": "0.5"}).document() == {
        "code": "mark.step",
        "where": "A1",
        "params": {"step": "0.5"},
    }
    assert Problem("check.scan_missing", severity="warning").document()["severity"] == "warning"


def test_a_document_read_back_is_the_same_problem() -> None:
    for problem in (Problem("a"), Problem("b", "A1", {"n": 1}), Problem("c", None, {}, "warning")):
        assert Problem.of(problem.document()) == problem
    assert Problem.of({"code": "ties.unresolved", "severity": "warning", "params": {"entrants": ["1"]}}) == Problem(
        "ties.unresolved", None, {"entrants": ["1"]}, "warning"
    )


def test_it_is_read_by_its_parts_and_has_no_others() -> None:
    problem = Problem("mark.step", "A1", {"step": "0.5"})
    assert [problem[part] for part in ("code", "where", "severity")] == ["mark.step", "A1", "error"]
    with pytest.raises(KeyError):
        problem["document"]


def test_it_can_be_told_at_another_place() -> None:
    assert Problem("mark.step", "A1", {"step": "0.5"}).at("Z07.A1") == Problem("mark.step", "Z07.A1", {"step": "0.5"})


def test_a_refusal_carries_its_problems_as_documents_and_tells_itself_where_it_has_none() -> None:
    missing = Problem("sign.missing", None, {"codes": "A01", "count": 1})
    blocked = StateForbids("signing_blocked", problems=[missing], count=1)
    assert blocked.told == [missing] and blocked.extra == {"problems": [missing.document()]}
    assert Invalid().extra == {} and "problems" not in NotFound().extra
    late = StateForbids("deadline_passed", until="11月1日")
    assert late.told == [Problem("state.deadline_passed", None, {"until": "11月1日"})]
    assert worded(late.told[0]) == worded(late) == sentence("state.deadline_passed", until="11月1日")


def test_put_at_a_cell_it_is_a_problem_of_the_roster_as_the_contract_prints_it() -> None:
    data = "姓名,身份证号,参赛项目\n韦小明,450102199003070016,电工\n".encode()
    sheet = read_roster(data, "名单.csv").sheets[0]
    found = at_cell(sheet, sheet.rows[0], Problem("event.unknown", "event", {"value": "电工", "names": "焊工"}))
    assert found.document() == {
        "sheet": sheet.name,
        "cell": "C2",
        "code": "event.unknown",
        "severity": "error",
        "params": {"value": "电工", "names": "焊工", "row": 2, "label": "参赛项目", "field": "event"},
        "message": found.message,
    }
    assert found.message.startswith("第 2 行“参赛项目”（C2）：")


def test_the_judges_api_names_a_problem_by_code_place_parameters_and_sentence(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    answer = deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, body=["no object"])  # type: ignore[arg-type]
    error = answer.get_json()["error"]
    assert answer.status_code == 422 and error["code"] == "invalid"
    assert error["problems"] == [
        {
            "code": "body.not_object",
            "where": "",
            "params": {"aspect": ""},
            "message": sentence("body.not_object", aspect=""),
        }
    ]
