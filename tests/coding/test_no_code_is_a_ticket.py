"""No code is a 准考证号 of the event: whoever knows a ticket would think that he knows the competitor behind the code.

A ticket is longer than a code as long as nobody types others, so the collision is forced: short tickets, willing dice.
"""

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.coding import codes, queries, services
from competitions.coding.models import CodeRow
from competitions.programme.models import Stage
from competitions.registration.models import Entry
from tests.factories_coding import make_contest, make_entry, make_official, with_lots


class DiceForTickets:
    """Dice that fall on numbers of these tickets whenever they can."""

    def __init__(self, tickets: set[str]) -> None:
        self.tickets = tickets

    def sample(self, pool: list[str], count: int) -> list[str]:
        """The numbers drawn, unlucky ones first."""
        return sorted(pool, key=lambda code: code not in self.tickets)[:count]


@pytest.fixture
def short_tickets(app: Flask, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Tickets of three figures, as a code has, and dice that fall on them; `make_contest` follows."""
    tickets = {"517", "518", "519", "520"}
    monkeypatch.setattr(codes, "_dice", DiceForTickets(tickets))
    return tickets


def with_tickets(stage: Stage, tickets: set[str]) -> None:
    """The entries of the stage's event have these tickets."""
    entries = db.session.scalars(select(Entry).where(Entry.event_id == stage.event_id))
    for entry, ticket in zip(entries, sorted(tickets), strict=True):
        entry.ticket = ticket
    db.session.commit()


@pytest.mark.parametrize("levels", [1, 3])
def test_no_code_that_is_drawn_is_a_ticket_of_the_event(short_tickets: set[str], levels: int) -> None:
    stage = make_contest(3, levels=levels)
    make_entry(stage.event, state="withdrawn")
    with_tickets(stage, short_tickets)
    with_lots(stage, coder := make_official("coder", stage))
    with transaction() as session:
        services.draw_codes(session, session.get_one(Stage, stage.id), 1, by=coder, at=clock.now())
    drawn = set(db.session.scalars(select(CodeRow.code)))
    assert len(drawn) == 3 and not drawn & short_tickets


def test_no_code_that_the_system_draws_is_a_ticket_of_the_event(short_tickets: set[str]) -> None:
    stage = make_contest(3, levels=0)
    steward = make_official("steward", stage)
    late = make_entry(db.session.get_one(Stage, stage.id).event, state="endorsed")
    with_tickets(stage, short_tickets)
    first, *_ = queries.contender_ids(db.session(), stage)
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), first, "present", by=steward, at=clock.now())
    db.session.get_one(Entry, late.id).state = "approved"
    db.session.commit()
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), late.id, "present", by=steward, at=clock.now())
    drawn = set(db.session.scalars(select(CodeRow.code)))
    assert len(drawn) == 4 and not drawn & short_tickets
