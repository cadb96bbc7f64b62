"""Sealing the parameters of a job and opening them again: a search among them may hold a name."""

import json
from collections.abc import Mapping

from competitions.base.keyring import ring


def sealed(parameters: Mapping[str, str], job_id: str) -> str:
    """The parameters, sealed for one job."""
    return ring().seal(_text(parameters), "job", "parameters", job_id)


def unsealed(text: str, job_id: str) -> dict[str, str]:
    """What `sealed` made a text of."""
    found: dict[str, str] = json.loads(ring().open(text, "job", "parameters", job_id))
    return found


def digest(parameters: Mapping[str, str]) -> str:
    """Equal for equal parameters, and telling nobody without the key ring what they are."""
    return ring().keyed_digest("job", _text(parameters))


def _text(parameters: Mapping[str, str]) -> str:
    return json.dumps(dict(parameters), ensure_ascii=False, sort_keys=True)
