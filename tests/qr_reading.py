"""A reader of QR codes drawn by segno as SVG: what a tablet's camera would find. Undamaged codes up to version 6 only.

Read by the standard (ISO/IEC 18004), not by comparing with what segno makes of the same text.
"""

import re

from segno.consts import ALIGNMENT_POS, ECC

BORDER = 2
MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)


def qr_text(svg: str) -> str:
    """The text of the code that the SVG draws."""
    grid = _grid(svg)
    size = len(grid)
    version = (size - 17) // 4
    told = [grid[8][column] ^ bit for column, bit in zip(range(5), (1, 0, 1, 0, 1), strict=True)]
    level, mask = told[0] * 2 + told[1], told[2] * 4 + told[3] * 2 + told[4]
    bits = [grid[row][column] ^ MASKS[mask](row, column) for row, column in _path(size, version)]
    words = [int("".join(str(int(bit)) for bit in bits[at : at + 8]), 2) for at in range(0, len(bits) - 7, 8)]
    blocks = [block for group in ECC[version][level] for block in [group.num_data] * group.num_blocks]
    assert len(set(blocks)) == 1, "blocks of different lengths are not read"
    data = [words[at * len(blocks) + block] for block in range(len(blocks)) for at in range(blocks[0])]
    stream = "".join(f"{word:08b}" for word in data)
    assert stream[:4] == "0100", "not in bytes"
    length = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * at : 20 + 8 * at], 2) for at in range(length)).decode()


def _grid(svg: str) -> list[list[int]]:
    size = int(re.search(r'viewBox="0 0 (\d+)', svg).group(1)) - 2 * BORDER  # type: ignore[union-attr]
    path = re.search(r' d="M(\d+) ([\d.]+)(h[^"]+)"', svg)
    assert path
    grid, row, column = (
        [[0] * size for _ in range(size)],
        int(float(path.group(2))) - BORDER,
        int(path.group(1)) - BORDER,
    )
    for move, right, down in re.findall(r"([hm])(-?\d+)(?: (-?\d+))?", path.group(3)):
        if move == "h":
            grid[row][column : column + int(right)] = [1] * int(right)
        column, row = column + int(right), row + int(down or 0)
    return grid


def _path(size: int, version: int) -> list[tuple[int, int]]:
    """The places of data modules in the order in which they are read."""
    centres = ALIGNMENT_POS[version - 2] if version > 1 else ()
    patterns = [
        (row, column)
        for row in centres
        for column in centres
        if (row, column) not in ((6, 6), (6, size - 7), (size - 7, 6))
    ]

    def is_data(row: int, column: int) -> bool:
        corner = (row < 9 and column < 9) or (row < 9 and column >= size - 8) or (row >= size - 8 and column < 9)
        aligned = any(abs(row - r) < 3 and abs(column - c) < 3 for r, c in patterns)
        return not (corner or aligned or row == 6 or column == 6)

    found, upwards = [], True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        rows = range(size - 1, -1, -1) if upwards else range(size)
        found += [(row, column) for row in rows for column in (right, right - 1) if is_data(row, column)]
        upwards = not upwards
    return found
