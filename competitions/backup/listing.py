"""The archives that lie in BACKUP_PATH, with what the log tells of each. Knows no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from competitions.backup.making import archives_in
from competitions.backup.queries import CHECK, CREATE, Told
from competitions.base.config import Settings


@dataclass(frozen=True, slots=True)
class Archive:
    """A file, the record of its making (None: made by another installation, or put there) and the last look at it."""

    name: str
    size: int
    made: Told | None
    checked: Told | None


def archives(settings: Settings, told: Sequence[Told]) -> list[Archive]:
    """The newest first."""
    paths = archives_in(settings.backup_path)
    return [
        Archive(path.name, path.stat().st_size, _last(told, CREATE, path), _last(told, CHECK, path)) for path in paths
    ]


def archive_named(settings: Settings, name: str) -> Path | None:
    """One of them; None for every other name, whatever it leads to."""
    return next((path for path in archives_in(settings.backup_path) if path.name == name), None)


def _last(told: Sequence[Told], action: str, path: Path) -> Told | None:
    return next((each for each in told if each.action == action and each.facts.get("name") == path.name), None)
