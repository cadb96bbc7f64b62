"""What must hold for every case: exact totals, ranks that follow from them, and no surprises when the input changes."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competitions.scoring import case_from_document, explain, standings
from tests.scoring import cases, oracle

quick = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def score(document: cases.Document) -> dict[str, Any]:
    return standings(case_from_document(document))


@quick
@given(cases.cases())
def test_totals_equal_those_of_a_slow_second_opinion(case: cases.Document) -> None:
    for placing in score(case)["placings"]:
        expected = oracle.total(case, placing["entrant"])
        assert (placing["status"] == "ranked") == (expected is not None)
        assert (None if placing["total"] is None else Fraction(placing["total"])) == expected
        for module in case["ruleset"]["modules"]:
            alone = oracle.module_score(case, module, placing["entrant"])
            shown = placing["modules"].get(module["id"])
            assert (None if shown is None else Fraction(shown)) == alone


@quick
@given(cases.cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_never_changes_the_output(case: cases.Document, rng: Any) -> None:
    bad = [{"entrant": "E0", "module": "a", "judge": "J0", "value": value} for value in ("1", "999", "x")]
    case = {**case, "marks": case["marks"] + bad}
    lists = {name: rng.sample(value, len(value)) for name, value in case.items() if isinstance(value, list)}
    shuffled = {**case, **lists}
    assert score(shuffled) == score(case)


@quick
@given(cases.cases())
def test_ranks_follow_from_totals_and_keys(case: cases.Document) -> None:
    placings = [placing for placing in score(case)["placings"] if placing["rank"] is not None]
    sign = -1 if case["ruleset"]["order"] == "descending" else 1
    dense = case["ruleset"]["ties"] == "dense"
    for index, (above, below) in enumerate(pairwise(placings), start=1):
        first, second = sign * Fraction(above["total"]), sign * Fraction(below["total"])
        assert first <= second
        if below["decided_by"] is None:
            assert first == second and above["rank"] == below["rank"] and above["tied"] and below["tied"]
            assert above["entrant"] < below["entrant"]
        else:
            assert below["rank"] == (above["rank"] + 1 if dense else index + 1)
            assert (below["decided_by"] == "total") == (first < second)
        if (below["decided_by"] or "").startswith("module:"):
            assert Fraction(above["modules"]["a"]) > Fraction(below["modules"]["a"])


@quick
@given(cases.cases(), st.data())
def test_a_better_mark_never_worsens_a_rank(case: cases.Document, data: st.DataObject) -> None:
    case["ruleset"]["order"] = "descending"
    before = {placing["entrant"]: placing["rank"] for placing in score(case)["placings"]}
    mark = data.draw(st.sampled_from(case["marks"] or [None]))
    if mark is None:
        return
    module = next(each for each in case["ruleset"]["modules"] if each["id"] == mark["module"])
    aspect = next((each for each in module.get("aspects", []) if each["id"] == mark.get("aspect")), None)
    kind = aspect["kind"] if aspect else "measurement"
    if kind == "judgement" or before[mark["entrant"]] is None:
        return
    best = "0" if kind == "deduction" else (aspect or {"max": module["full_marks"]})["max"]
    better = [{**each, "value": best} if each is mark else each for each in case["marks"]]
    after = {placing["entrant"]: placing["rank"] for placing in score({**case, "marks": better})["placings"]}
    assert after[mark["entrant"]] <= before[mark["entrant"]]


@quick
@given(cases.cases())
def test_an_explanation_ends_at_the_total_of_the_standings(case: cases.Document) -> None:
    read = case_from_document(case)
    for placing in standings(read)["placings"]:
        told = explain(read, placing["entrant"])
        assert told["placing"] == placing
        assert (told["total"] and told["total"]["total"]) == placing["total"]
        steps = {each["id"]: each["steps"]["score"] for each in told["modules"] if each["steps"]}
        assert steps == placing["modules"]
        assert {each["id"]: each["score"] for each in told["groups"]} == placing["groups"]


AWARDS = st.lists(
    st.one_of(
        st.builds(lambda count: {"count": count}, st.integers(0, 3)),
        st.builds(lambda percent: {"percent": percent}, st.sampled_from(["10", "20", "33.3", 50])),
        st.builds(lambda share: {"rank_to_fraction": share}, st.sampled_from(["1/2", "1/3", "3/4"])),
    ),
    min_size=1,
    max_size=4,
)


def lengths(awards: list[cases.Document], base: int, rounding: str) -> list[int]:
    """How many places each award covers when nobody is tied."""
    found: list[int] = []
    percent = Fraction(0)
    for award in awards:
        end = sum(found)
        if "count" in award:
            found.append(award["count"])
        elif "rank_to_fraction" in award:
            found.append(max(0, int(base * Fraction(award["rank_to_fraction"])) - end))
        else:
            share = Fraction(str(award["percent"]))
            percent += share
            exact = base * (percent if rounding == "cumulative" else share) / 100
            places = {"floor": int(exact), "ceil": -int(-exact // 1)}.get(rounding, int(exact + Fraction(1, 2)))
            found.append(max(0, places - end) if rounding == "cumulative" else places)
    return found


@quick
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=14),
    AWARDS,
    st.sampled_from(["include", "include_keep", "exclude"]),
    st.sampled_from(["half_up", "floor", "ceil", "cumulative"]),
)
def test_awards_never_exceed_their_rule(
    marks: list[int], awards: list[cases.Document], ties: str, rounding: str
) -> None:
    named = [{"id": f"W{number}", **award} for number, award in enumerate(awards)]
    rules = cases.ruleset(awards=cases.award_rule(*named, ties=ties, rounding=rounding))
    placings = score(cases.case(rules, {f"E{n:02}": value for n, value in enumerate(marks)}))["placings"]
    given_ = [placing["award"] for placing in placings]
    ordered = [award for award in given_ if award is not None]
    assert given_[: len(ordered)] == ordered and ordered == sorted(ordered)
    length = lengths(awards, len(marks), rounding)
    for number, award in enumerate(named):
        holders = [placing for placing in placings if placing["award"] == award["id"]]
        end = sum(length[: number + 1])
        last_ties = [placing for placing in holders if placing["rank"] == holders[-1]["rank"]]
        if ties == "exclude":
            assert all(placing["rank"] + len(last_ties) - 1 <= end for placing in last_ties)
        elif ties == "include":
            assert all(placing["rank"] <= end for placing in holders)
        elif "rank_to_fraction" not in award:
            assert not holders or len(holders) - len(last_ties) < length[number]
        if len(set(marks)) == len(marks) and sum(length) <= len(marks):
            assert len(holders) == length[number]


def test_half_up_is_exact_on_a_grid_of_half_and_quarter_points() -> None:
    """domain.md V1: (0.3 × a/2 + 0.7 × b/4) × 100 = (30a + 35b) / 2, rounded half-up; binary floats miss many."""
    rules = cases.ruleset(cases.module("t", weight="0.3"), cases.module("p", weight="0.7"))
    grid = {f"{a}-{b}": (a, b) for a in range(120, 201) for b in range(280, 401)}
    document = cases.case(rules, {id_: str(Decimal(a) / 2) for id_, (a, _) in grid.items()})
    for id_, (_, b) in grid.items():
        document["marks"].append({"entrant": id_, "module": "p", "judge": "J1", "value": str(Decimal(b) / 4)})
    traps = 0
    for placing in score(document)["placings"]:
        a, b = grid[placing["entrant"]]
        expected = (Decimal((30 * a + 35 * b + 1) // 2) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert placing["total"] == str(expected)
        traps += f"{0.3 * (a / 2) + 0.7 * (b / 4):.2f}" != placing["total"]
    assert traps > 100
