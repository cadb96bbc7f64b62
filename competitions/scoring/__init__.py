"""Scoring: from a scoring case to standings; rules are data, results are exact, every placing can say why.

Standard library only. Knows the contract of `scoring.md` and nothing of the web application, the database or people.

    read_case(text) / case_from_document(document) → Case      raise Unreadable
    standings(case) → the output document
    ruleset_problems(document) → what is wrong with a ruleset, for forms
    dropped_sheets(case) → the judges whose sheets the panel rules leave out, for a matrix
    explain(case, entrant_id) → the arithmetic of one entrant, for a page
"""

from .case import Case, case_from_document, read_case
from .dropped_sheets import dropped_sheets
from .explanation import explain
from .ruleset_faults import ruleset_problems
from .shape import Unreadable
from .standings import standings

__all__ = [
    "Case",
    "Unreadable",
    "case_from_document",
    "dropped_sheets",
    "explain",
    "read_case",
    "ruleset_problems",
    "standings",
]
