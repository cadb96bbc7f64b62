"""Acts on rulings: the chief judge proposes and takes back, the supervisor confirms or refuses."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.programme.models import Division, Stage
from competitions.results.blueprint import bp
from competitions.results.forms import RulingForm
from competitions.results.queries import ruling_in_scope, stage_to_show
from competitions.results.standings.rulings import (
    confirm_ruling,
    ordered_codes,
    propose_ruling,
    refuse_ruling,
    revoke_ruling,
)
from competitions.results.standings.views import show_again
from competitions.web.declared import requires

MOST_TIED = 200


@bp.post("/desk/stages/<stage_id>/divisions/<division_id>/rulings")
@requires(Permission.RULE_TIES)
def ruling_propose(stage_id: str, division_id: str) -> Any:
    """The chief judge proposes the order of one tie: a number beside each code, and the reason."""
    form = RulingForm()
    try:
        with transaction() as session:
            stage = stage_to_show(session, current_user, stage_id, Permission.RULE_TIES)
            division = _division(session, stage, division_id)
            if not form.validate():
                raise Invalid
            codes = ordered_codes(_numbers())
            propose_ruling(session, stage, division, codes, form.reason.data or "", by=current_user, at=clock.now())
    except (Invalid, StateForbids) as fault:
        return show_again(stage_id, fault, form)
    flash("裁定已提出，等待监督员确认后生效。", "success")
    return _back(stage_id, division_id)


@bp.post("/desk/rulings/<ruling_id>/confirm")
@requires(Permission.APPROVE_REQUESTS)
def ruling_confirm(ruling_id: str) -> Any:
    """The supervisor confirms; from now on the ruling counts."""
    with transaction() as session:
        ruling = ruling_in_scope(session, current_user, ruling_id, Permission.APPROVE_REQUESTS)
        confirm_ruling(session, ruling, by=current_user, at=clock.now())
        place = ruling.stage_id, ruling.division_id
    flash("裁定已确认，名次按裁定排列。", "success")
    return _back(*place)


@bp.post("/desk/rulings/<ruling_id>/refuse")
@requires(Permission.APPROVE_REQUESTS)
def ruling_refuse(ruling_id: str) -> Any:
    """The supervisor sends the proposal back with a reason."""
    with transaction() as session:
        ruling = ruling_in_scope(session, current_user, ruling_id, Permission.APPROVE_REQUESTS)
        refuse_ruling(session, ruling, request.form.get("reason", ""), by=current_user, at=clock.now())
        place = ruling.stage_id, ruling.division_id
    flash("裁定已退回裁判长。", "success")
    return _back(*place)


@bp.post("/desk/rulings/<ruling_id>/revoke")
@requires(Permission.RULE_TIES)
def ruling_revoke(ruling_id: str) -> Any:
    """The chief judge takes a ruling back before settling."""
    with transaction() as session:
        ruling = ruling_in_scope(session, current_user, ruling_id, Permission.RULE_TIES)
        revoke_ruling(session, ruling, request.form.get("reason", ""), by=current_user, at=clock.now())
        place = ruling.stage_id, ruling.division_id
    flash("裁定已撤回。", "success")
    return _back(*place)


def _numbers() -> list[tuple[str, int | None]]:
    """(code, number typed) of the fields `code` and `order`, which come in pairs."""
    codes, numbers = request.form.getlist("code")[:MOST_TIED], request.form.getlist("order")[:MOST_TIED]
    if not codes or len(codes) != len(numbers):
        raise Invalid([Problem("invalid.ruling_order", "order", {"count": len(codes)})])
    return [
        (code, int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None)
        for code, text in zip(codes, numbers, strict=True)
    ]


def _division(session: Session, stage: Stage, division_id: str) -> Division:
    found = session.get(Division, division_id)
    if found is None or found.event_id != stage.event_id:
        raise NotFound
    return found


def _back(stage_id: str, division_id: str) -> Any:
    return redirect(url_for("results.standings_show", stage_id=stage_id, division=division_id), 303)
