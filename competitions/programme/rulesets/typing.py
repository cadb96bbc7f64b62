"""Between a ruleset document (scoring.md §2) and what a person types: shares in percent, one row a thing.

`typed_of` and `document_of` are inverse for documents in normal form (optional fields left out when they say nothing,
numbers in their shortest writing). Knows no form and no page.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from competitions.base.typed import shortest
from competitions.programme.rulesets.key_words import key_of, typed_key

Document = dict[str, Any]
Typed = dict[str, Any]


def typed_of(document: Mapping[str, Any], kinds: Mapping[str, str]) -> Typed:
    """The document as rows and values for the form; `kinds`: key of a module → theory or practice."""
    total = document["total"]
    return {
        "modules": [_typed_module(part, kinds.get(part["id"], "practice")) for part in document["modules"]],
        "groups": [_typed_group(part) for part in document.get("groups", ())],
        "total": {**_typed_round(total["round"], ""), "deduction_cap": total["deduction_cap"], "floor": total["floor"]},
        "order": document["order"],
        "ties": document["ties"],
        "absent": document["absent"],
        "tie_breaks": [typed_key(key) for key in document["tie_breaks"]],
        "awards": _typed_awards(document.get("awards"), _points(document)),
        "honours": [_typed_honour(honour) for honour in document.get("honours", ())],
        "advance": _typed_advance(document.get("advance")),
        "teams": _typed_teams(document.get("teams")),
        "standard": _typed_standard(document.get("standard_score")),
    }


def document_of(typed: Mapping[str, Any]) -> Document:
    """The document, in normal form."""
    total, teams = typed["total"], typed["teams"]
    document: Document = {
        "modules": [_module(part) for part in typed["modules"]],
        "total": {"round": _round(total, ""), "deduction_cap": total["deduction_cap"], "floor": total["floor"] or "0"},
        "order": typed["order"],
        "tie_breaks": [key_of(key) for key in typed["tie_breaks"]],
        "ties": typed["ties"],
        "absent": typed["absent"],
    }
    if typed["groups"]:
        document["groups"] = [_group(part) for part in typed["groups"]]
    if typed["awards"]["on"]:
        document["awards"] = _awards(typed["awards"])
    if typed["honours"]:
        document["honours"] = [_honour(honour) for honour in typed["honours"]]
    if typed["advance"]["on"]:
        document["advance"] = _advance(typed["advance"])
    if teams["on"]:
        document["teams"] = _teams(teams, typed["awards"])
    if typed["standard"]["on"]:
        document["standard_score"] = {name: typed["standard"][name] for name in ("centre", "spread", "min_field")}
    return document


def percent_of(weight: str) -> str:
    """ "0.3" → "30"."""
    return shortest(Decimal(weight) * 100)


def weight_of(percent: str | None) -> str:
    """ "30" → "0.3"."""
    return shortest(Decimal(percent or "0") / 100)


def _given(**values: Any) -> dict[str, Any]:
    """Only what says something: None, blank and False are left out."""
    return {name: value for name, value in values.items() if value is not None and value is not False and value != ""}


def _typed_round(rounding: Mapping[str, Any] | None, prefix: str) -> Typed:
    return {
        f"{prefix}places": rounding["places"] if rounding else None,
        f"{prefix}mode": rounding["mode"] if rounding else "half_up",
    }


def _round(typed: Mapping[str, Any], prefix: str) -> Document | None:
    places = typed[f"{prefix}places"]
    return None if places is None else {"places": places, "mode": typed[f"{prefix}mode"]}


def _typed_module(part: Mapping[str, Any], kind: str) -> Typed:
    panel = part["panel"]
    return {
        "id": part["id"],
        "name": part.get("name", ""),
        "kind": kind,
        "full_marks": part["full_marks"],
        "weight": percent_of(part["weight"]),
        "judges": panel["judges"],
        "combine": panel["combine"],
        "drop_highest": panel["drop_highest"],
        "drop_lowest": panel["drop_lowest"],
        "min_judges": panel.get("min_judges"),
        "combine_at": part["combine_at"],
        "deduction_cap": part["deduction_cap"],
        "bonus_cap": part["bonus_cap"],
        "pass_mark": part["pass_mark"],
        **_typed_round(part["round"], ""),
        **_typed_round(part.get("weighted_round"), "weighted_"),
        **_typed_overtime(part.get("overtime")),
    }


def _typed_overtime(rule: Mapping[str, Any] | None) -> Typed:
    if rule is None:
        return {"overtime": "none", "partial": "up", "at_boundary": "lower", "steps": []}
    return {
        "overtime": "steps" if "steps" in rule else "units",
        "limit": rule["limit_seconds"],
        "stop": rule.get("stop_seconds"),
        "over_cap": rule.get("cap"),
        "per": rule.get("per_seconds"),
        "deduct": rule.get("deduct"),
        "partial": rule.get("partial", "up"),
        "at_boundary": rule.get("at_boundary", "lower"),
        "steps": [(step["over_seconds"], step["deduct"]) for step in rule.get("steps", ())],
    }


def _module(typed: Mapping[str, Any]) -> Document:
    panel = {
        "combine": typed["combine"],
        "drop_highest": typed["drop_highest"] or 0,
        "drop_lowest": typed["drop_lowest"] or 0,
        "judges": typed["judges"],
        **_given(min_judges=typed["min_judges"]),
    }
    return {
        "id": typed["id"],
        **_given(name=typed["name"]),
        "full_marks": typed["full_marks"],
        "weight": weight_of(typed["weight"]),
        "panel": panel,
        "combine_at": typed["combine_at"],
        "deduction_cap": typed["deduction_cap"],
        "bonus_cap": typed["bonus_cap"],
        "round": _round(typed, ""),
        "pass_mark": typed["pass_mark"],
        **_given(weighted_round=_round(typed, "weighted_"), overtime=_overtime(typed)),
    }


def _overtime(typed: Mapping[str, Any]) -> Document | None:
    if typed["overtime"] == "none":
        return None
    common = {"limit_seconds": typed["limit"], **_given(stop_seconds=typed["stop"], cap=typed["over_cap"])}
    if typed["overtime"] == "steps":
        steps = [{"over_seconds": over, "deduct": deduct} for over, deduct in typed["steps"]]
        return {**common, "steps": steps, "at_boundary": typed["at_boundary"]}
    return {**common, "per_seconds": typed["per"], "deduct": typed["deduct"], "partial": typed["partial"]}


def _typed_group(part: Mapping[str, Any]) -> Typed:
    return {
        "id": part["id"],
        "name": part.get("name", ""),
        "modules": list(part["modules"]),
        "weight": percent_of(part["weight"]),
        "pass_mark": part["pass_mark"],
        **_typed_round(part["round"], ""),
        **_typed_round(part.get("weighted_round"), "weighted_"),
    }


def _group(typed: Mapping[str, Any]) -> Document:
    return {
        "id": typed["id"],
        **_given(name=typed["name"]),
        "modules": list(typed["modules"] or ()),
        "weight": weight_of(typed["weight"]),
        "round": _round(typed, ""),
        "pass_mark": typed["pass_mark"],
        **_given(weighted_round=_round(typed, "weighted_")),
    }


def _points(document: Mapping[str, Any]) -> Mapping[str, str]:
    points: Mapping[str, str] = document.get("teams", {}).get("award_points", {})
    return points


def _typed_awards(rule: Mapping[str, Any] | None, points: Mapping[str, str]) -> Typed:
    if rule is None:
        return {"on": False, "base": "ranked", "ties": "include", "rounding": "half_up", "list": []}
    rows = []
    for award in rule["list"]:
        kind = next(name for name in ("count", "percent", "rank_to_fraction") if name in award)
        rows.append(
            {
                "id": award["id"],
                "name": award.get("name", ""),
                "kind": kind,
                "amount": str(award[kind]),
                "points": points.get(award["id"]),
            }
        )
    return {
        "on": True,
        "list": rows,
        **{name: rule[name] for name in ("base", "ties", "rounding", "min_total", "must_pass", "min_field")},
    }


def _amount(typed: Mapping[str, Any]) -> Document:
    kind, amount = typed["kind"], typed["amount"]
    return {kind: int(amount) if kind in ("count", "rank_to") else amount}


def _awards(typed: Mapping[str, Any]) -> Document:
    rows = [{"id": row["id"], **_given(name=row["name"]), **_amount(row)} for row in typed["list"]]
    return {
        "base": typed["base"],
        "ties": typed["ties"],
        "rounding": typed["rounding"],
        "list": rows,
        "min_total": typed["min_total"],
        "must_pass": typed["must_pass"],
        "min_field": typed["min_field"],
    }


def _typed_honour(honour: Mapping[str, Any]) -> Typed:
    kind = next(name for name in ("rank_to", "rank_to_fraction", "awards") if name in honour)
    return {
        "id": honour["id"],
        "name": honour.get("name", ""),
        "kind": kind,
        "rank_from": honour.get("rank_from", 1),
        "amount": "" if kind == "awards" else str(honour[kind]),
        "awards": list(honour.get("awards", ())),
        "must_pass": honour.get("must_pass", False),
        "min_total": honour.get("min_total"),
        "min_field": honour.get("min_field"),
    }


def _honour(typed: Mapping[str, Any]) -> Document:
    earned = {"awards": list(typed["awards"] or ())} if typed["kind"] == "awards" else _amount(typed)
    first = typed["rank_from"] or 1
    return {
        "id": typed["id"],
        **_given(name=typed["name"]),
        **({"rank_from": first} if first != 1 else {}),
        **earned,
        **_given(must_pass=typed["must_pass"], min_total=typed["min_total"], min_field=typed["min_field"]),
    }


def _typed_advance(rule: Mapping[str, Any] | None) -> Typed:
    if rule is None:
        return {"on": False, "kind": "count", "rounding": "half_up", "ties": "include"}
    kind = "percent" if "percent" in rule else "count"
    return {
        "on": True,
        "kind": kind,
        "amount": str(rule[kind]),
        "rounding": rule.get("rounding", "half_up"),
        "ties": rule["ties"],
        "per_organisation_max": rule.get("per_organisation_max"),
        "min_total": rule.get("min_total"),
        "must_pass": rule.get("must_pass", False),
    }


def _advance(typed: Mapping[str, Any]) -> Document:
    shared = {"rounding": typed["rounding"]} if typed["kind"] == "percent" else {}
    return {
        **_amount(typed),
        **shared,
        "ties": typed["ties"],
        **_given(
            per_organisation_max=typed["per_organisation_max"],
            min_total=typed["min_total"],
            must_pass=typed["must_pass"],
        ),
    }


def _typed_teams(rule: Mapping[str, Any] | None) -> Typed:
    if rule is None:
        return {
            "on": False,
            "by": "team",
            "value": "total",
            "best": 3,
            "incomplete": "zero",
            "ties": "shared",
            "rank_points": {},
            "tie_breaks": [],
            "awards": _typed_awards(None, {}),
        }
    return {
        "on": True,
        **{name: rule[name] for name in ("by", "value", "best", "incomplete", "ties")},
        "rank_points": dict(rule.get("rank_points", {})),
        "pass_points": rule.get("pass_points"),
        "tie_breaks": [typed_key(key) for key in rule["tie_breaks"]],
        "awards": _typed_awards(rule.get("awards"), {}),
    }


def _teams(typed: Mapping[str, Any], awards: Mapping[str, Any]) -> Document:
    points = {row["id"]: row["points"] for row in awards["list"] if row["points"] is not None} if awards["on"] else {}
    given = _given(
        rank_points=dict(typed["rank_points"] or {}) or None,
        award_points=points or None,
        pass_points=typed["pass_points"],
        awards=_awards(typed["awards"]) if typed["awards"]["on"] else None,
    )
    return {
        **{name: typed[name] for name in ("by", "value", "best", "incomplete", "ties")},
        "tie_breaks": [key_of(key) for key in typed["tie_breaks"]],
        **given,
    }


def _typed_standard(rule: Mapping[str, Any] | None) -> Typed:
    return {"on": rule is not None, **(rule or {"centre": "700", "spread": "30", "min_field": 5})}
