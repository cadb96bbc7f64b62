"""The one blueprint of this feature, and what its pages keep in the process. The pages are in the `…_views` modules."""

import re
from typing import Any

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from competitions.results.publications.known_publications import KnownPublications
from competitions.results.publications.public_answers import PublicAnswers

bp = Blueprint("results", __name__)
KNOWN_PUBLICATIONS = "known_publications"
NUMBER, ROW = re.compile(r"-?[0-9]{1,6}"), re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def whole_number(text: str) -> str | None:
    """A number as it is written (pages are counted from the end, too); None for what is none."""
    return str(int(text)) if NUMBER.fullmatch(text) else None


def row(text: str) -> str | None:
    """The id of the row that a page goes on from."""
    return text if ROW.fullmatch(text) else None


def order(text: str) -> str | None:
    """An order of the list of publications."""
    return text if text in ("published", "-published") else None


ARGUMENTS = {"after": row, "before": row, "division": whole_number, "page": whole_number, "sort": order}
"""What the addresses of public pages may say; anything else makes no difference."""


@bp.record_once
def equip(state: BlueprintSetupState) -> None:
    """Each application knows publications by itself, and keeps whole answers for a moment in front of it."""
    app: Any = state.app
    app.extensions[KNOWN_PUBLICATIONS] = KnownPublications()
    app.wsgi_app = PublicAnswers(app.wsgi_app, ARGUMENTS)
