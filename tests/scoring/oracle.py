"""A slow second opinion: module scores, group scores and totals in plain fractions, written from the contract alone.

Imports nothing of `competitions`, on purpose.
"""

from fractions import Fraction
from math import ceil, floor
from typing import Any

Document = dict[str, Any]


def fraction(value: Any) -> Fraction:
    return Fraction(str(value))


def rounded(value: Fraction, rule: Document | None) -> Fraction:
    """Contract §2: half-up acts on the magnitude."""
    if rule is None:
        return value
    units = abs(value) * 10 ** rule["places"]
    if rule["mode"] == "half_up":
        whole = floor(units + Fraction(1, 2))
    elif rule["mode"] == "half_even":
        whole = round(units)
    else:
        whole = floor(units)
    return Fraction(whole, 10 ** rule["places"]) * (-1 if value < 0 else 1)


def combined(values: list[Fraction], panel: Document) -> Fraction:
    """Drops first, then mean, sum or median."""
    kept = sorted(values)
    for _ in range(panel["drop_lowest"]):
        kept.pop(0)
    for _ in range(panel["drop_highest"]):
        kept.pop()
    if panel["combine"] == "sum":
        return sum(kept, Fraction(0))
    if panel["combine"] == "mean":
        return sum(kept, Fraction(0)) / len(kept)
    low, high = kept[(len(kept) - 1) // 2], kept[len(kept) // 2]
    return (low + high) / 2


def worth(aspect: Document, value: Fraction) -> Fraction:
    if aspect["kind"] != "deduction":
        return value
    taken = value * fraction(aspect["per"])
    if "cap" in aspect:
        taken = min(taken, fraction(aspect["cap"]))
    return max(Fraction(0), fraction(aspect["max"]) - taken)


def panel_score(module: Document, marks: list[Document]) -> Fraction | None:
    """Steps 1 and 2 of contract §2, for marks without faults; None when some are missing."""
    panel = module["panel"]
    aspects = module.get("aspects") or [{"id": None, "kind": "measurement", "max": module["full_marks"]}]
    given = {(mark.get("aspect"), mark["judge"]): fraction(mark["value"]) for mark in marks}
    if len(given) != panel["judges"] * len(aspects):
        return None
    judges = sorted({judge for _, judge in given})
    judged = [aspect for aspect in aspects if aspect["kind"] == "judgement"]
    others = [aspect for aspect in aspects if aspect["kind"] != "judgement"]
    score = Fraction(0)
    for aspect in judged:
        score += sum(given[aspect["id"], judge] for judge in judges) / (3 * len(judges)) * fraction(aspect["max"])
    if module["combine_at"] == "aspect":
        for aspect in others:
            score += combined([worth(aspect, given[aspect["id"], judge]) for judge in judges], panel)
    elif others:
        sheets = [sum((worth(a, given[a["id"], judge]) for a in others), Fraction(0)) for judge in judges]
        score += combined(sheets, panel)
    return score


def overtime(rule: Document | None, seconds: Fraction | None) -> Fraction:
    if rule is None or seconds is None:
        return Fraction(0)
    excess = min(seconds, fraction(rule.get("stop_seconds", seconds))) - rule["limit_seconds"]
    if "steps" in rule:
        under = [
            step
            for step in rule["steps"]
            if step["over_seconds"] < excess or (rule["at_boundary"] == "higher" and step["over_seconds"] == excess)
        ]
        taken = fraction(under[-1]["deduct"]) if under else Fraction(0)
    else:
        units = max(Fraction(0), excess) / rule["per_seconds"]
        taken = (ceil(units) if rule["partial"] == "up" else floor(units)) * fraction(rule["deduct"])
    return min(taken, fraction(rule.get("cap", taken)))


def adjusted_sum(case: Document, entrant: str, module: str | None, kind: str, cap: Any, more: Fraction) -> Fraction:
    values = [
        fraction(each["value"])
        for each in case["adjustments"]
        if (each["entrant"], each.get("module"), each["kind"]) == (entrant, module, kind)
    ]
    total = sum(values, more)
    return total if cap is None else min(total, fraction(cap))


def module_score(case: Document, module: Document, entrant: str) -> Fraction | None:
    """Steps 3 to 5."""
    mine = [mark for mark in case["marks"] if (mark["entrant"], mark["module"]) == (entrant, module["id"])]
    score = panel_score(module, mine)
    if score is None:
        return None
    times = [t["seconds"] for t in case["times"] if (t["entrant"], t["module"]) == (entrant, module["id"])]
    over = overtime(module.get("overtime"), fraction(times[0]) if times else None)
    bonus = adjusted_sum(case, entrant, module["id"], "bonus", module["bonus_cap"], Fraction(0))
    taken = adjusted_sum(case, entrant, module["id"], "deduction", module["deduction_cap"], over)
    if case["ruleset"]["order"] == "ascending":
        held = max(Fraction(0), score - bonus + taken)
    else:
        held = min(max(Fraction(0), score + bonus - taken), fraction(module["full_marks"]))
    return rounded(held, module["round"])


def weighted(part: Document, score: Fraction) -> Fraction:
    return rounded(fraction(part["weight"]) * score, part.get("weighted_round"))


def total(case: Document, entrant: str) -> Fraction | None:
    """The rounded total of one entrant who competed; None when he is pending."""
    ruleset = case["ruleset"]
    scores = {module["id"]: module_score(case, module, entrant) for module in ruleset["modules"]}
    modules = {module["id"]: module for module in ruleset["modules"]}
    if None in scores.values():
        return None
    sums = Fraction(0)
    for group in ruleset.get("groups", []):
        inside = sum((weighted(modules[id_], scores.pop(id_) or Fraction(0)) for id_ in group["modules"]), Fraction(0))
        sums += weighted(group, rounded(inside, group["round"]))
    sums += sum((weighted(modules[id_], score or Fraction(0)) for id_, score in scores.items()), Fraction(0))
    rule = ruleset["total"]
    bonus = adjusted_sum(case, entrant, None, "bonus", None, Fraction(0))
    taken = adjusted_sum(case, entrant, None, "deduction", rule["deduction_cap"], Fraction(0))
    if ruleset["order"] == "ascending":
        return rounded(sums - bonus + taken, rule["round"])
    return rounded(max(sums + bonus - taken, fraction(rule["floor"])), rule["round"])
