"""The permission that every view declares, and what its address says of the answer wanted. Knows no feature.

A view without a declaration stops the start-up (design.md §3).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request

from competitions.base.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare a view's permission; a view without one stops the start-up."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask, endpoint: str | None) -> Permission | None:
    """The permission an endpoint declares."""
    view = app.view_functions.get(endpoint or "")
    return getattr(view, "permission", None)


def check_declarations(app: Flask) -> None:
    """Raises RuntimeError when a route has no declared permission: the application does not start."""
    without = sorted({rule.endpoint for rule in app.url_map.iter_rules() if declared(app, rule.endpoint) is None})
    if without:
        raise RuntimeError(f"views without a declared permission: {', '.join(without)}")


def wants_json() -> bool:
    """Whether the answer should be JSON: the API, and paths that end in .json."""
    return request.path.startswith("/api/") or request.path.endswith(".json") or request.path in ("/healthz", "/readyz")
