"""The table of what may become of a sheet, and the counting of judges by which signing and settling go."""

from itertools import product

import pytest

from competitions.judging.models import CLOSED, SHEET_STATES
from competitions.judging.panels.models import KINDS
from competitions.judging.panels.rules import CHANGES, WORDS, allows, excused, expected
from competitions.scoring.panels import can_drop, judges_expected
from competitions.scoring.ruleset import Combine, Panel

EVERY = {(state, closed) for state, closed in product(SHEET_STATES, (None, *CLOSED))}
OWED = {"empty", "draft"}
OPEN = {*OWED, "submitted", "confirmed"}
ALLOWED = {
    "passed": {(state, None) for state in (*OWED, "submitted")},
    "recused": {(state, None) for state in OPEN},
    "vacated": {(state, None) for state in OWED},
    "barred": {(state, None) for state in OWED},
    "spared": {("empty", None)},
    "opened": set(product(OWED, ("vacant", "barred"))),
    "restored": {(state, "recused") for state in OPEN},
    "appointed": set(product(OWED, (None, "vacant", "barred"))),
    "taken": set(product(SHEET_STATES, (None, "vacant", "barred"))),
}
"""Kind of change → the states and reasons of being closed from which it leads on."""


def test_every_kind_of_change_and_every_reason_of_being_closed_is_worded() -> None:
    assert set(CHANGES) == set(KINDS) == set(ALLOWED) and set(WORDS) == set(CLOSED)
    assert {change.then for change in CHANGES.values()} == {None, *CLOSED}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_changes_so_from_these_states_and_no_others(kind: str) -> None:
    assert {each for each in EVERY if allows(kind, *each)} == ALLOWED[kind]


def test_the_judges_that_signing_wants_are_the_judges_that_scoring_wants() -> None:
    for judges, least, drop, alive, empty in product(range(1, 6), range(1, 6), range(3), range(6), range(6)):
        if least > judges or 2 * drop >= judges:
            continue
        panel = {"judges": judges, "min_judges": least, "drop_highest": drop, "drop_lowest": drop}
        rule = Panel(Combine.MEAN, drop, drop, judges, least)
        fewer = excused(panel, alive, empty)
        is_scored = judges_expected(rule, fewer) == alive and can_drop(rule, alive)
        assert (expected(panel, fewer) == alive) == is_scored, (panel, alive, empty)


def test_a_seat_that_is_empty_is_not_missed_where_the_ruleset_wants_fewer_judges_now() -> None:
    assert (excused({"judges": 2}, 2, 1), excused({"judges": 3}, 2, 1), excused({"judges": 3}, 1, 1)) == (0, 1, 1)
