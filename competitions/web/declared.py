"""What every view declares: its permission, and the largest body that it takes; and what its address says of the answer
wanted. Knows no feature.

A view without a permission stops the start-up (design.md §3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, request

from competitions.base.errors import Refusal
from competitions.base.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])
KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
MOST = 24 * MEGABYTE
"""What no view goes beyond: larger things come in parts."""
BESIDE = 2 * MEGABYTE
"""What a form may hold beside its file. So a file that is a little too large gets the page that it was sent from, with
what to do, and not an error page.
"""


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest `body` that a view takes, in bytes; `file` is what is said of it where a file is sent."""

    body: int
    file: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.body <= MOST:
            raise ValueError(f"a view takes {MOST} bytes at most")

    def refusal(self) -> Refusal:
        """What is said of a body that is larger."""
        return Refusal("too_large" if self.file is None else "file_too_large", limit=_size(self.file or self.body))


USUAL = Largest(MEGABYTE)
"""What a view takes that says nothing else: forms."""


def files(most: int) -> Largest:
    """A view that takes a file of so many bytes."""
    return Largest(most + BESIDE, most)


def requires(permission: Permission, largest: Largest = USUAL) -> Callable[[View], View]:
    """Declare a view's permission (a view without one stops the start-up) and the largest body that it takes; a larger one
    is refused before it is read.
    """

    def declare(view: View) -> View:
        view.permission, view.largest = permission, largest  # type: ignore[attr-defined]
        return view

    return declare


def largest_of(app: Flask, endpoint: str | None) -> Largest:
    """The largest body that an endpoint takes."""
    view = app.view_functions.get(endpoint or "")
    return getattr(view, "largest", USUAL)


def _size(size: int) -> str:
    return f"{size // MEGABYTE} MB" if size >= MEGABYTE else f"{size // KILOBYTE} KB"


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
