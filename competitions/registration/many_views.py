"""Choosing entries for an act on many: the ticked ones, or all of a filter as they were shown; which were refused, why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base.counts import MOST
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Permission
from competitions.base.rows import require_each
from competitions.base.shown import Shown, require_as_shown
from competitions.programme.queries import competition_in_scope
from competitions.registration.blueprint import bp
from competitions.registration.models import Entry
from competitions.registration.queries import entries_by_ids, entries_in_scope, filtered
from competitions.registration.shown_entries import entry_names
from competitions.web.declared import requires
from competitions.web.heavy import heavy
from competitions.web.many import EVERY, SHOWN, GoingOn, RefusedMany, RefusedRow, fields_again, shown_before
from competitions.words.sentences import worded

Act = Callable[[Session, list[Entry]], None]
VIEW = Permission.VIEW_ENTRIES


@bp.get("/desk/competitions/<competition_id>/entries/shown.json")
@requires(VIEW)
def entries_shown(competition_id: str) -> Any:
    """All entries of the filter as they are now, for a form that acts on all of them."""
    session = db.session()
    competition_in_scope(session, current_user, competition_id, VIEW)
    rows = versions_of_filter(session, competition_id)
    return jsonify({"count": len(rows), "every": Shown.of(rows.items()).text()})


def versions_of_filter(session: Session, competition_id: str) -> dict[str, int]:
    """Entries of the filter in the address → version. Raises Invalid when they are too many for one act."""
    statement = filtered(entries_in_scope(session, current_user, VIEW), request.args)
    wanted = statement.where(Entry.competition_id == competition_id).limit(MOST + 1)
    found = session.execute(wanted.with_only_columns(Entry.id, Entry.version)).all()
    if len(found) > MOST:
        raise Invalid(code="invalid.too_many_chosen", most=MOST)
    return {key: version for key, version in found}


@dataclass(frozen=True, slots=True)
class Choice:
    """What an act may be done to: entries of a competition in which one has the permission, fit for it."""

    competition_id: str
    permission: Permission
    fit: ColumnElement[bool]

    def ids(self, session: Session) -> list[str]:
        """The entries ticked; when "all of this filter" was asked for, those of the filter that are fit for the act.

        Raises Invalid when nothing is chosen.
        """
        found = [key for part in request.form.getlist("ids") for key in part.split(",") if key]
        if request.form.get("all") == "1":
            statement = filtered(entries_in_scope(session, current_user, self.permission), request.args)
            wanted = statement.where(Entry.competition_id == self.competition_id, self.fit)
            found = list(session.scalars(wanted.with_only_columns(Entry.id)))
        if not found:
            raise Invalid(code="invalid.nothing_chosen")
        return found

    def entries(self, session: Session, ids: Sequence[str], *, lock: bool = False) -> list[Entry]:
        """These entries. Raises NotFound when one of them is out of scope: then nothing happens."""
        return entries_by_ids(
            session, current_user, ids, self.permission, lock=lock, competition_id=self.competition_id
        )

    def unchanged(self, session: Session) -> list[str]:
        """Of all that was shown of the filter, what is still as it was and fit for the act."""
        shown, now = Shown.read(request.form.get(EVERY, "")), versions_of_filter(session, self.competition_id)
        try:
            return [key for key in self.ids(session) if key in now and shown.is_as_shown(key, now[key])]
        except Invalid:
            return []


@heavy
def act(choice: Choice, verb: Act, title: str, said: str) -> Any:
    """One act on the chosen entries, as they were shown, in one transaction; when it is refused, which of them and why."""
    asked: list[str] = []
    try:
        with transaction() as session:
            competition_in_scope(session, current_user, choice.competition_id, VIEW)
            if request.form.get("all") == "1":
                _require_filter_as_shown(session, choice.competition_id)
            asked += choice.ids(session)
            entries = choice.entries(session, asked, lock=True)
            require_each(entries, _as_shown(shown_before()))
            verb(session, entries)
    except StateForbids as fault:
        if not fault.problems:
            raise
        return _refused(fault, choice, asked, title)
    flash(said.format(count=len(set(asked))), "success")
    return done(choice.competition_id)


def done(competition_id: str) -> Any:
    """Back to where the act was asked for: the entry, or the list with its filters."""
    ids = request.form.getlist("ids")
    if request.form.get("back") == "entry" and len(ids) == 1:
        return redirect(url_for("registration.entry", entry_id=ids[0]), 303)
    return redirect(_list_address(competition_id), 303)


def _list_address(competition_id: str) -> str:
    query = request.query_string.decode()
    return url_for("registration.competition_entries", competition_id=competition_id) + (f"?{query}" if query else "")


def _require_filter_as_shown(session: Session, competition_id: str) -> None:
    in_scope = entries_in_scope(session, current_user, VIEW).where(Entry.competition_id == competition_id)
    require_as_shown(
        Shown.read(request.form.get(EVERY, "")),
        versions_of_filter(session, competition_id),
        entry_names(session),
        others=lambda: session.scalars(in_scope.with_only_columns(Entry.id)).all(),
    )


def _as_shown(text: str) -> Callable[[Entry], None]:
    """A check that refuses an entry that changed since its page was made; a form that says nothing is believed."""
    shown = Shown.read(text)

    def check(entry: Entry) -> None:
        if text and not shown.is_as_shown(entry.id, entry.version):
            raise StateForbids("row_changed")

    return check


def _refused(fault: StateForbids, choice: Choice, asked: Sequence[str], title: str) -> Any:
    session = db.session()
    refused = {problem.where: worded(problem) for problem in fault.problems if problem.where}
    left = [key for key in asked if key not in refused] if refused else choice.unchanged(session)
    rows = [
        RefusedRow(name, refused[key], url_for("registration.entry", entry_id=key))
        for key, name in zip(refused, entry_names(session)(list(refused)), strict=True)
    ]
    again = fields_again({"ids": ",".join(left), SHOWN: shown_before()}, without=("all",))
    on = GoingOn(f"其余 {len(left)} 条继续办理", again) if left else None
    return RefusedMany(title, _list_address(choice.competition_id), rows, on).answer(fault)
