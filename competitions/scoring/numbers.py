"""Exact numbers: reading decimals, rounding as a ruleset says, and writing the result.

Knows fractions and rounding modes. Does not know what a number stands for.
"""

import re
from enum import StrEnum
from fractions import Fraction

DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
NUMBER_LIMIT_CHARACTERS = 1000  # products of three numbers stay below the interpreter's limit of 4300 digits
NUMBER_LIMIT_BITS = 3321

ZERO = Fraction(0)


class RoundingMode(StrEnum):
    """How a value between two steps is rounded."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"


def exact(value: object) -> Fraction | None:
    """The number that a JSON value writes: an integer or a string of decimal form; None for anything else.

    A number of more than NUMBER_LIMIT_CHARACTERS is None too.
    """
    if type(value) is int:
        return Fraction(value) if value.bit_length() <= NUMBER_LIMIT_BITS else None
    if type(value) is str and len(value) <= NUMBER_LIMIT_CHARACTERS and DECIMAL.fullmatch(value):
        return Fraction(value)
    return None


def is_decimal(value: object) -> bool:
    """Whether a JSON value has the form of a number, however long."""
    return type(value) is int or (type(value) is str and DECIMAL.fullmatch(value) is not None)


def decimals_of(number: Fraction) -> int:
    """How many decimal places write a finite decimal exactly (`Fraction("0.25")` → 2)."""
    places, power = 0, 1
    while power % number.denominator:
        places, power = places + 1, power * 10
    return places


def round_half_up(number: Fraction) -> int:
    """The nearest whole number; a half goes away from zero."""
    return int(rounded(number, 0, RoundingMode.HALF_UP))


def rounded(number: Fraction, places: int, mode: RoundingMode) -> Fraction:
    """`number` with so many decimal places. Half-up acts on the magnitude (四舍五入)."""
    scale = 10**places
    whole, rest = divmod(abs(number.numerator) * scale, number.denominator)
    if mode is RoundingMode.HALF_UP:
        up = 2 * rest >= number.denominator
    elif mode is RoundingMode.HALF_EVEN:
        up = 2 * rest > number.denominator or (2 * rest == number.denominator and whole % 2 == 1)
    else:
        up = False
    magnitude = whole + up
    return Fraction(-magnitude if number < 0 else magnitude, scale)


def with_places(number: Fraction, places: int) -> str:
    """A number that has at most so many decimals, written with exactly so many (`"88.10"`)."""
    units = number.numerator * 10**places // number.denominator
    digits = str(abs(units)).rjust(places + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def in_lowest_terms(number: Fraction) -> str:
    """An exact number: whole ones plain (`"87"`), others as a fraction (`"263/3"`)."""
    return str(number)


def plain(number: Fraction) -> str:
    """For people: a finite decimal as short as it goes (`"26.95"`), else a fraction."""
    denominator = number.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return with_places(number, decimals_of(number)) if denominator == 1 else str(number)
