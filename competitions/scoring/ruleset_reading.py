"""Reading a ruleset from its JSON object into frozen values.

Knows the fields and words of a ruleset (contract §2). Does not judge whether its values make sense: `ruleset_faults`
does.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import assert_never

from .award_reading import read_advance, read_awards, read_honour
from .key_kinds import KeyKind, Names, kind_of
from .numbers import ZERO, RoundingMode
from .ruleset import (
    Aspect,
    Group,
    Key,
    Module,
    Overtime,
    OvertimeSteps,
    OvertimeUnits,
    Panel,
    Rounding,
    Ruleset,
    StandardScore,
    TeamRule,
    TotalRule,
)
from .shape import (
    Fields,
    Unreadable,
    as_number,
    as_text,
    as_whole,
    below,
    quoted,
    refuse_twice,
    wrong_type,
)
from .words import (
    AspectKind,
    Better,
    Boundary,
    Combine,
    CombineAt,
    KeyBy,
    Missing,
    Order,
    Partial,
    TeamBy,
    TeamValue,
    Ties,
)

PLACE = re.compile(r"[0-9]{1,100}")


def read_ruleset(value: object, where: str) -> Ruleset:
    """The ruleset at `where`. Raises Unreadable for a wrong shape."""
    fields = Fields(value, where)
    ruleset = Ruleset(
        modules=fields.items("modules", _module),
        groups=fields.optional_items("groups", _group),
        total=fields.read("total", _total),
        order=fields.word("order", Order),
        tie_breaks=_keys(fields, lambda kind: kind.for_entrants),
        ties=fields.word("ties", Ties),
        absent=fields.word("absent", Missing),
        awards=fields.optional("awards", read_awards),
        honours=fields.optional_items("honours", read_honour),
        advance=fields.optional("advance", read_advance),
        teams=fields.optional("teams", _teams),
        standard_score=fields.optional("standard_score", _standard_score),
    )
    fields.close()
    for name, things in (("modules", ruleset.modules), ("groups", ruleset.groups), ("honours", ruleset.honours)):
        refuse_twice((thing.id for thing in things), fields.place(name))
    return ruleset


def _rounding(value: object, where: str) -> Rounding:
    fields = Fields(value, where)
    rounding = Rounding(fields.whole("places"), fields.word("mode", RoundingMode))
    fields.close()
    return rounding


def _module(value: object, where: str) -> Module:
    fields = Fields(value, where)
    module = Module(
        id=fields.text("id"),
        name=fields.optional("name", as_text),
        full_marks=fields.number("full_marks"),
        weight=fields.number("weight"),
        panel=fields.read("panel", _panel),
        combine_at=fields.word("combine_at", CombineAt),
        aspects=fields.items("aspects", _aspect) if "aspects" in fields else None,
        deduction_cap=fields.nullable("deduction_cap", as_number),
        bonus_cap=fields.nullable("bonus_cap", as_number),
        overtime=fields.optional("overtime", _overtime),
        round=fields.nullable("round", _rounding),
        weighted_round=fields.optional_nullable("weighted_round", _rounding),
        pass_mark=fields.nullable("pass_mark", as_number),
    )
    fields.close()
    refuse_twice((aspect.id for aspect in module.aspects or ()), fields.place("aspects"))
    return module


def _panel(value: object, where: str) -> Panel:
    fields = Fields(value, where)
    judges = fields.whole("judges")
    min_judges = fields.optional("min_judges", as_whole)
    panel = Panel(
        combine=fields.word("combine", Combine),
        drop_highest=fields.whole("drop_highest"),
        drop_lowest=fields.whole("drop_lowest"),
        judges=judges,
        min_judges=judges if min_judges is None else min_judges,
    )
    fields.close()
    return panel


def _aspect(value: object, where: str) -> Aspect:
    fields = Fields(value, where)
    aspect = Aspect(
        id=fields.text("id"),
        kind=fields.word("kind", AspectKind),
        maximum=fields.number("max"),
        step=fields.optional("step", as_number),
        per=fields.optional("per", as_number),
        cap=fields.optional("cap", as_number),
    )
    fields.close()
    return aspect


def _overtime(value: object, where: str) -> Overtime:
    fields = Fields(value, where)
    limit, stop = fields.whole("limit_seconds"), fields.optional("stop_seconds", as_whole)
    cap = fields.optional("cap", as_number)
    rate: OvertimeUnits | OvertimeSteps
    if "steps" in fields:
        rate = OvertimeSteps(fields.items("steps", _step), fields.word("at_boundary", Boundary))
    else:
        rate = OvertimeUnits(fields.whole("per_seconds"), fields.number("deduct"), fields.word("partial", Partial))
    fields.close()
    return Overtime(limit, stop, cap, rate)


def _step(value: object, where: str) -> tuple[int, Fraction]:
    fields = Fields(value, where)
    step = fields.whole("over_seconds"), fields.number("deduct")
    fields.close()
    return step


def _group(value: object, where: str) -> Group:
    fields = Fields(value, where)
    group = Group(
        id=fields.text("id"),
        name=fields.optional("name", as_text),
        modules=fields.items("modules", as_text),
        weight=fields.number("weight"),
        round=fields.nullable("round", _rounding),
        weighted_round=fields.optional_nullable("weighted_round", _rounding),
        pass_mark=fields.nullable("pass_mark", as_number),
    )
    fields.close()
    refuse_twice(group.modules, fields.place("modules"))
    return group


def _total(value: object, where: str) -> TotalRule:
    fields = Fields(value, where)
    total = TotalRule(
        fields.read("round", _rounding), fields.nullable("deduction_cap", as_number), fields.number("floor")
    )
    fields.close()
    return total


def _keys(fields: Fields, fits: Callable[[KeyKind], bool]) -> tuple[Key, ...]:
    keys = fields.items("tie_breaks", partial(_fitting_key, fits))
    refuse_twice(((key.by.value, key.module, key.group, key.aspect) for key in keys), fields.place("tie_breaks"))
    return keys


def _fitting_key(fits: Callable[[KeyKind], bool], value: object, where: str) -> Key:
    key = read_key(value, where)
    if not fits(kind_of(key.by)):
        raise Unreadable(below(where, "by"), f"这里不能用 {quoted(key.by.value)}，请换一个比较项")
    return key


def read_key(value: object, where: str = "") -> Key:
    """The tie-break at `where`. Raises Unreadable for a wrong shape."""
    fields = Fields(value, where)
    by = fields.word("by", KeyBy)
    kind = kind_of(by)
    module = group = aspect = None
    match kind.names:
        case Names.MODULE:
            module = fields.text("id")
        case Names.GROUP:
            group = fields.text("id")
        case Names.ASPECT:
            aspect, module = fields.text("id"), fields.text("module")
        case Names.ONE_OR_ALL_MODULES:
            module = fields.optional("module", as_text)
        case Names.NOTHING:
            pass
        case _:
            assert_never(kind.names)
    better = kind.better
    if better is not None and "better" in fields:
        better = fields.word("better", Better)
    fields.close()
    return Key(by, module, group, aspect, better)


def _teams(value: object, where: str) -> TeamRule:
    fields = Fields(value, where)
    teams = TeamRule(
        by=fields.word("by", TeamBy),
        value=fields.word("value", TeamValue),
        best=fields.nullable("best", as_whole),
        incomplete=fields.word("incomplete", Missing),
        rank_points=fields.optional("rank_points", _rank_points),
        award_points=fields.optional("award_points", _award_points),
        pass_points=fields.number("pass_points") if "pass_points" in fields else ZERO,
        tie_breaks=_keys(fields, lambda kind: kind.for_teams),
        ties=fields.word("ties", Ties),
        awards=fields.optional("awards", read_awards),
    )
    fields.close()
    return teams


def _rank_points(value: object, where: str) -> dict[int, Fraction]:
    points = _award_points(value, where)
    for place in points:
        if not PLACE.fullmatch(place):
            raise Unreadable(where, f"名次应为整数，现为 {quoted(place)}，请改正")
    refuse_twice((int(place) for place in points), where)
    return {int(place): number for place, number in points.items()}


def _award_points(value: object, where: str) -> dict[str, Fraction]:
    if type(value) is not dict:
        raise wrong_type(where, value, "对象")
    return {as_text(name, where): as_number(number, f"{where}.{name}") for name, number in value.items()}


def _standard_score(value: object, where: str) -> StandardScore:
    fields = Fields(value, where)
    score = StandardScore(fields.number("centre"), fields.number("spread"), fields.whole("min_field"))
    fields.close()
    return score
