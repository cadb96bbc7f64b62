"""Addresses of static files, with their digest. Knows no page."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from flask import request

from competitions.base.config import ROOT


@lru_cache(maxsize=512)
def _address(root: str, path: str) -> str:
    file = Path(ROOT / "competitions" / "static" / path)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "0"
    return f"{root}/static/{quote(path)}?v={digest}"


def asset(path: str) -> str:
    """The address of a static file, with its digest, so that it can be cached for ever; worked out once a file."""
    return _address(request.script_root, path)
