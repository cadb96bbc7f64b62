"""Writing what a roster's plan says: prepared before the transaction, written in it by as many statements for a thousand
rows as for one, all or nothing (or the right rows now, if the user says so).
"""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from competitions.audit.recording import record, record_all
from competitions.base.errors import Stale, StateForbids
from competitions.base.many import add_rows
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.programme.models import Competition
from competitions.registration.entering import begin_all, require_entering
from competitions.registration.models import Entry, EntryMember
from competitions.registration.roster_ground import roster_ground_for
from competitions.registration.roster_plan import Plan
from competitions.registration.roster_prepared import NEVER_CHANGED, ChangedMember, Prepared, prepare_roster, sides_now
from competitions.registration.states import require_editable_when
from competitions.registration.workers import hold_workers, made_workers
from competitions.tabular.roster import Roster


def confirm_roster(
    session: Session,
    roster: Roster,
    competition: Competition,
    union: Union,
    prepared: Prepared,
    *,
    by: Actor,
    at: datetime,
) -> dict[str, int]:
    """Write what was prepared before this transaction; the counts by status. Raises Stale when what the plan rests on has
    changed since: plan anew then.
    """
    require_entering(session, competition, union, at)
    workers = _held_workers(session, prepared, at)
    standing = roster_ground_for(session, roster, competition, union, by, lock=True)
    if standing.facts != prepared.plan.standing.facts or sides_now(session, prepared, by) != prepared.sides:
        raise Stale(prepared.plan.counts)
    for state, organiser_reviews in prepared.changed_when:
        require_editable_when(session, competition, union, state, organiser_reviews, at)
    return _write(session, prepared, workers, by=by, at=at)


def apply_plan(session: Session, plan: Plan, *, by: Actor, at: datetime, only_sound: bool = False) -> dict[str, int]:
    """Prepare and write a plan that was made in this transaction; the counts by status. Raises what `require_sound` raises."""
    require_sound(plan, only_sound)
    prepared = prepare_roster(session, plan, by=by, at=at, only_sound=only_sound)
    return _write(session, prepared, _held_workers(session, prepared, at), by=by, at=at)


def require_sound(plan: Plan, only_sound: bool) -> None:
    """Raises StateForbids when something is wrong and not only the right rows are wanted."""
    if not plan.is_sound and not only_sound:
        raise StateForbids("roster_faulty", count=plan.counts["wrong"])


def _held_workers(session: Session, prepared: Prepared, at: datetime) -> dict[str, str]:
    """Blind index → id of the worker of each new member, whoever made him, held."""
    indexes = {index for index, _ in prepared.members}
    held = hold_workers(session, indexes, prepared.workers)
    if gone := indexes - held.keys():  # deleted (purging.py) while he was waited for
        numbers = {number: index for number, index in prepared.plan.ground.indexes.items() if index in gone}
        held |= hold_workers(session, gone, made_workers(session, numbers, numbers, at))
    return held


def _write(session: Session, prepared: Prepared, workers: dict[str, str], *, by: Actor, at: datetime) -> dict[str, int]:
    plan = prepared.plan
    competition, union = plan.ground.competition.id, plan.ground.union.id
    add_rows(session, Entry, prepared.entries)
    members = [{**member, "worker_id": workers[index]} for index, member in prepared.members]
    add_rows(session, EntryMember, members)
    begin_all(session, {entry["id"]: entry["event_id"] for entry in prepared.entries}, union, by=by, at=at)
    _change(session, prepared.changes, by=by, at=at)
    record(session, "roster.import", "competition", competition, by=by, at=at, after=plan.counts, union=union)
    return plan.counts


_ENTRY, _MEMBER = (model.metadata.tables[model.__tablename__] for model in (Entry, EntryMember))
_NEW_VALUES = (
    update(_MEMBER)
    .where(_MEMBER.c.id == bindparam("member"))
    .values({column.key: bindparam(column.key) for column in _MEMBER.columns if column.key not in NEVER_CHANGED})
)
_VERSION = update(_ENTRY).where(_ENTRY.c.id == bindparam("entry")).values(version=bindparam("number"))
_DIVISION = update(_ENTRY).where(_ENTRY.c.id == bindparam("entry")).values(division_id=bindparam("division"))


def _change(session: Session, changes: list[ChangedMember], *, by: Actor, at: datetime) -> None:
    """The members' new values; an entry goes on by one version for each of its members."""
    if not changes:
        return
    connection = session.connection()
    versions = {each.entry_id: each.version for each in changes}
    connection.execute(_NEW_VALUES, [each.member for each in changes])
    if moved := [{"entry": each.entry_id, "division": each.division_id} for each in changes if each.division_id]:
        connection.execute(_DIVISION, moved)
    told = []
    for each in changes:
        versions[each.entry_id] += 1
        told.append((each.entry_id, {"after": {"version": versions[each.entry_id]}, "fields": each.fields}))
    record_all(session, "entry.change", "entry", told, by=by, at=at)
    connection.execute(_VERSION, [{"entry": key, "number": version} for key, version in versions.items()])
