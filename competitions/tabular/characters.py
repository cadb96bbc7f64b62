"""Characters that came out wrong: radicals that only look like the character, and self-made ones. Knows no cell, no name.

A PDF gives ⻩ (a radical) or 金 (a compatibility character) where 黄 and 金 are meant: they are mended. A character of the
private use area (自造字) means something on one computer only: it is found and named, nobody can guess it.
"""

import re
from functools import cache
from pathlib import Path
from unicodedata import normalize

TABLE = Path(__file__).with_name("lookalikes.tsv")
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
"""A character of a private use area."""
UNKNOWN = "〓"
"""Stands for a private character where one is shown: the typesetter's mark for a missing one."""
_LOOKS_ALIKE = re.compile("[\u2e80-\u2fdf\u31c0-\u31ef\uf900-\ufaff\U0002f800-\U0002fa1f]")


@cache
def lookalikes() -> dict[str, str]:
    """Radical or stroke → the character that it looks like, read once."""
    lines = (line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {radical: char for _code, _unified, radical, char in lines}


def mended(text: str) -> str:
    """The text with the characters that are meant; one that has no certain counterpart stays as it is."""
    if text.isascii() or not _LOOKS_ALIKE.search(text):
        return text
    return _LOOKS_ALIKE.sub(lambda found: lookalikes().get(found[0]) or normalize("NFC", found[0]), text)


def mended_parts(text: str) -> tuple[str, str]:
    """What was mended in a text: the characters as they were and as they are now ("" twice for nothing)."""
    changed = [(was, now) for was in _LOOKS_ALIKE.findall(text) if (now := mended(was)) != was]
    return "".join(was for was, _ in changed), "".join(now for _, now in changed)


def private_parts(text: str) -> dict[str, str]:
    """The private characters of a text as its sentence needs them: positions, codes and the text with marks in their
    place; empty when there are none.
    """
    found = list(PRIVATE.finditer(text))
    if not found:
        return {}
    return {
        "positions": "、".join(str(each.start() + 1) for each in found),
        "codes": "、".join(f"U+{ord(each[0]):04X}" for each in found),
        "value": PRIVATE.sub(UNKNOWN, text),
    }
