"""What a browser would send of a form on a page, when nobody has touched it."""

from html.parser import HTMLParser
from typing import Any


def sent_by(page: str, form: str) -> dict[str, Any]:
    """The values of the form with this id or action by the names of its controls; lists for boxes that may be ticked."""
    return _Controls(page, form).data


class _Controls(HTMLParser):
    """The controls of one form, as a browser reads them."""

    def __init__(self, page: str, form: str) -> None:
        super().__init__()
        self.form = form
        self.data: dict[str, Any] = {}
        self.inside, self.select, self.area = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name, value = at.get("name") or "", at.get("value") or ""
        if tag == "form":
            self.inside = self.form in (at.get("id"), at.get("action"))
        if not self.inside:
            return
        if tag == "input" and at.get("type") in ("checkbox", "radio"):
            if "checked" in at:
                self.data.setdefault(name, []).append(value)
        elif tag == "input":
            self.data[name] = value
        elif tag == "select":
            self.select = name
        elif tag == "option" and (("selected" in at) or self.select not in self.data):
            self.data[self.select] = value
        elif tag == "textarea":
            self.area, self.data[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self.data[self.area] = self.data[self.area].removeprefix("\r\n").removeprefix("\n")
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.data[self.area] += data
