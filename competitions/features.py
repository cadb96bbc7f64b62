"""The list of features: their blueprints, commands and what the frame of a page needs. Knows them by name only."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from competitions.gate import declared
from competitions.permissions import Permission

FEATURES = ("audit", "organisations", "accounts", "programme", "registration", "coding", "judging", "results", "home", "demo")
"""Each may have `views.py` (or more) exposing `blueprints` and `cli.py` exposing `register(app)`."""


def register(app: Flask) -> None:
    """Register every feature's blueprints and commands."""
    for name in FEATURES:
        if find_spec(f"competitions.{name}.views"):
            for blueprint in import_module(f"competitions.{name}.views").blueprints:
                app.register_blueprint(blueprint)
        if find_spec(f"competitions.{name}.cli"):
            import_module(f"competitions.{name}.cli").register(app)
    if find_spec("competitions.commands"):
        import_module("competitions.commands").register(app)


NAVIGATION: list[tuple[str, list[tuple[str, str, str, Permission, bool]]]] = [
    ("工作", [
        ("待办", "home.desk", "inbox", Permission.SIGNED_IN, True),
        ("组委会总览", "home.overview", "layout-grid", Permission.VIEW_OVERVIEW, True),
        ("赛事", "programme.competitions", "trophy", Permission.VIEW_COMPETITIONS, True),
    ]),
    ("报名", [
        ("报名", "registration.entries", "users", Permission.VIEW_ENTRIES, True),
    ]),
    ("赛场", [
        ("抽签与加密", "coding.stages", "lock", Permission.DRAW_LOTS, True),
        ("加密见证", "coding.witness", "eye", Permission.WITNESS, True),
        ("检录", "coding.check_in_stages", "user-check", Permission.CHECK_IN, True),
        ("我的评分表", "judging.sheets", "clipboard-list", Permission.MARK_SHEETS, True),
        ("成绩录入", "judging.tabulation", "calculator", Permission.TABULATE, True),
        ("复核", "judging.checking", "circle-check", Permission.CONFIRM_SHEETS, True),
        ("评分总表", "judging.matrices", "table", Permission.VIEW_MATRIX, True),
        ("重新开放", "judging.requests", "lock-open", Permission.APPROVE_REQUESTS, False),
        ("评分细则与裁判组", "judging.preparation", "checkup-list", Permission.EDIT_SCHEME, False),
    ]),
    ("成绩", [
        ("成绩名次", "results.standings_list", "list-numbers", Permission.VIEW_STANDINGS, True),
        ("公布", "results.publications", "speakerphone", Permission.DRAFT_PUBLICATION, False),
        ("审定签发", "results.approvals", "rubber-stamp", Permission.APPROVE_PUBLICATION, True),
    ]),
    ("管理", [
        ("工会与单位", "organisations.unions", "sitemap", Permission.VIEW_ORGANISATIONS, False),
        ("级别与职业目录", "programme.reference_levels", "list-check", Permission.CONFIGURE_SYSTEM, False),
        ("账号", "accounts.users", "id-badge-2", Permission.MANAGE_ACCOUNTS, False),
        ("审计", "audit.events", "history", Permission.VIEW_AUDIT, False),
    ]),
]
"""Group → (label, endpoint, icon, permission, one of the main four on a phone)."""


def navigation() -> list[dict[str, Any]]:
    """The groups and links that the signed-in person may use."""
    groups = []
    for label, links in NAVIGATION:
        items = [_link(*link) for link in links if current_user.may(link[3]) and link[1] in current_app.view_functions]
        if items:
            groups.append({"label": label, "items": items})
    return groups


def _link(label: str, endpoint: str, icon: str, _permission: Permission, main: bool) -> dict[str, Any]:
    return {"label": label, "url": url_for(endpoint), "icon": icon, "active": request.endpoint == endpoint, "main": main}


def template_context() -> dict[str, Any]:
    """What the frame of a page needs; nothing about the reader on public pages, nor on the error page of a request that
    the gate could not get past the sign-in: asking again might ask a database that is down.
    """
    if declared(current_app, request.endpoint) in (Permission.PUBLIC, None) or "actor_id" not in g:
        return {"demo": current_app.extensions.get("demo", False)}
    return {"demo": current_app.extensions.get("demo", False), "current_user": current_user,
            "navigation": navigation() if current_user.is_authenticated else []}
