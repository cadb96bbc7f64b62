"""Addresses that come from outside: those that are asked for must be readable, those that are gone to must be of this
site. Knows no feature.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import current_app, url_for


def is_readable(environ: Mapping[str, Any]) -> bool:
    """Whether path and query of a WSGI request are text: UTF-8 throughout, no NUL (PostgreSQL takes none, and what
    one database finds the other must find).
    """
    asked = environ.get("PATH_INFO", "").encode("latin-1"), unquote_to_bytes(environ.get("QUERY_STRING", ""))
    try:
        return not any("\0" in each.decode() for each in asked)
    except UnicodeDecodeError:
        return False


def safe_target(target: str | None) -> str:
    """Where to go after signing in: a path of this site only."""
    if (
        target
        and target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and target.isprintable()
    ):
        return target
    return "/desk/"


def address_of(endpoint: str, known: Mapping[str, Any] | None) -> str:
    """The address of a page, with those of the known arguments that it takes."""
    takes = next(current_app.url_map.iter_rules(endpoint)).arguments
    return url_for(endpoint, **{name: value for name, value in (known or {}).items() if name in takes})
