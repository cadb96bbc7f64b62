"""The application factory: settings, database, gate, features, error pages, commands. Knows every feature by its
blueprint only.
"""

from pathlib import Path
from typing import Any

from flask import Flask, jsonify
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from competitions import features
from competitions.accounts import gate
from competitions.audit import anchors, chain
from competitions.base import clock, file_store, keyring, reasons
from competitions.base.config import ROOT, Settings, from_environment
from competitions.base.database import db
from competitions.base.migrating import migrate
from competitions.base.permissions import Permission
from competitions.readiness import faults
from competitions.web import error_pages, fields, many, navigation
from competitions.web.assets import asset
from competitions.web.compiled import CompiledTemplates
from competitions.web.declared import MOST, check_declarations, requires
from competitions.web.extensions import csrf
from competitions.web.names import whole_name
from competitions.words import codes, sentences


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings (from the environment when none are given).

    Raises RuntimeError when a view declares no permission.
    """
    settings = settings or from_environment()
    app = Flask(
        "competitions",
        root_path=str(ROOT / "competitions"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.instance_path),
    )
    app.config.update(_flask_config(settings))
    app.extensions["settings"] = settings
    install(settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    Compress(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    gate.install(app)
    features.register(app)
    error_pages.install(app)
    _equip_templates(app)
    _keep_compiled_templates(app, settings.instance_path / "compiled-templates")
    _health(app)
    requires(Permission.PUBLIC)(app.view_functions["static"])
    check_declarations(app)
    return app


def install(settings: Settings) -> None:
    """The keys, the kept files and the anchors of these settings are the process's own from now on."""
    keyring.install(settings.keyring_file)
    file_store.install(settings.files_path)
    chain.install(settings.audit_key_file)
    anchors.install(settings.instance_path)


def _flask_config(settings: Settings) -> dict[str, Any]:
    engine: dict[str, Any] = {"pool_pre_ping": True}
    if not settings.is_sqlite:
        engine.update(pool_size=10, max_overflow=10, connect_args={"options": _time_outs(settings)})
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "MAX_CONTENT_LENGTH": MOST,
        "MAX_FORM_MEMORY_SIZE": 4_000_000,
        "MAX_FORM_PARTS": 20_000,
        "SESSION_COOKIE_NAME": "form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "HTTPS": settings.https,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.https,
        "WTF_I18N_ENABLED": False,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "COMPRESS_MIMETYPES": ["text/css", "text/javascript", "application/javascript", "image/svg+xml"],
        "TESTING": settings.testing,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _time_outs(settings: Settings) -> str:
    """PostgreSQL breaks off what a page should not wait for; the worker waits for no lock either, but reads for as long as it
    takes.
    """
    statement, idle = (10_000, 30_000) if settings.limits_statements else (0, 0)
    return f"-c lock_timeout=3000 -c statement_timeout={statement} -c idle_in_transaction_session_timeout={idle}"


def _equip_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        words=codes.WORDS,
        beijing=clock.beijing_text,
        asset=asset,
        sentence=sentences.sentence,
        reason_label=fields.reason_label,
        least_reason=reasons.least_of,
        longest_reason=reasons.LONGEST,
        shown_rows=many.shown_rows,
    )
    app.jinja_env.filters["beijing"] = clock.beijing_text
    app.jinja_env.filters["person"] = whole_name
    app.context_processor(navigation.template_context)


def _keep_compiled_templates(app: Flask, folder: Path) -> None:
    """Compiling the templates of a page takes longer than rendering it; in the instance folder, which is the server's own
    (0700), they outlast the process. A changed template is compiled anew.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = CompiledTemplates(str(folder))


def _health(app: Flask) -> None:
    @requires(Permission.PUBLIC)
    def healthz() -> Any:
        """The process answers; no database."""
        return jsonify({"status": "ok"})

    @requires(Permission.PUBLIC)
    def readyz() -> Any:
        """Can it write, is the schema the newest, are tables and triggers as they should be? 503 when not."""
        found = faults()
        if not found:
            return jsonify({"status": "ready"})
        said = [sentences.sentence(code) for code in found if code in sentences.SENTENCES]
        return jsonify({"status": "unready", "faults": found, **({"message": "".join(said)} if said else {})}), 503

    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
