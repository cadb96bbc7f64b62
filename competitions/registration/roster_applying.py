"""Writing what a roster's plan says: one transaction, all or nothing (or the right rows now, if the user says so)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from competitions.audit.recording import record
from competitions.base.errors import Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.programme.models import Competition
from competitions.registration.entering import Side, begin, new_entry, put_member, require_entering, side_of
from competitions.registration.ground import chunks
from competitions.registration.models import Entry, EntryMember, Worker
from competitions.registration.roster_plan import Plan, PlanRow, open_teams, plan_roster
from competitions.registration.states import require_editable_time
from competitions.registration.workers import workers_for
from competitions.tabular.roster import Roster


def confirm_roster(
    session: Session,
    roster: Roster,
    competition: Competition,
    union: Union,
    shown: str,
    *,
    by: Actor,
    at: datetime,
    line: Union | None = None,
    only_sound: bool = False,
) -> Plan:
    """Plan anew under locks and apply. `shown`: digest of the plan that the user saw. Raises Stale when it would now do
    something else.
    """
    require_entering(session, competition, union, at)
    workers = workers_for(session, {person["id_number"] for person in roster.people}, at)
    plan = plan_roster(session, roster, competition, union, by, line=line, lock=True)
    if plan.digest != shown:
        raise Stale(plan.counts)
    apply_plan(session, plan, workers, by=by, at=at, only_sound=only_sound)
    return plan


def apply_plan(
    session: Session,
    plan: Plan,
    workers: dict[str, Worker] | None = None,
    *,
    by: Actor,
    at: datetime,
    only_sound: bool = False,
) -> dict[str, int]:
    """Write the new and the changed rows; the counts by status. `workers`: as `workers_for` gave them, held.

    Raises StateForbids when something is wrong and not only the right rows are wanted.
    """
    if not plan.is_sound and not only_sound:
        raise StateForbids("roster_faulty", count=plan.counts["wrong"])
    if workers is None:
        workers = workers_for(session, {row.person["id_number"] for row in plan.rows if row.person}, at)
    added = _add(session, plan, workers, by=by, at=at)
    begin(session, added, by=by, at=at)
    changed = {row.member.id: row for row in plan.rows if row.status == "changed" and row.member}
    for part in chunks(sorted(changed)):
        for member in session.scalars(
            select(EntryMember)
            .where(EntryMember.id.in_(part))
            .options(joinedload(EntryMember.entry).selectinload(Entry.members))
        ):
            _change(session, member, changed[member.id], workers, by=by, at=at)
    session.flush()
    record(
        session,
        "roster.import",
        "competition",
        plan.ground.competition.id,
        by=by,
        at=at,
        after=plan.counts,
        union=plan.ground.union.id,
    )
    return plan.counts


def _add(session: Session, plan: Plan, workers: dict[str, Worker], *, by: Actor, at: datetime) -> list[Entry]:
    """Entries for the new rows; members of a team fill the teams that lack somebody first."""
    sides: dict[str, Side] = {}
    teams = {
        key: [session.get_one(Entry, each) for each in ids] for key, ids in open_teams(session, plan.ground).items()
    }
    added: list[Entry] = []
    for row in plan.rows:
        if row.status != "new":
            continue
        assert row.event and row.division and row.line and row.person
        team = teams.setdefault((row.event.id, row.employer.id if row.employer else ""), [])
        if not team:
            if row.line.id not in sides:
                sides[row.line.id] = side_of(session, plan.ground.union, row.line, by)
            entry = new_entry(session, row.event, row.division, sides[row.line.id], by=by, at=at)
            added.append(entry)
            team += [entry] * row.event.team_size
        put_member(
            team.pop(0),
            EntryMember(event_id=row.event.id, name=""),
            row.person,
            workers[row.person["id_number"]],
            row.employer,
        )
    return added


def _change(
    session: Session, member: EntryMember, row: PlanRow, workers: dict[str, Worker], *, by: Actor, at: datetime
) -> None:
    assert row.person and row.division
    entry = member.entry
    require_editable_time(session, entry, at)
    put_member(entry, member, row.person, workers[row.person["id_number"]], row.employer)
    if row.person.get("division"):
        entry.division_id = row.division.id
    entry.version += 1
    record(
        session,
        "entry.change",
        "entry",
        entry.id,
        by=by,
        at=at,
        after={"version": entry.version},
        fields=[change.field for change in row.changes],
    )
