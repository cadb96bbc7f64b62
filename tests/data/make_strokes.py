"""Makes competitions/tabular/strokes.tsv; a development tool, never imported by the application or the tests.

    npm install cnchar@3.2.6 cnchar-order@3.2.6            (MIT: stroke letters of 6,939 characters)
    node -e 'console.log(JSON.stringify(require("cnchar-order").dict.orders))' > orders.json
    unpack Debian's unicode-data 15.0.0                     (Unihan: kTotalStrokes, kTGH, kMandarin)
    python tests/data/make_strokes.py orders.json <folder with Unihan_*.txt.bz2>

kTGH is the number of a character in 通用规范汉字表 (2013), which is itself ordered by stroke count and then by
横竖撇点折 within each of its three levels. It is therefore an independent check of the letters' classes:
the script stops when the order that they give differs from the official one anywhere.
"""

import bz2
import json
import os.path
import sys
from pathlib import Path
from unicodedata import normalize

from pypinyin import Style, pinyin

TARGET = Path(__file__).parents[2] / "competitions" / "tabular" / "strokes.tsv"
LEVELS = ((1, 3500), (3501, 6500), (6501, 8105))
# The letter list has a stroke too few in 皙 (析 8 + 白 5), found by the comparison with the official order.
CORRECTIONS = {"皙": "jfskssjfsfcjj"}
MORE_CHARACTERS = "𠮷"  # outside the basic blocks, without a reading in Unihan, and yet borne as a name
CLASS_OF = {
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "5"),
    **dict.fromkeys("ji", "1"),
    **dict.fromkeys("fg", "2"),
    "s": "3",
    **dict.fromkeys("kdl", "4"),
}  # GB 13000.1: 横(提) 竖(竖钩) 撇 点(捺) 折


def unihan(folder: Path) -> tuple[dict[str, int], dict[str, int], set[str]]:
    """Stroke counts, official numbers and characters with a Mandarin reading."""
    counts: dict[str, int] = {}
    official: dict[str, int] = {}
    readable: set[str] = set()
    for path in folder.glob("Unihan_*.txt.bz2"):
        for line in bz2.decompress(path.read_bytes()).decode("utf-8").splitlines():
            if not line.startswith("U+"):
                continue
            code, key, value = line.split("\t")
            char = chr(int(code[2:], 16))
            if key == "kTotalStrokes":
                counts[char] = int(value.split()[0])
            elif key == "kTGH":
                official[char] = int(value.split(":")[1])
            elif key == "kMandarin":
                readable.add(char)
    return counts, official, readable


def check_order(level: list[str], classes: dict[str, str]) -> None:
    """Stops when two neighbours of the official list stand the other way round in ours."""
    known = [char for char in level if char in classes]
    for left, right in zip(known, known[1:], strict=False):
        if (len(classes[left]), classes[left]) > (len(classes[right]), classes[right]):
            sys.exit(f"{left} {classes[left]} stands before {right} {classes[right]} in 通用规范汉字表")


def fill_gaps(level: list[str], classes: dict[str, str], counts: dict[str, int]) -> dict[str, tuple[int, str]]:
    """Characters without letters, placed by their neighbours: between equal counts the count is certain, and whatever
    prefix two neighbours of the same count share is certain too."""
    found: dict[str, tuple[int, str]] = {}
    for place, char in enumerate(level):
        if char in classes:
            continue
        before = next((classes[c] for c in reversed(level[:place]) if c in classes), "")
        after = next((classes[c] for c in level[place:] if c in classes), "")
        least, most = len(before) or 1, len(after) or 99
        count = min(max(counts[char], least), most)
        certain = os.path.commonprefix([before, after]) if len(before) == len(after) else ""
        found[char] = (count, certain)
    return found


def table(orders: dict[str, str], folder: Path) -> dict[str, tuple[int, str]]:
    """Character → (strokes, classes or a proven beginning of them)."""
    counts, official, readable = unihan(folder)
    classes = {
        char: "".join(CLASS_OF[letter] for letter in letters)
        for char, letters in {**orders, **CORRECTIONS}.items()
        if len(char) == 1 and char >= "\u3400"
    }
    lines = {
        char: (count, "")
        for char, count in counts.items()
        if "\u3400" <= char <= "\u9fff" or char in readable or char in official or char in MORE_CHARACTERS
    }
    lines |= {char: (len(value), value) for char, value in classes.items()}
    ordered = sorted(official, key=official.__getitem__)
    for first, last in LEVELS:
        level = [char for char in ordered if first <= official[char] <= last]
        check_order(level, classes)
        lines |= fill_gaps(level, classes, counts)
    return lines


def reading(char: str) -> str:
    """The commonest reading with its tone mark, empty when there is none."""
    found = pinyin({"𠮷": "吉"}.get(char, char), style=Style.TONE, errors="ignore")
    return normalize("NFC", found[0][0]) if found else ""


def main(orders_path: str, folder: str) -> None:
    lines = table(json.loads(Path(orders_path).read_text("utf-8")), Path(folder))
    text = "".join(f"{char}\t{count}\t{classes}\t{reading(char)}\n" for char, (count, classes) in sorted(lines.items()))
    TARGET.write_text(text, "utf-8", newline="\n")
    print(len(lines), "characters,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
