"""Acts of two people that were agreed to, as `accounts.second_person` leaves them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from competitions.accounts.models import ActOfTwo
from competitions.audit.chain import digest
from competitions.base.permissions import Actor
from competitions.demo.crowd.bulk import Bulk


@dataclass(frozen=True, slots=True)
class Part:
    """What one of the two does: who, and when."""

    by: Actor
    at: datetime


def agreed(bulk: Bulk, kind: str, object_id: str, what: Any, first: Part, second: Part) -> None:
    """One proposed exactly this, the other agreed to it."""
    bulk.add(
        ActOfTwo,
        kind=kind,
        object_id=object_id,
        digest=digest(what),
        proposed_by=first.by.id,
        proposed_at=first.at,
        decided_by=second.by.id,
        decided_at=second.at,
        answer="agreed",
    )
