"""Reading the shape of a JSON document: fields, types, words; `Unreadable` says where it is wrong.

Knows JSON values and places in a document. Does not know what the fields of a scoring case mean.
"""

import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from .numbers import exact

SHOWN_CHARACTERS = 60

Word = TypeVar("Word", bound=StrEnum)
Thing = TypeVar("Thing")


class Unreadable(ValueError):
    """The document is not a scoring case; `where` is the place in it and `reason` a Chinese sentence."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where or '文件'}：{reason}")
        self.where = where
        self.reason = reason


def quoted(value: object) -> str:
    """A value of the document on one line: long strings cut, lists and objects only hinted at."""
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    text = json.dumps(value[:SHOWN_CHARACTERS] if isinstance(value, str) else value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def below(where: str, name: str) -> str:
    """The place of field `name` in the object at `where`."""
    return f"{where}.{name}" if where else name


def wrong_type(where: str, value: object, wanted: str) -> Unreadable:
    """What to say about a value of the wrong JSON type; floats get their own advice."""
    if type(value) is float:
        return Unreadable(where, f'不接受浮点数 {value}，请写成字符串，例如 "86.5"')
    return Unreadable(where, f"应为{wanted}，现为 {quoted(value)}，请改正")


def as_text(value: object, where: str) -> str:
    """A string. Raises Unreadable."""
    if type(value) is not str:
        raise wrong_type(where, value, "字符串")
    return value


def as_whole(value: object, where: str) -> int:
    """An integer; true and false are none. Raises Unreadable."""
    if type(value) is not int:
        raise wrong_type(where, value, "整数")
    return value


def as_flag(value: object, where: str) -> bool:
    """true or false. Raises Unreadable."""
    if type(value) is not bool:
        raise wrong_type(where, value, " true 或 false")
    return value


def as_number(value: object, where: str) -> Fraction:
    """An integer or a decimal string, exact. Raises Unreadable."""
    number = exact(value)
    if number is None:
        raise wrong_type(where, value, "整数或十进制小数字符串（不超过一千位）")
    return number


def as_list(value: object, where: str) -> list[object]:
    """A list. Raises Unreadable."""
    if type(value) is not list:
        raise wrong_type(where, value, "列表")
    return value


def each(value: object, where: str, read: Callable[[object, str], Thing]) -> tuple[Thing, ...]:
    """Every item of a list, read with its place. Raises Unreadable."""
    return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(as_list(value, where)))


def refuse_twice(names: Iterable[object], where: str) -> None:
    """Raises Unreadable when a name stands twice."""
    seen: set[object] = set()
    for name in names:
        if name in seen:
            raise Unreadable(where, f"{quoted(name)} 出现了两次，请保留一个")
        seen.add(name)


class Fields:
    """One JSON object while it is read: each field is taken once, and what is left at the end is unknown."""

    __slots__ = ("where", "_left")

    def __init__(self, value: object, where: str) -> None:
        """Raises Unreadable when `value` is no object."""
        if type(value) is not dict:
            raise wrong_type(where, value, "对象")
        self.where = where
        self._left: dict[object, object] = dict(value)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def place(self, name: str) -> str:
        """Where the field lies."""
        return below(self.where, name)

    def take(self, name: str) -> object:
        """The raw value. Raises Unreadable when the field is missing."""
        if name not in self._left:
            raise Unreadable(self.where, f"缺少字段 {quoted(name)}，请补上")
        return self._left.pop(name)

    def read(self, name: str, read: Callable[[object, str], Thing]) -> Thing:
        """A field that must be there."""
        return read(self.take(name), self.place(name))

    def nullable(self, name: str, read: Callable[[object, str], Thing]) -> Thing | None:
        """A field that must be there and may be null."""
        value = self.take(name)
        return None if value is None else read(value, self.place(name))

    def optional(self, name: str, read: Callable[[object, str], Thing]) -> Thing | None:
        """A field that may be left out, but not be null."""
        return self.read(name, read) if name in self else None

    def optional_nullable(self, name: str, read: Callable[[object, str], Thing]) -> Thing | None:
        """A field that may be left out or be null."""
        return self.nullable(name, read) if name in self else None

    def items(self, name: str, read: Callable[[object, str], Thing]) -> tuple[Thing, ...]:
        """A list that must be there."""
        return each(self.take(name), self.place(name), read)

    def optional_items(self, name: str, read: Callable[[object, str], Thing]) -> tuple[Thing, ...]:
        """A list that may be left out, which is the same as empty."""
        return self.items(name, read) if name in self else ()

    def text(self, name: str) -> str:
        """A string that must be there."""
        return self.read(name, as_text)

    def number(self, name: str) -> Fraction:
        """An exact number that must be there."""
        return self.read(name, as_number)

    def whole(self, name: str) -> int:
        """An integer that must be there."""
        return self.read(name, as_whole)

    def word(self, name: str, words: type[Word]) -> Word:
        """One of the words of an enumeration. Raises Unreadable for another one."""
        value = self.text(name)
        try:
            return words(value)
        except ValueError:
            allowed = "、".join(words)
            raise Unreadable(self.place(name), f"不认识 {quoted(value)}，只能是 {allowed}") from None

    def one_of(self, *names: str) -> str:
        """Which one of several fields is there. Raises Unreadable when there are none or two."""
        given = [name for name in names if name in self]
        if len(given) != 1:
            raise Unreadable(self.where, f"{'、'.join(names)} 必须且只能有一个")
        return given[0]

    def close(self) -> None:
        """Raises Unreadable when a field is left that nobody asked for."""
        for name in self._left:
            raise Unreadable(self.where, f"不认识字段 {quoted(name)}，请删去")
