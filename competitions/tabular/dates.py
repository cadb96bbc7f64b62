"""Dates as people type them, year and month alone included. Knows no ID numbers and no sentences."""

import datetime as dt
import math
import re
import unicodedata
from typing import NamedTuple

_WITH_MARKS = re.compile(
    r"([0-9]{4}|[0-9]{2})\s*[-./年、]\s*([0-9]{1,2})(?:\s*[-./月、]\s*(?:([0-9]{1,2})\s*[日号]?)?)?\s*生?"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")
_YEAR = re.compile(r"([0-9]{4})年?")
_ENGLISH = re.compile(r"([A-Za-z]{3})-([0-9]{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_SERIAL, _LAST_SERIAL = 3_000, 60_000
_EPOCH = dt.date(1899, 12, 30)


class PartialDate(NamedTuple):
    """A year, with month and day when they were given."""

    year: int
    month: int | None = None
    day: int | None = None

    def covers(self, date: dt.date, *, first_day_is_open: bool = False) -> bool:
        """Whether the date is possible. Excel makes the first of the month of a typed month: `first_day_is_open`."""
        day = None if first_day_is_open and self.day == 1 else self.day
        return date.year == self.year and self.month in (None, date.month) and day in (None, date.day)

    def text(self) -> str:
        """ISO 8601, as far as it is known."""
        return "-".join([f"{self.year:04d}"] + [f"{part:02d}" for part in (self.month, self.day) if part is not None])


def read_date(cell: str | int | float | dt.date | dt.datetime) -> list[PartialDate]:
    """What a cell may mean; empty when it is no date. More than one where Excel has made a number of it
    (1990.1 was typed as January or as October) or the century is missing."""
    if isinstance(cell, dt.date):
        return [PartialDate(cell.year, cell.month, cell.day)]
    if isinstance(cell, str):
        return _from_text(unicodedata.normalize("NFKC", cell).strip().strip("'"))
    return _from_number(cell)


def _from_text(text: str) -> list[PartialDate]:
    match = _WITH_MARKS.fullmatch(text) or _DIGITS.fullmatch(text)
    if match:
        return _possible(match[1], int(match[2]), int(match[3]) if match[3] else None)
    year = _YEAR.fullmatch(text)
    if year:
        return _possible(year[1], None, None)
    english = _ENGLISH.fullmatch(text)
    if english and english[1].lower() in _MONTHS:
        return _possible(english[2], _MONTHS.index(english[1].lower()) + 1, None)
    return []


def _from_number(number: int | float) -> list[PartialDate]:
    if not math.isfinite(number):
        return []
    if number == int(number) and _FIRST_SERIAL <= number <= _LAST_SERIAL:
        date = _EPOCH + dt.timedelta(days=int(number))
        return [PartialDate(date.year, date.month, date.day)]
    if number == int(number):
        return _from_text(str(int(number)))
    whole, _, fraction = f"{number:.4f}".rstrip("0").partition(".")
    months = [fraction, fraction + "0"] if len(fraction) == 1 else [fraction]
    return [date for month in months if len(month) <= 2 for date in _from_text(f"{whole}.{month}")]


def _possible(year: str, month: int | None, day: int | None) -> list[PartialDate]:
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    dates = [PartialDate(each, month, day) for each in years]
    return [date for date in dates if _exists(date)]


def _exists(date: PartialDate) -> bool:
    try:
        dt.date(date.year, date.month or 1, date.day or 1)
    except ValueError:
        return False
    return 1900 <= date.year <= 2100
