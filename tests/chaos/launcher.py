"""The server as a process of its own for the chaos tests, as it is or weakened on purpose (argument: the name of a
weakness).

A weakened build shows that the harness sees: no idempotency keys, answers before the commit, a death between commit and
reply, no sync. These patches exist here only.
"""

import os
import sys
import threading
import time
from typing import Any

from sqlalchemy import Engine, event

from competitions.app import create_app
from competitions.base.config import from_environment
from competitions.judging.sheets import delivering
from competitions.serving import serve


def no_keys() -> None:
    """Keys are neither looked up nor kept: a resend is a second submission."""
    delivering.earlier_answer = lambda *_: None  # type: ignore[assignment]
    delivering.keep_answer = lambda *_: None  # type: ignore[assignment]
    rebase()


def rebase() -> None:
    """Without keys a resend would be stale; a careless build would then take it as based on whatever is there."""
    from competitions.judging.sheets import services

    careful = services.submit_revision

    def careless(session: Any, sheet: Any, submission: Any, **more: Any) -> Any:
        object.__setattr__(submission, "base_revision", sheet.head)
        return careful(session, sheet, submission, **more)

    from competitions.judging.sheets import api_views

    api_views.submit_revision = careless  # type: ignore[assignment]


def early_answer() -> None:
    """The answer is made up in a transaction that is rolled back; the write itself follows half a second later."""
    from flask import copy_current_request_context

    careful = delivering._once

    class Later(Exception):
        pass

    def once(route: str, key: str, asked: str, act: Any, status: int) -> Any:
        if not route.startswith("revisions"):
            return careful(route, key, asked, act, status)
        kept: list[Any] = []

        def guess(session: Any, at: Any) -> Any:
            kept.append(act(session, at))
            raise Later

        try:
            return careful(route, key, asked, guess, status)
        except Later:
            pass

        @copy_current_request_context
        def write() -> None:
            time.sleep(0.5)
            careful(route, key, asked, act, status)

        threading.Thread(target=write, daemon=True).start()
        return kept[0], status, False

    delivering._once = once


def die_before_reply() -> None:
    """The process dies between COMMIT and the answer, at the fifth delivery."""
    careful, seen = delivering._once, []

    def once(route: str, *more: Any) -> Any:
        answer = careful(route, *more)
        if route.startswith("revisions"):
            seen.append(route)
            if len(seen) == 5:
                os._exit(9)
        return answer

    delivering._once = once


def unsynced() -> None:
    """SQLite leaves it to the system when something reaches the disk."""

    @event.listens_for(Engine, "connect")
    def carelessly(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")


WEAKNESSES = {
    "": lambda: None,
    "no_keys": no_keys,
    "early_answer": early_answer,
    "die_before_reply": die_before_reply,
    "unsynced": unsynced,
}


if __name__ == "__main__":
    WEAKNESSES[sys.argv[1] if len(sys.argv) > 1 else ""]()
    environment = from_environment()
    serve(create_app(environment), environment.host, environment.port)
