"""The application factory: settings, database, gate, features, error pages, commands. Knows every feature by its
blueprint only.
"""

import hashlib
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, g, jsonify, render_template, request
from flask.wrappers import Response
from flask_compress import Compress
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from competitions import clock, error_frames, features, gate, keyring, wording, words
from competitions.audit import chain
from competitions.config import ROOT, Settings, from_environment, secret_file
from competitions.errors import Refusal, TooMany
from competitions.extensions import csrf, db, migrate
from competitions.permissions import Permission, requires
from competitions.readiness import database_code, faults
from competitions.tabular.places import RETRY_SECONDS, Busy

log = logging.getLogger("competitions")
MAX_REQUEST = 12 * 1024 * 1024
HTTP_CODES = {400: "bad_request", 401: "not_signed_in", 403: "denied", 404: "not_found", 405: "method_not_allowed",
              413: "too_large", 429: "too_many"}


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings (from the environment when none are given).

    Raises RuntimeError when a view declares no permission.
    """
    settings = settings or from_environment()
    app = Flask("competitions", root_path=str(ROOT / "competitions"), template_folder=str(ROOT / "templates"),
                instance_path=str(settings.instance_path))
    app.config.update(_flask_config(settings))
    app.extensions["settings"] = settings
    keyring.install(keyring.load(settings.keyring_file))
    chain.install(secret_file(settings.audit_key_file))
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    Compress(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    gate.install(app)
    features.register(app)
    _answer_errors(app)
    _equip_templates(app)
    _keep_compiled_templates(app, settings.instance_path / "compiled-templates")
    _health(app)
    requires(Permission.PUBLIC)(app.view_functions["static"])
    gate.check_declarations(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    engine: dict[str, Any] = {"pool_pre_ping": True}
    if not settings.is_sqlite:
        engine.update(pool_size=10, max_overflow=10, connect_args={
            "options": "-c lock_timeout=3000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=30000"})
    return {
        "SECRET_KEY": settings.secret_key, "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine, "MAX_CONTENT_LENGTH": MAX_REQUEST, "MAX_FORM_MEMORY_SIZE": 4_000_000,
        "MAX_FORM_PARTS": 20_000, "SESSION_COOKIE_NAME": "form", "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_SECURE": settings.https, "HTTPS": settings.https,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None, "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None, "WTF_CSRF_SSL_STRICT": settings.https, "WTF_I18N_ENABLED": False,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "COMPRESS_MIMETYPES": ["text/css", "text/javascript", "application/javascript", "image/svg+xml"],
        "TESTING": settings.testing, "TEMPLATES_AUTO_RELOAD": False,
    }


def _answer_errors(app: Flask) -> None:
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
    app.register_error_handler(Busy, readers_busy)
    app.register_error_handler(OperationalError, database)
    app.register_error_handler(ProgrammingError, database)
    app.register_error_handler(Exception, anything)


def _error_answer(code: str, status: int, params: dict[str, Any], extra: dict[str, Any]) -> Response:
    message = wording.sentence(code, **params)
    request_id = g.get("request_id", "-")
    if gate.wants_json():
        return jsonify({"error": {"code": code, "message": message, "request_id": request_id, **extra}})
    title = wording.CODE_TITLES.get(code) or wording.TITLES.get(status, wording.TITLES[400])
    template, back = error_frames.frame(status)
    page = render_template(template, code=status, title=title, sentence=message, request_id=request_id,
                           advice=wording.CODE_ADVICE.get(code) or wording.ADVICE.get(status), back=back)
    return Response(page, mimetype="text/html")


def _equip_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_=lambda text: text, words=words.WORDS, beijing=clock.beijing_text, asset=_asset,
                                 sentence=wording.sentence)
    app.jinja_env.filters["beijing"] = clock.beijing_text
    app.context_processor(features.template_context)


def _keep_compiled_templates(app: Flask, folder: Path) -> None:
    """Compiling the templates of a page takes longer than rendering it; in the instance folder, which is the server's own
    (0700), they outlast the process. A changed template is compiled anew.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))


@lru_cache(maxsize=512)
def _asset_address(root: str, path: str) -> str:
    file = Path(ROOT / "competitions" / "static" / path)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "0"
    return f"{root}/static/{quote(path)}?v={digest}"


def _asset(path: str) -> str:
    """The address of a static file, with its digest, so that it can be cached for ever; worked out once a file."""
    return _asset_address(request.script_root, path)


def _health(app: Flask) -> None:
    @requires(Permission.PUBLIC)
    def healthz() -> Any:
        """The process answers; no database."""
        return jsonify({"status": "ok"})

    @requires(Permission.PUBLIC)
    def readyz() -> Any:
        """Can it write, is the schema the newest, are the triggers there? 503 when not."""
        found = faults(app)
        if not found:
            return jsonify({"status": "ready"})
        old = {"message": wording.sentence("schema_old")} if "schema_old" in found else {}
        return jsonify({"status": "unready", "faults": found, **old}), 503

    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)


