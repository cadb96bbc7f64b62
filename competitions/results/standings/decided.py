"""Why one stands before another (决定名次的依据), in words.

Knows a ruleset's document and the keys of scoring.md §3; the words of the keys are those of the rule read back.
"""

from collections.abc import Mapping
from typing import Any

from competitions.programme.rulesets import reading

RULED = "总成绩与各比较项相同，按裁判长裁定（监督员确认）"


def decided_words(line: Mapping[str, Any], ruleset: Mapping[str, Any]) -> str:
    """The sentence for the `decided_by` of a placing; empty for the first and for those without a rank."""
    decided = line["decided_by"]
    if line["rank"] is None:
        return ""
    if decided is None:
        return "并列：规则没有再分先后" if line["tied"] else ""
    if decided == "total":
        return "总成绩小者列前" if ruleset.get("order") == "ascending" else "总成绩高者列前"
    return RULED if decided == "ruling" else reading.decided_words(ruleset, decided)


def team_decided_words(team: Mapping[str, Any], ruleset: Mapping[str, Any]) -> str:
    """The sentence for the `decided_by` of a team."""
    decided = team["decided_by"]
    if team["rank"] is None or decided is None:
        return "并列：规则没有再分先后" if team["tied"] else ""
    if decided == "value":
        return "团体成绩小者列前" if ruleset.get("order") == "ascending" else "团体成绩高者列前"
    return reading.decided_words(ruleset, decided).replace("总分相同", "团体成绩相同", 1)
