"""What codes look like and how they are drawn: random, so that nothing in a code tells of a person. Pure.

Level 1 (参赛编号) is a number, level 2 (工位号) a bench of a sitting (A07), level 3 (作品号) a number with a letter, so that
nobody mistakes one for another.
"""

import random
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from competitions.coding.models import Sitting

CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{0,11}")
BENCH_LEVEL = 2
LETTERS = {1: "", 2: "B", 3: "Z"}
_dice = random.SystemRandom()


def clean_code(text: str) -> str:
    """A code as typed: full-width characters, small letters and spaces put right. Raises ValueError."""
    code = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    if not CODE.fullmatch(code):
        raise ValueError(text)
    return code


def random_codes(level: int, sources: Sequence[str], avoid: Iterable[str] = (), *, among: int = 0) -> dict[str, str]:
    """Source → code for every source: numbers drawn without repetition from a range three times as large as needed.

    `among`: how many there are already; whoever is coded later gets a code like theirs.
    """
    digits = 3
    while 9 * 10 ** (digits - 1) < 3 * max(len(sources), among):
        digits += 1
    taken = set(avoid)
    pool = [
        code for number in range(10 ** (digits - 1), 10**digits) if (code := f"{LETTERS[level]}{number}") not in taken
    ]
    return dict(zip(sources, _dice.sample(pool, len(sources)), strict=True))


def any_of(codes: Sequence[str]) -> str:
    """One of these, at random."""
    return _dice.choice(codes)


def benches(sittings: Sequence[Sitting]) -> dict[str, tuple[Sitting, int]]:
    """Bench label → (sitting, station): A01 … of the first sitting, B01 … of the second."""
    found = {}
    for index, sitting in enumerate(sittings):
        letter = chr(ord("A") + index) if index < 26 else f"{index + 1}-"
        for station in range(1, sitting.stations + 1):
            found[f"{letter}{station:02d}"] = (sitting, station)
    return found


def drawn_benches(sitting_of: Mapping[str, str], sittings: Sequence[Sitting]) -> dict[str, str]:
    """Source → bench: each source (with the id of its sitting) gets one of the first benches of that sitting, at random."""
    found: dict[str, str] = {}
    for sitting in sittings:
        sources = sorted(source for source, sitting_id in sitting_of.items() if sitting_id == sitting.id)
        labels = [label for label, (room, _) in benches(sittings).items() if room.id == sitting.id][: len(sources)]
        _dice.shuffle(labels)
        found.update(zip(sources, labels, strict=True))
    return found
