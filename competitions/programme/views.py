"""The pages of this feature, one module for each subject; they share one blueprint."""

import competitions.programme.competitions.county_views
import competitions.programme.competitions.programme_views
import competitions.programme.competitions.public_views
import competitions.programme.competitions.views
import competitions.programme.events.views
import competitions.programme.modules.views
import competitions.programme.reference.views
import competitions.programme.rulesets.views
from competitions.accounts import scope_names
from competitions.base.permissions import Permission
from competitions.programme import archive_guard
from competitions.programme.pages import bp
from competitions.programme.scopes import CompetitionScopes
from competitions.web.navigation import Link

blueprints = [bp]
LINKS = (
    Link("工作", 3, "赛事", "programme.competitions", "trophy", Permission.VIEW_COMPETITIONS),
    Link(
        "管理", 2, "级别与职业目录", "programme.reference_levels", "list-check", Permission.CONFIGURE_SYSTEM, main=False
    ),
)
"""This feature's places in the navigation."""
scope_names.install(CompetitionScopes())
archive_guard.install()
__all__ = ["LINKS", "blueprints", "competitions"]
