"""All pages of judging and the judges' API: the modules that add them to the one blueprint."""

import competitions.judging.cards.views
import competitions.judging.panels.preparation_views
import competitions.judging.panels.seat_views
import competitions.judging.schemes.worksheet_views
import competitions.judging.sheets.api_views
import competitions.judging.sheets.checking_views
import competitions.judging.sheets.offer_views
import competitions.judging.sheets.tablet_views
import competitions.judging.sheets.tabulation_views
import competitions.judging.sheets.views
import competitions.judging.signing.incident_views
import competitions.judging.signing.matrix_views
import competitions.judging.signing.paper_views
import competitions.judging.signing.request_views
import competitions.judging.signing.scan_views
import competitions.judging.timing.views
import competitions.judging.worksheets.views
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.web.navigation import Link

blueprints = [bp]
LINKS = (
    Link("赛场", 4, "我的评分表", "judging.sheets", "clipboard-list", Permission.MARK_SHEETS),
    Link("赛场", 5, "成绩录入", "judging.tabulation", "calculator", Permission.TABULATE),
    Link("赛场", 6, "复核", "judging.checking", "circle-check", Permission.CONFIRM_SHEETS),
    Link("赛场", 7, "评分总表", "judging.matrices", "table", Permission.VIEW_MATRIX),
    Link("赛场", 8, "重新开放", "judging.requests", "lock-open", Permission.APPROVE_REQUESTS, main=False),
    Link("赛场", 8, "回避与代评", "judging.seats", "replace", Permission.APPROVE_REQUESTS, main=False),
    Link("赛场", 9, "评分细则与裁判组", "judging.preparation", "checkup-list", Permission.EDIT_SCHEME, main=False),
)
"""This feature's places in the navigation."""
__all__ = ["LINKS", "blueprints", "competitions"]
