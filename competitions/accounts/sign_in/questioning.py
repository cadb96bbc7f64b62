"""The question of a slow address on the pages for signing in: what the browser sends, and whether to ask. Knows the request."""

from flask import request

from competitions.accounts.sign_in import signing_in
from competitions.accounts.sign_in.questions import Answer, Question, ask
from competitions.base import clock
from competitions.base.database import db


def caller() -> signing_in.Caller:
    """From where this request comes, with the answer that it carries."""
    answer = Answer(request.form.get("question", ""), request.form.get("answer", ""))
    return signing_in.Caller(request.remote_addr or "-", request.cookies.get("device"), answer)


def question(*, asks: bool = False) -> Question | None:
    """The question for the page at hand: where one was asked for, and beforehand for a browser that nobody knows."""
    at = clock.now()
    unknown = "device" not in request.cookies
    if not asks and not (unknown and signing_in.asks_question(db.session(), request.remote_addr or "-", at)):
        return None
    return ask(at)
