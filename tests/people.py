"""Test clients that sign in as people do: through the real form, with real cookies and CSRF tokens."""

import re
from contextvars import Context
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

PASSWORD = "Correct-Horse-7-Battery"


class Client:
    """A browser without scripts: keeps cookies, sends the CSRF token with every unsafe request.

    Each request runs in an application context of its own, so the test's session never mixes with the view's.
    """

    def __init__(self, app: Flask) -> None:
        self.http = app.test_client()
        self.token: str | None = None

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Sign in through the form."""
        page = self.get("/login").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        answer = self._run(
            self.http.post,
            "/login",
            data={"username": username, "password": password, "csrf_token": found.group(1) if found else ""},
        )
        self.token = None
        return answer

    def csrf(self) -> str:
        """A CSRF token of this session."""
        if self.token is None:
            self.token = self.get("/api/session").get_json()["csrf"]
        return self.token

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET."""
        return self._run(self.http.get, path, **more)

    def send(self, path: str, **more: Any) -> TestResponse:
        """POST as it is: with the token that a form carries, or without one."""
        return self._run(self.http.post, path, **more)

    def _run(self, send: Any, path: str, **more: Any) -> TestResponse:
        answer: TestResponse = Context().run(send, path, **more)
        return answer

    def post(
        self,
        path: str,
        data: dict[str, Any] | None = None,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """POST a form or JSON with the CSRF token."""
        headers = {**(headers or {}), "X-CSRF-Token": self.csrf()}
        if json is not None:
            return self._run(self.http.post, path, json=json, headers=headers, **more)
        return self._run(self.http.post, path, data=data or {}, headers=headers, **more)
