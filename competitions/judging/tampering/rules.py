"""Checks of the rules for `flask audit verify`: every ruleset and marking scheme that the log has a digest of still says
that. A version made before anything was logged of it (a copy of an earlier event) is held by the settlement's case only.

Registered with audit.verification, as tampering.py.
"""

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.judging.models import MarkingScheme
from competitions.programme.models import Module, Ruleset, Stage

ACTIONS = ("ruleset.save", "ruleset.propose", "scheme.save")
WORDS = {"stage": "计分规则", "module": "评分细则"}
Version = tuple[str, str, int]
"""What the rules are of (stage or module), its id, number of the version."""


def rule_findings(session: Session) -> Iterator[Finding]:
    """Versions that are not what the log says was saved or proposed, or that have gone."""
    kept: dict[Version, str] = {}
    for ruleset in session.scalars(select(Ruleset)):
        kept["stage", ruleset.stage_id, ruleset.number] = digest(json.loads(ruleset.document))
    for scheme in session.scalars(select(MarkingScheme)):
        kept["module", scheme.module_id, scheme.number] = digest(scheme.aspects)
    there = {*session.scalars(select(Stage.id)), *session.scalars(select(Module.id))}  # others went while being set up
    for seq, payload in session.execute(
        select(AuditEvent.seq, AuditEvent.payload).where(AuditEvent.action.in_(ACTIONS)).order_by(AuditEvent.seq)
    ):
        document = json.loads(payload)
        (kind, of), after = document["object"], document["after"]
        if of in there and kept.get((kind, of, after["number"])) != after["digest"]:
            yield Finding(
                "RULES_CHANGED",
                seq,
                (kind, of),
                message=(f"第 {seq} 条审计记录所记的第 {after['number']} 版{WORDS[kind]}已不存在，或已被改动。"),
            )


register_check("rules", rule_findings)
