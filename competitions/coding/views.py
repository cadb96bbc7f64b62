"""The pages of coding, by who uses them: coder, supervisor, steward, organiser."""

from competitions.base.permissions import Permission
from competitions.coding import (
    check_in_views,
    correcting,
    level_views,
    lot_views,
    replacement_views,
    sitting_views,
    tampering,
    witness_views,
)
from competitions.coding.pages import bp
from competitions.web.navigation import Link

blueprints = [bp]
LINKS = (
    Link("赛场", 1, "抽签与加密", "coding.stages", "lock", Permission.DRAW_LOTS),
    Link("赛场", 2, "加密见证", "coding.witness", "eye", Permission.WITNESS),
    Link("赛场", 3, "检录", "coding.check_in_stages", "user-check", Permission.CHECK_IN),
)
"""This feature's places in the navigation."""
__all__ = [
    "LINKS",
    "blueprints",
    "check_in_views",
    "correcting",
    "level_views",
    "lot_views",
    "replacement_views",
    "sitting_views",
    "tampering",
    "witness_views",
]
