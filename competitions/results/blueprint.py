"""The one blueprint of this feature, and what its pages keep in the process. The pages are in the `…_views` modules."""

from typing import Any

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from competitions.results.publications.kept_answers import KeptAnswers
from competitions.results.publications.page_cache import PageCache

bp = Blueprint("results", __name__)
CACHE = "public_pages"


@bp.record_once
def equip(state: BlueprintSetupState) -> None:
    """Each application has its own cache of public pages, and whole answers kept for a moment in front of it."""
    state.app.extensions[CACHE] = PageCache()
    app: Any = state.app
    app.wsgi_app = KeptAnswers(app.wsgi_app)
