"""How a module is judged, beside its ruleset (design.md §7): read as one typed value, changed until the stage is locked.

Kept in `Module.settings` as JSON; whoever needs one of them asks `JudgingSettings.of(module)` and never the raw keys.
Panel size and time limits stand in the ruleset, the levels of codes in the event, quotas of warnings in the pages.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.programme.models import Module

Naming = Literal["ticket", "code"]
SHARES = ("recheck_top", "recheck_sample", "recheck_limit")
LATE_MINUTES = 15
"""How long somebody may come late where a module says nothing (domain.md §1.3: 5 to 20 are in use)."""
MOST_LATE_MINUTES = 120
OWN_KEYS = ("identify_by", "double_entry", "judges_sign", "recheck", "conflicts", "late_minutes")
"""Keys of `Module.settings` that are written here; others are left as they are."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """What the checker looks at again before signing, in per cent: the best `top`, a seeded `sample` of the rest; all
    when more than `limit` per cent were wrong (issue 5 point 5).
    """

    top: int = 30
    sample: int = 15
    limit: int = 5


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """The settings of one module. `late_minutes` None: LATE_MINUTES."""

    identify_by: Naming = "code"
    double_entry: bool = False
    judges_sign: bool = False
    recheck: Recheck | None = None
    forbids_conflicts: bool = False
    late_minutes: int | None = None

    @classmethod
    def of(cls, module: Module) -> "JudgingSettings":
        """The module's settings, defaults where nothing is said."""
        kept = module.settings or {}
        late = kept.get("late_minutes")
        return cls(
            identify_by="ticket" if kept.get("identify_by") == "ticket" else "code",
            double_entry=bool(kept.get("double_entry")),
            judges_sign=bool(kept.get("judges_sign")),
            recheck=_recheck(kept.get("recheck")),
            forbids_conflicts=kept.get("conflicts") == "forbid",
            late_minutes=None if late in (None, "") else int(late),
        )

    @classmethod
    def usual(cls, kind: str) -> "JudgingSettings":
        """What a new module of this kind begins with: theory papers carry the 准考证号."""
        return cls(identify_by="ticket" if kind == "theory" else "code")

    def kept(self) -> dict[str, Any]:
        """As it stands in `Module.settings`."""
        return {
            "identify_by": self.identify_by,
            "double_entry": self.double_entry,
            "judges_sign": self.judges_sign,
            "recheck": asdict(self.recheck) if self.recheck else None,
            "conflicts": "forbid" if self.forbids_conflicts else "warn",
            "late_minutes": self.late_minutes,
        }

    def problems(self) -> list[Problem]:
        """What cannot be: shares outside 0 to 100, minutes outside 0 to MOST_LATE_MINUTES."""
        shares = (
            zip(SHARES, (self.recheck.top, self.recheck.sample, self.recheck.limit), strict=True)
            if self.recheck
            else ()
        )
        faulty = [name for name, share in shares if not 0 <= share <= 100]
        if self.late_minutes is not None and not 0 <= self.late_minutes <= MOST_LATE_MINUTES:
            faulty.append("late_minutes")
        return [
            Problem(
                "invalid.programme.settings_range", name, {"most": MOST_LATE_MINUTES if name == "late_minutes" else 100}
            )
            for name in faulty
        ]


def _recheck(kept: Any) -> Recheck | None:
    if isinstance(kept, dict):
        usual = asdict(Recheck())
        return Recheck(**{name: int(kept.get(name, share)) for name, share in usual.items()})
    return Recheck() if kept is True else None


def change_settings(
    session: Session, module: Module, wanted: JudgingSettings, version: int, *, by: Actor, at: datetime
) -> None:
    """Put these settings in the place of the module's. Raises StateForbids once the stage is locked (the first check-in
    or mark, design.md §4.4), Stale when another editor was faster, Invalid.
    """
    stage = module.stage
    session.refresh(stage, with_for_update=True)
    if stage.locked_at is not None:
        raise StateForbids("programme.settings_locked")
    session.refresh(module, with_for_update=True)
    if module.version != version:
        raise Stale({"settings": JudgingSettings.of(module), "version": module.version})
    problems = wanted.problems()
    if problems:
        raise Invalid(problems)
    before = JudgingSettings.of(module).kept()
    others = {name: value for name, value in (module.settings or {}).items() if name not in OWN_KEYS}
    module.settings = {**others, **wanted.kept()}
    module.version += 1
    session.flush()
    record(session, "module.settings", "module", module.id, by=by, at=at, before=before, after=wanted.kept())
