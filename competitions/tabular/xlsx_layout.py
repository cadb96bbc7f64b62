"""What calamine does not tell about an .xlsx: formulas, errors, hidden rows, struck-through cells, how far it reaches.

One streaming pass (expat) over a sheet, left out when a search of the bytes shows that there is nothing to find.
Runs in the child process: standard library only, little imported. Rows and columns count from 0.
"""

import re
from typing import Any
from xml.parsers import expat

from competitions.tabular import limits
from competitions.tabular.preflight import Container, Refused

_WORTH_A_PASS = (b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/", b"hidden=", b"strike", b't="e"', b"t='e'")
_FAR = re.compile(
    rb""" r=(["'])(?:[A-Za-z]{3,}\d+|(?:[E-Ze-z][A-Za-z]|[Dd][YZyz])\d+"""
    rb"""|[A-Za-z]*(?:\d{6,}|[3-9]\d{4}|2[1-9]\d{3}|20[1-9]\d\d|200[1-9]\d|2000[1-9]))\1"""
)
_REFERENCE = re.compile(r"\s*\$?([A-Za-z]{1,3})\$?(\d{1,8})\s*")


class Layout:
    """What was found in one sheet: lists of (row, column), hidden rows, and the last row and column with content."""

    def __init__(self) -> None:
        self.formulas: list[tuple[int, int]] = []
        self.errors: list[tuple[int, int]] = []
        self.struck: list[tuple[int, int]] = []
        self.hidden_rows: list[int] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.last_row = -1
        self.last_column = -1

    def reach(self, row: int, column: int) -> None:
        """There is content here."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)

    def check_reach(self) -> None:
        """Raises Refused when the content reaches beyond the limits, before anybody allocates that rectangle."""
        if self.last_row >= limits.ROWS:
            raise Refused("file.too_many_rows", limit=limits.ROWS)
        if self.last_column >= limits.COLUMNS:
            raise Refused("file.too_many_rows", reason="columns", limit=limits.COLUMNS)


def column_number(letters: str) -> int:
    """0 for A, 25 for Z, 26 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


class XlsxLayout:
    """The layouts of an .xlsx, sheet by sheet; shared strings and styles are looked at once."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._struck_styles = _struck_styles(container.read("xl/styles.xml"))
        self._struck_strings = _struck_strings(container.read("xl/sharedStrings.xml"))
        self._paths = _sheet_paths(container)

    def of(self, name: str) -> Layout:
        """The layout of the sheet with this name; an empty one when its part cannot be found."""
        xml = self._container.read(self._paths.get(name, ""))
        plain = b"\0" not in xml[:200]
        far = not plain or _FAR.search(xml) is not None
        worth = self._struck_styles or self._struck_strings or any(mark in xml for mark in _WORTH_A_PASS)
        if not far and not worth:
            return Layout()
        return _Pass(self._struck_styles, self._struck_strings, far=far).run(xml)


class _Pass:
    """One pass over a sheet's XML. The reach is measured only when some cell is `far`, and an address is looked at only
    when there is something to note, because `_cell` is called for every cell."""

    def __init__(self, struck_styles: frozenset[str], struck_strings: frozenset[int], *, far: bool) -> None:
        self._layout = Layout()
        self._place = _Place()
        self._styles = struck_styles
        self._strings = struck_strings
        self._handlers: dict[str, Any] = {"c": self._cell, "f": self._formula, "row": self._row, "strike": self._strike}
        if far:
            self._handlers.update({"v": self._content, "is": self._content})

    def run(self, xml: bytes) -> Layout:
        """The layout; a Refused when the XML is broken."""
        handlers, cell = self._handlers, self._cell
        quiet = frozenset({"v", "t", "is"}) - handlers.keys()

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "c":
                cell(attributes)
            elif tag not in quiet:
                handler = handlers.get(tag.rpartition(":")[2])
                if handler is not None:
                    handler(attributes)

        parser = _parser()
        parser.StartElementHandler = start
        if self._strings:
            _watch_strings(parser, self._layout, self._place, self._strings)
        _parse(parser, xml)
        return self._layout

    def _cell(self, attributes: dict[str, str]) -> None:
        place = self._place
        if "r" not in attributes:
            place.skip()
        place.cell = attributes
        if "t" in attributes and attributes["t"] == "e":
            self._layout.errors.append(place.now())
        if self._styles and attributes.get("s") in self._styles:
            self._layout.struck.append(place.now())

    def _formula(self, _: dict[str, str]) -> None:
        self._layout.formulas.append(self._place.now())

    def _content(self, _: dict[str, str]) -> None:
        self._layout.reach(*self._place.now())

    def _row(self, attributes: dict[str, str]) -> None:
        self._place.begin_row(attributes)
        if attributes.get("hidden") in ("1", "true"):
            self._layout.hidden_rows.append(self._place.row)

    def _strike(self, attributes: dict[str, str]) -> None:
        if attributes.get("val", "1") not in ("0", "false"):
            self._layout.struck.append(self._place.now())


class _Place:
    """Where the pass is: rows and cells may come with or without an address."""

    def __init__(self) -> None:
        self.row = -1
        self.cell: dict[str, str] = {}
        self._before = (-1, -1)

    def begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "").strip()
        self.row = int(number) - 1 if number.isascii() and number.isdigit() else self.row + 1
        self.cell, self._before = {}, (self.row, -1)

    def skip(self) -> None:
        """A cell without address is coming: it stands right of the one before."""
        row, column = self.now()
        self._before = (row, column + 1)

    def now(self) -> tuple[int, int]:
        """Row and column of the cell."""
        reference = _REFERENCE.fullmatch(self.cell.get("r", ""))
        if reference:
            self._before = (int(reference[2]) - 1, column_number(reference[1]))
        return self._before


def _watch_strings(parser: Any, layout: Layout, place: _Place, struck_strings: frozenset[int]) -> None:
    """Notes the cells whose shared string is struck through; only then is their text looked at."""
    text: list[str] = []

    def characters(piece: str) -> None:
        text.append(piece)

    def end(tag: str) -> None:
        if tag == "v" or tag.endswith(":v"):
            index = "".join(text).strip()
            if place.cell.get("t") == "s" and index.isascii() and index.isdigit() and int(index) in struck_strings:
                layout.struck.append(place.now())
        text.clear()

    parser.CharacterDataHandler = characters
    parser.EndElementHandler = end


def _sheet_paths(container: Container) -> dict[str, str]:
    """Sheet name → path of its part."""
    workbook = next(name for name in container.names() if name.endswith("workbook.xml"))
    folder, _, file = workbook.rpartition("/")
    targets: dict[str, str] = {}
    for tag, attributes in _elements(container.read(f"{folder}/_rels/{file}.rels")):
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = _resolve(folder, attributes.get("Target", ""))
    paths: dict[str, str] = {}
    for tag, attributes in _elements(container.read(workbook)):
        if tag == "sheet":
            link = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            paths[attributes.get("name", "")] = targets.get(link, "")
    return paths


def _resolve(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target
    parts = folder.split("/") if folder else []
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _struck_styles(xml: bytes) -> frozenset[str]:
    """The cell formats (as written in `s`) whose font is struck through."""
    if b"strike" not in xml:
        return frozenset()
    path: list[str] = []
    fonts: list[bool] = []
    formats: list[int] = []
    for tag, attributes in _elements(xml, path):
        if path[-2:] == ["fonts", "font"]:
            fonts.append(False)
        elif tag == "strike" and path[-3:-1] == ["fonts", "font"]:
            fonts[-1] = attributes.get("val", "1") not in ("0", "false")
        elif path[-2:] == ["cellXfs", "xf"]:
            formats.append(int(attributes.get("fontId") or 0))
    return frozenset(str(i) for i, font in enumerate(formats) if font < len(fonts) and fonts[font])


def _struck_strings(xml: bytes) -> frozenset[int]:
    """The shared strings with a struck-through run."""
    if b"strike" not in xml:
        return frozenset()
    found: set[int] = set()
    index = -1
    for tag, attributes in _elements(xml):
        if tag == "si":
            index += 1
        elif tag == "strike" and attributes.get("val", "1") not in ("0", "false"):
            found.add(index)
    return frozenset(found)


def _elements(xml: bytes, path: list[str] | None = None) -> list[tuple[str, dict[str, str]]] | Any:
    """Yields the opening tags without prefix; `path` is kept up to date when given."""
    events: list[tuple[str, dict[str, str] | None]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: events.append((tag.rpartition(":")[2], attributes))
    parser.EndElementHandler = lambda tag: events.append((tag, None))
    if xml:
        _parse(parser, xml)
    for tag, attributes in events:
        if attributes is None:
            if path:
                path.pop()
            continue
        if path is not None:
            path.append(tag)
        yield tag, attributes


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise Refused("file.unreadable", reason="structure")


def _parse(parser: Any, xml: bytes) -> None:
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as broken:
        raise Refused("file.unreadable") from broken
