"""What people type, as values: clean text, exact decimals in their shortest writing, durations. Knows no form."""

import re
import unicodedata
from decimal import Decimal

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
DURATION = re.compile(r"([0-9]{1,5})(?::([0-5]?[0-9]))?")


def clean(text: str | None) -> str:
    """Typed text without control characters and outer spaces; lines end with a line feed."""
    return CONTROL.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def exact_text(text: str) -> str:
    """A decimal in its shortest plain writing: "30.0" → "30". Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    if not DECIMAL.fullmatch(plain):
        raise ValueError("请填写数字，例如 30 或 86.5。")
    return shortest(Decimal(plain))


def shortest(number: Decimal) -> str:
    """Without an exponent and without zeros that say nothing."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def seconds_of(text: str) -> int:
    """ "150" (minutes) or "2:30" (minutes:seconds) as seconds. Raises ValueError."""
    found = DURATION.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError("请按“分”或“分:秒”填写，例如 150 或 2:30。")
    return int(found[1]) * 60 + int(found[2] or 0)


def duration_text(seconds: int) -> str:
    """Seconds as "150" or "2:30"."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)
