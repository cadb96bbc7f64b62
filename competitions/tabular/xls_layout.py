"""What calamine does not tell about an .xls (BIFF8, BIFF5): formulas, errors, hidden rows, struck cells, password.

Best effort in the child process, standard library only: a file whose structure is not followed gives empty layouts, and
calamine has the last word on whether it can be read. Rows and columns count from 0.
"""

import struct
from collections.abc import Iterator

from competitions.tabular.preflight import Refused
from competitions.tabular.xlsx_layout import Layout

_END_OF_CHAIN = 0xFFFFFFFA
_SMALL = 64
_FILEPASS, _BOUNDSHEET, _FONT, _XF = 0x2F, 0x85, 0x31, 0xE0
_FORMULA, _BOOLERR, _ROW, _EOF = 0x06, 0x205, 0x208, 0x0A
_TEXT_AND_NUMBERS = (0xFD, 0x204, 0x203, 0x27E, _FORMULA)
_STRUCK, _ROW_HIDDEN = 0x08, 0x20


def xls_layouts(data: bytes) -> list[Layout]:
    """The layouts of all sheets in the order of the workbook; empty when its structure is not followed.

    Raises:
        Refused: the workbook has a password.
    """
    try:
        return _layouts(_Container(data).stream("Workbook", "Book"))
    except (KeyError, struct.error, IndexError, ValueError, OverflowError):
        return []


class _Container:
    """The OLE container (MS-CFB) as far as a workbook needs it: sectors, small sectors, directory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = 1 << min(struct.unpack_from("<H", data, 30)[0], 16)
        self._cutoff, small_table = struct.unpack_from("<II", data, 56)
        tables = [sector for sector in struct.unpack_from("<109I", data, 76) if sector < _END_OF_CHAIN]
        self._next = self._numbers(b"".join(self._sector(sector) for sector in tables))
        self._next_small = self._numbers(self._large(small_table))
        self._entries = dict(self._directory(struct.unpack_from("<I", data, 48)[0]))

    def stream(self, *names: str) -> bytes:
        """The first of these streams that is there."""
        for name in names:
            if name in self._entries:
                start, length = self._entries[name]
                return (self._large(start) if length >= self._cutoff else self._small(start))[:length]
        raise ValueError("no such stream")

    def _directory(self, first: int) -> Iterator[tuple[str, tuple[int, int]]]:
        entries = self._large(first)
        for start in range(0, len(entries) - 127, 128):
            length = min(max(struct.unpack_from("<H", entries, start + 64)[0] - 2, 0), 62)
            yield (
                entries[start : start + length].decode("utf-16-le", "replace"),
                struct.unpack_from("<II", entries, start + 116),
            )

    def _numbers(self, table: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(table) // 4}I", table))

    def _sector(self, sector: int) -> bytes:
        return self._data[(sector + 1) * self._size : (sector + 2) * self._size].ljust(self._size, b"\0")

    def _large(self, sector: int) -> bytes:
        parts: list[bytes] = []
        while sector < _END_OF_CHAIN and len(parts) <= len(self._next):
            parts.append(self._sector(sector))
            sector = self._next[sector]
        return b"".join(parts)

    def _small(self, sector: int) -> bytes:
        within = self._large(self._entries["Root Entry"][0])
        parts: list[bytes] = []
        while sector < _END_OF_CHAIN and len(parts) <= len(self._next_small):
            parts.append(within[sector * _SMALL : (sector + 1) * _SMALL])
            sector = self._next_small[sector]
        return b"".join(parts)


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + length]
        if kind == _EOF:
            return
        position += 4 + length


def _layouts(stream: bytes) -> list[Layout]:
    starts: list[int] = []
    fonts: list[bool] = []
    formats: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == _FILEPASS:
            raise Refused("file.encrypted")
        if kind == _BOUNDSHEET:
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind == _FONT:
            fonts.append(bool(struct.unpack_from("<H", body, 2)[0] & _STRUCK))
        elif kind == _XF:
            formats.append(struct.unpack_from("<H", body)[0])
    # BIFF has no font 4: numbers above it are one too high.
    struck = (
        {
            number
            for number, font in enumerate(formats)
            if fonts[font - (font > 4) if font - (font > 4) < len(fonts) else 0]
        }
        if any(fonts)
        else set()
    )
    return [_sheet_layout(stream, start, struck) for start in starts]


def _sheet_layout(stream: bytes, start: int, struck: set[int]) -> Layout:
    layout = Layout()
    for kind, body in _records(stream, start):
        if kind == _ROW and len(body) >= 16:
            if body[12] & _ROW_HIDDEN:
                layout.hidden_rows.append(struct.unpack_from("<H", body)[0])
        elif kind in _TEXT_AND_NUMBERS or kind == _BOOLERR:
            row, column, style = struct.unpack_from("<HHH", body)
            if kind == _FORMULA:
                layout.formulas.append((row, column))
            if kind == _BOOLERR and body[7] or kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
                layout.errors.append((row, column))
            if style in struck:
                layout.struck.append((row, column))
    return layout
