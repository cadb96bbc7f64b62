"""The tablet page's shell: a page without data, its manifest and its service worker. The same bytes for everybody.

The worker serves /judge/ only and keeps these static files only, never data (security.md §3.4).
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app, jsonify, make_response, render_template, send_from_directory, url_for

from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.web.declared import requires

DATABASE = "vendor/idb-8.0.4/umd.js"
MODULES = Path(__file__).resolve().parents[2] / "static" / "js" / "tablet"
ENTRY = "app.js"
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
    return _fresh(_shell(), "text/html; charset=utf-8")


@bp.get("/judge/scripts/<version>/<name>")
@requires(Permission.PUBLIC)
def tablet_module(version: str, name: str) -> Any:
    """A module of the page's script, to be cached for ever. Modules import each other by name, so the version in the
    address is that of all of them: a page of yesterday gets none of today's among its own.
    """
    modules = _modules()
    if version != modules.version or name not in modules.names:
        raise NotFound
    return send_from_directory(MODULES, name, mimetype="text/javascript")


@bp.get("/judge/sw.js")
@requires(Permission.PUBLIC)
def tablet_worker() -> Any:
    """The service worker, with the list of the files that it keeps; a changed file is a new worker."""
    kept = ["/judge/", *map(_asset, (DATABASE, *STYLES, *OTHERS)), *_modules().addresses()]
    version = hashlib.sha256("\n".join([*kept, _shell()]).encode()).hexdigest()
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


def _shell() -> str:
    modules = _modules()
    return render_template(
        "judging/tablet.html", database=DATABASE, modules=modules.addresses(), entry=modules.address(ENTRY)
    )


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules of the page's script, and the digest of all of them."""

    names: tuple[str, ...]
    version: str

    def address(self, name: str) -> str:
        """Where a module is fetched."""
        return url_for("judging.tablet_module", version=self.version, name=name)

    def addresses(self) -> list[str]:
        """Where all of them are fetched."""
        return [self.address(name) for name in self.names]


@cache
def _modules() -> Modules:
    """What lies in the folder, read once."""
    files = sorted(MODULES.glob("*.js"))
    digests = "\n".join(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)
    return Modules(tuple(file.name for file in files), hashlib.sha256(digests.encode()).hexdigest()[:12])


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
