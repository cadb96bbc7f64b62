"""Every example of the contract gives the expected standings, and the peers' cases the values their sources give."""

import json
from pathlib import Path
from typing import Any

import pytest

from competitions.scoring import Unreadable, case_from_document, read_case, standings
from tests.scoring import vectors

READABLE = [path for path in vectors.files("scoring") if vectors.load(path)["exit"] != 2]
UNREADABLE = [path for path in vectors.files("scoring") if vectors.load(path)["exit"] == 2]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_a_case_of_the_contract_gives_the_expected_standings(path: Path) -> None:
    example = vectors.load(path)
    result = standings(case_from_document(example["case"]))
    expected = example["expected"]
    assert result["placings"] == expected["placings"]
    assert result["teams"] == expected["teams"]
    assert vectors.problems(result) == vectors.problems(expected)
    assert vectors.exit_status(result) == example["exit"]


@pytest.mark.parametrize("path", UNREADABLE, ids=lambda path: path.stem)
def test_an_unreadable_case_says_where(path: Path) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_case(json.dumps(vectors.load(path)["case"]))
    assert refusal.value.where
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_the_same_case_backwards_gives_the_same_standings(path: Path) -> None:
    case = vectors.load(path)["case"]
    backwards = {name: value[::-1] if isinstance(value, list) else value for name, value in case.items()}
    assert standings(case_from_document(backwards)) == standings(case_from_document(case))


@pytest.mark.parametrize("path", vectors.files("peers"), ids=lambda path: path.stem)
def test_a_case_of_another_system_gives_what_its_source_says(path: Path) -> None:
    example = vectors.load(path)
    result = standings(case_from_document(example["case"]))
    lines = {placing["entrant"]: placing for placing in result["placings"]}
    expected: dict[str, Any] = dict(example["expected"])
    assert vectors.exit_status(result) == expected.pop("exit")
    fields = {"ranks": "rank", "awards": "award", "advances": "advances", "modules": "modules"}
    assert expected.keys() <= fields.keys()
    for name, values in expected.items():
        assert {id_: lines[id_][fields[name]] for id_ in values} == values
