"""How many were to compete, did, and have a rank: the numbers that explain a table which lists the ranked ones only.

Knows a standings document (scoring.md §3); counts, no codes and no names, so that they may be public.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

AWAY = ("absent", "withdrawn")
"""Who did not compete; the others did, whatever became of their result."""


def turnout(standings: Mapping[str, Any], team_size: int = 1) -> dict[str, Any]:
    """{"unit": 人 or 队, "listed": everybody coded, "competed": those who came, and one number for each status}."""
    counted = Counter(line["status"] for line in standings["placings"])
    listed = counted.total()
    return {
        "unit": "人" if team_size == 1 else "队",
        "listed": listed,
        "competed": listed - sum(counted[status] for status in AWAY),
        **{status: counted[status] for status in ("ranked", "pending", "disqualified", *AWAY)},
    }


def turnout_words(numbers: Mapping[str, Any]) -> str:
    """应参赛 12 人，实际参赛 10 人（有名次 9 人，取消成绩 1 人），缺考 1 人，弃权 1 人."""
    unit = numbers["unit"]
    inside = [("ranked", "有名次"), ("pending", "成绩未定"), ("disqualified", "取消成绩")]
    outside = [("absent", "缺考"), ("withdrawn", "弃权")]
    came = "，".join(f"{word} {numbers[status]} {unit}" for status, word in inside if numbers[status])
    away = "".join(f"，{word} {numbers[status]} {unit}" for status, word in outside if numbers[status])
    said = f"应参赛 {numbers['listed']} {unit}，实际参赛 {numbers['competed']} {unit}"
    return f"{said}{f'（{came}）' if came else ''}{away}"
