"""The navigation of the desk: links that features register, shown to whoever may follow them. Knows no feature."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_login import current_user

from competitions.base.permissions import Permission
from competitions.web.declared import declared

GROUPS = ("工作", "报名", "赛场", "成绩", "管理")
"""The headings, from top to bottom."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link under a heading: `place` orders the links of a heading, `main` ones stand in the bar of a phone."""

    group: str
    place: int
    label: str
    endpoint: str
    icon: str
    permission: Permission
    main: bool = True


_links: dict[str, Link] = {}


def register(links: Iterable[Link]) -> None:
    """Add links; one for each endpoint."""
    _links.update({link.endpoint: link for link in links})


def navigation() -> list[dict[str, Any]]:
    """The groups and links that the signed-in person may use."""
    allowed = sorted(
        (link for link in _links.values() if current_user.may(link.permission)), key=lambda link: link.place
    )
    groups = [(name, [_shown(link) for link in allowed if link.group == name]) for name in GROUPS]
    return [{"label": name, "items": items} for name, items in groups if items]


def _shown(link: Link) -> dict[str, Any]:
    active = request.endpoint == link.endpoint
    return {"label": link.label, "url": url_for(link.endpoint), "icon": link.icon, "active": active, "main": link.main}


def template_context() -> dict[str, Any]:
    """What the frame of a page needs; nothing about the reader on public pages, nor on the error page of a request that
    the gate could not get past the sign-in: asking again might ask a database that is down.
    """
    demo = current_app.extensions.get("demo", False)
    if declared(current_app, request.endpoint) in (Permission.PUBLIC, None) or "actor_id" not in g:
        return {"demo": demo}
    found = navigation() if current_user.is_authenticated else []
    return {"demo": demo, "current_user": current_user, "navigation": found}
