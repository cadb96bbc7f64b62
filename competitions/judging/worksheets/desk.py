"""Where the pages of a worksheet of marks are, for which seat, and the file that was uploaded there.

For views: it knows who is signed in. Files are read outside the write transaction.
"""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.judging.worksheets.columns import Layout, worksheet_columns
from competitions.judging.worksheets.services import Seat, Uploaded, layout_of, worksheet_module
from competitions.programme.models import Module
from competitions.uploads.files import SentFile
from competitions.uploads.queries import Place, open_upload

PURPOSE = "marks"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a page is: the seat and the module's id."""

    seat: Seat
    module_id: str

    def module(self, session: Session) -> Module:
        """The module, in the caller's scope. Raises NotFound."""
        return worksheet_module(session, current_user, self.module_id, self.seat)

    def url(self, page: str, **more: Any) -> str:
        """The address of one of these pages."""
        return url_for(f"judging.{self.seat}_worksheet{page}", module_id=self.module_id, **more)

    @property
    def place(self) -> Place:
        """Where its uploads are kept."""
        return Place(PURPOSE, self.module_id)

    @property
    def back(self) -> str:
        """The page that this one is reached from."""
        return url_for("judging.sheets" if self.seat is Seat.JUDGE else "judging.tabulation")


def sent_file(session: Session, desk: Desk, staged_id: str) -> SentFile:
    """The caller's file. Raises NotFound when it is another's, too old, or taken already."""
    opened = open_upload(session, staged_id, desk.place, by=current_user, at=clock.now())
    return SentFile.of(opened.filename, opened.content)


def uploaded_of(sent: SentFile, layout: Layout) -> Uploaded:
    """A file as it reads in this layout."""
    return Uploaded(sent.sha256, sent.table(worksheet_columns(layout)), layout)


def read_before(desk: Desk, staged_id: str) -> Uploaded | None:
    """The caller's file as it reads in the module's layout, before the transaction that writes it; None when it is gone
    (taken by an earlier click, whose answer is given again).
    """
    session = db.session()
    try:
        layout = layout_of(session, desk.module(session), desk.seat)
        return uploaded_of(sent_file(session, desk, staged_id), layout)
    except NotFound:
        return None
    finally:
        session.rollback()
