"""Questions about panels, sheets and signatures, within the caller's scope. Knows codes only; no request.

A judge sees his own sheets, while he is on the panel; everybody else by event (design.md §4.5). Sheets are asked for
alive, unless told otherwise.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from competitions.base.counts import count_of
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import Waiting
from competitions.coding.models import CodedPlace
from competitions.judging.models import PanelMember, Quarantine, ScoreRevision, ScoreSheet
from competitions.judging.panels.models import Recusal, SheetChange
from competitions.judging.signing.models import ChangeRequest, ModuleSignature
from competitions.judging.timing.models import TimeChange
from competitions.programme.models import Event, Module, Stage
from competitions.programme.queries import events_in_scope

JUDGING_DUTIES = ("marking", "floor")
PRESENT = ("present", "late")
DONE = ("confirmed", "signed")


def modules_in_scope(actor: Actor, *permissions: Permission) -> Select[Module]:
    """Modules of the events in which the actor has one of the permissions."""
    if actor.scopes(*permissions).system:
        return select(Module)
    events = events_in_scope(actor, *permissions).with_only_columns(Event.id)
    return select(Module).where(Module.stage_id.in_(select(Stage.id).where(Stage.event_id.in_(events))))


def sheets_in_scope(actor: Actor, *permissions: Permission) -> Select[ScoreSheet]:
    """Sheets of the events in which the actor has one of the permissions (for checker, chief judge, supervisor)."""
    if actor.scopes(*permissions).system:
        return select(ScoreSheet)
    modules = modules_in_scope(actor, *permissions).with_only_columns(Module.id)
    return select(ScoreSheet).where(ScoreSheet.module_id.in_(modules))


def own_sheets(actor: Actor) -> Select[ScoreSheet]:
    """The sheets that are the judge's to mark: his own, in events where he is a judge, while he is on the panel; by a
    judge's card those of its stage.
    """
    found = sheets_in_scope(actor, Permission.MARK_SHEETS).where(ScoreSheet.judge_id == actor.id, _SEATED)
    if actor.card_id is None:
        return found
    return found.where(ScoreSheet.module_id.in_(select(Module.id).where(Module.stage_id == actor.card_stage_id)))


def own_sheet(session: Session, actor: Actor, sheet_id: str, *, lock: bool = False) -> ScoreSheet:
    """One of the judge's own sheets, with its module and stage. Raises NotFound."""
    row = session.execute(_OWN_LOCKED if lock else _OWN, {"sheet": sheet_id, "judge": actor.id}).first()
    if row is None or row.event_id not in actor.scopes(Permission.MARK_SHEETS).events:
        raise NotFound
    sheet: ScoreSheet = row.ScoreSheet
    if actor.card_id is not None and sheet.module.stage_id != actor.card_stage_id:
        raise NotFound
    return sheet


ALIVE = ScoreSheet.closed.is_(None)
"""A sheet that has a judge."""
ALIVE_OR_RECUSED = or_(ALIVE, ScoreSheet.closed == "recused")
"""With those from which their judge is recused: shown as such where people ask for them by name."""
_SEATED = and_(
    ALIVE_OR_RECUSED,
    exists().where(
        PanelMember.module_id == ScoreSheet.module_id,
        PanelMember.user_id == ScoreSheet.judge_id,
        PanelMember.duty.in_(JUDGING_DUTIES),
        PanelMember.left_at.is_(None),
        or_(PanelMember.code.is_(None), PanelMember.code == ScoreSheet.code),
    ),
)
"""The judge is on the panel, and it is his sheet, or he is recused from it."""
_OWN = (
    select(ScoreSheet, Stage.event_id)
    .join(ScoreSheet.module)
    .join(Module.stage)
    .options(contains_eager(ScoreSheet.module).contains_eager(Module.stage))
    .where(ScoreSheet.id == bindparam("sheet"), ScoreSheet.judge_id == bindparam("judge"), _SEATED)
)
"""A judge's own sheet while he is on the panel; the same condition as own_sheets, made once because every save asks
it.
"""
_OWN_LOCKED = _OWN.with_for_update(of=ScoreSheet)


def former_sheet(session: Session, actor: Actor, sheet_id: str) -> ScoreSheet:
    """A sheet that is no longer the judge's, or is closed: it was his, or he left its seat. Raises NotFound."""
    left = exists().where(
        PanelMember.seat_id == ScoreSheet.seat_id,
        PanelMember.user_id == actor.id,
        PanelMember.left_at.is_not(None),
        or_(PanelMember.code.is_(None), PanelMember.code == ScoreSheet.code),
    )
    had = exists().where(SheetChange.sheet_id == ScoreSheet.id, SheetChange.from_judge_id == actor.id)
    statement = sheets_in_scope(actor, Permission.MARK_SHEETS).where(
        ScoreSheet.id == sheet_id, or_(ScoreSheet.judge_id == actor.id, left, had)
    )
    if actor.card_id is not None:
        statement = statement.where(
            ScoreSheet.module_id.in_(select(Module.id).where(Module.stage_id == actor.card_stage_id))
        )
    found = session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def sheet_in_scope(
    session: Session, actor: Actor, sheet_id: str, *permissions: Permission, lock: bool = False
) -> ScoreSheet:
    """A sheet of an event in scope. Raises NotFound."""
    return _one(session, sheets_in_scope(actor, *permissions), sheet_id, lock)


def _one(session: Session, statement: Select[ScoreSheet], sheet_id: str, lock: bool) -> ScoreSheet:
    statement = statement.where(ScoreSheet.id == sheet_id)
    statement = statement.with_for_update() if lock else with_places(statement)
    found = session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def with_places(statement: Select[ScoreSheet]) -> Select[ScoreSheet]:
    """Load what a sheet is shown with: module, stage, event, sitting, division."""
    return statement.options(
        joinedload(ScoreSheet.module).joinedload(Module.stage).joinedload(Stage.event),
        joinedload(ScoreSheet.sitting),
        joinedload(ScoreSheet.division),
    )


def listed_own_sheets(session: Session, actor: Actor) -> list[ScoreSheet]:
    """The judge's own sheets by module and code; not of those who are absent or have given up."""
    gone = exists().where(
        CodedPlace.stage_id == Module.stage_id,
        CodedPlace.code == ScoreSheet.code,
        CodedPlace.presence.not_in(PRESENT),
    )
    statement = (
        with_places(own_sheets(actor))
        .join(ScoreSheet.module)
        .where(~gone)
        .order_by(Module.stage_id, Module.position, ScoreSheet.code, ScoreSheet.id)
    )
    return list(session.scalars(statement))


def revision_of(session: Session, sheet: ScoreSheet, number: int | None = None) -> ScoreRevision | None:
    """A revision of a sheet: the newest, or the one with that number."""
    wanted = sheet.head if number is None else number
    return (
        session.scalar(select(ScoreRevision).where(ScoreRevision.sheet_id == sheet.id, ScoreRevision.number == wanted))
        if wanted
        else None
    )


def head_revisions(session: Session, sheets: Select[ScoreSheet]) -> dict[str, ScoreRevision]:
    """Sheet id → its newest revision, in one query."""
    ids = sheets.with_only_columns(ScoreSheet.id).order_by(None)
    rows = session.scalars(
        select(ScoreRevision)
        .join(ScoreRevision.sheet)
        .where(ScoreRevision.sheet_id.in_(ids), ScoreRevision.number == ScoreSheet.head)
        .options(contains_eager(ScoreRevision.sheet))
    )
    return {revision.sheet_id: revision for revision in rows}


def panel_of(session: Session, module_id: str) -> list[PanelMember]:
    """Everybody who was ever on the module's panel, by position."""
    return panels_of(session, [module_id]).get(module_id, [])


def panels_of(session: Session, module_ids: Sequence[str]) -> dict[str, list[PanelMember]]:
    """Module id → everybody who was ever on its panel, by position, in one query."""
    found: dict[str, list[PanelMember]] = {}
    for member in session.scalars(
        select(PanelMember)
        .where(PanelMember.module_id.in_(module_ids))
        .options(joinedload(PanelMember.user), joinedload(PanelMember.sitting))
        .order_by(PanelMember.position, PanelMember.assigned_at, PanelMember.id)
    ):
        found.setdefault(member.module_id, []).append(member)
    return found


def judge_names(members: list[PanelMember]) -> dict[str, str]:
    """User id → J1, J2 …: how judges are named where their names have no business. By panel position at first; whoever
    comes later gets the next number, so that nobody's changes.
    """
    given = {member.user_id: member.number for member in members if member.number is not None}
    free = (number for number in count(1) if number not in set(given.values()))
    numbers = {id_: given.get(id_) or next(free) for id_ in dict.fromkeys(member.user_id for member in members)}
    return {id_: f"J{number}" for id_, number in sorted(numbers.items(), key=lambda item: item[1])}


def seated(members: Sequence[PanelMember]) -> list[PanelMember]:
    """Those of the panel who hold a whole seat now."""
    return [member for member in members if member.left_at is None and member.code is None]


def tabulated_module(session: Session, actor: Actor, module_id: str) -> Module:
    """A module that the caller types in from paper: he has the role and is its tabulator. Raises NotFound."""
    found = session.scalar(tabulated_modules(actor).where(Module.id == module_id))
    if found is None:
        raise NotFound
    return found


def tabulated_modules(actor: Actor) -> Select[Module]:
    """The modules that the caller types in from paper."""
    return modules_in_scope(actor, Permission.TABULATE).where(
        exists().where(
            PanelMember.module_id == Module.id,
            PanelMember.user_id == actor.id,
            PanelMember.duty == "tabulator",
            PanelMember.left_at.is_(None),
        )
    )


def latest_signature(session: Session, module_id: str, division_id: str) -> ModuleSignature | None:
    """The newest signature of a module of a division (void while one of its sheets is open again)."""
    return session.scalar(
        select(ModuleSignature)
        .where(ModuleSignature.module_id == module_id, ModuleSignature.division_id == division_id)
        .order_by(ModuleSignature.opening.desc())
        .limit(1)
    )


def latest_signatures(session: Session, module_ids: Sequence[str]) -> dict[tuple[str, str], ModuleSignature]:
    """Module and division → the newest signature, in one query."""
    rows = session.scalars(
        select(ModuleSignature).where(ModuleSignature.module_id.in_(module_ids)).order_by(ModuleSignature.opening)
    )
    return {(signature.module_id, signature.division_id): signature for signature in rows}


def recused_judges(session: Session, module_id: str) -> dict[str, set[str]]:
    """Code → user ids of the judges who may not mark it (回避)."""
    return recusals_of(session, [module_id]).get(module_id, {})


def recusals_of(session: Session, module_ids: Sequence[str]) -> dict[str, dict[str, set[str]]]:
    """Module id → code → user ids of the judges who may not mark it, in one query."""
    found: dict[str, dict[str, set[str]]] = {}
    for module_id, code, judge_id in session.execute(
        select(Recusal.module_id, Recusal.code, Recusal.judge_id).where(
            Recusal.module_id.in_(module_ids), Recusal.revoked_at.is_(None)
        )
    ):
        found.setdefault(module_id, {}).setdefault(code, set()).add(judge_id)
    return found


def empty_seats_of(session: Session, module_ids: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Module and code → of each seat in which nobody marks the code (recused, left, and none in their place) who was the
    last judge; in one query.
    """
    other = aliased(ScoreSheet)
    alive = exists().where(other.seat_id == ScoreSheet.seat_id, other.code == ScoreSheet.code, other.closed.is_(None))
    rows = session.execute(
        select(ScoreSheet.module_id, ScoreSheet.code, ScoreSheet.seat_id, ScoreSheet.judge_id)
        .where(ScoreSheet.module_id.in_(module_ids), ScoreSheet.closed.is_not(None), ~alive)
        .order_by(ScoreSheet.code, ScoreSheet.seat_id, ScoreSheet.id)
    )
    last: dict[tuple[str, str], dict[str, str]] = {}
    for module_id, code, seat_id, judge_id in rows:
        last.setdefault((module_id, code), {})[seat_id] = judge_id
    return {key: list(seats.values()) for key, seats in last.items()}


def judges_ever(session: Session, module_id: str, division_id: str) -> set[str]:
    """Everybody who has, or had, a sheet of the module and division: what he typed may lie on a tablet yet."""
    here = ScoreSheet.module_id == module_id, ScoreSheet.division_id == division_id
    had = select(SheetChange.from_judge_id).join(ScoreSheet, ScoreSheet.id == SheetChange.sheet_id).where(*here)
    return set(session.scalars(select(ScoreSheet.judge_id).where(*here).union(had)))


def present_places(session: Session, stage_id: str) -> list[CodedPlace]:
    """The coded places of a stage at which somebody is to be marked, by code."""
    return list(
        session.scalars(
            select(CodedPlace)
            .where(CodedPlace.stage_id == stage_id, CodedPlace.presence.in_(PRESENT))
            .order_by(CodedPlace.code)
        )
    )


def waiting(session: Session, actor: Actor, _at: datetime) -> list[Waiting]:
    """What waits for this person in judging."""
    found: list[Waiting] = []

    def add(permission: Permission, statement: Select[Any], sentence: str, endpoint: str) -> None:
        if actor.may(permission):
            count = count_of(session, statement)
            found.extend([Waiting(sentence.format(count=count), endpoint, count=count.number)] if count else [])

    add(
        Permission.MARK_SHEETS,
        own_sheets(actor).where(ALIVE, ScoreSheet.state.in_(("empty", "draft"))),
        "有 {count} 份评分表等待评分",
        "judging.sheets",
    )
    add(
        Permission.CONFIRM_SHEETS,
        sheets_in_scope(actor, Permission.CONFIRM_SHEETS).where(ALIVE, ScoreSheet.state == "submitted"),
        "有 {count} 份评分表等待复核",
        "judging.checking",
    )
    add(
        Permission.TABULATE,
        tabulated_sheets(actor).where(ScoreSheet.state.in_(("empty", "draft"))),
        "有 {count} 个成绩等待录入",
        "judging.tabulation",
    )
    add(
        Permission.SIGN_MODULES,
        sheets_in_scope(actor, Permission.SIGN_MODULES).where(ALIVE, ScoreSheet.state == "confirmed"),
        "有 {count} 份已复核的评分表等待签字",
        "judging.matrices",
    )
    add(Permission.SIGN_MODULES, _unsigned_times(actor), "有 {count} 条停表、补时等待签认", "judging.matrices")
    add(Permission.REQUEST_REOPENING, _late(actor), "有 {count} 份晚送达的评分等待处理", "judging.matrices")
    add(Permission.APPROVE_REQUESTS, _requests(actor), "有 {count} 项重新开放申请等待审批", "judging.requests")
    return found


def _unsigned_times(actor: Actor) -> Select[TimeChange]:
    modules = modules_in_scope(actor, Permission.SIGN_MODULES).with_only_columns(Module.id)
    ended = or_(TimeChange.kind != "stop", TimeChange.ends_at.is_not(None), TimeChange.seconds.is_not(None))
    return select(TimeChange).where(
        TimeChange.module_id.in_(modules), TimeChange.signed_at.is_(None), TimeChange.withdrawn_at.is_(None), ended
    )


def tabulated_sheets(actor: Actor) -> Select[ScoreSheet]:
    """Sheets of the modules that the caller types in."""
    modules = tabulated_modules(actor).with_only_columns(Module.id)
    tabulators = exists().where(
        and_(
            PanelMember.module_id == ScoreSheet.module_id,
            PanelMember.user_id == ScoreSheet.judge_id,
            PanelMember.duty == "tabulator",
        )
    )
    return select(ScoreSheet).where(ScoreSheet.module_id.in_(modules), ALIVE, tabulators)


def _late(actor: Actor) -> Select[Quarantine]:
    sheets = sheets_in_scope(actor, Permission.REQUEST_REOPENING).with_only_columns(ScoreSheet.id)
    return select(Quarantine).where(Quarantine.state == "waiting", Quarantine.sheet_id.in_(sheets))


def _requests(actor: Actor) -> Select[ChangeRequest]:
    sheets = sheets_in_scope(actor, Permission.APPROVE_REQUESTS).with_only_columns(ScoreSheet.id)
    return select(ChangeRequest).where(
        ChangeRequest.state == "waiting", ChangeRequest.requested_by != actor.id, ChangeRequest.sheet_id.in_(sheets)
    )
