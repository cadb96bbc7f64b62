"""From errors to answers: JSON for the API, a page in Chinese otherwise, never a stack trace. Knows no feature."""

import logging
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask.wrappers import Response
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, SecurityError

from competitions.base.database import database_code
from competitions.base.errors import Refusal, TooMany
from competitions.tabular.places import RETRY_SECONDS, Busy
from competitions.web import error_frames
from competitions.web.declared import largest_of, wants_json
from competitions.words import sentences

log = logging.getLogger("competitions")
HTTP_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "denied",
    404: "not_found",
    405: "method_not_allowed",
    429: "too_many",
}


def install(app: Flask) -> None:
    """One table from errors to answers: JSON for the API, a Chinese page otherwise, never a stack trace."""

    def refusal(fault: Refusal) -> tuple[Any, int]:
        answer = _error_answer(fault.code, fault.status, fault.params, fault.extra)
        if isinstance(fault, TooMany):
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer, fault.status

    def readers_busy(_fault: Busy) -> tuple[Any, int]:
        answer = _error_answer("reading_busy", 503, {}, {})
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer, 503

    def http(fault: HTTPException) -> Any:
        if fault.code is None or fault.code < 400:
            return fault
        if fault.code == 413:  # a body that did not say how long it is
            return refusal(largest_of(app, request.endpoint).refusal())
        return _error_answer(HTTP_CODES.get(fault.code, "bad_request"), fault.code, {}, {}), fault.code

    def database(fault: DBAPIError) -> tuple[Any, int]:
        code = database_code(fault)
        if code is None:
            return anything(fault)
        log.error({"request": g.get("request_id"), "database": type(fault.orig).__name__, "code": code})
        answer = _error_answer(code, 503, {}, {})
        answer.headers["Retry-After"] = "60" if code == "schema_old" else "5"
        return answer, 503

    def anything(fault: Exception) -> tuple[Any, int]:
        log.error({"request": g.get("request_id"), "fault": type(fault).__name__}, exc_info=fault)
        return _error_answer("internal", 500, {}, {}), 500

    app.register_error_handler(Refusal, refusal)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(SecurityError, _other_host)
    app.register_error_handler(Busy, readers_busy)
    app.register_error_handler(DBAPIError, database)
    app.register_error_handler(Exception, anything)


def _other_host(_fault: SecurityError) -> tuple[Response, int]:
    """Asked under a name that is not ours: no address can be built, so no page with links."""
    return Response(sentences.sentence("bad_request"), mimetype="text/plain"), 400


def _error_answer(code: str, status: int, params: dict[str, Any], extra: dict[str, Any]) -> Response:
    message = sentences.sentence(code, **params)
    request_id = g.get("request_id", "-")
    if wants_json():
        return jsonify({"error": {"code": code, "message": message, "request_id": request_id, **extra}})
    title = sentences.CODE_TITLES.get(code) or sentences.TITLES.get(status, sentences.TITLES[400])
    template, back = error_frames.frame(status)
    page = render_template(
        template,
        code=status,
        title=title,
        sentence=message,
        request_id=request_id,
        advice=sentences.CODE_ADVICE.get(code) or sentences.ADVICE.get(status),
        back=back,
    )
    return Response(page, mimetype="text/html")
