"""Addresses that come from outside: those that are asked for must be readable, those that are gone to must be of this
site. Knows no feature.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes


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
