"""All pages of results: the modules that add them to the one blueprint."""

import competitions.results.publications.public_views
import competitions.results.publications.views
import competitions.results.selection.views
import competitions.results.settlement.closing_views
import competitions.results.standings.file_views
import competitions.results.standings.ruling_views
import competitions.results.standings.views
from competitions.base.permissions import Permission
from competitions.results.blueprint import bp
from competitions.web.navigation import Link

blueprints = [bp]
LINKS = (
    Link("成绩", 1, "成绩名次", "results.standings_list", "list-numbers", Permission.VIEW_STANDINGS),
    Link("成绩", 2, "公布", "results.publications", "speakerphone", Permission.DRAFT_PUBLICATION, main=False),
    Link("成绩", 3, "审定签发", "results.approvals", "rubber-stamp", Permission.APPROVE_PUBLICATION),
)
"""This feature's places in the navigation."""
__all__ = ["LINKS", "blueprints", "competitions"]
