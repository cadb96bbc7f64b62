"""An office with one computer: whoever acts signs out his colleague and signs in himself, in one browser."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from competitions.base.database import db
from tests.by_two import agreed, first_half
from tests.people import PASSWORD, Client
from tests.sent_forms import sent_by


class Office:
    """The one browser; `as_(username)` is that person at it."""

    def __init__(self, app: Flask) -> None:
        self.app, self.browser, self.sitting = app, Client(app), ""
        self.links: dict[str, str] = {}
        self.others: dict[str, Client] = {}

    def as_(self, username: str) -> Client:
        """The browser, with this person signed in and nobody else."""
        if self.sitting != username:
            if self.sitting:
                assert self.browser.post("/logout").status_code == 303
            assert self.browser.sign_in(username).status_code == 303, username
            self.sitting = username
        return self.browser

    def page(self, username: str, path: str) -> str:
        """What this person sees there."""
        answer = self.as_(username).get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def does(self, username: str, path: str, typed: dict[str, Any] | None = None) -> str:
        """This person sends a form and is led on; the address that he is led to."""
        answer = self.as_(username).post(path, typed)
        assert answer.status_code == 303, (path, answer.status_code, told(answer))
        db.session.rollback()
        return str(answer.headers["Location"])

    def refused(self, username: str, path: str, typed: dict[str, Any] | None = None) -> str:
        """The sentence that this person gets instead."""
        answer = self.as_(username).post(path, typed)
        assert answer.status_code in (403, 409, 422), (path, answer.status_code)
        return told(answer)

    def form(self, username: str, path: str, form: str) -> dict[str, Any]:
        """A form of a page as it stands there."""
        return sent_by(self.page(username, path), form)

    def activate(self, username: str, code: str) -> None:
        """The holder of a one-time code sets his password, at a browser of his own."""
        own = Client(self.app)
        page = own.get("/activate").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token
        typed = {"username": username, "code": code, "password": PASSWORD, "again": PASSWORD}
        assert own.send("/activate", data={**typed, "csrf_token": token.group(1)}).status_code == 303

    def elsewhere(self, username: str) -> Client:
        """This person at a device of his own."""
        if username not in self.others:
            self.others[username] = Client(self.app)
            assert self.others[username].sign_in(username).status_code == 303
        return self.others[username]

    def issue_by_two(self, by: str, other: str, username: str, name: str, role: str, **more: str) -> None:
        """The same for a role that two people give: the other one agrees elsewhere, the holder enters both halves."""
        typed = {"username": username, "display_name": name, "role": role, "scope": "", "union_name": "", **more}
        answer = self.as_(by).post("/desk/users/new", typed)
        first = first_half(answer.get_data(as_text=True))
        [second] = agreed(self.elsewhere(other))
        self.activate(username, f"{first}{second}")

    def issue(self, by: str, username: str, name: str, role: str, **more: str) -> None:
        """One account with its first role, issued by another and activated by its holder."""
        typed = {"username": username, "display_name": name, "role": role, "scope": "", "union_name": "", **more}
        answer = self.as_(by).post("/desk/users/new", typed)
        code = re.search(r"data-activation-code[^>]*>([^<]+)<", answer.get_data(as_text=True))
        assert code, told(answer)
        self.activate(username, code.group(1).strip())


def told(answer: TestResponse) -> str:
    """The page without its markup."""
    main = answer.get_data(as_text=True).partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
