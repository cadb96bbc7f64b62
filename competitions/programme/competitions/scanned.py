"""A sheet of paper that was scanned: told apart by its content, with a harmless name. Knows not what is on it."""

from competitions.base.errors import Invalid
from competitions.base.media import Document, document, kind_of, kind_of_name
from competitions.base.problems import Problem

LARGEST = 10 * 1024 * 1024
KINDS = ("pdf", "jpg", "png")


def checked_scan(filename: str, content: bytes) -> Document:
    """The file, if it may be kept. Raises Invalid: nothing there, too large, no PDF or picture, another kind than its name
    says.
    """
    kind = kind_of(content) if content else None
    problems = {
        "scan.empty": not content,
        "scan.too_large": len(content) > LARGEST,
        "scan.kind": bool(content) and kind not in KINDS,
        "scan.name_kind": kind in KINDS and kind_of_name(filename) != kind,
    }
    for code, holds in problems.items():
        if holds:
            raise Invalid([Problem(code, "file", {"kind": kind or ""})])
    return document(filename, str(kind), content, unnamed="扫描件")
