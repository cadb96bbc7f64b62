"""What a file is, by its content and not by its name: documents and pictures that the house keeps. Knows no table."""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "docx": f"{_OFFICE}.wordprocessingml.document",
}
_SAME_ENDING = {"jpeg": "jpg"}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\ud800-\udfff]')
_LONGEST_STEM = 140


@dataclass(frozen=True, slots=True)
class Document:
    """A file that may be kept: its clean name, what it is, and its bytes."""

    filename: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of the file as it was sent."""
        return hashlib.sha256(self.content).hexdigest()


def kind_of(content: bytes) -> str | None:
    """pdf, jpg, png, xlsx or docx, by the content; None for anything else."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return _office_kind(content) if content.startswith(b"PK\x03\x04") else None


def _office_kind(content: bytes) -> str | None:
    """Which office document a zip is; one with macros is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return "xlsx" if "xl/workbook.xml" in names else "docx" if "word/document.xml" in names else None


def kind_of_name(filename: str) -> str:
    """The kind that the name's ending says."""
    ending = filename.rpartition(".")[2].strip().lower()
    return _SAME_ENDING.get(ending, ending)


def document(filename: str, kind: str, content: bytes, *, unnamed: str) -> Document:
    """A file of this kind with its name made clean; `unnamed` is what it is called when its name has only an ending."""
    name = _NOT_IN_NAMES.sub("_", filename.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, _, ending = name.rpartition(".")
    return Document(f"{(stem or unnamed)[:_LONGEST_STEM]}.{ending.lower()}", MEDIA_TYPES[kind], content)
