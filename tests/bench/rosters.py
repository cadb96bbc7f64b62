"""Rosters of as many synthetic people as a bench needs. Knows no measure."""

from tests.factories_registration import make_id_number, make_roster, roster_row


def roster_of(employer: str, rows: int, *, first: int = 0) -> bytes:
    """A workbook of `rows` people, each with an ID number of his own from the number `first` on."""
    return make_roster([_row(employer, count) for count in range(first, first + rows)])


def _row(employer: str, count: int) -> dict[str, object]:
    area = f"45{count // 27_000 + 1:02d}{3 + count // 3_000 % 9:02d}"
    return roster_row(
        employer, 身份证号=make_id_number(count % 100 + 1, born=f"{1970 + count // 100 % 30}0307", area=area)
    )
