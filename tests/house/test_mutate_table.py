"""The table of `make mutate` fits the house: every text stands in its file once, every test exists. Nothing is run."""

from pathlib import Path

import pytest

from tests.mutate.change import Change
from tests.mutate.table import CHANGES

ROOT = Path(__file__).resolve().parents[2]
NAMES = [change.name for change in CHANGES]


def test_no_two_changes_have_one_name() -> None:
    assert sorted(NAMES) == sorted(set(NAMES))


@pytest.mark.parametrize("change", CHANGES, ids=NAMES)
def test_a_change_can_be_made_and_makes_a_difference(change: Change) -> None:
    path = ROOT / "competitions" / change.file
    changed = change.applied_to(path.read_text(encoding="utf-8"))
    if path.suffix == ".py":
        compile(changed, str(path), "exec")
    assert change.text != change.instead


@pytest.mark.parametrize("change", CHANGES, ids=NAMES)
def test_the_tests_that_must_notice_a_change_exist(change: Change) -> None:
    assert change.tests
    for named in change.tests:
        file, _, test = named.partition("::")
        assert test and f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), named


@pytest.mark.parametrize("source", ["nothing of it\n", "if a:\n    pass\nif a:\n    pass\n"])
def test_a_text_that_is_gone_or_stands_there_twice_is_told(source: str) -> None:
    with pytest.raises(ValueError, match="not once"):
        Change("a guard is gone", "anywhere.py", "if a:", "if False:", ()).applied_to(source)
