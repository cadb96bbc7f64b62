"""What a corrected entry (更正) means for results: until when it can be corrected, and what must be done again after it.

Registers with registration, which knows no publication. Changes nothing.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from competitions.audit.chain import canonical
from competitions.base.errors import StateForbids
from competitions.base.problems import Problem
from competitions.programme.models import Stage
from competitions.registration.corrections.checks import register_guard
from competitions.registration.corrections.models import EntryCorrection, EntryCorrectionDecision
from competitions.registration.corrections.queries import open_corrections
from competitions.registration.models import Entry
from competitions.results.models import Publication, PublicationSnapshot
from competitions.results.settlement.queries import latest_settlements
from competitions.results.standings.computed import DivisionStandings, stage_standings

MOST_NAMED = 20
GROUPS = ("team", "organisation")
"""What a case says of an entrant's delegation and employer: all of the register that standings can rest on."""


def require_unpublished(session: Session, entry: Entry, _fields: Collection[str]) -> None:
    """Raises StateForbids when a publication that is public names the entry: then the published result is corrected."""
    named = session.execute(
        select(Stage.name, Publication.number, PublicationSnapshot.identities)
        .join(Publication, Publication.stage_id == Stage.id)
        .join(PublicationSnapshot, PublicationSnapshot.publication_id == Publication.id)
        .where(Stage.event_id == entry.event_id, Publication.state == "published")
        .order_by(Stage.position, Publication.number)
    )
    for stage, number, entry_of in named:
        if entry.id in entry_of.values():
            raise StateForbids("correction_published", stage=stage, number=number)


register_guard(require_unpublished)


def waiting_corrections(session: Session, stage: Stage) -> list[Problem]:
    """Corrections of the event's entries on which nobody has decided: nobody publishes what is known to be doubted."""
    tickets = sorted(
        each.entry.ticket or ""
        for each in session.scalars(
            open_corrections().where(Entry.event_id == stage.event_id, Entry.state == "approved")
        )
    )
    shown = "、".join(tickets[:MOST_NAMED]) + ("……" if len(tickets) > MOST_NAMED else "")
    params = {"count": len(tickets), "tickets": shown}
    return [Problem("check.correction_waiting", None, params)] if tickets else []


def is_regrouped(session: Session, stage: Stage, standings: Sequence[DivisionStandings]) -> bool:
    """Whether standings that were settled come out otherwise because people count for another side or unit now, and for
    nothing else: then the chief judge settles them again.
    """
    settled = latest_settlements(session, stage.id)
    other = [each for each in standings if each.division.id in settled]
    other = [each for each in other if settled[each.division.id].digest != each.digest]
    return bool(other) and all(
        canonical(_ungrouped(json.loads(settled[each.division.id].case))) == canonical(_ungrouped(each.case))
        for each in other
    )


def corrected_stages() -> ColumnElement[bool]:
    """Condition on Stage: an entry of its event was corrected, so that its standings may have to be settled again."""
    return (
        exists()
        .where(
            EntryCorrectionDecision.answer == "agreed",
            EntryCorrection.id == EntryCorrectionDecision.correction_id,
            Entry.id == EntryCorrection.entry_id,
            Entry.event_id == Stage.event_id,
        )
        .correlate(Stage)
    )


def must_settle_again(session: Session, stage: Stage) -> bool:
    """Whether the chief judge has to settle again what he has settled; asked only where an entry was corrected."""
    if not stage.is_settled or session.scalar(select(Stage.id).where(Stage.id == stage.id, corrected_stages())) is None:
        return False
    return is_regrouped(session, stage, stage_standings(session, stage))


def _ungrouped(case: Mapping[str, Any]) -> dict[str, Any]:
    entrants = [{name: value for name, value in entrant.items() if name not in GROUPS} for entrant in case["entrants"]]
    return {**case, "entrants": entrants}
