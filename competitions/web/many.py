"""Acts on many: what a form says was shown, and the answer when some rows were refused, with the way to go on.

Knows no feature: who asks names the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import render_template, request

from competitions.base.errors import StateForbids
from competitions.base.shown import Shown
from competitions.words.sentences import worded

SHOWN, EVERY = "shown", "every"
"""Fields of a form: the rows of the page, and those of the whole filter when all of it is asked for."""
NOT_AGAIN = ("csrf_token", "form_key", SHOWN, EVERY)


class Versioned(Protocol):
    """A row of a list."""

    @property
    def id(self) -> str:
        """Its key."""

    @property
    def version(self) -> int:
        """Counts its changes."""


def shown_rows(rows: Iterable[Versioned]) -> str:
    """What a form carries of the rows that a page shows."""
    return Shown.of((row.id, row.version) for row in rows).text()


def shown_before() -> str:
    """What the form says was shown, as it came; empty for a form that does not say."""
    return request.form.get(EVERY) or request.form.get(SHOWN, "")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that stood in the way: its name, why, and its page."""

    name: str
    why: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class GoingOn:
    """The form by which the act goes on without them."""

    label: str
    fields: Sequence[tuple[str, str]]
    action: str = ""


@dataclass(frozen=True, slots=True)
class RefusedMany:
    """What the page says: the act's name, the rows refused, the way back to the list."""

    title: str
    back: str
    rows: Sequence[RefusedRow] = field(default_factory=tuple)
    on: GoingOn | None = None

    def answer(self, fault: StateForbids) -> Any:
        """The page, under the status of the refusal. Problems of no row are said above the rows."""
        said = [worded(problem) for problem in fault.problems if problem.where is None]
        return render_template("errors/rows_refused.html", found=self, sentence=worded(fault), said=said), fault.status


def fields_again(changes: Mapping[str, str], without: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The fields that were sent, to be sent again with some of them otherwise."""
    left_out = {*NOT_AGAIN, *changes, *without}
    return [(name, text) for name, text in request.form.items(multi=True) if name not in left_out] + [*changes.items()]
