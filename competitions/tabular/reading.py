"""From bytes to cells: starts the child process that opens the file and turns its answer into a `Book`.

Knows no headings and no people. Whatever happens to the child (abort, no memory, no time) becomes `file.unreadable`.
"""

import datetime as dt
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from competitions.tabular import limits
from competitions.tabular.places import place_to_read
from competitions.tabular.preflight import Refused, kind_of
from competitions.tabular.problems import Unreadable, problem

Cell = str | int | float | bool | dt.date | dt.datetime
"""A cell as the file holds it; blank is ""."""
Place = tuple[int, int]
"""Row and column, from 0."""

_CHILD = Path(__file__).with_name("child.py")
_ROOT = _CHILD.parents[2]
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR", "TEMP")


@dataclass(slots=True)
class Sheet:
    """A sheet of a file: `rows[0][0]` is A1; rows are as long as their last filled cell. A hidden sheet has no rows."""

    name: str
    visible: bool
    rows: list[list[Cell]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: frozenset[Place] = frozenset()
    errors: frozenset[Place] = frozenset()
    struck: frozenset[Place] = frozenset()
    hidden_rows: frozenset[int] = frozenset()


@dataclass(slots=True)
class Book:
    """The sheets of a file in its order."""

    sheets: list[Sheet]


def read_book(data: bytes, filename: str) -> Book:
    """The cells of an .xlsx, .xls, .ods or .csv.

    Raises:
        Unreadable: with a `file.*` problem that says what to do.
        Busy: other files are being read.
    """
    try:
        kind = kind_of(data)
    except Refused as refused:
        raise Unreadable(problem(refused.code, **refused.params)) from None
    named_as_text = filename.lower().endswith((".csv", ".txt", ".tsv"))
    answer = _ask_child(data, kind, named_as_text)
    if "problem" in answer:
        raise Unreadable(problem(answer["problem"]["code"], **answer["problem"]["params"]))
    name = Path(filename.replace("\\", "/")).stem
    return Book([_sheet(found, name) for found in answer["sheets"]])


def _ask_child(data: bytes, kind: str, named_as_text: bool) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", str(_CHILD), kind, "1" if named_as_text else "0", str(_ROOT), _site()]
    environment = {key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ}
    try:
        with place_to_read():
            done = subprocess.run(
                command,
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=limits.CHILD_SECONDS,
                check=True,
            )
        answer: dict[str, Any] = json.loads(done.stdout, object_hook=_dated)
        return answer
    except (subprocess.SubprocessError, ValueError):
        raise Unreadable(problem("file.unreadable", reason="exhausted")) from None


def _site() -> str:
    """Where python-calamine is installed: the child is started without site packages."""
    found = importlib.util.find_spec("python_calamine")
    if found is None or found.origin is None:
        raise ImportError("python-calamine is not installed")
    return str(Path(found.origin).parents[1])


def _dated(value: dict[str, Any]) -> Any:
    text = value.get("date")
    if not isinstance(text, str):
        return value
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def _sheet(found: dict[str, Any], default_name: str) -> Sheet:
    def places(key: str) -> frozenset[Place]:
        return frozenset((row, column) for row, column in found.get(key, ()))

    return Sheet(
        found["name"] or default_name,
        found["visible"],
        found["rows"],
        [(a, b, c, d) for a, b, c, d in found.get("merged", ())],
        places("formulas"),
        places("errors"),
        places("struck"),
        frozenset(found.get("hidden_rows", ())),
    )
