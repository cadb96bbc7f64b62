"""What a person may do with the standings of a stage and the rulings on its ties as they are now. Changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass

from competitions.base.permissions import Permission
from competitions.programme.models import Stage
from competitions.results.models import Publication, TieRuling


@dataclass(frozen=True, slots=True)
class StandingsActs:
    """Settle and sign, draft a publication, propose an order for a tie."""

    settle: bool
    draft: bool
    rule_ties: bool


@dataclass(frozen=True, slots=True)
class RulingActs:
    """`decide`: confirm or refuse, as the second person; `take_back`: as the chief judge."""

    decide: bool
    take_back: bool


def acts_on(
    stage: Stage,
    held: Collection[Permission],
    *,
    blocked: bool,
    decoded: bool,
    publication: Publication | None,
    regrouped: bool = False,
) -> StandingsActs:
    """What somebody may do who holds these permissions over the stage; `publication`: the newest that is not refused;
    `regrouped`: what was settled is to be settled again, since a corrected entry moved somebody.
    """
    settle = Permission.SETTLE_STANDINGS in held and not blocked and (regrouped or not stage.is_settled)
    unpublished = publication is None or publication.is_withdrawn
    return StandingsActs(
        settle=settle,
        draft=Permission.DRAFT_PUBLICATION in held and decoded and unpublished and not settle,
        rule_ties=Permission.RULE_TIES in held and not stage.is_settled,
    )


def ruling_acts(ruling: TieRuling, stage: Stage, held: Collection[Permission], user_id: str) -> RulingActs:
    """What the person may do with one ruling."""
    changeable = not ruling.is_over and not stage.is_settled
    decide = changeable and Permission.APPROVE_REQUESTS in held and ruling.may_be_decided_by(user_id)
    return RulingActs(decide, changeable and not decide and Permission.RULE_TIES in held)
