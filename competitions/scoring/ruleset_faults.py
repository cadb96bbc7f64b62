"""Faults of a ruleset: values out of range, unknown ids, rules that contradict each other.

Knows what the contract asks of a readable ruleset (§2–§4). Does not know entrants or marks. Each fault is a problem
whose `where` is the place in the ruleset; any fault means no placings at all.
"""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from .award_faults import advance_faults, award_faults, honour_faults
from .problems import Problem
from .ruleset import Aspect, Group, Key, Module, Overtime, OvertimeSteps, Panel, Rounding, Ruleset, TeamRule
from .ruleset_reading import read_ruleset
from .shape import Unreadable
from .words import AspectKind, Missing, Order, TeamValue

LARGEST_PLACES = 20


def ruleset_problems(document: object) -> list[dict[str, object]]:
    """Everything wrong with a ruleset document, as problem documents; a wrong shape is one `ruleset.unreadable`."""
    try:
        ruleset = read_ruleset(document, "")
    except Unreadable as error:
        return [Problem("ruleset.unreadable", {"where": error.where, "reason": error.reason}).document()]
    return [problem.document() for problem in faults_of(ruleset)]


def faults_of(ruleset: Ruleset) -> list[Problem]:
    """The faults of a readable ruleset, in its own order."""
    return [
        *_module_list_faults(ruleset),
        *_group_faults(ruleset),
        *_total_faults(ruleset),
        *_key_list_faults(ruleset, ruleset.tie_breaks, "tie_breaks"),
        *_team_faults(ruleset),
        *(award_faults(ruleset.awards, "awards", for_teams=False) if ruleset.awards else ()),
        *honour_faults(ruleset),
        *advance_faults(ruleset.advance),
        *_order_faults(ruleset),
    ]


def fault(code: str, where: str, **params: str | None) -> Problem:
    """A fault at a place; parameters that do not apply are left out."""
    return Problem(code, {"where": where, **{name: value for name, value in params.items() if value is not None}})


def _module_list_faults(ruleset: Ruleset) -> Iterator[Problem]:
    if not ruleset.modules:
        yield fault("ruleset.range", "modules")
    for index, module in enumerate(ruleset.modules):
        yield from _module_faults(module, ruleset.order, f"modules[{index}]")


def _module_faults(module: Module, order: Order, where: str) -> Iterator[Problem]:
    too_low = module.full_marks < 0 if order is Order.ASCENDING else module.full_marks <= 0
    if too_low:
        yield fault("ruleset.range", f"{where}.full_marks", module=module.id)
    ranges = {"weight": module.weight, "deduction_cap": module.deduction_cap, "bonus_cap": module.bonus_cap}
    for name, value in ranges.items():
        if value is not None and value < 0:
            yield fault("ruleset.range", f"{where}.{name}", module=module.id)
    for name, rounding in (("round", module.round), ("weighted_round", module.weighted_round)):
        yield from _rounding_faults(rounding, f"{where}.{name}", module.id)
    if not _is_panel_sound(module.panel):
        yield fault("ruleset.panel", f"{where}.panel", module=module.id)
    if module.overtime is not None and not _is_overtime_sound(module.overtime):
        yield fault("ruleset.range", f"{where}.overtime", module=module.id)
    if module.aspects is not None and not module.aspects:
        yield fault("ruleset.range", f"{where}.aspects", module=module.id)
    for index, aspect in enumerate(module.aspects or ()):
        yield from _aspect_faults(aspect, f"{where}.aspects[{index}]", module.id)


def _rounding_faults(rounding: Rounding | None, where: str, module: str | None) -> Iterator[Problem]:
    if rounding is not None and not 0 <= rounding.places <= LARGEST_PLACES:
        yield fault("ruleset.range", f"{where}.places", module=module)


def _is_panel_sound(panel: Panel) -> bool:
    return (
        panel.judges >= 1
        and panel.drop_highest >= 0
        and panel.drop_lowest >= 0
        and panel.drop_highest + panel.drop_lowest < panel.judges
        and 1 <= panel.min_judges <= panel.judges
    )


def _is_overtime_sound(overtime: Overtime) -> bool:
    stop, cap, rate = overtime.stop_seconds, overtime.cap, overtime.rate
    if overtime.limit_seconds < 0 or (stop is not None and stop < overtime.limit_seconds):
        return False
    if cap is not None and cap < 0:
        return False
    if isinstance(rate, OvertimeSteps):
        seconds = [over for over, _ in rate.steps]
        rising = seconds == sorted(set(seconds)) and seconds[:1] >= [0]
        return rising and all(deduct >= 0 for _, deduct in rate.steps)
    return rate.per_seconds > 0 and rate.deduct >= 0


def _aspect_faults(aspect: Aspect, where: str, module: str) -> Iterator[Problem]:
    is_deduction = aspect.kind is AspectKind.DEDUCTION
    is_measurement = aspect.kind is AspectKind.MEASUREMENT
    if aspect.maximum <= 0:
        yield fault("ruleset.range", f"{where}.max", module=module, aspect=aspect.id)
    if aspect.step is not None and (not is_measurement or aspect.step <= 0):
        yield fault("ruleset.range", f"{where}.step", module=module, aspect=aspect.id)
    if (aspect.per is not None) is not is_deduction or _is_negative(aspect.per):
        yield fault("ruleset.range", f"{where}.per", module=module, aspect=aspect.id)
    if aspect.cap is not None and (not is_deduction or aspect.cap < 0):
        yield fault("ruleset.range", f"{where}.cap", module=module, aspect=aspect.id)


def _is_negative(value: Fraction | None) -> bool:
    return value is not None and value < 0


def _group_faults(ruleset: Ruleset) -> Iterator[Problem]:
    known = {module.id for module in ruleset.modules}
    uses = Counter(id_ for group in ruleset.groups for id_ in group.modules)
    for index, group in enumerate(ruleset.groups):
        where = f"groups[{index}]"
        if not group.modules or any(id_ not in known or uses[id_] > 1 for id_ in group.modules):
            yield fault("ruleset.group", f"{where}.modules", group=group.id)
        if group.weight < 0:
            yield fault("ruleset.range", f"{where}.weight", group=group.id)
        for name, rounding in (("round", group.round), ("weighted_round", group.weighted_round)):
            yield from _rounding_faults(rounding, f"{where}.{name}", None)


def _total_faults(ruleset: Ruleset) -> Iterator[Problem]:
    yield from _rounding_faults(ruleset.total.round, "total.round", None)
    if _is_negative(ruleset.total.deduction_cap):
        yield fault("ruleset.range", "total.deduction_cap")


def _key_list_faults(ruleset: Ruleset, keys: tuple[Key, ...], where: str) -> Iterator[Problem]:
    modules = {module.id: module for module in ruleset.modules}
    groups: dict[str, Group] = {group.id: group for group in ruleset.groups}
    for index, key in enumerate(keys):
        place = f"{where}[{index}]"
        if key.module is not None and key.module not in modules:
            yield fault("ruleset.unknown_module", place, module=key.module)
        elif key.group is not None and key.group not in groups:
            yield fault("ruleset.unknown_group", place, group=key.group)
        elif key.aspect is not None:
            aspects = modules[key.module or ""].aspects or ()
            if key.aspect not in {aspect.id for aspect in aspects}:
                yield fault("ruleset.unknown_aspect", place, module=key.module, aspect=key.aspect)


def _team_faults(ruleset: Ruleset) -> Iterator[Problem]:
    teams = ruleset.teams
    if teams is None:
        return
    if teams.best is not None and teams.best < 1:
        yield fault("ruleset.range", "teams.best")
    yield from _point_faults(ruleset, teams)
    yield from _key_list_faults(ruleset, teams.tie_breaks, "teams.tie_breaks")
    if teams.awards is not None:
        yield from award_faults(teams.awards, "teams.awards", for_teams=True)


def _point_faults(ruleset: Ruleset, teams: TeamRule) -> Iterator[Problem]:
    if teams.value is TeamValue.RANK_POINTS and teams.rank_points is None:
        yield fault("ruleset.teams", "teams.rank_points")
    if teams.value is TeamValue.AWARD_POINTS and teams.award_points is None:
        yield fault("ruleset.teams", "teams.award_points")
    if any(place < 1 for place in teams.rank_points or ()):
        yield fault("ruleset.range", "teams.rank_points")
    awards = {award.id for award in ruleset.awards.awards} if ruleset.awards else set()
    for award in teams.award_points or ():
        if award not in awards:
            yield fault("ruleset.unknown_award", f"teams.award_points.{award}", award=award)


def _order_faults(ruleset: Ruleset) -> Iterator[Problem]:
    """Rules that make no sense where the smallest total wins (contract §4)."""
    if ruleset.order is not Order.ASCENDING:
        return
    if ruleset.absent is Missing.ZERO:
        yield fault("ruleset.absent", "absent")
    teams = ruleset.teams
    if teams is not None and teams.incomplete is Missing.ZERO and teams.value is TeamValue.TOTAL:
        yield fault("ruleset.absent", "teams.incomplete")
    if ruleset.standard_score is not None:
        yield fault("ruleset.standard_score", "standard_score")
