"""The cookies of a sign-in: `sid` for the sign-in, `device` by which the browser is known again, and the session of
Flask, which holds what forms are checked by. Knows no way to sign in.
"""

from typing import Any

from flask import current_app, session

from competitions.accounts.sign_in.signing_in import OpenedSignIn

DEVICE_LIFE = 365 * 86_400
"""Seconds for which a browser is remembered."""


SIGN_IN = "sign_in"
"""Where the session says to which sign-in its tokens belong."""


def begin_session(opened: OpenedSignIn) -> None:
    """Nothing of an earlier sign-in is left in the session; tokens of forms made from now on belong to this one."""
    session.clear()
    session[SIGN_IN] = opened.actor.sign_in_id


def with_sign_in(answer: Any, opened: OpenedSignIn) -> Any:
    """The answer with the cookies of a sign-in just opened; HttpOnly, and `sid` gone when the browser is closed."""
    _set_cookie(answer, "sid", opened.token, None)
    if opened.device_token:
        _set_cookie(answer, "device", opened.device_token, DEVICE_LIFE)
    return answer


def _set_cookie(answer: Any, name: str, value: str, max_age: int | None) -> None:
    answer.set_cookie(name, value, max_age=max_age, httponly=True, samesite="Lax", secure=current_app.config["HTTPS"])
