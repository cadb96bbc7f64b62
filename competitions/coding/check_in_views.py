"""Pages of the steward: the stages, the list of people to be checked in with one key each, the sign-in sheet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.exports import count_export, record_export
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.kept_files import put
from competitions.base.permissions import Permission
from competitions.base.searching import contains, found_by, parts_of
from competitions.base.shown import Shown
from competitions.coding import papers, services
from competitions.coding.checking_in import is_signed_for, late_until, not_yet_here, unseen
from competitions.coding.grids import delegation_name, employer_names, entry_names
from competitions.coding.late import uncoded
from competitions.coding.lot_views import stage_list
from competitions.coding.models import Sitting
from competitions.coding.pages import bp, stage_here, words_of, workbook
from competitions.coding.papers import last_four
from competitions.coding.presence_changes import propose_presence
from competitions.coding.queries import candidates, check_ins_of, lots_of, sitting_of, sittings_of
from competitions.programme.competitions.scanned import LARGEST as SCAN
from competitions.programme.competitions.scanned import checked_scan
from competitions.programme.models import Stage
from competitions.registration.models import Entry
from competitions.tabular.characters import lookalikes
from competitions.web.declared import files, requires
from competitions.web.many import SHOWN, GoingOn, RefusedMany, fields_again, shown_before
from competitions.words.sentences import sentence, worded


@dataclass(frozen=True, slots=True)
class Comer:
    """A line of the check-in list; `presence` is empty until somebody has said something. `found_by`: what the search
    looks through (names with pinyin, units, ticket, the last four).
    """

    id: str
    ticket: str
    names: str
    unit: str
    delegation: str
    last_four: str
    sitting_id: str | None
    sitting: str
    station: int | None
    presence: str
    uncoded: bool = False
    found_by: str = ""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A sitting whose time for coming late is over while somebody has not been seen."""

    sitting: Sitting
    until: datetime
    missing: int
    shown: str


@bp.get("/desk/check-in")
@requires(Permission.CHECK_IN)
def check_in_stages() -> str:
    """The steward's stages."""
    return stage_list(Permission.CHECK_IN, "检录", "coding.check_in")


@bp.get("/desk/stages/<stage_id>/check-in")
@requires(Permission.CHECK_IN)
def check_in(stage_id: str) -> str:
    """Who is expected, by sitting and station."""
    session = db.session()
    here = stage_here(session, stage_id, Permission.CHECK_IN)
    comers = comers_of(session, here)
    return render_template(
        "coding/check_in.html",
        **words_of(here),
        comers=_searched(comers),
        counts=_counts(comers),
        signed=_signed_comers(session, here, comers),
        sittings=sittings_of(session, here.id),
        overdue=_overdue(session, here, comers),
        unseen=unseen(comer.id for comer in comers if not comer.presence).text(),
        query=request.args.get("q", ""),
        lookalikes=" ".join(f"{was}{now}" for was, now in lookalikes().items()),
        shown_sitting=request.args.get("sitting", ""),
    )


@bp.post("/desk/stages/<stage_id>/check-in/<entry_id>")
@requires(Permission.CHECK_IN)
def check_in_mark(stage_id: str, entry_id: str) -> Any:
    """Present, late or absent. The page's script gets the line and the counts back, a plain form the whole page."""
    with transaction() as session:
        services.check_in(
            session,
            stage_here(session, stage_id, Permission.CHECK_IN),
            entry_id,
            request.form.get("presence", ""),
            by=current_user,
            at=clock.now(),
        )
    if not request.headers.get("HX-Request"):
        return redirect(url_for("coding.check_in", stage_id=stage_id, _anchor=f"e-{entry_id}"), 303)
    session = db.session()
    here = stage_here(session, stage_id, Permission.CHECK_IN)
    comers = comers_of(session, here)
    return render_template(
        "coding/_check_in_row.html",
        stage=here,
        counts=_counts(comers),
        fresh=True,
        comer=next(comer for comer in comers if comer.id == entry_id),
    )


@bp.post("/desk/stages/<stage_id>/check-in/sittings/<sitting_id>/absent")
@requires(Permission.CHECK_IN)
def check_in_rest(stage_id: str, sitting_id: str) -> Any:
    """Everybody of a sitting who has not come is absent, once the time for coming late is over."""
    shown = Shown.read(shown_before())
    try:
        with transaction() as session:
            here = stage_here(session, stage_id, Permission.CHECK_IN)
            sitting = sitting_of(session, here, sitting_id)
            count = services.mark_rest_absent(session, here, sitting, shown, by=current_user, at=clock.now())
    except StateForbids as fault:
        if not fault.problems:
            raise
        return _rest_as_it_is(stage_id, sitting_id, fault)
    flash(f"已把 {count} 个未到的参赛者记为缺考。", "success")
    return redirect(url_for("coding.check_in", stage_id=stage_id), 303)


def _rest_as_it_is(stage_id: str, sitting_id: str, fault: StateForbids) -> Any:
    """Who came meanwhile, and the question again for those who are missing now."""
    session = db.session()
    here = stage_here(session, stage_id, Permission.CHECK_IN)
    missing = not_yet_here(session, here, sitting_of(session, here, sitting_id))
    again = fields_again({SHOWN: unseen(missing).text()})
    on = GoingOn(f"把现在未到的 {len(missing)} 个记为缺考", again) if missing else None
    return RefusedMany("全部记为缺考", url_for("coding.check_in", stage_id=stage_id), on=on).answer(fault)


@bp.post("/desk/stages/<stage_id>/check-in/paper")
@requires(Permission.CHECK_IN, largest=files(SCAN))
def check_in_paper(stage_id: str) -> Any:
    """Everybody who was not checked in is present by the signed paper, whose scan is kept."""
    stage_here(db.session(), stage_id, Permission.CHECK_IN)
    file = request.files.get("file")
    try:
        scanned = checked_scan((file.filename if file else "") or "", file.read() if file else b"")
        ready = put(scanned, personal=True)
        with transaction() as session:
            here = stage_here(session, stage_id, Permission.CHECK_IN)
            shown = Shown.read(shown_before())
            count = services.check_in_by_paper(session, here, ready, shown, by=current_user, at=clock.now())
    except StateForbids as fault:
        if not fault.problems:
            raise
        return RefusedMany("按纸质签到表登记", url_for("coding.check_in", stage_id=stage_id)).answer(fault)
    except Invalid as fault:
        flash(worded(fault.told[0]), "danger")
        return redirect(url_for("coding.check_in", stage_id=stage_id), 303)
    flash(f"已按纸质签到表登记 {count} 人到场，签到表扫描件已留存。", "success")
    return redirect(url_for("coding.check_in", stage_id=stage_id), 303)


@bp.post("/desk/stages/<stage_id>/check-in/<entry_id>/change")
@requires(Permission.CHECK_IN)
def presence_propose(stage_id: str, entry_id: str) -> Any:
    """Ask for another presence of somebody whose sheets are signed; the supervisor decides."""
    try:
        with transaction() as session:
            here = stage_here(session, stage_id, Permission.CHECK_IN)
            wanted, reason = request.form.get("presence", ""), request.form.get("reason", "")
            propose_presence(session, here, entry_id, wanted, reason, by=current_user, at=clock.now())
    except Invalid as fault:
        flash(worded(fault.told[0]) if fault.told else sentence(fault.code, **fault.params), "danger")
        return redirect(url_for("coding.check_in", stage_id=stage_id, _anchor=f"e-{entry_id}"), 303)
    flash("已提交。监督员同意后生效。", "success")
    return redirect(url_for("coding.check_in", stage_id=stage_id, _anchor=f"e-{entry_id}"), 303)


@bp.get("/desk/stages/<stage_id>/check-in/sign-in-sheet.xlsx")
@requires(Permission.CHECK_IN)
def sign_in_paper(stage_id: str) -> Response:
    """签到表; counted and recorded, because it has names."""
    session = db.session()
    stage_here(session, stage_id, Permission.CHECK_IN)
    count_export("entries")
    here = stage_here(session, stage_id, Permission.CHECK_IN)
    entries = candidates(session, here)
    tables = papers.sign_in_tables(here, sittings_of(session, here.id), entries, lots_of(session, here.id))
    answer = workbook(tables, papers.title_of(here, "签到表"))
    record_export("sign_in_sheet.export", "stage", stage_id, answer.get_data(), entries=len(entries))
    return answer


def _signed_comers(session: Session, stage: Stage, comers: Sequence[Comer]) -> set[str]:
    """Whose presence takes two by now (entry ids); nobody's once the stage is settled."""
    if stage.settled_at is not None:
        return set()
    return {comer.id for comer in comers if comer.presence and is_signed_for(session, stage, comer.id)}


def comers_of(session: Session, stage: Stage) -> list[Comer]:
    """Everybody who competes in the stage, by sitting and station, then ticket."""
    lots, marks = lots_of(session, stage.id), check_ins_of(session, stage.id)
    order = {sitting.id: (place, sitting) for place, sitting in enumerate(sittings_of(session, stage.id))}
    found, without_code = [], set(uncoded(session, stage))
    for entry in candidates(session, stage):
        lot = lots.get(entry.id)
        found.append(
            Comer(
                entry.id,
                entry.ticket or "",
                entry_names(entry),
                employer_names(entry),
                delegation_name(entry),
                last_four(entry),
                lot.sitting_id if lot else None,
                order[lot.sitting_id][1].name if lot else "",
                lot.station if lot else None,
                marks[entry.id].presence if entry.id in marks else "",
                entry.id in without_code,
                _found_by(entry),
            )
        )
    return sorted(
        found,
        key=lambda comer: (
            order[comer.sitting_id][0] if comer.sitting_id else len(order),
            comer.station or 0,
            comer.ticket,
        ),
    )


def _found_by(entry: Entry) -> str:
    own = found_by((entry.team_name, entry.ticket, *last_four(entry).split("、")))
    return "\n".join((own, *(member.search_text for member in entry.members)))


def _searched(comers: Sequence[Comer]) -> list[Comer]:
    """Only those of the sitting asked for who are found by what was typed (the page's script goes on with the same)."""
    typed, sitting = request.args.get("q", "").strip(), request.args.get("sitting", "")
    parts = parts_of(typed)
    return [
        comer
        for comer in comers
        if (not sitting or comer.sitting_id == sitting)
        and (not typed or bool(parts) and contains(comer.found_by, parts))
    ]


def _counts(comers: Sequence[Comer]) -> dict[str, int]:
    counted = Counter(comer.presence or "unseen" for comer in comers)
    return {
        "all": len(comers),
        **{name: counted[name] for name in ("present", "late", "absent", "withdrawn", "unseen")},
    }


def _overdue(session: Session, stage: Stage, comers: Sequence[Comer]) -> list[Overdue]:
    if stage.settled_at is not None:
        return []
    found = []
    for sitting in sittings_of(session, stage.id):
        missing = [comer.id for comer in comers if comer.sitting_id == sitting.id and not comer.presence]
        if missing and (until := late_until(stage, sitting)) <= clock.now():
            found.append(Overdue(sitting, until, len(missing), unseen(missing).text()))
    return found
