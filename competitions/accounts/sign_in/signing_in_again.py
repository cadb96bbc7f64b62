"""A sign-in that ended while a form was open: what was typed is carried by the page until the same person is back.

Only a form sent from a page of this site is offered again; the server keeps nothing. Files cannot be carried and are
asked for again. Knows the request, no feature.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from competitions.accounts.forms import SignInForm
from competitions.accounts.pressed_again.form_keys import FIELD, made_for
from competitions.accounts.sign_in.questioning import question
from competitions.web.addresses import safe_target

NOT_CARRIED = ("csrf_token", FIELD)
REFILL = "refill"
MOST = 2_000_000
"""Characters of typed text that are carried."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form sent: where to, from which page, its fields, which fields held files, the key made with it."""

    action: str
    page: str
    key: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def document(self) -> str:
        """As the page carries it."""
        parts = {"action": self.action, "page": self.page, "key": self.key, "fields": self.fields, "files": self.files}
        return json.dumps(parts, ensure_ascii=False)

    @property
    def refill(self) -> str:
        """The address that shows the form filled in from what is sent, for a form that says one (rows that come and go)."""
        found = dict(self.fields).get(REFILL, "")
        return safe_target(found) if found else ""

    def is_of(self, user_id: str) -> bool:
        """Whether the form was made for this user."""
        return made_for(self.key, user_id)


def from_this_site() -> bool:
    """Whether the browser says that the request comes from a page of this site (Sec-Fetch-Site, else Origin)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def typed_now() -> Typed | None:
    """What the request's form holds; None for what cannot be offered again (no key, too much)."""
    form: MultiDict[str, str] = request.form
    fields = [(name, text) for name, text in form.items(multi=True) if name not in NOT_CARRIED]
    if not form.get(FIELD) or sum(len(text) for _, text in fields) > MOST:
        return None
    action = request.full_path if request.query_string else request.path
    came = urlsplit(request.referrer or "")
    page = came.path + (f"?{came.query}" if came.query else "") if came.netloc == request.host else ""
    files = sorted({name for name, file in request.files.items(multi=True) if file.filename})
    return Typed(action, safe_target(page) if page else "", form[FIELD], fields, files)


def read(text: str) -> Typed | None:
    """What `Typed.document` wrote; None for anything else (it comes back from a browser)."""
    try:
        found: dict[str, Any] = json.loads(text)
        fields = [(str(name), str(value)) for name, value in found["fields"]]
        action, page = safe_target(str(found["action"])), str(found["page"])
        files = [str(name) for name in found["files"]]
        return Typed(action, safe_target(page) if page else "", str(found["key"]), fields, files)
    except (ValueError, TypeError, KeyError):
        return None


def page(typed: Typed, form: SignInForm | None = None, fault: str = "", *, asks: bool = False) -> str:
    """The sign-in that carries what was typed; `asks`: with a question to be answered."""
    return render_template(
        "accounts/sign_in_again.html",
        form=form or SignInForm(),
        typed=typed,
        fault=fault,
        question=question(asks=asks),
    )


def typed_page(typed: Typed) -> str:
    """What was typed, for the person who typed it: put back into its form, or sent from here, by himself."""
    return render_template("accounts/typed_again.html", typed=typed)
