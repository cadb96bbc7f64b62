"""Questions about sittings, lots, codes and presence. Knows no request and no mark.

What other features may know is here: coded places (no person), whether a stage is sealed and decoded, identities once it
is decoded. Before that the mapping of codes to entries never leaves this package.
"""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from competitions.base import keyring
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.coding.models import CheckIn, CodedPlace, CodeRow, CodeSheet, Lot, Sitting, StageEntrant
from competitions.coding.progress import waiting
from competitions.programme.models import Event, Stage
from competitions.programme.queries import stages_in_scope
from competitions.registration.models import Entry, EntryMember

__all__ = [
    "candidates",
    "check_ins_of",
    "code_rows",
    "code_sheets",
    "codes_of_entries",
    "coded_places",
    "contender_ids",
    "entrants_of",
    "entries_by_id",
    "final_codes",
    "identities",
    "is_decoded",
    "is_first",
    "is_sealed",
    "lock",
    "lots_of",
    "opaque_groups",
    "sheet_in_scope",
    "sitting_of",
    "sittings_of",
    "staged",
    "ticket_codes",
    "tickets_of",
    "waiting",
]
BATCH = 500
LEVEL_NAMES = {1: "参赛编号", 2: "工位号", 3: "作品号"}
NO_CODER = "system"
"""Custodian of the sheet of an event without levels."""


def coded_places(session: Session, stage_id: str) -> list[CodedPlace]:
    """All final codes of a stage by code, with division and sitting; empty until the last level is sealed."""
    return list(
        session.scalars(
            select(CodedPlace)
            .where(CodedPlace.stage_id == stage_id)
            .options(joinedload(CodedPlace.division), joinedload(CodedPlace.sitting))
            .order_by(CodedPlace.code)
        )
    )


def is_sealed(session: Session, stage_id: str) -> bool:
    """Whether the last level is sealed: only then are there coded places, and judging may begin."""
    return session.scalar(select(CodedPlace.id).where(CodedPlace.stage_id == stage_id).limit(1)) is not None


def is_decoded(session: Session, stage_id: str) -> bool:
    """Whether every level has been opened by coder and supervisor (without levels: whether the standings are settled)."""
    sheets = code_sheets(session, stage_id)
    if not sheets or not is_sealed(session, stage_id):
        return False
    if sheets[0].coder_id == NO_CODER:
        return session.get_one(Stage, stage_id).settled_at is not None
    return all(sheet.state == "decoded" for sheet in sheets)


def identities(session: Session, stage_id: str) -> dict[str, str]:
    """Final code → entry id. Raises StateForbids before the stage is decoded (design.md §4.5)."""
    if not is_decoded(session, stage_id):
        raise StateForbids("undecoded")
    return final_codes(session, stage_id)


def tickets_of(session: Session, stage: Stage) -> set[str]:
    """Every 准考证号 of the stage's event, of those who have withdrawn too: none of them may be a code."""
    tickets = session.scalars(select(Entry.ticket).where(Entry.event_id == stage.event_id, Entry.ticket.is_not(None)))
    return {ticket for ticket in tickets if ticket}


def ticket_codes(session: Session, stage_id: str) -> dict[str, str]:
    """准考证号 → final code: for the service that takes the tabulator's marks only; never shown, never exported."""
    entry_of = final_codes(session, stage_id)
    tickets = {entry.id: entry.ticket for entry in entries_by_id(session, list(entry_of.values())).values()}
    return {ticket: code for code, entry_id in entry_of.items() if (ticket := tickets.get(entry_id))}


def opaque_groups(session: Session, stage_id: str) -> dict[str, dict[str, str]]:
    """Final code → {"team", "organisation"}: keyed digests of delegation and employer that hold for this stage only, so
    that a case exported before decoding names nobody. For results; never shown to judges.
    """
    entry_of = final_codes(session, stage_id)
    entries = entries_by_id(session, list(entry_of.values()))
    ring = keyring.ring()

    def opaque(kind: str, value: str) -> str:
        return ring.blind_index(f"group|{stage_id}|{kind}", value)[:12]

    found = {}
    for code, entry_id in sorted(entry_of.items()):
        entry = entries[entry_id]
        first = entry.members[0] if entry.members else None
        employer = (first.employer_id or first.employer_name) if first else ""
        found[code] = {
            "team": opaque("team", entry.delegation_id),
            "organisation": opaque("organisation", employer or entry.reporting_union_id),
        }
    return found


def codes_of_entries(session: Session, stage_id: str) -> dict[str, str]:
    """Entry id → final code: for the system, which adds earlier published scores to a case when it settles (results'
    carried scores). Never shown, never exported before decoding: the earlier scores are public, and would tell whose
    code it is.
    """
    return {entry_id: code for code, entry_id in final_codes(session, stage_id).items()}


def final_codes(session: Session, stage_id: str) -> dict[str, str]:
    """Final code → entry id, through all levels that are sealed. For this package and the functions above only."""
    sheets = code_sheets(session, stage_id)
    if not is_sealed(session, stage_id):
        return {}
    found: dict[str, str] = {}
    for sheet in sheets:
        rows = session.execute(select(CodeRow.code, CodeRow.source).where(CodeRow.sheet_id == sheet.id))
        found = {code: source if sheet.level == 1 else found[source] for code, source in rows}
    return found


def code_sheets(session: Session, stage_id: str) -> list[CodeSheet]:
    """The code sheets of a stage that have been drawn, by level."""
    return list(session.scalars(select(CodeSheet).where(CodeSheet.stage_id == stage_id).order_by(CodeSheet.level)))


def code_rows(session: Session, sheet: CodeSheet) -> list[CodeRow]:
    """The lines of a sheet, by code (the order of a list must not tell who came when)."""
    return list(session.scalars(select(CodeRow).where(CodeRow.sheet_id == sheet.id).order_by(CodeRow.code)))


def sheet_in_scope(session: Session, actor: Actor, sheet_id: str, permission: Permission) -> CodeSheet:
    """A code sheet of a stage in scope, with its event. Raises NotFound."""
    stages = stages_in_scope(actor, permission).with_only_columns(Stage.id)
    found = session.scalar(
        select(CodeSheet)
        .where(CodeSheet.id == sheet_id, CodeSheet.stage_id.in_(stages))
        .options(joinedload(CodeSheet.stage).joinedload(Stage.event).joinedload(Event.competition))
    )
    if found is None:
        raise NotFound
    return found


def staged(statement: Select[Stage]) -> Select[Stage]:
    """Stages with event and competition, as lists and headings show them."""
    return statement.options(joinedload(Stage.event).joinedload(Event.competition))


def contender_ids(session: Session, stage: Stage) -> list[str]:
    """Entries that compete in a stage: in the first one all that are approved, later those who were taken over."""
    return list(session.scalars(_contenders(session, stage).with_only_columns(Entry.id).order_by(Entry.id)))


def entrants_of(session: Session, stage_id: str) -> dict[str, StageEntrant]:
    """Entry id → how it goes on to this later stage, those left out too."""
    rows = session.scalars(select(StageEntrant).where(StageEntrant.stage_id == stage_id))
    return {row.entry_id: row for row in rows}


def _contenders(session: Session, stage: Stage) -> Select[Entry]:
    statement = select(Entry).where(Entry.event_id == stage.event_id, Entry.state == "approved")
    if is_first(session, stage):
        return statement
    taken = select(StageEntrant.entry_id).where(StageEntrant.stage_id == stage.id, StageEntrant.state == "in")
    return statement.where(Entry.id.in_(taken))


def lock(session: Session, row: Stage | CodeSheet) -> None:
    """Read a row anew and hold it until the transaction ends (columns only: PostgreSQL locks no outer join)."""
    session.refresh(row, [column.key for column in type(row).__mapper__.column_attrs], with_for_update=True)


def is_first(session: Session, stage: Stage) -> bool:
    """Whether the event begins with this stage."""
    earlier = select(Stage.id).where(Stage.event_id == stage.event_id, Stage.position < stage.position).limit(1)
    return session.scalar(earlier) is None


def candidates(session: Session, stage: Stage) -> list[Entry]:
    """The contenders with members, division and delegation, by ticket: who is to be given a lot, and nobody else."""
    return list(
        session.scalars(
            _contenders(session, stage)
            .options(selectinload(Entry.members).joinedload(EntryMember.worker), joinedload(Entry.delegation))
            .order_by(Entry.ticket, Entry.id)
        )
    )


def entries_by_id(session: Session, ids: Sequence[str]) -> dict[str, Entry]:
    """Entry id → entry with its members, in batches."""
    found: dict[str, Entry] = {}
    for start in range(0, len(ids), BATCH):
        rows = session.scalars(
            select(Entry)
            .where(Entry.id.in_(ids[start : start + BATCH]))
            .options(selectinload(Entry.members), joinedload(Entry.delegation))
        )
        found.update({entry.id: entry for entry in rows})
    return found


def sittings_of(session: Session, stage_id: str) -> list[Sitting]:
    """The sittings of a stage in their order."""
    return list(
        session.scalars(
            select(Sitting)
            .where(Sitting.stage_id == stage_id)
            .order_by(Sitting.starts_at, Sitting.position, Sitting.name)
        )
    )


def sitting_of(session: Session, stage: Stage, sitting_id: str) -> Sitting:
    """A sitting of this stage. Raises NotFound."""
    found = session.scalar(select(Sitting).where(Sitting.id == sitting_id, Sitting.stage_id == stage.id))
    if found is None:
        raise NotFound
    return found


def lots_of(session: Session, stage_id: str) -> dict[str, Lot]:
    """Entry id → lot."""
    return {lot.entry_id: lot for lot in session.scalars(select(Lot).where(Lot.stage_id == stage_id))}


def check_ins_of(session: Session, stage_id: str) -> dict[str, CheckIn]:
    """Entry id → check-in."""
    return {row.entry_id: row for row in session.scalars(select(CheckIn).where(CheckIn.stage_id == stage_id))}
