"""Black-box clients that keep every receipt in a ledger of their own (fsynced), and what is checked after a fault.

"Nothing acknowledged is lost": for each receipt exactly one revision with that id and digest, one audit event, and the
current value is that revision or a later one; nothing is doubled; the chain is sound; totals equal a recomputation
here.
"""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.judging.models import ScoreRevision, ScoreSheet
from competitions.judging.tampering import sheets
from tests.people import PASSWORD

CHECKS = sheets
ROOT = Path(__file__).resolve().parents[2]
FAULTS = (OSError, http.client.HTTPException, ValueError)


class Process:
    """The server in a process of its own, on the test's database."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "INSTANCE_PATH": str(settings.instance_path),
            "SECRET_KEY": settings.secret_key,
            "KEYRING_FILE": str(settings.keyring_file),
            "AUDIT_KEY_FILE": str(settings.audit_key_file),
            "PORT": str(self.port),
        }
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, weakness: str = "", before: list[str] | None = None) -> None:
        """Start (weakened if told so) and wait until it answers."""
        self.running = subprocess.Popen(
            [*(before or []), sys.executable, "-m", "tests.chaos.launcher", weakness],
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except FAULTS:
                time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """kill -9; also what was started through another program (strace)."""
        if self.running:
            if self.running.poll() is None:
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


class Caller:
    """One signed-in person over plain HTTP."""

    def __init__(self, port: int, username: str) -> None:
        self.port, self.username = port, username
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.epoch: str | None = None
        self.place = ""  # where the last answer sent to

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        listen: bool = True,
    ) -> tuple[int, Any]:
        """One request; without `listen` the connection is cut before the answer. Raises one of FAULTS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, {**(headers or {}), "Cookie": cookies})
            if not listen:
                time.sleep(random.uniform(0, 0.05))
                raise OSError("cut")
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie") or []:
                name, _, rest = header.partition("=")
                self.cookies[name] = rest.split(";")[0]
            text = answer.read()
            self.epoch = answer.headers.get("Epoch") or self.epoch
            kind = answer.headers.get("Content-Type", "")
            self.place = answer.headers.get("Location") or ""
            if "json" in kind:
                return answer.status, json.loads(text)
            return answer.status, text.decode(errors="replace") if kind.startswith("text/") else text
        finally:
            connection.close()

    def sign_in(self) -> None:
        """Through the form, like everybody."""
        _, page = self.request("GET", "/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = urllib.parse.urlencode(
            {"username": self.username, "password": PASSWORD, "csrf_token": token.group(1) if token else ""}
        )
        status, _ = self.request("POST", "/login", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 303, status
        self.token = self.request("GET", "/api/session")[1]["csrf"]

    def post(self, path: str, document: Any, key: str, listen: bool = True) -> tuple[int, Any]:
        """A write of the judges' API."""
        return self.request(
            "POST",
            path,
            json.dumps(document).encode(),
            {"Content-Type": "application/json", "Idempotency-Key": key, "X-CSRF-Token": self.token},
            listen,
        )

    def form(self, path: str, fields: dict[str, str], file: tuple[str, bytes] | None = None) -> int:
        """Send a form, with a file if there is one; the status."""
        parts = [(f'name="{name}"', value.encode()) for name, value in {**fields, "csrf_token": self.token}.items()]
        if file is not None:
            parts.append((f'name="file"; filename="{file[0]}"', file[1]))
        body = b"".join(
            f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n" for head, value in parts
        )
        return self.request("POST", path, body + b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"})[0]


@dataclass
class Outcome:
    """What the checks found; all empty when the promise holds."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    wrong_totals: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Nothing lost, nothing doubled, chain sound, totals right."""
        return not (self.lost or self.doubled or self.unsound or self.wrong_totals)

    def figures(self) -> str:
        """One line for a report."""
        return (
            f"{self.acknowledged} acknowledged, {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"chain {'sound' if not self.unsound else self.unsound[0]}, {len(self.wrong_totals)} wrong totals"
        )


class Judge(threading.Thread):
    """A judge who keeps saving his sheets; the receipt goes to his ledger, the same key is sent until there is one."""

    def __init__(self, port: int, username: str, ledger: Path, cut: float = 0.0) -> None:
        super().__init__(daemon=True)
        self.caller, self.ledger, self.cut = Caller(port, username), ledger, cut
        self.caller.sign_in()
        self.sheets = [line["id"] for line in self.caller.request("GET", "/api/sheets")[1]["sheets"]]
        self.base = dict.fromkeys(self.sheets, 0)
        self.stopping = threading.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        """Until told to stop; then the submission under way is still brought to its end."""
        number = 0
        try:
            while not self.stopping.is_set():
                number += 1
                self._save(self.sheets[number % len(self.sheets)], number)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            self.fault = fault

    def _save(self, sheet: str, number: int) -> None:
        key, value = str(uuid.uuid4()), str(number % 40)
        body = {
            "base_revision": self.base[sheet],
            "marks": {"A1": value, "A2": "0", "A3": "1"},
            "complete": True,
            "notes": {"A1": key},
        }
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                status, answer = self.caller.post(
                    f"/api/sheets/{sheet}/revisions", body, key, listen=random.random() >= self.cut
                )
            except FAULTS:
                time.sleep(0.05)
                continue
            if status in (200, 201):
                self._keep({"key": key, "value": value, **answer})
                self.base[sheet] = answer["revision"]
                return
            if status != 503:
                raise AssertionError((status, answer))
            time.sleep(0.1)
        raise AssertionError("no receipt within a minute")

    def _keep(self, line: dict[str, Any]) -> None:
        with self.ledger.open("a") as out:
            out.write(json.dumps(line) + "\n")
            out.flush()
            os.fsync(out.fileno())


def run_judges(judges: list[Judge], seconds: float, disturb: Any = None) -> None:
    """Let the judges work, disturb them in the middle, bring them to their end."""
    db.session.remove()
    for judge in judges:
        judge.start()
    time.sleep(seconds * random.uniform(0.3, 0.7))
    if disturb is not None:
        disturb()
    time.sleep(seconds / 2)
    for judge in judges:
        judge.stopping.set()
    for judge in judges:
        judge.join(90)
        if judge.fault is not None:
            raise judge.fault


def examine(ledgers: list[Path]) -> Outcome:
    """Compare the ledgers with the database."""
    db.session.remove()
    db.engine.dispose()
    receipts = [json.loads(line) for ledger in ledgers if ledger.exists() for line in ledger.read_text().splitlines()]
    revisions = {revision.id: revision for revision in db.session.scalars(select(ScoreRevision))}
    payloads = "\n".join(db.session.scalars(select(AuditEvent.payload)))
    found = Outcome(len(receipts))
    for receipt in receipts:
        revision = revisions.get(receipt["receipt"])
        if (
            revision is None
            or revision.digest != receipt["digest"]
            or payloads.count(f'"revision":"{revision.id}"') != 1
        ):
            found.lost.append(receipt["receipt"])
    keys = Counter(json.loads(revision.notes)["A1"] for revision in revisions.values())
    found.doubled = [key for key, times in keys.items() if times > 1]
    found.unsound = [finding.sentence for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]
    last = {receipt["sheet"]: receipt for receipt in sorted(receipts, key=lambda receipt: int(receipt["revision"]))}
    heads = {sheet.id: sheet.head for sheet in db.session.scalars(select(ScoreSheet))}
    totals = {(revision.sheet_id, revision.number): revision.total for revision in revisions.values()}
    for sheet, receipt in last.items():
        if Decimal(totals.get((sheet, heads[sheet]), "-1")) != Decimal(receipt["value"]) + 20:
            found.wrong_totals.append(sheet)
    return found
