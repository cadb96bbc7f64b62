"""Checks of acts for `flask audit verify`: each confirmation, signature, recusal, incident, re-check, scan of a signed
paper, judge's card and late delivery is in the log as it stands in its table, and nothing that the log knows of has
gone. Without them a row put in by hand would count as an act.

Registered with audit.verification, as tampering.py.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.judging.cards.models import JudgeCard
from competitions.judging.models import (
    Incident,
    JudgeSignature,
    Quarantine,
    ScoreRevision,
    SheetConfirmation,
)
from competitions.judging.panels.models import Recusal
from competitions.judging.sheets.models import Recheck
from competitions.judging.signing.models import ModuleSignature, SignedScan

Act = tuple[str | int | None, ...]
"""What was done, by whom, and everything that counts of it; equal in the table and in the log."""
WORDS = {
    "sheet.confirm": "评分表复核",
    "sheet.sign": "裁判员签字",
    "module.sign": "裁判长签字",
    "panel.recuse": "裁判回避",
    "panel.take_back": "裁判回避撤回",
    "incident.record": "现场情况记录",
    "incident.revoke": "现场情况撤回",
    "module.recheck": "抽查",
    "scan.attach": "签字扫描件",
    "scan.withdraw": "签字扫描件作废",
    "card.issue": "裁判卡发放",
    "card.revoke": "裁判卡停用",
    "sheet.keep_aside": "晚送达的评分",
}
_KEPT_WITH = {
    "module.recheck": ("code", "outcome"),
    "scan.attach": ("scan", "sha256"),
    "scan.withdraw": ("scan",),
    "card.issue": ("stage", "user"),
    "card.revoke": (),
    "panel.take_back": ("recusal", "code", "judge"),
    "sheet.keep_aside": ("quarantine", "digest"),
}
"""Action → what counts of it beside its author and object."""


def act_findings(session: Session) -> Iterator[Finding]:
    """Acts that the log does not know, or knows otherwise, and acts in the log that have gone from their table."""
    logged = _logged(session)
    for act, place in _kept(session):
        if seqs := logged.get(act):
            seqs.pop()
        else:
            yield Finding(
                "ACT_WITHOUT_AUDIT",
                place=place,
                message=f"有一条{WORDS[str(act[0])]}与审计记录对不上：可能是绕过系统写入或改动的。",
            )
    for act, seqs in logged.items():
        for seq in seqs:
            yield Finding(
                "AUDIT_WITHOUT_ACT", seq, message=f"第 {seq} 条审计记录所记的{WORDS[str(act[0])]}已不存在，或已被改动。"
            )


def _logged(session: Session) -> dict[Act, list[int]]:
    found: dict[Act, list[int]] = {}
    for seq, payload in session.execute(
        select(AuditEvent.seq, AuditEvent.payload).where(AuditEvent.action.in_(WORDS)).order_by(AuditEvent.seq)
    ):
        document = json.loads(payload)
        found.setdefault(_from_log(document), []).append(seq)
    return found


def _from_log(document: dict[str, Any]) -> Act:
    action, after, by = document["action"], document["after"], document.get("by")
    if action in ("sheet.confirm", "sheet.sign"):
        return action, by, document["object"][1], after["revision"], after["digest"]
    if action == "module.sign":
        return action, by, document["object"][1], after["signature"], after["opening"], after["digest"]
    if action == "panel.recuse":
        return action, by, document["object"][1], after["code"], after["judge"]
    if action == "incident.revoke":
        return action, by, after["incident"]
    if action in _KEPT_WITH:
        return action, by, document["object"][1], *(after.get(name) for name in _KEPT_WITH[action])
    return (
        action,
        by,
        document["object"][1],
        after["incident"],
        after["code"],
        after["kind"],
        after["module"],
        after["value"],
        after["status"],
    )


def _kept(session: Session) -> Iterator[tuple[Act, tuple[str, str]]]:
    confirmed = select(SheetConfirmation, ScoreRevision.digest).outerjoin(
        ScoreRevision,
        (ScoreRevision.sheet_id == SheetConfirmation.sheet_id) & (ScoreRevision.number == SheetConfirmation.number),
    )
    for confirmation, marks in session.execute(confirmed.execution_options(yield_per=500)):
        yield (
            ("sheet.confirm", confirmation.by, confirmation.sheet_id, confirmation.number, marks),
            ("sheet_confirmation", confirmation.id),
        )
    for own in session.scalars(select(JudgeSignature).execution_options(yield_per=500)):
        yield ("sheet.sign", own.by, own.sheet_id, own.number, own.digest), ("judge_signature", own.id)
    for signed in session.scalars(select(ModuleSignature)):
        yield (
            ("module.sign", signed.by, signed.module_id, signed.id, signed.opening, signed.digest),
            ("module_signature", signed.id),
        )
    for recusal in session.scalars(select(Recusal)):
        yield ("panel.recuse", recusal.by, recusal.module_id, recusal.code, recusal.judge_id), ("recusal", recusal.id)
        if recusal.revoked_at is not None:
            yield (
                ("panel.take_back", recusal.revoked_by, recusal.module_id, recusal.id, recusal.code, recusal.judge_id),
                ("recusal", recusal.id),
            )
    for incident in session.scalars(select(Incident)):
        yield (
            (
                "incident.record",
                incident.by,
                incident.stage_id,
                incident.id,
                incident.code,
                incident.kind,
                incident.module_id,
                incident.value,
                incident.status,
            ),
            ("incident", incident.id),
        )
        if incident.revoked_at is not None:
            yield ("incident.revoke", incident.revoked_by, incident.id), ("incident", incident.id)
    yield from _kept_beside(session)


def _kept_beside(session: Session) -> Iterator[tuple[Act, tuple[str, str]]]:
    """Re-checks, scans, cards, and deliveries that came too late."""
    for late in session.scalars(select(Quarantine)):
        yield (
            ("sheet.keep_aside", late.user_id, late.sheet_id, late.id, digest(json.loads(late.body))),
            ("quarantine", late.id),
        )
    for seen in session.scalars(select(Recheck)):
        yield ("module.recheck", seen.by, seen.module_id, seen.code, seen.outcome), ("recheck", seen.id)
    for scan in session.scalars(select(SignedScan)):
        yield ("scan.attach", scan.by, scan.signature_id, scan.id, scan.sha256), ("signed_scan", scan.id)
        if scan.withdrawn_at is not None:
            yield ("scan.withdraw", scan.withdrawn_by, scan.signature_id, scan.id), ("signed_scan", scan.id)
    for card in session.scalars(select(JudgeCard)):
        yield ("card.issue", card.issued_by, card.id, card.stage_id, card.user_id), ("judge_card", card.id)
        if card.revoked_at is not None:
            yield ("card.revoke", card.revoked_by, card.id), ("judge_card", card.id)


register_check("acts", act_findings)
