"""Trying a change: a copy of the checkout, the change in it, the nearest tests on it. The checkout is never touched."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutate.change import Change

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 900
"""Seconds for the tests of one change, on a busy machine too."""
PASSED, FAILED = 0, 1
"""Exit statuses of pytest; any other says that the tests did not run."""


class Verdict(StrEnum):
    """What became of a change. Only a held one is as it should be."""

    HELD = "held"
    NOT_HELD = "NOT HELD"
    NOT_FOUND = "text not found"
    NOT_RUN = "tests did not run"


@dataclass(frozen=True, slots=True)
class Copy:
    """A checkout of its own that may be broken."""

    root: Path

    @contextmanager
    def changed(self, change: Change) -> Iterator[None]:
        """The copy while the change is in it. Raises ValueError (text not found), OSError (no such file)."""
        path = self.root / "competitions" / change.file
        whole = path.read_text(encoding="utf-8")
        self._write(path, change.applied_to(whole))
        try:
            yield
        finally:
            self._write(path, whole)

    def tested(self, tests: Iterable[str]) -> tuple[int | None, str]:
        """Exit status of pytest on these tests and what it said; None when they did not end in time."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "--databases", "sqlite", *tests]
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return None, "out of time"
        return done.returncode, done.stdout + done.stderr

    @staticmethod
    def _write(path: Path, source: str) -> None:
        path.write_text(source, encoding="utf-8")
        # a compiled file counts as fresh while second and size are the same, which they may well be here
        shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)


def copied(target: Path) -> Copy:
    """The checkout as it lies there, committed or not, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in map(os.fsdecode, filter(None, listed.stdout.split(b"\0"))):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return Copy(target)


def tried(copy: Copy, change: Change) -> Verdict:
    """Whether the tests nearest to a change notice it."""
    try:
        with copy.changed(change):
            status, _ = copy.tested(change.tests)
    except (ValueError, OSError):
        return Verdict.NOT_FOUND
    return {FAILED: Verdict.HELD, PASSED: Verdict.NOT_HELD}.get(status if status is not None else -1, Verdict.NOT_RUN)
