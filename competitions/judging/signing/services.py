"""Signing a module: what is still missing, the chief judge's signature, the paper that carries its digest.

A module is signed division by division; signed means locked. A reopening voids the signature until the module is signed
again under the next opening (design.md §4.4). Never commits.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.three.county import may_sign_own
from competitions.audit.chain import digest
from competitions.audit.recording import head, record
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.judging.models import JudgeSignature, Quarantine, ScoreSheet, SheetConfirmation
from competitions.judging.queries import (
    DONE,
    judges_ever,
    revision_of,
)
from competitions.judging.sheets.judgement import unresolved_spreads
from competitions.judging.sheets.rechecking import recheck_faults
from competitions.judging.sheets.tablets import reason_in_spite
from competitions.judging.signing.models import ChangeRequest, ModuleSignature
from competitions.judging.signing.module_state import ModuleState, module_state
from competitions.judging.signing.signatures import own_digest, signed_document
from competitions.judging.timing.queries import standing_in
from competitions.judging.timing.wording import whom
from competitions.programme.models import Division, Module, Stage
from competitions.programme.modules.judging_settings import JudgingSettings

MOST_NAMED = 20


def signing_faults(
    session: Session, module: Module, division_id: str, state: ModuleState | None = None
) -> list[Problem]:
    """What keeps the module from being signed, each with its codes; empty when it can be."""
    state = state or module_state(session, module, division_id)
    codes = {sheet.code for sheet in state.sheets} | state.lacking.keys()
    here = ScoreSheet.module_id == module.id, ScoreSheet.division_id == division_id
    lists: list[tuple[str, Sequence[str]]] = [
        ("sign.sheets_missing", sorted(state.lacking)),
        ("sign.sheets_surplus", sorted(state.surplus)),
        ("sign.undelivered", _codes(state.in_state("empty", "draft"))),
        ("sign.unconfirmed", _codes(state.in_state("submitted"))),
        (
            "sign.spread",
            [
                spread.code
                for spread in unresolved_spreads(
                    session, module, list(dict.fromkeys(sheet.code for sheet in state.sheets))
                )
            ],
        ),
        (
            "sign.late_waiting",
            _codes_of(
                session,
                select(ScoreSheet.code)
                .join(Quarantine, Quarantine.sheet_id == ScoreSheet.id)
                .where(Quarantine.state == "waiting", *here),
                codes,
            ),
        ),
        (
            "sign.request_waiting",
            _codes_of(
                session,
                select(ScoreSheet.code)
                .join(ChangeRequest, ChangeRequest.sheet_id == ScoreSheet.id)
                .where(ChangeRequest.state == "waiting", *here),
                codes,
            ),
        ),
        ("sign.judge_unsigned", _unsigned_by_judges(session, module, state)),
    ]
    lists += _unsigned_times(session, module, division_id)
    found = [_fault(code, codes) for code, codes in lists if codes]
    if state.is_empty:
        found.append(_fault("sign.nobody", []))
    return found + ([] if found else recheck_faults(session, module, division_id, state.sheets))


def sign_module(
    session: Session, module: Module, division: Division, *, reason: str = "", by: Actor, at: datetime
) -> ModuleSignature:
    """The chief judge signs a module of a division: its confirmed sheets are locked, their digests are in the
    signature.

    Raises StateForbids: signed already, something missing (`problems`), the signer confirmed or marked a sheet himself
    (the chief judge of three may have marked),
    or tablets of the panel have unsent items and there is no `reason` for signing in spite of them.
    """
    _hold_sheets(session, module, division)
    state = module_state(session, module, division.id)
    if state.signed:
        raise StateForbids("signed")
    if faults := signing_faults(session, module, division.id, state):
        raise StateForbids("signing_blocked", problems=faults, count=len(faults))
    confirmations = confirmations_of(session, state.sheets)
    own = may_sign_own(session, module.stage.event.competition_id, by.id)
    people = {each.by for each in confirmations.values()}
    people |= set() if own else {each.author_id for each in confirmations.values()}
    second_person.require_apart(session, by, *people)
    in_spite = reason_in_spite(session, judges_ever(session, module.id, division.id), reason, at)
    document = signed_document(session, module, division, state.sheets)
    seq, current = head(session)
    signature = ModuleSignature(
        module_id=module.id,
        division_id=division.id,
        opening=(state.signature.opening if state.signature else 0) + 1,
        digest=digest(document),
        audit_head=current,
        by=by.id,
        at=at,
    )
    for sheet in state.sheets:
        sheet.state = "signed"
    session.add(signature)
    session.flush()
    after = {
        "signature": signature.id,
        "division": division.id,
        "opening": signature.opening,
        "digest": signature.digest,
        "version": signature.version,
        "audit_seq": seq,
        "sheets": len(state.sheets),
    }
    record(session, "module.sign", "module", module.id, by=by, at=at, after=after, reason=in_spite or None)
    return signature


def _hold_sheets(session: Session, module: Module, division: Division) -> None:
    """Nobody changes the stage or its sheets until the signature is there."""
    session.get_one(Stage, module.stage_id, with_for_update=True)
    session.scalars(
        select(ScoreSheet)
        .where(ScoreSheet.module_id == module.id, ScoreSheet.division_id == division.id)
        .order_by(ScoreSheet.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def signed_sheets(session: Session, module: Module, division_id: str) -> list[ScoreSheet]:
    """The sheets that the newest signature locked: a competitor disqualified since does not unsign what was signed."""
    return list(
        session.scalars(
            select(ScoreSheet).where(
                ScoreSheet.module_id == module.id, ScoreSheet.division_id == division_id, ScoreSheet.state == "signed"
            )
        )
    )


def confirmations_of(session: Session, sheets: Sequence[ScoreSheet]) -> dict[str, SheetConfirmation]:
    """Sheet id → the confirmation of its present opening."""
    openings = {sheet.id: sheet.opening for sheet in sheets}
    found: dict[str, SheetConfirmation] = {}
    ids = list(openings)
    for start in range(0, len(ids), 500):
        for confirmation in session.scalars(
            select(SheetConfirmation).where(SheetConfirmation.sheet_id.in_(ids[start : start + 500]))
        ):
            if confirmation.opening == openings[confirmation.sheet_id]:
                found[confirmation.sheet_id] = confirmation
    return found


def sign_own_sheet(session: Session, sheet: ScoreSheet, number: int, *, by: Actor, at: datetime) -> JudgeSignature:
    """A judge signs his delivered sheet on the screen. Raises StateForbids (not delivered, another revision),
    idempotent.
    """
    revision = revision_of(session, sheet)
    if sheet.closed is not None or revision is None or not revision.complete or sheet.state in ("empty", "draft"):
        raise StateForbids("sheet_not_delivered")
    if number != revision.number:
        raise StateForbids("sheet_changed")
    found = session.scalar(
        select(JudgeSignature).where(JudgeSignature.sheet_id == sheet.id, JudgeSignature.number == number)
    )
    if found is not None:
        return found
    signed = own_digest(sheet, revision, by.id)
    signature = JudgeSignature(sheet_id=sheet.id, number=number, digest=signed, by=by.id, at=at)
    session.add(signature)
    session.flush()
    record(
        session,
        "sheet.sign",
        "score_sheet",
        sheet.id,
        by=by,
        at=at,
        after={"revision": number, "digest": signed, "code": sheet.code, "version": signature.version},
    )
    return signature


def paper_code(signature: ModuleSignature) -> str:
    """What the paper prints: the first 16 hex digits of the digest in groups of four."""
    return "-".join(signature.digest[start : start + 4] for start in range(0, 16, 4)).upper()


def signature_by_paper_code(session: Session, code: str) -> ModuleSignature:
    """The signature that a paper belongs to. Raises NotFound."""
    wanted = "".join(character for character in code.lower() if character in "0123456789abcdef")
    found = (
        session.scalar(
            select(ModuleSignature)
            .where(ModuleSignature.digest.startswith(wanted, autoescape=True))
            .order_by(ModuleSignature.at.desc())
            .limit(1)
        )
        if len(wanted) == 16
        else None
    )
    if found is None:
        raise NotFound
    return found


def _unsigned_by_judges(session: Session, module: Module, state: ModuleState) -> list[str]:
    if not JudgingSettings.of(module).judges_sign:
        return []
    signed = {
        (sheet_id, number)
        for sheet_id, number in session.execute(
            select(JudgeSignature.sheet_id, JudgeSignature.number)
            .join(ScoreSheet, ScoreSheet.id == JudgeSignature.sheet_id)
            .where(ScoreSheet.module_id == module.id)
        )
    }
    return _codes([sheet for sheet in state.in_state(*DONE) if (sheet.id, sheet.head) not in signed])


def _unsigned_times(session: Session, module: Module, division_id: str) -> list[tuple[str, Sequence[str]]]:
    """Stops that last, and changes of time that wait for the chief judge: whom they are of."""
    changes = standing_in(session, module, division_id)
    return [
        ("sign.time_lasting", [whom(each) for each in changes if each.is_lasting]),
        ("sign.time_unsigned", [whom(each) for each in changes if each.awaits_signature]),
    ]


def _codes_of(session: Session, statement: Select[str], codes: set[str]) -> list[str]:
    return sorted(codes & set(session.scalars(statement)))


def _codes(sheets: Sequence[ScoreSheet]) -> list[str]:
    return list(dict.fromkeys(sheet.code for sheet in sheets))


def _fault(code: str, codes: Sequence[str]) -> Problem:
    shown = "、".join(codes[:MOST_NAMED]) + ("……" if len(codes) > MOST_NAMED else "")
    return Problem(code, params={"codes": shown, "count": len(codes)})
