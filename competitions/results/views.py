"""All pages of results: the modules that add them to the one blueprint."""

from competitions.results import public_views, publication_views, ruling_views, standings_views
from competitions.results.blueprint import bp

blueprints = [bp]
__all__ = ["blueprints", "bp", "public_views", "publication_views", "ruling_views", "standings_views"]
