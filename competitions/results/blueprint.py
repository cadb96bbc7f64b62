"""The one blueprint of this feature, and what its pages keep in the process. The pages are in the `…_views` modules."""

from typing import Any

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from competitions.results.publications.known_publications import KnownPublications
from competitions.results.publications.public_answers import PublicAnswers

bp = Blueprint("results", __name__)
KNOWN_PUBLICATIONS = "known_publications"
ARGUMENTS = ("division", "page", "sort")
"""What the addresses of public pages may say; anything else makes no difference."""


@bp.record_once
def equip(state: BlueprintSetupState) -> None:
    """Each application knows publications by itself, and keeps whole answers for a moment in front of it."""
    app: Any = state.app
    app.extensions[KNOWN_PUBLICATIONS] = KnownPublications()
    app.wsgi_app = PublicAnswers(app.wsgi_app, ARGUMENTS)
