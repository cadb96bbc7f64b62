"""All pages of judging and the judges' API: the modules that add them to the one blueprint."""

from competitions.judging import (
    api,
    card_pages,
    checking_pages,
    incident_pages,
    matrix_pages,
    paper_pages,
    preparation_pages,
    request_pages,
    scan_pages,
    scheme_pages,
    sheet_pages,
    tablet_pages,
    tabulation_pages,
    worksheet_pages,
)
from competitions.judging.blueprint import bp

blueprints = [bp]
__all__ = ["api", "blueprints", "bp", "card_pages", "checking_pages", "incident_pages", "matrix_pages", "paper_pages",
           "preparation_pages", "request_pages", "scan_pages", "scheme_pages", "sheet_pages", "tablet_pages", "tabulation_pages",
           "worksheet_pages"]
