"""Tie-breaks in words: one label for each kind, wherever one is read back, offered in the form or said beside a placing.

Knows the keys of scoring.md §2; no mark.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from competitions.scoring.key_kinds import Names, kind_of
from competitions.scoring.ruleset_reading import read_key
from competitions.scoring.words import Better, KeyBy

Named = Iterable[tuple[str, str]]
ALL = "总"
"""Stands before what is compared over all modules."""


@dataclass(frozen=True, slots=True)
class Wording:
    """`label`: what is compared ({name}: the module or group, {aspect}: the aspect); `low` and `high`: a value that is
    smaller or larger; `offered`: the label in the form, where another one is needed.
    """

    label: str
    low: str = "低"
    high: str = "高"
    offered: str | None = None


def wording_of(by: KeyBy) -> Wording:
    """How people call a kind of tie-break."""
    match by:
        case KeyBy.MODULE:
            return Wording("{name}成绩")
        case KeyBy.GROUP:
            return Wording("{name}成绩", offered="{name}成绩（分组）")
        case KeyBy.ASPECT:
            return Wording("{name}的评分项 {aspect}", offered="{name}里的某个评分项")
        case KeyBy.TIME:
            return Wording("{name}用时", "少", "多")
        case KeyBy.DEDUCTIONS:
            return Wording("扣分合计", "少", "多")
        case KeyBy.BEST:
            return Wording("最好一名队员的成绩")
        case _:
            assert_never(by)


def key_words(key: Mapping[str, Any], named: Mapping[str, str], *, smallest_wins: bool) -> str:
    """ "实操成绩高者列前". `named`: names of modules and groups; `smallest_wins`: in what is ranked itself."""
    read = read_key(key)
    words, part = wording_of(read.by), read.module or read.group
    label = words.label.format(name=named.get(part, part) if part else ALL, aspect=read.aspect)
    lower = smallest_wins if read.better is None else read.better is Better.LOWER
    return f"{label}{words.low if lower else words.high}者列前"


def offered(modules: Named, groups: Named, *, for_teams: bool) -> list[tuple[str, str]]:
    """(value in the form, label) of every tie-break that may be chosen for entrants, or for teams."""
    kinds = [by for by in KeyBy if (kind_of(by).for_teams if for_teams else kind_of(by).for_entrants)]
    return [choice for by in kinds for choice in _offered(by, list(modules), list(groups))]


def _offered(by: KeyBy, modules: list[tuple[str, str]], groups: list[tuple[str, str]]) -> list[tuple[str, str]]:
    words = wording_of(by)
    label, names = words.offered or words.label, kind_of(by).names
    alone = [(by.value, label.format(name=ALL))]
    match names:
        case Names.NOTHING:
            return alone
        case Names.GROUP:
            return [(f"{by.value}:{id_}", label.format(name=name)) for id_, name in groups]
        case Names.MODULE | Names.ASPECT:
            return [(f"{by.value}:{id_}", label.format(name=name)) for id_, name in modules]
        case Names.ONE_OR_ALL_MODULES:
            return alone + [(f"{by.value}:{id_}", label.format(name=name)) for id_, name in modules]
        case _:
            assert_never(names)


def typed_key(key: Mapping[str, Any]) -> dict[str, Any]:
    """A tie-break as the form has it: its kind with the module or group, the aspect, which value goes first."""
    read = read_key(key)
    part = read.module or read.group
    return {
        "by": f"{read.by.value}:{part}" if part else read.by.value,
        "aspect": read.aspect or "",
        "better": key.get("better", ""),
    }


def key_of(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The tie-break that was typed, as scoring.md §2 writes it; an unknown kind as it is, for the faults to name it."""
    by, _, part = str(typed["by"]).partition(":")
    key: dict[str, Any] = {"by": by, "better": typed.get("better")}
    names = kind_of(KeyBy(by)).names if by in set(KeyBy) else Names.NOTHING
    match names:
        case Names.MODULE | Names.GROUP:
            key["id"] = part
        case Names.ASPECT:
            key |= {"module": part, "id": typed["aspect"]}
        case Names.ONE_OR_ALL_MODULES:
            key["module"] = part
        case Names.NOTHING:
            pass
        case _:
            assert_never(names)
    return {name: value for name, value in key.items() if value}


def needs_aspect(by: str) -> bool:
    """Whether a kind as the form has it asks for an aspect."""
    kind = by.partition(":")[0]
    return kind in set(KeyBy) and kind_of(KeyBy(kind)).names is Names.ASPECT
