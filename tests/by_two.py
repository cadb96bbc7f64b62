"""Accounts by two people: what one asks for on the pages, another agrees to, and what each is shown."""

import re

from sqlalchemy import select

from competitions.accounts.models import ActOfTwo
from competitions.base.database import db
from tests.people import Client


def first_half(page: str) -> str:
    """The half of a code that is shown to whoever asks."""
    found = re.search(r"data-first-half>([A-Z2-9]{4})<", page)
    assert found, page
    return found.group(1)


def second_halves(page: str) -> list[str]:
    """The halves that are shown to whoever agrees."""
    return re.findall(r"data-second-half>([A-Z2-9]{4})<", page)


def newest_request() -> str:
    """The address of what was asked for last."""
    db.session.rollback()
    kinds = ("account.give", "account.reset")
    newest = select(ActOfTwo.object_id).where(ActOfTwo.kind.in_(kinds)).order_by(ActOfTwo.proposed_at.desc())
    found = db.session.scalars(newest).first()
    db.session.rollback()
    return f"/desk/account-requests/{found}"


def agreed(client: Client) -> list[str]:
    """This person agrees to what was asked for last; the second halves that he is shown."""
    answer = client.post(f"{newest_request()}/agree")
    assert answer.status_code in (200, 303), re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return second_halves(answer.get_data(as_text=True))
