"""Recomputing what was settled and published from the stored cases, and comparing (design.md §4.8). Changes nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.audit.chain import digest
from competitions.audit.findings import Finding as AuditFinding
from competitions.coding.queries import identities
from competitions.results.models import Publication, PublicationSnapshot, Settlement
from competitions.results.publications.snapshot import award_name, honour_names, team_award_name
from competitions.results.standings.computed import recomputed
from competitions.results.standings.turnout import turnout
from competitions.scoring import Unreadable

FAULTS = {
    "RANKING_MISMATCH": "按保存的计分数据重新计算，名次与保存的不一致",
    "DIGEST_MISMATCH": "内容与保存的摘要不一致，被改动过",
    "CASE_UNREADABLE": "保存的计分数据无法读取",
    "IDENTITY_MISMATCH": "所记各加密号是谁，与解密后的加密登记表不一致，被改动过",
}
KINDS = {"publication": "公布", "settlement": "结算"}
COMPARED = ("rank", "total", "modules", "groups", "tied", "advances")
COMPARED_TEAMS = ("rank", "value", "tied")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree: `fault` is one of FAULTS."""

    kind: str
    id: str
    division: str
    fault: str

    def document(self) -> dict[str, str]:
        """For --json."""
        return {"kind": self.kind, "id": self.id, "division": self.division, "fault": self.fault}

    @property
    def sentence(self) -> str:
        """What it means, in Chinese."""
        return f"{KINDS[self.kind]} {self.id} {self.division}：{FAULTS[self.fault]}。"


@dataclass(frozen=True, slots=True)
class Verification:
    """How many publications and settlements were recomputed, and what did not agree."""

    publications: int
    settlements: int
    findings: list[Finding]


def verify_results(session: Session) -> Verification:
    """Recompute every publication (drafts and withdrawn ones too) and every settlement."""
    findings: list[Finding] = []
    settlements = publications = 0
    for settlement in session.scalars(
        select(Settlement).options(selectinload(Settlement.division)).order_by(Settlement.at, Settlement.id)
    ):
        settlements += 1
        findings += _settlement_findings(settlement)
    for snapshot in session.scalars(
        select(PublicationSnapshot)
        .join(PublicationSnapshot.publication)
        .order_by(Publication.drafted_at, Publication.id)
        .execution_options(yield_per=20)
    ):
        publications += 1
        findings += _snapshot_findings(snapshot)
        if not snapshot.identities.items() <= identities(session, snapshot.publication.stage_id).items():
            findings.append(Finding("publication", snapshot.publication_id, "", "IDENTITY_MISMATCH"))
    return Verification(publications, settlements, findings)


def audit_findings(session: Session) -> list[AuditFinding]:
    """The same for `flask audit verify`."""
    return [
        AuditFinding(finding.fault, place=(finding.kind, finding.id), message=finding.sentence)
        for finding in verify_results(session).findings
    ]


def _settlement_findings(settlement: Settlement) -> list[Finding]:
    def finding(fault: str) -> list[Finding]:
        return [Finding("settlement", settlement.id, settlement.division.name, fault)]

    try:
        return (
            [] if digest(recomputed(json.loads(settlement.case))) == settlement.digest else finding("RANKING_MISMATCH")
        )
    except (ValueError, Unreadable):
        return finding("CASE_UNREADABLE")


def _snapshot_findings(snapshot: PublicationSnapshot) -> list[Finding]:
    found = []
    if digest({"public": snapshot.public, "cases": snapshot.cases}) != snapshot.digest:
        found.append(Finding("publication", snapshot.publication_id, "", "DIGEST_MISMATCH"))
    try:
        public, cases = json.loads(snapshot.public), json.loads(snapshot.cases)
        shown = {division["name"]: division for division in public["divisions"]}
        for name in sorted(shown.keys() | cases.keys()):
            if name not in shown or name not in cases or not _agrees(shown[name], cases[name], snapshot.identities):
                found.append(Finding("publication", snapshot.publication_id, name, "RANKING_MISMATCH"))
    except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
        found.append(Finding("publication", snapshot.publication_id, "", "CASE_UNREADABLE"))
    return found


def _agrees(division: dict[str, Any], case: dict[str, Any], entry_of: dict[str, Any]) -> bool:
    """Whether the published lines are those of the recomputed standings, in their order, as far as they show.

    Published are those with a rank; the others (absent, withdrawn, disqualified) are in the numbers of the turnout only.
    """
    standings = recomputed(case)
    lines = [line for line in standings["placings"] if line["status"] == "ranked"]
    counted = turnout(standings) | {"unit": division["turnout"]["unit"]}
    return (
        counted == division["turnout"]
        and _same(lines, division["placings"], COMPARED, lambda line: _earned(case, line))
        and all(line["entrant"] in entry_of for line in lines)
        and _same(
            [team for team in standings["teams"] if team["rank"] is not None],
            division["teams"],
            COMPARED_TEAMS,
            lambda team: {"award": team_award_name(case, team["award"])},
        )
    )


def _same(
    computed: Sequence[Row], shown: Sequence[Row], fields: Sequence[str], named: Callable[[Row], dict[str, Any]]
) -> bool:
    """Line by line: the fields that are shown, and what `named` says in words."""
    return len(computed) == len(shown) and all(
        all(said[name] == line[name] for name in fields if name in said)
        and all(said[name] == value for name, value in named(line).items())
        for line, said in zip(computed, shown, strict=True)
    )


def _earned(case: dict[str, Any], line: Row) -> dict[str, Any]:
    return {"award": award_name(case, line["award"]), "honours": honour_names(case, line["honours"])}
