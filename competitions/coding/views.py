"""The pages of coding, by who uses them: coder, supervisor, steward, organiser."""

from competitions.coding import (
    check_in_views,
    level_views,
    lot_views,
    replacement_views,
    sitting_views,
    tampering,
    witness_views,
)
from competitions.coding.pages import bp

blueprints = [bp]
__all__ = ["blueprints", "check_in_views", "level_views", "lot_views", "replacement_views", "sitting_views",
           "tampering", "witness_views"]
