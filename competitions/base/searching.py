"""Search: one way of comparing text, for what is stored and for what is typed.

Full width, brackets, interpuncts, blanks, case and tones make no difference, nor radicals that look like a character; the
name of a person is found by its pinyin too. Tables are marked (`Searched`) and keep what they are found by in a column.
Knows no table. The list at the door compares the same way in the browser (static/js/check_in.js).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from unicodedata import normalize

from sqlalchemy import ColumnElement, Text, and_, event, false, inspect, or_
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from competitions.tabular.characters import mended
from competitions.tabular.names_order import is_han, pinyin_words

LONGEST = 60
"""So many characters of what is typed are looked at."""
Searchable = Any
"""A column, or an attribute of a model that stands for one."""


def folded(text: str) -> str:
    """The text as it is compared: its letters and digits only, in one width, without case and accents."""
    plain = normalize("NFKC", mended(text)).casefold()
    if not plain.isascii():
        plain = normalize("NFD", plain)
    return "".join(char for char in plain if char.isalnum() or is_han(char))


def parts_of(typed: str) -> list[str]:
    """What was typed, part by part as blanks divide it, folded; Latin parts that follow each other are one ("li na").
    Each has to be found somewhere.
    """
    parts: list[str] = []
    for part in filter(None, map(folded, normalize("NFKC", typed.strip()[:LONGEST]).split())):
        if parts and _is_latin(part) and _is_latin(parts[-1]):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def _is_latin(part: str) -> bool:
    return part.isascii() and part.isalpha()


def found_by(texts: Iterable[str | None], names: Iterable[str | None] = ()) -> str:
    """What something is found by: its texts folded, names of people by their pinyin too, line by line."""
    people = [name for name in names if name]
    lines = [folded(text) for text in (*people, *texts) if text]
    return "\n".join(line for line in (*lines, *map(pinyin_words, people)) if line)


def contains(found: str, parts: Iterable[str]) -> bool:
    """Whether what something is found by contains every part of what was typed."""
    return all(part in found for part in parts)


def matching(typed: str, columns: Sequence[Searchable], codes: Sequence[Searchable] = ()) -> ColumnElement[bool] | None:
    """Condition: every part of what was typed is in one of the `columns` (of `Searched` tables), or the whole as it
    stands is in one of the `codes` (ids, short codes, words of records that never change: only width and case of what
    is typed do not matter). None for nothing.
    """
    whole = normalize("NFKC", typed.strip()[:LONGEST]).strip()
    if not whole:
        return None
    parts = parts_of(whole)
    each = [or_(false(), *(column.contains(part, autoescape=True) for column in columns)) for part in parts]
    in_texts = [and_(*each)] if each and columns else []
    return or_(false(), *in_texts, *(column.icontains(whole, autoescape=True) for column in codes))


class Searched:
    """Mark of a table whose rows are searched for: `search_text` is what a row is found by and follows the columns named
    in `searched_texts`, and in `searched_names`, which hold names of people.
    """

    searched_texts: ClassVar[tuple[str, ...]] = ()
    searched_names: ClassVar[tuple[str, ...]] = ()

    @declared_attr
    @classmethod
    def search_text(cls) -> Mapped[str]:
        """A default of Python's, so that rows inserted in bulk have it too."""
        return mapped_column(Text, default=lambda context: cls.search_text_of(context.get_current_parameters()))

    @classmethod
    def search_text_of(cls, values: Mapping[str, Any]) -> str:
        """What a row with these values is found by."""
        texts, names = ([values.get(column) for column in named] for named in (cls.searched_texts, cls.searched_names))
        return found_by(texts, names)


@event.listens_for(Searched, "before_update", propagate=True)
def _follow(_mapper: Any, _connection: Any, row: Any) -> None:
    """What a row is found by changes with it."""
    columns = (*row.searched_texts, *row.searched_names)
    if any(inspect(row).attrs[column].history.has_changes() for column in columns):
        row.search_text = row.search_text_of({column: getattr(row, column) for column in columns})
