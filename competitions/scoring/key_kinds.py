"""Kinds of tie-breaks: what each names, who may be compared by it, which value goes first when nothing is said.

Whoever adds one says so here; the type checker then asks for it wherever a kind is looked at (`assert_never`). Knows no
value: `keys` finds those of entrants, `teams` those of teams.
"""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from .words import Better, KeyBy


class Names(Enum):
    """What a tie-break names besides its kind."""

    NOTHING = "nothing"
    MODULE = "module"
    GROUP = "group"
    ASPECT = "aspect"  # and the module that it stands in
    ONE_OR_ALL_MODULES = "one module, or all without one"


@dataclass(frozen=True, slots=True)
class KeyKind:
    """`better`: which value goes first unless the ruleset says otherwise; None: it goes as what is ranked, and the
    ruleset may not say otherwise.
    """

    names: Names
    better: Better | None = Better.HIGHER
    for_entrants: bool = True
    for_teams: bool = True


def kind_of(by: KeyBy) -> KeyKind:
    """What kind of tie-break it is."""
    match by:
        case KeyBy.MODULE:
            return KeyKind(Names.MODULE)
        case KeyBy.GROUP:
            return KeyKind(Names.GROUP)
        case KeyBy.ASPECT:
            return KeyKind(Names.ASPECT, for_teams=False)
        case KeyBy.TIME:
            return KeyKind(Names.ONE_OR_ALL_MODULES, Better.LOWER)
        case KeyBy.DEDUCTIONS:
            return KeyKind(Names.NOTHING, Better.LOWER, for_teams=False)
        case KeyBy.BEST:
            return KeyKind(Names.NOTHING, None, for_entrants=False)
        case _:
            assert_never(by)
