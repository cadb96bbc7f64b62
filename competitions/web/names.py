"""Names of people on a page: never cut; a long one breaks after its dots. Knows no person."""

import re
from html import escape

from markupsafe import Markup

DOT = "·"
_PARTS = re.compile("[^·、（）]*[·、（）]?")


def name_html(name: str) -> str:
    """A name (or several, "张三、李四") as HTML: where there are dots, lines break after a dot or between names only."""
    if DOT not in name:
        return escape(name)
    parts = "<wbr>".join(f"<span>{escape(part)}</span>" for part in _PARTS.findall(name) if part)
    return f'<span class="person">{parts}</span>'


def whole_name(name: str | None) -> Markup:
    """The same for templates (filter `person`)."""
    return Markup(name_html(name or ""))
