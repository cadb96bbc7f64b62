"""`flask roster check FILE --json`: the JSON document of the contract and its exit code. Needs no database."""

from typing import Any

from competitions.tabular.roster import read_roster

SOUND, WITH_ERRORS, UNREADABLE = 0, 1, 2


def check(data: bytes, filename: str) -> tuple[dict[str, Any], int]:
    """What is in a roster, and 0 without errors, 1 with, 2 when the file cannot be read."""
    roster = read_roster(data, filename)
    if roster.unreadable:
        return roster.document(), UNREADABLE
    return roster.document(), WITH_ERRORS if roster.table.has_errors else SOUND
