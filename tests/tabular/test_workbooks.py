"""The rosters that unions really send give exactly the people and problems that `expected.json` says."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from competitions.tabular.roster_check import check

WORKBOOKS = Path(__file__).parents[1] / "data" / "workbooks"
EXPECTED: dict[str, dict[str, Any]] = json.loads((WORKBOOKS / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_workbook_gives_exactly_the_expected_people_and_problems(name: str) -> None:
    expected = EXPECTED[name]
    document, code = check((WORKBOOKS / name).read_bytes(), name)
    people = [
        {field: person.get(field) for field in wanted}
        for person, wanted in zip(document["people"], expected["people"], strict=True)
    ]
    assert people == expected["people"]
    assert _places(document["problems"], "error") == _places(expected["problems"], "error")
    assert _places(document["problems"], "warning") >= _places(expected["problems"], "warning")
    assert code == (1 if _places(expected["problems"], "error") else 0)


def test_the_headings_are_found_where_they_are() -> None:
    found = {
        name: [
            (sheet["header_row"], sheet["header_rows"], sheet["columns"]["id_number"])
            for sheet in check((WORKBOOKS / name).read_bytes(), name)[0]["sheets"]
        ]
        for name in EXPECTED
    }
    assert found["plain.xlsx"] == [(1, 1, "I")]
    assert found["notice-attachment.xlsx"] == [(4, 1, "I")]
    assert found["two-row-header.xlsx"] == [(2, 2, "F")]
    assert found["synonyms.xlsx"] == [(1, 1, "D")]
    assert found["sheet-per-event.xlsx"] == [(2, 1, "E")] * 3


def _places(problems: list[dict[str, Any]], severity: str) -> Counter[tuple[str | None, str]]:
    return Counter((found["cell"], found["code"]) for found in problems if found["severity"] == severity)
