"""The phase line of a competition, as far as this feature knows it: set-up, notice, registration, review.

The features above extend it by code (home puts it together); knows no entry, no mark and no page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from competitions.programme.competitions.services import missing_for_notice
from competitions.programme.models import Competition
from competitions.programme.queries import stages_with_rules
from competitions.words.codes import PHASES

State = Literal["done", "current", "todo"]
ON_PAPER = ("notice_period", "commendation", "certificates")
"""Phases of which the system keeps nothing yet: it never says that they are done."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the line (codes of words.PHASES): its state, what blocks it in a sentence, where it is done."""

    code: str
    state: State
    blocked: str | None = None
    url: str | None = None

    @property
    def label(self) -> str:
        """Its word."""
        return PHASES[self.code]


def phases(session: Session, competition: Competition, at: datetime) -> list[Phase]:
    """All phases in order; those after the review are `todo` here."""
    known = {"setup": _setup(session, competition), "notice": _notice(competition, at), **_deadlines(competition, at)}
    line = [known.get(code) or Phase(code, "todo") for code in PHASES]
    if competition.state == "archived":
        return archived_line()
    return line


def archived_line() -> list[Phase]:
    """The line of a competition that was archived: behind it is all that the system knows of."""
    return [Phase(code, "todo" if code in ON_PAPER else "done") for code in PHASES]


def _setup(session: Session, competition: Competition) -> Phase:
    page = f"/desk/competitions/{competition.id}"
    if not competition.events:
        return Phase("setup", "current", f"还没有{competition.event_word}，请先添加。", page)
    stages = [(event, stage) for event in competition.events for stage in event.stages]
    ruled = stages_with_rules(session, [stage.id for _, stage in stages])
    bare = [f"“{event.name}”{stage.name}" for event, stage in stages if stage.id not in ruled]
    if bare:
        return Phase(
            "setup",
            "current" if competition.state == "draft" else "done",
            f"{'、'.join(bare[:3])}{'等' if len(bare) > 3 else ''}还没有计分规则。",
            page,
        )
    return Phase("setup", "done", url=page)


def _notice(competition: Competition, at: datetime) -> Phase:
    page = f"/desk/competitions/{competition.id}"
    if competition.state != "draft":
        return Phase("notice", "done", url=f"/competitions/{competition.id}")
    if not competition.events:
        return Phase("notice", "todo", url=page)
    missing = missing_for_notice(competition, at)
    return Phase("notice", "current", f"发布前还缺：{'、'.join(missing)}。" if missing else None, page)


def _deadlines(competition: Competition, at: datetime) -> dict[str, Phase]:
    """Registration runs until the cut-off of reporting, the review until the final one."""
    if competition.state == "draft":
        return {}
    entries = f"/desk/competitions/{competition.id}/entries"
    reporting = at <= competition.report_until
    reviewing = not reporting and at <= competition.final_until
    return {
        "registration": Phase("registration", "current" if reporting else "done", url=entries),
        "review": Phase("review", "todo" if reporting else "current" if reviewing else "done", url=entries),
    }


def current_label(line: list[Phase]) -> str:
    """The word of the phase that is under way (the first), for the bar over every page of the competition."""
    for phase in line:
        if phase.state == "current":
            return phase.label
    if line[-1].state == "done":
        return line[-1].label
    return next((phase.label for phase in line if phase.state == "todo"), line[-1].label)
