"""What may be done with the list of who goes on, and with carried scores, as the stage is now. Changes nothing."""

from dataclasses import dataclass

from competitions.programme.models import Module, Stage
from competitions.programme.modules.carried import carried_from, missing_is_absent
from competitions.results.selection.advancing import Advancement


@dataclass(frozen=True, slots=True)
class AdvancementActs:
    """`take`: take in those who go on; `keep`: leave the list although the earlier stage was published anew; `change`:
    single people in and out.
    """

    take: bool
    keep: bool
    change: bool


@dataclass(frozen=True, slots=True)
class CarryActs:
    """Of one module: carry an earlier stage's total, have it marked again, count whoever has none as absent."""

    carry: bool
    mark: bool
    count_missing: bool


def acts_on(stage: Stage, found: Advancement, *, sealed: bool) -> AdvancementActs:
    """What may be done with the list; `sealed`: codes are sealed."""
    closed = sealed or stage.is_settled
    published = found.publication is not None and not stage.is_settled
    return AdvancementActs(
        take=published and not (closed and found.current),
        keep=published and closed and not found.current,
        change=found.publication is not None and not closed,
    )


def carry_acts(stage: Stage, module: Module, *, may_carry: bool) -> CarryActs:
    """What may be done with a module's carried score by somebody who may edit the competition."""
    carried, open_ = carried_from(module) is not None, may_carry and not stage.is_locked
    return CarryActs(
        carry=open_ and not carried,
        mark=open_ and carried,
        count_missing=may_carry
        and carried
        and stage.is_locked
        and not stage.is_settled
        and not missing_is_absent(module),
    )
