"""The pages of this feature, one module for each subject; they share one blueprint."""

from competitions.accounts import scope_names
from competitions.programme import (
    archive_guard,
    competition_views,
    event_views,
    module_views,
    programme_views,
    public_views,
    reference_views,
    ruleset_views,
)
from competitions.programme.pages import bp
from competitions.programme.scopes import CompetitionScopes

blueprints = [bp]
scope_names.install(CompetitionScopes())
archive_guard.install()
__all__ = ["blueprints", "competition_views", "event_views", "module_views", "programme_views", "public_views",
           "reference_views", "ruleset_views"]
