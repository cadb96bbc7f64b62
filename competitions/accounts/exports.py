"""Files that are handed out to officials: counted against the hour's limit before they are made, recorded with their
digest after. For views: each function is one transaction of its own.

Source: design.md §7 ("limits count … exports"), security.md §6 (exports), §4.4 (leak tracing).
"""

import hashlib
from datetime import timedelta
from typing import Any

from flask_login import current_user

from competitions.accounts.limits import limit
from competitions.accounts.settings import EXPORTS
from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.settings import NumberSetting

HOUR = timedelta(hours=1)


def count_export(what: str, most: NumberSetting = EXPORTS) -> None:
    """Count one more export of this kind by the caller. Raises TooMany beyond `most` in an hour.

    Ends the open transaction: what was loaded before is to be loaded again.
    """
    with transaction(apart=True) as session:
        limit(session, f"export:{what}:{current_user.id}", clock.now(), HOUR, most.value(session))


def record_export(action: str, object_kind: str, object_id: str, content: bytes, **facts: Any) -> None:
    """Record what was handed out: the file's SHA-256 and `facts` (numbers of rows, digests; nothing personal)."""
    handed_out = {"file": hashlib.sha256(content).hexdigest(), **facts}
    with transaction(apart=True) as session:
        record(session, action, object_kind, object_id, by=current_user, at=clock.now(), after=handed_out)
