"""Scoring cases for tests: small ones made by hand, and a strategy for random ones with many ties."""

from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
TWO_PLACES = {"places": 2, "mode": "half_up"}


def module(id_: str = "p", **changes: Any) -> Document:
    """A module of one judge and 100 marks."""
    return {
        "id": id_,
        "full_marks": "100",
        "weight": "1",
        "panel": {"combine": "mean", "drop_highest": 0, "drop_lowest": 0, "judges": 1},
        "combine_at": "sheet",
        "deduction_cap": None,
        "bonus_cap": None,
        "round": TWO_PLACES,
        "pass_mark": None,
        **changes,
    }


def ruleset(*modules: Document, **changes: Any) -> Document:
    """Rules for some modules, else for one."""
    return {
        "modules": list(modules) or [module()],
        "total": {"round": TWO_PLACES, "deduction_cap": None, "floor": "0"},
        "order": "descending",
        "tie_breaks": [],
        "ties": "shared",
        "absent": "unranked",
        **changes,
    }


def case(rules: Document, values: dict[str, Any], **changes: Any) -> Document:
    """A case of one judge's values for the first module; `values` is entrant → value, or None without a mark."""
    name = rules["modules"][0]["id"]
    return {
        "version": 1,
        "ruleset": rules,
        "entrants": [{"id": id_} for id_ in values],
        "marks": [
            {"entrant": id_, "module": name, "judge": "J1", "value": value}
            for id_, value in values.items()
            if value is not None
        ],
        "times": [],
        "adjustments": [],
        "rulings": [],
        **changes,
    }


def award_rule(*awards: Document, **changes: Any) -> Document:
    """Awards of the ranked."""
    return {
        "base": "ranked",
        "ties": "include",
        "rounding": "half_up",
        "list": list(awards),
        "min_total": None,
        "must_pass": False,
        "min_field": None,
        **changes,
    }


ROUNDINGS = st.builds(
    lambda places, mode: {"places": places, "mode": mode},
    st.integers(0, 3),
    st.sampled_from(["half_up", "half_even", "down"]),
)
MAYBE_ROUNDING = st.none() | ROUNDINGS
WEIGHTS = st.sampled_from(["0.3", "0.7", "1", "0.15", 2, "0"])
CAPS = st.none() | st.sampled_from(["0", "2.5", 10])
SMALL = st.sampled_from(["0.5", "1", 2, "3.25", "7"])


@st.composite
def aspects(draw: st.DrawFn) -> list[Document]:
    found: list[Document] = []
    kinds = st.sampled_from(["measurement", "judgement", "deduction"])
    for number, kind in enumerate(draw(st.lists(kinds, max_size=3))):
        aspect: Document = {"id": f"A{number}", "kind": kind, "max": draw(st.sampled_from(["10", 5, "7.5"]))}
        if kind == "deduction":
            aspect["per"] = draw(st.sampled_from(["1", "0.25", "3"]))
            if draw(st.booleans()):
                aspect["cap"] = draw(SMALL)
        found.append(aspect)
    return found


@st.composite
def overtimes(draw: st.DrawFn) -> Document:
    rule: Document = {"limit_seconds": 60}
    if draw(st.booleans()):
        rule |= {"per_seconds": 7, "deduct": draw(SMALL), "partial": draw(st.sampled_from(["up", "down"]))}
    else:
        steps = [{"over_seconds": 10, "deduct": "1"}, {"over_seconds": 20, "deduct": "2.5"}]
        rule |= {"steps": steps, "at_boundary": draw(st.sampled_from(["lower", "higher"]))}
    if draw(st.booleans()):
        rule["stop_seconds"] = 85
    if draw(st.booleans()):
        rule["cap"] = draw(SMALL)
    return rule


@st.composite
def modules(draw: st.DrawFn, id_: str) -> Document:
    judges = draw(st.integers(1, 4))
    highest = draw(st.integers(0, judges - 1))
    lowest = draw(st.integers(0, judges - 1 - highest))
    combine = draw(st.sampled_from(["mean", "sum", "median"]))
    found = module(
        id_,
        full_marks=draw(st.sampled_from(["20", "100", "7.5"])),
        weight=draw(WEIGHTS),
        panel={"combine": combine, "drop_highest": highest, "drop_lowest": lowest, "judges": judges},
        combine_at=draw(st.sampled_from(["sheet", "aspect"])),
        deduction_cap=draw(CAPS),
        bonus_cap=draw(CAPS),
        round=draw(MAYBE_ROUNDING),
        weighted_round=draw(MAYBE_ROUNDING),
    )
    if items := draw(aspects()):
        found["aspects"] = items
    if draw(st.booleans()):
        found["overtime"] = draw(overtimes())
    return found


@st.composite
def rulesets(draw: st.DrawFn) -> Document:
    parts = [draw(modules(id_)) for id_ in ["a", "b", "c"][: draw(st.integers(1, 3))]]
    rules = ruleset(*parts, ties=draw(st.sampled_from(["shared", "dense"])))
    rules["order"] = draw(st.sampled_from(["descending", "descending", "ascending"]))
    rules["total"] = {
        "round": draw(ROUNDINGS),
        "deduction_cap": draw(CAPS),
        "floor": draw(st.sampled_from(["0", "-5", "3"])),
    }
    keys: list[Document] = [{"by": "module", "id": "a"}, {"by": "time"}, {"by": "deductions"}]
    if len(parts) > 1 and draw(st.booleans()):
        group = {"id": "g", "modules": ["a", "b"], "weight": draw(WEIGHTS), "round": draw(MAYBE_ROUNDING)}
        rules["groups"] = [{**group, "weighted_round": draw(MAYBE_ROUNDING), "pass_mark": None}]
        keys.append({"by": "group", "id": "g"})
    if "aspects" in parts[0]:
        keys.append({"by": "aspect", "module": "a", "id": "A0"})
    rules["tie_breaks"] = draw(st.lists(st.sampled_from(keys), max_size=3, unique_by=str))
    return rules


def mark_values(part: Document, aspect: Document | None) -> st.SearchStrategy[str]:
    """Good values, of a coarse grid so that ties are frequent."""
    if aspect is None:
        top = 2 * int(float(part["full_marks"]))
        return st.sampled_from(sorted({0, 1, top - 1, top})).map(lambda halves: str(halves / 2))
    if aspect["kind"] == "measurement":
        return st.sampled_from(["0", "2.5", "5", "4.75"])
    return st.sampled_from(["1", "2"]) if aspect["kind"] == "judgement" else st.sampled_from(["0", "1", "4"])


@st.composite
def cases(draw: st.DrawFn) -> Document:
    """A case without bad entries; some marks may be missing."""
    rules = draw(rulesets())
    ids = [f"E{number}" for number in range(draw(st.integers(1, 5)))]
    found = case(rules, dict.fromkeys(ids))
    for id_ in ids:
        for part in rules["modules"]:
            found["marks"] += draw(sheets(id_, part))
            if draw(st.booleans()):
                seconds = draw(st.sampled_from([30, 60, 70, "75.5", 80, 200]))
                found["times"].append({"entrant": id_, "module": part["id"], "seconds": seconds})
    places = [{"entrant": id_} for id_ in ids]
    places += [{"entrant": id_, "module": part["id"]} for id_ in ids for part in rules["modules"]]
    kinds = st.sampled_from(["deduction", "bonus"])
    some = st.builds(
        lambda place, kind, value: {**place, "kind": kind, "value": value}, st.sampled_from(places), kinds, SMALL
    )
    found["adjustments"] = draw(st.lists(some, max_size=3))
    return found


@st.composite
def sheets(draw: st.DrawFn, id_: str, part: Document) -> list[Document]:
    marks: list[Document] = []
    for judge in range(part["panel"]["judges"]):
        for aspect in part.get("aspects") or [None]:
            value = draw(mark_values(part, aspect))
            mark = {"entrant": id_, "module": part["id"], "judge": f"J{judge}", "value": value}
            marks.append(mark if aspect is None else {**mark, "aspect": aspect["id"]})
    is_whole = draw(st.integers(0, 9)) > 0
    return marks if is_whole else marks[:-1]
