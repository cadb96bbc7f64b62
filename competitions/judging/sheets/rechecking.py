"""Re-checking before signing: which codes are drawn, what came out, when all of them must be looked at.

The best part by total and a seeded share of the rest; everything when too many were wrong (issue 5 point 5). The
shares stand in the module's settings; without them nothing is re-checked.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.judging.models import ScoreRevision, ScoreSheet
from competitions.judging.sheets.models import Recheck
from competitions.programme.models import Module
from competitions.programme.modules.judging_settings import JudgingSettings


def drawn_codes(session: Session, module: Module, division_id: str, sheets: Sequence[ScoreSheet]) -> list[str]:
    """The codes to be re-checked: the best `top` per cent by the sum of their sheets, a seeded `sample` of the rest,
    all of them when more than `limit` per cent of those looked at were wrong.
    """
    shares = JudgingSettings.of(module).recheck
    if shares is None:
        return []
    totals = _totals(session, sheets)
    ordered = sorted(totals, key=lambda code: (-totals[code], code))
    outcomes = outcomes_of(session, module, sheets)
    wrong = sum(outcome.outcome == "wrong" for outcome in outcomes.values())
    if outcomes and Fraction(wrong, len(outcomes)) > Fraction(shares.limit, 100):
        return sorted(ordered)
    best = ordered[: ceil(Fraction(len(ordered) * shares.top, 100))]
    rest = sorted(ordered[len(best) :], key=lambda code: _seeded(module.id, division_id, code))
    return sorted(best + rest[: ceil(Fraction(len(rest) * shares.sample, 100))])


def outcomes_of(session: Session, module: Module, sheets: Sequence[ScoreSheet]) -> dict[str, Recheck]:
    """Code → what its re-check of the present opening said."""
    openings: dict[str, int] = {}
    for sheet in sheets:
        openings[sheet.code] = max(openings.get(sheet.code, 0), sheet.opening)
    rows = session.scalars(select(Recheck).where(Recheck.module_id == module.id))
    return {row.code: row for row in rows if row.opening == openings.get(row.code)}


def recheck_faults(session: Session, module: Module, division_id: str, sheets: Sequence[ScoreSheet]) -> list[Problem]:
    """The codes drawn that nobody has looked at yet, or that were wrong and are not put right, as what blocks
    signing.
    """
    drawn = drawn_codes(session, module, division_id, sheets)
    outcomes = outcomes_of(session, module, sheets)
    waiting = [code for code in drawn if code not in outcomes]
    wrong = sorted(code for code, outcome in outcomes.items() if outcome.outcome == "wrong")
    return [
        Problem(code, params={"codes": "、".join(codes[:20]), "count": len(codes)})
        for code, codes in (("sign.recheck_waiting", waiting), ("sign.recheck_wrong", wrong))
        if codes
    ]


def recheck(
    session: Session,
    module: Module,
    sheets: Sequence[ScoreSheet],
    code: str,
    outcome: str,
    text: str,
    *,
    by: Actor,
    at: datetime,
) -> Recheck:
    """The checker says what a re-check of a code gave. Raises Invalid, StateForbids for a judge of that code."""
    of_code = [sheet for sheet in sheets if sheet.code == code]
    if not of_code or outcome not in ("right", "wrong"):
        raise Invalid(code="invalid.recheck")
    words = reason_of(text, "module.recheck") if outcome == "wrong" else text.strip()
    second_person.require_apart(session, by, *(sheet.judge_id for sheet in of_code), code="own_entry")
    if code in outcomes_of(session, module, sheets):
        raise StateForbids("rechecked_already")
    found = Recheck(
        module_id=module.id,
        code=code,
        opening=max(sheet.opening for sheet in of_code),
        outcome=outcome,
        text=words,
        by=by.id,
        at=at,
    )
    session.add(found)
    session.flush()
    record(session, "module.recheck", "module", module.id, by=by, at=at, after={"code": code, "outcome": outcome})
    return found


def _totals(session: Session, sheets: Sequence[ScoreSheet]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    ids = [sheet.id for sheet in sheets]
    codes = {sheet.id: sheet.code for sheet in sheets}
    for start in range(0, len(ids), 500):
        for sheet_id, total in session.execute(
            select(ScoreRevision.sheet_id, ScoreRevision.total)
            .join(ScoreSheet, ScoreSheet.id == ScoreRevision.sheet_id)
            .where(ScoreSheet.id.in_(ids[start : start + 500]), ScoreRevision.number == ScoreSheet.head)
        ):
            found[codes[sheet_id]] = found.get(codes[sheet_id], Fraction(0)) + Fraction(total)
    return found


def _seeded(module_id: str, division_id: str, code: str) -> str:
    return hashlib.sha256(f"{module_id}\n{division_id}\n{code}".encode()).hexdigest()
