"""The time of the house: UTC inside, Beijing time at the edges. Knows no database and no request."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def beijing(moment: datetime) -> datetime:
    """The same moment on a Beijing clock."""
    return moment.astimezone(BEIJING)


def from_beijing(local: datetime) -> datetime:
    """A naive Beijing wall-clock time (as typed in a form) as aware UTC."""
    return local.replace(tzinfo=BEIJING).astimezone(UTC)


def beijing_text(moment: datetime | None, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """A moment as people read it (Beijing time, to the minute); empty when there is none."""
    return "" if moment is None else beijing(moment).strftime(pattern)


def microseconds(moment: datetime) -> int:
    """Microseconds since the epoch: the form in which times are hashed."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment(at_us: int) -> datetime:
    """The moment of which `microseconds` made a number."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).replace(microsecond=at_us % 1_000_000)
