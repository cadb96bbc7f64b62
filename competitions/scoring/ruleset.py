"""The ruleset (计分规则) as frozen values: modules, groups, tie-breaks, awards, honours, advancement, teams.

Knows the words of the contract. Does not know JSON, nor whether the values make sense together.
"""

from dataclasses import dataclass
from fractions import Fraction

from .numbers import RoundingMode, in_lowest_terms, rounded, with_places
from .words import (
    AdvanceTies,
    AspectKind,
    AwardBase,
    AwardTies,
    Better,
    Boundary,
    Combine,
    CombineAt,
    KeyBy,
    Missing,
    Order,
    Partial,
    ShareRounding,
    TeamBy,
    TeamValue,
    Ties,
)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Decimal places and mode of one rounding step."""

    places: int
    mode: RoundingMode

    def of(self, number: Fraction) -> Fraction:
        """The number rounded."""
        return rounded(number, self.places, self.mode)


def round_if(number: Fraction, rounding: Rounding | None) -> Fraction:
    """Rounded as the rule says; kept exact without one."""
    return number if rounding is None else rounding.of(number)


def shown(number: Fraction, rounding: Rounding | None) -> str:
    """A rounded score with the places of its rounding, an exact one in lowest terms."""
    return in_lowest_terms(number) if rounding is None else with_places(number, rounding.places)


@dataclass(frozen=True, slots=True)
class Aspect:
    """The smallest item marked (评分项)."""

    id: str
    kind: AspectKind
    maximum: Fraction
    step: Fraction | None
    per: Fraction | None
    cap: Fraction | None


@dataclass(frozen=True, slots=True)
class Panel:
    """How many judges mark, and how their marks become one value."""

    combine: Combine
    drop_highest: int
    drop_lowest: int
    judges: int
    min_judges: int


@dataclass(frozen=True, slots=True)
class OvertimeUnits:
    """So much off for each unit of overtime."""

    per_seconds: int
    deduct: Fraction
    partial: Partial


@dataclass(frozen=True, slots=True)
class OvertimeSteps:
    """A table: (seconds over the limit, deduction), rising."""

    steps: tuple[tuple[int, Fraction], ...]
    at_boundary: Boundary


@dataclass(frozen=True, slots=True)
class Overtime:
    """What time over the limit costs."""

    limit_seconds: int
    stop_seconds: int | None
    cap: Fraction | None
    rate: OvertimeUnits | OvertimeSteps


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a stage that is marked by itself (模块)."""

    id: str
    name: str | None
    full_marks: Fraction
    weight: Fraction
    panel: Panel
    combine_at: CombineAt
    aspects: tuple[Aspect, ...] | None
    deduction_cap: Fraction | None
    bonus_cap: Fraction | None
    overtime: Overtime | None
    round: Rounding | None
    weighted_round: Rounding | None
    pass_mark: Fraction | None


@dataclass(frozen=True, slots=True)
class Group:
    """Modules that make one result together."""

    id: str
    name: str | None
    modules: tuple[str, ...]
    weight: Fraction
    round: Rounding | None
    weighted_round: Rounding | None
    pass_mark: Fraction | None


@dataclass(frozen=True, slots=True)
class TotalRule:
    """What happens to the sum before it is the total."""

    round: Rounding
    deduction_cap: Fraction | None
    floor: Fraction


@dataclass(frozen=True, slots=True)
class Key:
    """One tie-break: `module`, `group` and `aspect` are what it names; `better` None: as what is ranked."""

    by: KeyBy
    module: str | None = None
    group: str | None = None
    aspect: str | None = None
    better: Better | None = Better.HIGHER

    @property
    def label(self) -> str:
        """How `decided_by` names it: `module:practice`, `group:g`, `aspect:p.A1`, `time:p`, `deductions`."""
        named = ".".join(part for part in (self.module, self.group, self.aspect) if part is not None)
        return f"{self.by.value}:{named}" if named else self.by.value


@dataclass(frozen=True, slots=True)
class Award:
    """One award: a number of places, a share, or ranks up to a fraction; exactly one of the three."""

    id: str
    name: str | None
    count: int | None
    percent: Fraction | None
    rank_to_fraction: Fraction | None


@dataclass(frozen=True, slots=True)
class AwardRule:
    """Awards in order, each covering a run of places after the one before."""

    base: AwardBase
    ties: AwardTies
    rounding: ShareRounding
    awards: tuple[Award, ...]
    min_total: Fraction | None
    must_pass: bool
    min_field: int | None


@dataclass(frozen=True, slots=True)
class Honour:
    """What a run of ranks, or an award, earns besides; exactly one of rank_to, fraction and awards."""

    id: str
    name: str | None
    rank_from: int
    rank_to: int | None
    rank_to_fraction: Fraction | None
    awards: tuple[str, ...] | None
    must_pass: bool
    min_total: Fraction | None
    min_field: int | None


@dataclass(frozen=True, slots=True)
class Advance:
    """Who goes on to the next stage: a number, or a share of the ranked."""

    count: int | None
    percent: Fraction | None
    rounding: ShareRounding
    ties: AdvanceTies
    per_organisation_max: int | None
    min_total: Fraction | None
    must_pass: bool


@dataclass(frozen=True, slots=True)
class TeamRule:
    """How members make a team's value, and how teams are ranked."""

    by: TeamBy
    value: TeamValue
    best: int | None
    incomplete: Missing
    rank_points: dict[int, Fraction] | None
    award_points: dict[str, Fraction] | None
    pass_points: Fraction
    tie_breaks: tuple[Key, ...]
    ties: Ties
    awards: AwardRule | None


@dataclass(frozen=True, slots=True)
class StandardScore:
    """The scale on which different events are compared."""

    centre: Fraction
    spread: Fraction
    min_field: int


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All rules of one stage."""

    modules: tuple[Module, ...]
    groups: tuple[Group, ...]
    total: TotalRule
    order: Order
    tie_breaks: tuple[Key, ...]
    ties: Ties
    absent: Missing
    awards: AwardRule | None
    honours: tuple[Honour, ...]
    advance: Advance | None
    teams: TeamRule | None
    standard_score: StandardScore | None

    @property
    def better(self) -> Better:
        """Which totals go first."""
        return Better.LOWER if self.order is Order.ASCENDING else Better.HIGHER

    def reached(self, value: Fraction, threshold: Fraction | None) -> bool:
        """Whether a threshold is reached: from below, or from above where the smallest wins (contract §4)."""
        if threshold is None:
            return True
        return value <= threshold if self.order is Order.ASCENDING else value >= threshold
