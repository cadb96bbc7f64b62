"""What a publication says: an allow-list of fields, from standings by code and decoded identities.

Never an ID number, a phone of a person or an internal id (design.md §4.7). Awards are 拟授 until the notice period is
over.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from competitions.base.clock import beijing, beijing_text
from competitions.programme.models import Competition, Stage
from competitions.programme.rulesets.reading import sentences
from competitions.results.models import Publication
from competitions.results.standings.computed import DivisionStandings
from competitions.results.standings.entrants import Entrant, entrants_by_code, team_names, teams_by
from competitions.results.standings.turnout import turnout

PUBLIC_FIELDS = ("publication", "number", "competition", "event", "stage")
PLACING_FIELDS = ("rank", "name", "organisation", "delegation", "total", "modules", "award")
"""What `/results/<publication>.json` shows of a snapshot (contracts.md), and nothing else."""


def public_document(
    session: Session,
    publication: Publication,
    stage: Stage,
    standings: Sequence[DivisionStandings],
    entry_of: Mapping[str, str],
) -> dict[str, Any]:
    """Everything that the public page and the table say (`published_at` is not known yet: it is added when served)."""
    competition: Competition = stage.event.competition
    entrants = entrants_by_code(session, entry_of)
    return {
        "publication": publication.id,
        "number": publication.number,
        "competition": competition.name,
        "competition_id": competition.id,
        "document_number": competition.document_number,
        "event": stage.event.name,
        "stage": stage.name,
        "held": _held(competition),
        "marks_public": competition.publish_marks,
        "notice": publication.notice,
        "objections": {"contact": competition.contact, "phone": competition.contact_phone},
        "divisions": [
            _division(standing, entrants, competition.publish_marks, stage.event.team_size) for standing in standings
        ],
    }


def served_document(public: Mapping[str, Any], published_at: datetime | None) -> dict[str, Any]:
    """The JSON of contracts.md, exactly its fields, from what the snapshot keeps."""
    return {
        **{name: public[name] for name in PUBLIC_FIELDS},
        "published_at": beijing(published_at).isoformat(timespec="seconds") if published_at else None,
        "divisions": [
            {
                "name": division["name"],
                "placings": [
                    {name: placing[name] for name in PLACING_FIELDS if name in placing}
                    for placing in division["placings"]
                ],
            }
            for division in public["divisions"]
        ],
    }


def award_name(case: Mapping[str, Any], award: str | None) -> str | None:
    """The name of an award."""
    listed = (case["ruleset"].get("awards") or {}).get("list", [])
    return next((item.get("name") or item["id"] for item in listed if item["id"] == award), None)


def team_award_name(case: Mapping[str, Any], award: str | None) -> str | None:
    """The name of an award of the table of teams."""
    listed = ((case["ruleset"].get("teams") or {}).get("awards") or {}).get("list", [])
    return next((item.get("name") or item["id"] for item in listed if item["id"] == award), None)


def honour_names(case: Mapping[str, Any], honours: Sequence[str]) -> list[str]:
    """The names of honours."""
    named = {item["id"]: item.get("name") or item["id"] for item in case["ruleset"].get("honours") or ()}
    return [named.get(honour, honour) for honour in honours]


def _division(
    standing: DivisionStandings, entrants: Mapping[str, Entrant], marks: bool, team_size: int
) -> dict[str, Any]:
    ruleset = standing.case["ruleset"]
    ranked = [line for line in standing.document["placings"] if line["status"] == "ranked"]
    alike = Counter(_who(entrants[line["entrant"]]) for line in ranked)
    return {
        "name": standing.division.name,
        "advances": bool(ruleset.get("advance")),
        "modules": _names(ruleset["modules"]),
        "groups": _names(ruleset.get("groups", ())),
        "rules": sentences(ruleset),
        "turnout": turnout(standing.document, team_size),
        "placings": [
            _placing(line, entrants[line["entrant"]], standing.case, marks, alike[_who(entrants[line["entrant"]])] > 1)
            for line in ranked
        ],
        "teams_by": teams_by(standing.case),
        "teams": _teams(standing, entrants, marks),
    }


def _placing(
    line: Mapping[str, Any], entrant: Entrant, case: Mapping[str, Any], marks: bool, alike: bool
) -> dict[str, Any]:
    """One line. Namesakes of one unit are told apart by their codes, which mean nothing any more after decoding."""
    shown: dict[str, Any] = {
        "rank": line["rank"],
        "name": f"{entrant.name}（{line['entrant']}）" if alike else entrant.name,
        "organisation": entrant.organisation,
        "delegation": entrant.delegation,
        "award": award_name(case, line["award"]),
        "honours": honour_names(case, line["honours"]),
        "tied": line["tied"],
        "advances": line["advances"],
    }
    if marks:
        shown |= {"total": line["total"], "modules": line["modules"], "groups": line["groups"]}
    return shown


def _who(entrant: Entrant) -> tuple[str, str]:
    return entrant.name, entrant.organisation


def _names(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"id": part["id"], "name": part.get("name") or part["id"]} for part in parts]


def _teams(standing: DivisionStandings, entrants: Mapping[str, Entrant], marks: bool) -> list[dict[str, Any]]:
    names = team_names(standing.case, entrants)
    return [
        {
            "rank": team["rank"],
            "name": names.get(team["team"], ""),
            "award": team_award_name(standing.case, team["award"]),
            "members": [entrants[code].name for code in team["members"]],
            "tied": team["tied"],
            **({"value": team["value"]} if marks else {}),
        }
        for team in standing.document["teams"]
        if team["rank"] is not None
    ]


def _held(competition: Competition) -> str:
    start, end = beijing_text(competition.held_from, "%Y-%m-%d"), beijing_text(competition.held_to, "%Y-%m-%d")
    return start if not end or start == end else f"{start}—{end}"
