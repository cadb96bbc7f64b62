"""All pages of results: the modules that add them to the one blueprint."""

from competitions.results import (
    advancing_views,
    closing_views,
    public_views,
    publication_views,
    ruling_views,
    standings_file,
    standings_views,
)
from competitions.results.blueprint import bp

blueprints = [bp]
__all__ = ["advancing_views", "blueprints", "bp", "closing_views", "public_views", "publication_views",
           "ruling_views", "standings_file", "standings_views"]
