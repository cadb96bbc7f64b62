"""Numbers of revisions and versions as forms send them. Knows no form."""

MOST_DIGITS = 9
"""A longer number is nobody's: the database could not hold it and Python would not read one of thousands of digits."""


def form_number(text: str) -> int:
    """The number, or -1 (which no revision and no version has) for anything else."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else -1
