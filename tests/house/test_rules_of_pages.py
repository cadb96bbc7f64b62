"""What may be done with a thing is decided in Python: a template asks for it and compares no state and no person."""

import re
from pathlib import Path

from competitions.base.config import ROOT

FEATURES = ("judging", "registration", "results", "coding", "programme")
COMPARED = re.compile(
    r"\.(?:state|role|presence)\s*(?:==|!=|in\b|not in\b)"  # the state of a thing
    r"|current_user\.\w*id\s*(?:==|!=)|(?:==|!=)\s*current_user"  # who somebody is
    r"|(?:\band|\bor|\bnot)\s+[\w.]+_(?:at|by)\b|_(?:at|by)\s+(?:and|or)\b"  # what has been done with it
)
ROWS = {"worksheet_preview.html", "_roster_preview.html", "_check_in_row.html"}
"""Rows that were made for the page: the state is a word and a colour, and allows nothing."""


def tags(page: Path) -> list[str]:
    """The statements and expressions of a template."""
    return re.findall(r"\{[%{].*?[%}]\}", page.read_text(encoding="utf-8"))


def test_no_template_compares_states_or_persons() -> None:
    pages = [page for feature in FEATURES for page in sorted((ROOT / "templates" / feature).glob("*.html"))]
    found = [
        f"{page.parent.name}/{page.name}: {tag[:120]}"
        for page in pages
        if page.name not in ROWS
        for tag in tags(page)
        if COMPARED.search(tag)
    ]
    assert len(pages) > 80 and found == []
