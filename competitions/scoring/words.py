"""The words of the contract: every enumeration that a ruleset may use.

Knows how they are written in JSON. Does not know what they do.
"""

from enum import StrEnum


class Order(StrEnum):
    """Which totals are better: large ones, or small ones as in time events (R11)."""

    DESCENDING = "descending"
    ASCENDING = "ascending"


class Ties(StrEnum):
    """How entrants that stay tied are numbered."""

    SHARED = "shared"
    DENSE = "dense"
    FORBIDDEN = "forbidden"


class Missing(StrEnum):
    """What an absent module, or a missing team member, counts."""

    UNRANKED = "unranked"
    ZERO = "zero"


class Combine(StrEnum):
    """How the marks of a panel become one value."""

    MEAN = "mean"
    SUM = "sum"
    MEDIAN = "median"


class CombineAt(StrEnum):
    """Whether the panel rule acts on sheet totals or on each aspect."""

    SHEET = "sheet"
    ASPECT = "aspect"


class AspectKind(StrEnum):
    """What a mark on an aspect means."""

    MEASUREMENT = "measurement"
    JUDGEMENT = "judgement"
    DEDUCTION = "deduction"


class Partial(StrEnum):
    """Whether a started unit of overtime counts."""

    UP = "up"
    DOWN = "down"


class Boundary(StrEnum):
    """Which step holds exactly on the boundary of a table of overtime steps."""

    LOWER = "lower"
    HIGHER = "higher"


class KeyBy(StrEnum):
    """What a tie-break compares."""

    MODULE = "module"
    GROUP = "group"
    ASPECT = "aspect"
    TIME = "time"
    DEDUCTIONS = "deductions"
    BEST = "best"


class Better(StrEnum):
    """Which values of a tie-break go first."""

    HIGHER = "higher"
    LOWER = "lower"


class AwardBase(StrEnum):
    """Whom the shares of awards are taken of."""

    RANKED = "ranked"
    ENTERED = "entered"
    COMPETED = "competed"


class AwardTies(StrEnum):
    """What a tie across the boundary of two awards gets."""

    INCLUDE = "include"
    INCLUDE_KEEP = "include_keep"
    EXCLUDE = "exclude"


class ShareRounding(StrEnum):
    """How a percentage becomes a number of places."""

    HALF_UP = "half_up"
    FLOOR = "floor"
    CEIL = "ceil"
    CUMULATIVE = "cumulative"


class AdvanceTies(StrEnum):
    """What a tie across the last place that advances does."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class TeamBy(StrEnum):
    """What makes entrants one team."""

    TEAM = "team"
    ORGANISATION = "organisation"


class TeamValue(StrEnum):
    """What the members of a team bring in."""

    TOTAL = "total"
    RANK_POINTS = "rank_points"
    AWARD_POINTS = "award_points"
