"""The tablet page's shell: a page without data, its manifest and its service worker. The same bytes for everybody.

The worker serves /judge/ only and keeps these static files only, never data (security.md §3.4).
"""

import hashlib
from typing import Any

from flask import current_app, jsonify, make_response, render_template

from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.web.declared import requires

SCRIPTS = (
    "vendor/idb-8.0.4/umd.js",
    "js/judge-store.js",
    "js/judge-outbox.js",
    "js/judge-sheet.js",
    "js/judge-timer.js",
    "js/judge-delivery.js",
    "js/judge-app.js",
)
STYLES = (
    "vendor/tabler-core-1.6.1/tabler.min.css",
    "css/site.css",
    "css/parts.css",
    "css/tables.css",
    "css/standings.css",
    "css/sheet.css",
    "judge/tablet.css",
)
OTHERS = ("css/print.css", "img/mark.svg", "img/icons.svg")


@bp.get("/judge/")
@requires(Permission.PUBLIC)
def tablet() -> Any:
    """The shell. It reads no cookie and holds no data: the scripts ask the API."""
    return _fresh(render_template("judging/tablet.html", scripts=SCRIPTS), "text/html; charset=utf-8")


@bp.get("/judge/sw.js")
@requires(Permission.PUBLIC)
def tablet_worker() -> Any:
    """The service worker, with the list of the files that it keeps; a changed file is a new worker."""
    kept = ["/judge/", *map(_asset, (*SCRIPTS, *STYLES, *OTHERS))]
    shell = render_template("judging/tablet.html", scripts=SCRIPTS)
    version = hashlib.sha256("\n".join([*kept, shell]).encode()).hexdigest()
    return _fresh(render_template("judging/sw.js", kept=kept, version=version[:12]), "text/javascript; charset=utf-8")


@bp.get("/judge/manifest.webmanifest")
@requires(Permission.PUBLIC)
def tablet_manifest() -> Any:
    """So that the page can be installed."""
    icon = {"src": _asset("img/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    answer = jsonify(
        {
            "name": "裁判评分",
            "short_name": "裁判评分",
            "id": "/judge/",
            "start_url": "/judge/",
            "scope": "/judge/",
            "display": "standalone",
            "lang": "zh-CN",
            "background_color": "#ffffff",
            "theme_color": "#ffffff",
            "icons": [icon],
        }
    )
    answer.mimetype = "application/manifest+json"
    return answer


def _asset(path: str) -> str:
    """The address of a static file with its digest, as the templates write it."""
    asset: Any = current_app.jinja_env.globals["asset"]
    return str(asset(path))


def _fresh(body: str, kind: str) -> Any:
    """Checked for a newer one at every visit; the worker keeps it for the time without network."""
    answer = make_response(body)
    answer.headers["Content-Type"] = kind
    answer.headers["Cache-Control"] = "no-cache"
    return answer
