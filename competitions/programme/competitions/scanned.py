"""A sheet of paper that was scanned: told apart by its content, with a harmless name. Knows not what is on it."""

import hashlib
from dataclasses import dataclass

from competitions.base.errors import Invalid
from competitions.base.problems import Problem
from competitions.programme.competitions.attachments import MEDIA_TYPES, NOT_IN_NAMES, SAME_ENDING, kind_of

LARGEST = 10 * 1024 * 1024
KINDS = ("pdf", "jpg", "png")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file that may be kept: its clean name, what it is by its content, its bytes."""

    filename: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of the file as it was sent."""
        return hashlib.sha256(self.content).hexdigest()


def checked_scan(filename: str, content: bytes) -> Scanned:
    """The file, if it may be kept. Raises Invalid: nothing there, too large, no PDF or picture, another kind than its name
    says.
    """
    kind = kind_of(content) if content else None
    ending = filename.rpartition(".")[2].lower()
    problems = {
        "scan.empty": not content,
        "scan.too_large": len(content) > LARGEST,
        "scan.kind": bool(content) and kind not in KINDS,
        "scan.name_kind": kind in KINDS and SAME_ENDING.get(ending, ending) != kind,
    }
    for code, holds in problems.items():
        if holds:
            raise Invalid([Problem(code, "file", {"kind": kind or ""})])
    name = NOT_IN_NAMES.sub("_", filename.replace("\\", "/").rpartition("/")[2]).strip(" .")
    return Scanned(f"{(name.rpartition('.')[0] or '扫描件')[:140]}.{ending}", MEDIA_TYPES[str(kind)], content)
