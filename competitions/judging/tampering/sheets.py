"""Checks of what judging has kept, for `flask audit verify`: revisions and the log, projections, signatures, two
people.

Registered with audit.verification; the chain itself is checked there.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.judging.models import JudgeSignature, MarkingScheme, ScoreRevision, ScoreSheet, SheetConfirmation
from competitions.judging.schemes.aspects import SheetAspect, sheet_aspects
from competitions.judging.schemes.marks import given_runs, given_seconds, revision_digest, sheet_total
from competitions.judging.signing.models import ChangeRequest, ModuleSignature
from competitions.judging.signing.module_state import stage_state
from competitions.judging.signing.services import signed_sheets
from competitions.judging.signing.signatures import own_digest, signed_document
from competitions.programme.models import Division, Module, Stage
from competitions.scoring.numbers import plain

SUBMIT = "sheet.submit"
FINAL = ("confirmed", "signed")


def revision_findings(session: Session) -> Iterator[Finding]:
    """Revisions without their audit event or with another digest in it, events without their revision, wrong digests."""
    recorded: dict[str, tuple[int, dict[str, Any]]] = {}
    for seq, payload in session.execute(
        select(AuditEvent.seq, AuditEvent.payload)
        .where(AuditEvent.payload.contains(f'"action":"{SUBMIT}"'))
        .order_by(AuditEvent.seq)
    ):
        document = json.loads(payload)
        if document.get("action") == SUBMIT:
            recorded[document.get("revision", "")] = (seq, document)
    for revision in session.scalars(select(ScoreRevision).execution_options(yield_per=500)):
        found = recorded.pop(revision.id, None)
        place = ("score_revision", revision.id)
        if found is None:
            yield Finding(
                "REVISION_WITHOUT_AUDIT", place=place, message="有一版给分没有审计记录：可能是绕过系统写入的。"
            )
            continue
        seq, document = found
        own = "late" in document["after"] or document.get("by") == revision.author_id  # a late one is taken by another
        if document["after"]["digest"] != revision.digest or not own or not _digest_fits(revision):
            yield Finding(
                "REVISION_CHANGED", seq, place, message=f"第 {seq} 条审计记录对应的给分内容与当时不符：给分被改动过。"
            )
    for seq, document in recorded.values():
        yield Finding(
            "AUDIT_WITHOUT_REVISION",
            seq,
            ("score_sheet", str(document["object"][1])),
            message=f"第 {seq} 条审计记录所记的给分已不存在：给分被删除过。",
        )


def projection_findings(session: Session) -> Iterator[Finding]:
    """Sheets whose head or state is not what revisions and confirmations say."""
    heads: dict[str, tuple[int, bool]] = {}
    for sheet_id, number, complete in session.execute(
        select(ScoreRevision.sheet_id, ScoreRevision.number, ScoreRevision.complete).order_by(
            ScoreRevision.sheet_id, ScoreRevision.number
        )
    ):
        heads[sheet_id] = (number, complete)
    confirmed = {
        (sheet_id, opening): number
        for sheet_id, opening, number in session.execute(
            select(SheetConfirmation.sheet_id, SheetConfirmation.opening, SheetConfirmation.number)
        )
    }
    for sheet_id, head, state, opening in session.execute(
        select(ScoreSheet.id, ScoreSheet.head, ScoreSheet.state, ScoreSheet.opening)
    ):
        newest, complete = heads.get(sheet_id, (0, False))
        sound = head == newest and (state in FINAL) <= (confirmed.get((sheet_id, opening)) == head)
        undone = confirmed.get((sheet_id, opening)) is not None and state not in FINAL
        if not sound or undone or (state == "submitted" and not complete) or (state == "empty" and head):
            yield Finding(
                "PROJECTION_MISMATCH",
                place=("score_sheet", sheet_id),
                message="评分表的版次或状态与给分、复核记录不符：被直接改动过。",
            )


def total_findings(session: Session) -> Iterator[Finding]:
    """Revisions whose total is not what their marks come to by their marking scheme."""
    schemes: dict[str | None, tuple[SheetAspect, ...]] = {None: sheet_aspects((), None)}
    for scheme in session.scalars(select(MarkingScheme)):
        schemes[scheme.id] = sheet_aspects(scheme.aspects, None)
    for revision in session.scalars(select(ScoreRevision).execution_options(yield_per=500)):
        values = {name: Fraction(text) for name, text in json.loads(revision.marks).items()}
        if plain(sheet_total(values, schemes[revision.scheme_id])) != revision.total:
            yield Finding(
                "PROJECTION_MISMATCH",
                place=("score_revision", revision.id),
                message="一版给分的合计与各项给分不符：合计被直接改动过。",
            )


def signature_findings(session: Session) -> Iterator[Finding]:
    """Signed modules whose sheets are no longer what was signed."""
    newest: dict[tuple[str, str], ModuleSignature] = {}
    by_stage: dict[str, list[tuple[str, str]]] = {}
    for signature in session.scalars(select(ModuleSignature).order_by(ModuleSignature.opening)):
        newest[signature.module_id, signature.division_id] = signature
    for module_id, division_id in newest:
        by_stage.setdefault(session.get_one(Module, module_id).stage_id, []).append((module_id, division_id))
    for stage_id, signed in by_stage.items():
        stage = stage_state(session, session.get_one(Stage, stage_id))
        for module_id, division_id in signed:
            module, division = session.get_one(Module, module_id), session.get_one(Division, division_id)
            signature = newest[module_id, division_id]
            sheets = signed_sheets(session, module, division_id)
            document = signed_document(session, module, division, sheets, signature.version)
            if stage.of(module_id, division_id).signed and digest(document) != signature.digest:
                yield Finding(
                    "SIGNED_SHEET_CHANGED",
                    place=("module_signature", signature.id),
                    message=f"“{module.name}”签字后，评分表内容与签字摘要不符。",
                )


def own_signature_findings(session: Session) -> Iterator[Finding]:
    """Judges' own signatures that are over something else than the sheet and revision they name; and once, how many
    signatures of both kinds are of version 1.
    """
    asked = (
        select(JudgeSignature, ScoreSheet, ScoreRevision)
        .outerjoin(ScoreSheet, ScoreSheet.id == JudgeSignature.sheet_id)
        .outerjoin(
            ScoreRevision,
            (ScoreRevision.sheet_id == JudgeSignature.sheet_id) & (ScoreRevision.number == JudgeSignature.number),
        )
    )
    for signature, sheet, revision in session.execute(asked.execution_options(yield_per=500)):
        whole = sheet is not None and revision is not None
        if not whole or own_digest(sheet, revision, signature.by, signature.version) != signature.digest:
            yield Finding(
                "SIGNED_SHEET_CHANGED",
                place=("judge_signature", signature.id),
                message="裁判员签字后，评分表的加密号、模块、组别或给分与签字摘要不符。",
            )
    modules, own = (
        session.scalar(select(func.count()).select_from(table).where(table.version == 1)) or 0
        for table in (ModuleSignature, JudgeSignature)
    )
    if modules or own:
        yield Finding(
            "SIGNATURES_OF_VERSION_1",
            message=f"有 {modules} 份裁判长签字、{own} 份裁判员签字是旧版签字，只签给分，不签加密号和裁判。"
            "签字不会被悄悄重签；加密号和裁判以审计记录和纸质成绩确认单为准。",
        )


def second_person_findings(session: Session) -> Iterator[Finding]:
    """Confirmations and approvals by the very person whose work they are."""
    authors = select(ScoreRevision.author_id).where(
        ScoreRevision.sheet_id == SheetConfirmation.sheet_id, ScoreRevision.number == SheetConfirmation.number
    )
    own = select(SheetConfirmation.id).where(SheetConfirmation.by == authors.scalar_subquery())
    for found in session.scalars(own):
        yield Finding("SELF_APPROVAL", place=("sheet_confirmation", found), message="有评分表由给分人自己复核。")
    for found in session.scalars(
        select(ChangeRequest.id).where(ChangeRequest.decided_by == ChangeRequest.requested_by)
    ):
        yield Finding("SELF_APPROVAL", place=("change_request", found), message="有重新开放申请由申请人自己同意。")


def _digest_fits(revision: ScoreRevision) -> bool:
    seconds, runs = given_seconds(revision.seconds), given_runs(revision.runs)
    marks = json.loads(revision.marks)
    return revision_digest(revision.sheet_id, revision.number, marks, seconds, runs) == revision.digest


register_check("revisions", revision_findings)
register_check("sheets", projection_findings)
register_check("totals", total_findings)
register_check("signatures", signature_findings)
register_check("own_signatures", own_signature_findings)
register_check("second_person", second_person_findings)
