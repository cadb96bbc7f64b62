"""Decisions by people on ties that the rules leave: proposed by the chief judge, confirmed by the supervisor, by code.

Only before the standings are settled. Never commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.programme.models import Division, Stage
from competitions.results.models import TieRuling
from competitions.results.standings.computed import DivisionStandings, standings_of

RULING = second_person.register_kind("tie.rule", "并列裁定")


def propose_ruling(
    session: Session, stage: Stage, division: Division, codes: list[str], reason: str, *, by: Actor, at: datetime
) -> TieRuling:
    """The chief judge proposes the order of all entrants of one tie. Raises Invalid, StateForbids."""
    _require_open(session, stage)
    words = reason_of(reason, "ruling.propose")
    if sorted(codes) not in tied_groups(standings_of(session, stage, division)):
        raise Invalid([Problem("invalid.not_tied", "order", {"codes": "、".join(codes)})])
    for waiting in rulings_of(session, stage.id):
        if waiting.division_id == division.id and waiting.confirmed_by is None and set(waiting.codes) & set(codes):
            raise StateForbids("ruling_waiting")
    ruling = TieRuling(
        stage_id=stage.id,
        division_id=division.id,
        codes=codes,
        reason=words,
        proposed_by=by.id,
        proposed_at=at,
    )
    session.add(ruling)
    session.flush()
    second_person.propose(session, RULING, ruling.id, _ruled(ruling), reason=reason.strip(), by=by, at=at)
    record(session, "ruling.propose", "tie_ruling", ruling.id, by=by, at=at, after={"stage": stage.id, "codes": codes})
    return ruling


def confirm_ruling(session: Session, ruling: TieRuling, *, by: Actor, at: datetime) -> None:
    """The supervisor confirms; only then does the ruling count. Never the one who proposed it."""
    _require_waiting(session, ruling)
    second_person.decide(session, RULING, ruling.id, _ruled(ruling), by=by, at=at)
    ruling.confirmed_by, ruling.confirmed_at = by.id, at
    record(session, "ruling.confirm", "tie_ruling", ruling.id, by=by, at=at, after={"codes": list(ruling.codes)})


def refuse_ruling(session: Session, ruling: TieRuling, answer: str, *, by: Actor, at: datetime) -> None:
    """The supervisor turns a proposal down, with the reason."""
    _require_waiting(session, ruling)
    words = reason_of(answer, "ruling.refuse")
    second_person.end(session, RULING, ruling.id, by=by, at=at)
    _end(ruling, words, by, at)
    record(session, "ruling.refuse", "tie_ruling", ruling.id, by=by, at=at)


def revoke_ruling(session: Session, ruling: TieRuling, reason: str, *, by: Actor, at: datetime) -> None:
    """The chief judge takes a ruling back while nothing is settled (a mark has changed, the tie is no longer there)."""
    stage = session.get_one(Stage, ruling.stage_id, with_for_update=True)
    session.refresh(ruling, with_for_update=True)
    if stage.settled_at is not None:
        raise StateForbids("settled")
    if ruling.revoked_at is not None:
        raise StateForbids("ruling_decided")
    words = reason_of(reason, "ruling.revoke")
    if ruling.confirmed_by is None:
        second_person.end(session, RULING, ruling.id, by=by, at=at)
    _end(ruling, words, by, at)
    record(
        session,
        "ruling.revoke",
        "tie_ruling",
        ruling.id,
        by=by,
        at=at,
        before={"confirmed": ruling.confirmed_by is not None},
    )


def rulings_of(session: Session, stage_id: str) -> list[TieRuling]:
    """Rulings of a stage that are proposed or confirmed, oldest first."""
    return list(
        session.scalars(
            select(TieRuling)
            .where(TieRuling.stage_id == stage_id, TieRuling.revoked_at.is_(None))
            .order_by(TieRuling.proposed_at, TieRuling.id)
        )
    )


def tied_groups(standing: DivisionStandings) -> list[list[str]]:
    """Codes that share a rank with nothing left to decide, each group sorted."""
    groups: dict[int, list[str]] = {}
    for line in standing.document["placings"]:
        if line["tied"]:
            groups.setdefault(line["rank"], []).append(line["entrant"])
    return [sorted(codes) for codes in groups.values()]


def ordered_codes(numbers: Sequence[tuple[str, int | None]]) -> list[str]:
    """The codes in the order of the numbers typed beside them. Raises Invalid unless these are 1, 2, … each once."""
    if sorted(number or 0 for _, number in numbers) != list(range(1, len(numbers) + 1)):
        raise Invalid([Problem("invalid.ruling_order", "order", {"count": len(numbers)})])
    return [code for code, _ in sorted(numbers, key=lambda pair: pair[1] or 0)]


def _ruled(ruling: TieRuling) -> dict[str, Any]:
    """What the supervisor confirms: the order of these codes."""
    return {"stage": ruling.stage_id, "division": ruling.division_id, "codes": list(ruling.codes)}


def _require_open(session: Session, stage: Stage) -> None:
    session.refresh(stage, with_for_update=True)
    if stage.settled_at is not None:
        raise StateForbids("settled")


def _require_waiting(session: Session, ruling: TieRuling) -> None:
    stage = session.get_one(Stage, ruling.stage_id, with_for_update=True)
    session.refresh(ruling, with_for_update=True)
    if ruling.confirmed_by or ruling.revoked_at or stage.settled_at is not None:
        raise StateForbids("ruling_decided")


def _end(ruling: TieRuling, answer: str, by: Actor, at: datetime) -> None:
    ruling.revoked_by, ruling.revoked_at, ruling.answer = by.id, at, answer
