"""Questions about entries, within the caller's scope. Knows no request.

A reporter sees what unions at or below his report; a reviewer what lies on his line of review (and what passes his
union on the way to its line); the organiser his competitions.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.base.searching import LONGEST, matching
from competitions.organisations.models import Union
from competitions.organisations.subtree import UnionScope, scope_of_unions
from competitions.programme.models import Event
from competitions.registration.models import EDITABLE, Entry, EntryHistory, EntryMember, ReportingList, RosterUpload
from competitions.words.codes import ENTRY_STATES

VISIBLE = or_(Entry.state != "withdrawn", Entry.submitted_at.is_not(None))
"""Deleted drafts are shown to nobody."""
WHOLE = (
    joinedload(Entry.event),
    joinedload(Entry.division),
    joinedload(Entry.reporting_union),
    joinedload(Entry.review_union),
    joinedload(Entry.delegation),
    joinedload(Entry.competition),
    selectinload(Entry.members),
)

FIRST = aliased(EntryMember)
"""The member by whom an entry is sorted; `with_first` joins it."""
SORTS = {
    "strokes": FIRST.name_strokes,
    "pinyin": FIRST.name_pinyin,
    "employer": FIRST.employer_name,
    "event": Event.position,
    "state": Entry.state,
    "submitted": Entry.submitted_at,
    "ticket": Entry.ticket,
}
"""The orders of the list of entries, by the word in the address."""


def with_first(statement: Select[Any]) -> Select[Any]:
    """Joined with what `SORTS` sorts by."""
    return statement.join(Event, Event.id == Entry.event_id).outerjoin(
        FIRST, and_(FIRST.entry_id == Entry.id, FIRST.position == 1)
    )


def entry_scope(session: Session, actor: Actor, *permissions: Permission) -> ColumnElement[bool]:
    """Condition on Entry: those in which the actor has one of the permissions."""
    scopes = actor.scopes(*permissions)
    if scopes.system or actor.id == "system":
        return true()
    held: list[ColumnElement[bool]] = []
    if scopes.competitions:
        held.append(Entry.competition_id.in_(scopes.competitions))
    reporting = unions_held(actor, permissions, reviewing=False)
    reviewing = unions_held(actor, permissions, reviewing=True)
    if reporting:
        held.append(scope_of_unions(session, reporting).has(Entry.reporting_union_id))
    if reviewing:
        held.append(_on_line(session, reviewing, permissions))
    return or_(false(), *held)


def unions_held(actor: Actor, permissions: Collection[Permission], *, reviewing: bool) -> list[str]:
    """Unions where the actor has one of the permissions by a role that reviews, or by one that reports."""
    return [
        a.scope_id
        for a in actor.assignments
        if a.scope_kind == "union"
        and a.scope_id
        and not a.permissions.isdisjoint(permissions)
        and (Permission.REVIEW_ENTRIES in a.permissions) == reviewing
    ]


def _on_line(session: Session, unions: list[str], permissions: Sequence[Permission]) -> ColumnElement[bool]:
    scope = scope_of_unions(session, unions)
    on_line = true() if scope.whole else Entry.review_union_id.in_(_lines_within(session, scope))
    if {Permission.REVIEW_ENTRIES, Permission.CLOSE_LIST} & set(permissions):
        return on_line
    if {Permission.EDIT_ENTRIES, Permission.SUBMIT_ENTRIES} & set(permissions):
        return and_(on_line, Entry.organiser_reviews)
    above = {part for path in scope.paths for part in path.split("/") if part}
    return or_(on_line, and_(Entry.review_union_id.in_(above), scope.has(Entry.reporting_union_id)))


def _lines_within(session: Session, scope: UnionScope) -> Sequence[str]:
    """The unions within scope by which entries are reviewed: a handful, however many lie below them."""
    reviewing = exists().where(Entry.review_union_id == Union.id)
    return session.scalars(select(Union.id).where(scope.unions(), reviewing)).all()


def entries_in_scope(session: Session, actor: Actor, *permissions: Permission) -> Select[Entry]:
    """Entries in which the actor has one of the permissions."""
    return select(Entry).where(entry_scope(session, actor, *permissions), VISIBLE)


def entry_in_scope(
    session: Session, actor: Actor, entry_id: str, *permissions: Permission, lock: bool = False
) -> Entry:
    """The entry with all that a page shows. Raises NotFound when missing or out of scope."""
    return entries_by_ids(session, actor, [entry_id], *permissions, lock=lock)[0]


def entries_by_ids(
    session: Session,
    actor: Actor,
    ids: Sequence[str],
    *permissions: Permission,
    lock: bool = False,
    competition_id: str | None = None,
) -> list[Entry]:
    """All of these entries, with what a page shows, or locked, to be written (then nothing is loaded with them: everybody
    waits). Raises NotFound when one is missing or out of scope: then none is given.
    """
    wanted = sorted(set(ids))
    found: list[Entry] = []
    statement = entries_in_scope(session, actor, *permissions)
    if competition_id is not None:
        statement = statement.where(Entry.competition_id == competition_id)
    for start in range(0, len(wanted), 500):
        part = statement.where(Entry.id.in_(wanted[start : start + 500])).order_by(Entry.id)
        found += session.scalars(part.with_for_update(of=Entry, key_share=True) if lock else part.options(*WHOLE))
    if not wanted or len(found) != len(wanted):
        raise NotFound
    return found


def substitute_of(session: Session, entry_id: str) -> Entry | None:
    """The entry that came in the place of this one (替补), with its members."""
    return session.scalar(select(Entry).where(Entry.replaces_id == entry_id).options(selectinload(Entry.members)))


def member_in_entry(entry: Entry, member_id: str) -> EntryMember:
    """A member by id. Raises NotFound when the entry has no such member."""
    for member in entry.members:
        if member.id == member_id:
            return member
    raise NotFound


def history_of(session: Session, entry_id: str) -> list[EntryHistory]:
    """What happened to an entry, oldest first; of several steps at one moment each begins where the last one ended."""
    steps = list(
        session.scalars(
            select(EntryHistory).where(EntryHistory.entry_id == entry_id).order_by(EntryHistory.at, EntryHistory.id)
        )
    )
    ordered: list[EntryHistory] = []
    while steps:
        state = ordered[-1].to_state if ordered else ""
        following = (step for step in steps if step.at == steps[0].at and step.from_state == state)
        ordered.append(next(following, steps[0]))
        steps.remove(ordered[-1])
    return ordered


def counts_by_state(session: Session, actor: Actor, competition_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Competition → state → number of entries in the actor's view."""
    rows = session.execute(
        select(Entry.competition_id, Entry.state, func.count())
        .where(entry_scope(session, actor, Permission.VIEW_ENTRIES), VISIBLE, Entry.competition_id.in_(competition_ids))
        .group_by(Entry.competition_id, Entry.state)
    )
    counts: dict[str, dict[str, int]] = {}
    for competition_id, state, number in rows:
        counts.setdefault(competition_id, {})[state] = number
    return counts


def upload_of(session: Session, actor: Actor, upload_id: str) -> RosterUpload:
    """The caller's own staged roster; whether its content is still there is for `uploads` to say. Raises NotFound."""
    found = session.scalar(
        select(RosterUpload).where(
            RosterUpload.id == upload_id, RosterUpload.user_id == actor.id, RosterUpload.state == "staged"
        )
    )
    if found is None:
        raise NotFound
    return found


def lists_in_scope(session: Session, actor: Actor) -> Select[ReportingList]:
    """Closed lists: the reviewing union's own (and those below it), all of an organiser's competitions."""
    scopes = actor.scopes(Permission.CLOSE_LIST, Permission.DECIDE_ENTRIES)
    condition = (
        true()
        if scopes.system
        else or_(
            ReportingList.competition_id.in_(scopes.competitions),
            scope_of_unions(session, scopes.unions).holds(ReportingList.union_id),
        )
    )
    return select(ReportingList).where(condition).options(joinedload(ReportingList.union))


def list_in_scope(session: Session, actor: Actor, list_id: str) -> ReportingList:
    """The closed list. Raises NotFound when missing or out of scope."""
    found = session.scalar(lists_in_scope(session, actor).where(ReportingList.id == list_id))
    if found is None:
        raise NotFound
    return found


def filtered(statement: Select[Any], arguments: Mapping[str, str]) -> Select[Any]:
    """Only what the filters of the address ask for."""
    by_member = matching(arguments.get("q", ""), [EntryMember.search_text])
    if by_member is not None:
        ticket = normalize("NFKC", arguments["q"]).strip()[:LONGEST].upper()
        statement = statement.where(or_(Entry.members.any(by_member), Entry.ticket.startswith(ticket, autoescape=True)))
    if arguments.get("event"):
        statement = statement.where(Entry.event_id == arguments["event"])
    if arguments.get("union"):
        statement = statement.where(
            or_(Entry.reporting_union_id == arguments["union"], Entry.delegation_id == arguments["union"])
        )
    state = arguments.get("state", "")
    if state in ENTRY_STATES:
        statement = statement.where(Entry.state == state)
    elif state == "to_submit":
        statement = statement.where(Entry.state.in_(EDITABLE))
    elif state == "to_report":
        statement = statement.where(Entry.state == "endorsed", Entry.reporting_list_id.is_(None))
    elif state == "to_decide":
        statement = statement.where(to_decide())
    return statement


def to_decide() -> ColumnElement[bool]:
    """Condition on Entry: what the organiser has to decide."""
    return or_(
        and_(Entry.state == "endorsed", Entry.reporting_list_id.is_not(None)),
        and_(Entry.state.in_(("submitted", "endorsed")), Entry.organiser_reviews),
    )


def ready_to_report(competition_id: str, union_ids: Sequence[str]) -> ColumnElement[bool]:
    """Condition on Entry: what the next list of these unions would hold."""
    return and_(
        Entry.competition_id == competition_id,
        Entry.review_union_id.in_(union_ids),
        Entry.reporting_list_id.is_(None),
        or_(Entry.state == "endorsed", and_(Entry.state == "submitted", Entry.organiser_reviews)),
    )


def reviewing_unions(session: Session, actor: Actor) -> list[Union]:
    """The unions for which the actor may close lists."""
    held = actor.scopes(Permission.CLOSE_LIST).unions
    return list(session.scalars(select(Union).where(Union.id.in_(held)).order_by(Union.name)))


def report_counts(session: Session, competition_id: str, unions: Sequence[Union]) -> list[tuple[Union, int, int]]:
    """For each union: how many entries its next list would hold, and how many on its line are still to be reviewed."""
    counts = []
    for union in unions:
        ready = session.scalar(select(func.count(Entry.id)).where(ready_to_report(competition_id, [union.id]))) or 0
        unreviewed = (
            session.scalar(
                select(func.count(Entry.id)).where(
                    Entry.competition_id == competition_id,
                    Entry.review_union_id == union.id,
                    Entry.state == "submitted",
                    ~Entry.organiser_reviews,
                )
            )
            or 0
        )
        counts.append((union, ready, unreviewed))
    return counts


def events_of(session: Session, competition_id: str) -> list[Event]:
    """The events of a competition in their order, with divisions."""
    return list(
        session.scalars(
            select(Event)
            .where(Event.competition_id == competition_id)
            .options(selectinload(Event.divisions))
            .order_by(Event.position, Event.name)
        )
    )
