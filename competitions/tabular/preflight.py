"""First looks at an uploaded file, for good messages: what it is, whether it is locked, whether its container is sound.

A courtesy, not the boundary: the boundary is the child process of `reading`. Runs in both, so it imports little.
"""

import io
import zipfile
from typing import Any

from competitions.tabular import limits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\x09\x00\x04\x00", "old"),
    (b"\x09\x02\x06\x00", "old"),
    (b"\x09\x04\x06\x00", "old"),
    (b"\x09\x08\x08\x00", "old"),
)


class Refused(Exception):
    """The file is not read; `code` and `params` are those of the problem."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, Any] = params


def kind_of(data: bytes) -> str:
    """`zip`, `ole` or `text`, by content (a name may lie).

    Raises:
        Refused: empty, too large, encrypted, or plainly something else.
    """
    if len(data) > limits.FILE_BYTES:
        raise Refused("file.too_large", limit_mb=limits.FILE_BYTES // limits.MEGABYTE)
    if not data.strip():
        raise Refused("file.unreadable", reason="empty")
    if data.startswith(b"PK"):
        return "zip"
    if data.startswith(OLE):
        _refuse_foreign_ole(data)
        return "ole"
    for signature, reason in _SIGNATURES:
        if data.startswith(signature):
            raise Refused("file.unreadable", reason=reason)
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or data[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<"):
        raise Refused("file.unreadable", reason="web")
    return "text"


def _refuse_foreign_ole(data: bytes) -> None:
    """Encrypted .xlsx and old Word documents come in the same wrapping as .xls; the names of their streams tell."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Refused("file.encrypted")
    streams = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
    if "WordDocument".encode("utf-16-le") in data and not any(name in data for name in streams):
        raise Refused("file.unreadable", reason="word")


class Container:
    """The zip around an .xlsx or .ods, its limits checked. Names are looked up without regard to case and slash."""

    def __init__(self, data: bytes) -> None:
        """Opens and checks.

        Raises:
            Refused: broken, encrypted, too many or too large members, doubled names, or not a spreadsheet.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception as broken:  # zipfile raises half a dozen classes on damaged directories
            raise Refused("file.unreadable") from broken
        members = self._zip.infolist()
        self._names = {_plain(member.filename): member for member in members}
        if any(member.flag_bits & 1 for member in members):
            raise Refused("file.encrypted")
        if len(members) > limits.MEMBERS or len(self._names) != len(members):
            raise Refused("file.unreadable", reason="structure")
        if sum(member.file_size for member in members) > limits.UNPACKED_BYTES:
            raise Refused("file.too_large", reason="unpacked", limit_mb=limits.UNPACKED_BYTES // limits.MEGABYTE)
        self.kind = self._kind()

    def _kind(self) -> str:
        if "xl/workbook.bin" in self._names:
            return "xlsb"
        if any(name.endswith("workbook.xml") for name in self._names):
            return "xlsx"
        if "content.xml" in self._names:
            return "ods"
        reason = "word" if "word/document.xml" in self._names else "archive"
        raise Refused("file.unreadable", reason=reason)

    def names(self) -> list[str]:
        """The members' names, lower case, with slashes."""
        return list(self._names)

    def read(self, name: str) -> bytes:
        """A member's bytes, b"" when there is none; never more than it declares (zipfile checks size and sum).

        Raises:
            Refused: it does not unpack, or it declares a document type (entities could blow it up).
        """
        member = self._names.get(_plain(name))
        if member is None:
            return b""
        try:
            content = self._zip.read(member)
        except Exception as broken:
            raise Refused("file.unreadable") from broken
        if any("<!DOCTYPE".encode(encoding) in content for encoding in ("ascii", "utf-16-le", "utf-16-be")):
            raise Refused("file.unreadable", reason="structure")
        return content


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
