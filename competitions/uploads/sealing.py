"""Sealing what an upload holds, and opening it again. Slow for large files: done outside the write transaction."""

import json
from typing import Any

from competitions.base.keyring import ring


def sealed(document: Any, upload_id: str, part: str) -> str:
    """A JSON value sealed as `part` ("content" or "corrections") of an upload."""
    return ring().seal(json.dumps(document, ensure_ascii=False), "upload", part, upload_id)


def unsealed(text: str, upload_id: str, part: str) -> Any:
    """The value that `sealed` made a text of."""
    return json.loads(ring().open(text, "upload", part, upload_id))
