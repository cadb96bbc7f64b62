"""Pages of the standings: the list of stages, the table live and settled, the arithmetic of one entrant, settling, what a
proposed ruleset would change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions import scoring
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Denied, NotFound, Refusal, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.coding.queries import identities, is_decoded
from competitions.judging.schemes.versions import schemes_in_force
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.programme.modules.carried import carried_modules
from competitions.programme.queries import ruleset_in_scope
from competitions.programme.rulesets.reading import names
from competitions.results.blueprint import bp
from competitions.results.forms import RulingForm
from competitions.results.publications.services import settle
from competitions.results.queries import SEEING, holds, progress_of, rulings_with_history, seen_stages, stage_to_show
from competitions.results.selection.advancing import outdated
from competitions.results.settlement.checks import blocking_settlement, standings_problems, with_names
from competitions.results.settlement.corrected import must_settle_again
from competitions.results.settlement.queries import latest_settlement, settled_standings
from competitions.results.standings.acts import acts_on, ruling_acts
from competitions.results.standings.carried_scores import hidden_modules
from competitions.results.standings.computed import DivisionStandings, as_shown, stage_standings
from competitions.results.standings.effect import effect_of
from competitions.results.standings.entrants import Entrant, entrants_by_code
from competitions.results.standings.page import StandingsTable, found_rows, readable, standings_table
from competitions.results.standings.rulings import tied_groups
from competitions.results.standings.turnout import turnout, turnout_words
from competitions.web.declared import requires
from competitions.web.listing import Page, asked_page, listed

OFFERED = (
    Permission.SETTLE_STANDINGS,
    Permission.RULE_TIES,
    Permission.APPROVE_REQUESTS,
    Permission.DRAFT_PUBLICATION,
)
SORTS = {"competition": Competition.name, "event": Event.name, "settled": Stage.settled_at}


@bp.get("/desk/results/standings")
@requires(Permission.VIEW_STANDINGS)
def standings_list() -> str:
    """Stages in scope, with how far each is."""
    session = db.session()
    statement = seen_stages(current_user)
    if request.args.get("settled") in ("0", "1"):
        settled = Stage.settled_at.is_not(None)
        statement = statement.where(settled if request.args["settled"] == "1" else ~settled)
    page = listed(
        session,
        statement,
        sorts=SORTS,
        default="competition",
        search=(Competition.search_text, Event.search_text, Stage.search_text),
        unique=Stage.id,
    )
    return render_template(
        "results/standings_list.html", page=page, progress=progress_of(session, [stage.id for stage in page.items])
    )


@bp.get("/desk/stages/<stage_id>/standings")
@requires(Permission.SIGNED_IN)
def standings_show(stage_id: str) -> str:
    """The standings: live and by code for the chief judge and the supervisor, settled for the organiser."""
    session = db.session()
    return standings_page(session, seen_stage(session, stage_id))


@bp.get("/desk/stages/<stage_id>/divisions/<division_id>/arithmetic")
@requires(Permission.SIGNED_IN)
def standings_arithmetic(stage_id: str, division_id: str) -> str:
    """怎么算出来的: one entrant, from marks to total; a row of the table for htmx, else a page."""
    session = db.session()
    stage = seen_stage(session, stage_id)
    code = request.args.get("code", "")
    standing = next((each for each in shown_standings(session, stage) if each.division.id == division_id), None)
    try:
        explained = scoring.explain(scoring.case_from_document(standing.case), code) if standing else {}
    except KeyError:
        raise NotFound from None
    if standing is None:
        raise NotFound
    template = (
        "results/_arithmetic_row.html" if request.headers.get("HX-Request") else "results/standings_arithmetic.html"
    )
    return render_template(
        template,
        stage=stage,
        division=standing.division,
        code=code,
        explained=explained,
        ruleset=standing.case["ruleset"],
        names=names(standing.case["ruleset"]),
        aspects=_aspect_names(session, stage),
        readable=readable,
    )


@bp.post("/desk/stages/<stage_id>/settle")
@requires(Permission.SETTLE_STANDINGS)
def settle_stage(stage_id: str) -> Any:
    """The chief judge settles and signs the standings by code; what blocks is listed (409)."""
    try:
        with transaction() as session:
            stage = stage_to_show(session, current_user, stage_id, Permission.SETTLE_STANDINGS)
            again = stage.is_settled
            settle(session, stage, by=current_user, at=clock.now())
    except StateForbids as fault:
        return show_again(stage_id, fault)
    flash(
        "已按更正后的报名重新结算签字。" if again else "名次已结算签字。下一步由加密裁判和监督员解密。",
        "success",
    )
    return redirect(url_for("results.standings_show", stage_id=stage_id), 303)


@bp.get("/desk/stages/<stage_id>/rulesets/<ruleset_id>/effect")
@requires(Permission.APPROVE_RULESET)
def ruleset_effect(stage_id: str, ruleset_id: str) -> str:
    """Who would move and whose award would change under a proposed ruleset, by code."""
    session = db.session()
    stage = stage_to_show(session, current_user, stage_id, Permission.APPROVE_RULESET)
    ruleset = ruleset_in_scope(session, current_user, ruleset_id, Permission.APPROVE_RULESET)
    if ruleset.stage_id != stage.id:
        raise NotFound
    return render_template(
        "results/ruleset_effect.html", stage=stage, ruleset=ruleset, effects=effect_of(session, stage, ruleset)
    )


def seen_stage(session: Session, stage_id: str) -> Stage:
    """The stage, if the caller may see its standings now. Raises what `stage_seen_by` raises."""
    return stage_seen_by(session, current_user, stage_id)


def stage_seen_by(session: Session, actor: Actor, stage_id: str) -> Stage:
    """The stage, if the actor may see its standings now.

    Raises Denied, NotFound, StateForbids (not settled yet, and the actor is an organiser).
    """
    if not any(actor.may(permission) for permission in SEEING):
        raise Denied
    stage = stage_to_show(session, actor, stage_id, *SEEING)
    if stage.settled_at is None and not holds(actor, stage, Permission.VIEW_STANDINGS):
        raise StateForbids("not_settled")
    return stage


def show_again(stage_id: str, fault: Refusal, form: RulingForm | None = None) -> Any:
    """The standings with what was refused above them, under the status of the refusal."""
    session = db.session()
    return standings_page(session, seen_stage(session, stage_id), fault=fault, form=form), fault.status


def standings_page(session: Session, stage: Stage, fault: Refusal | None = None, form: RulingForm | None = None) -> str:
    """The page of one stage, one division at a time."""
    whole, entrants = _whole_standings(session, stage), shown_entrants(session, stage)
    standings = as_shown(session, stage, whole)
    wanted = request.args.get("division", "")
    standing = next((each for each in standings if each.division.id == wanted), standings[0] if standings else None)
    held = {permission for permission in OFFERED if holds(current_user, stage, permission)}
    blocking = [] if stage.is_settled else blocking_settlement(session, stage, whole)
    regrouped = must_settle_again(session, stage)
    blocking = with_names(session, current_user, stage, blocking)
    progress, rulings = progress_of(session, [stage.id])[stage.id], rulings_with_history(session, stage.id)
    decoded = entrants is not None
    hidden = hidden_modules(session, stage)
    table = standings_table(standing, entrants) if standing else None
    return render_template(
        "results/standings_show.html",
        stage=stage,
        standings=standings,
        standing=standing,
        fault=fault,
        table=table,
        page=_page(table) if table else None,
        turnout=turnout_words(turnout(standing.document, stage.event.team_size)) if standing else "",
        decoded=decoded,
        acts=acts_on(
            stage, held, blocked=bool(blocking), decoded=decoded, publication=progress.publication, regrouped=regrouped
        ),
        blocking=blocking,
        regrouped=regrouped,
        notes=standings_problems(standing) if standing else [],
        form=form or RulingForm(),
        ties=[
            codes
            for each in whole
            if standing and each.division.id == standing.division.id
            for codes in tied_groups(each)
        ],
        hidden=[module.name for module in carried_modules(session, stage.id) if module.key in hidden],
        outdated=outdated(session, stage, whole),
        rulings=rulings,
        ruling_acts={each.id: ruling_acts(each, stage, held, current_user.id) for each in rulings},
        settlement=latest_settlement(session, stage.id, standing.division.id)
        if standing and stage.is_settled
        else None,
        progress=progress,
        at=clock.now(),
    )


def _page(table: StandingsTable) -> Page:
    """The lines asked for: of all, or of those that are searched for."""
    return asked_page(found_rows(table.rows, request.args.get("q", "")))


def shown_standings(session: Session, stage: Stage) -> Sequence[DivisionStandings]:
    """What was settled, or what is confirmed now, as far as it may be seen."""
    return as_shown(session, stage, _whole_standings(session, stage))


def _whole_standings(session: Session, stage: Stage) -> Sequence[DivisionStandings]:
    return settled_standings(session, stage) if stage.settled_at is not None else stage_standings(session, stage)


def shown_entrants(session: Session, stage: Stage) -> Mapping[str, Entrant] | None:
    """Names by code; None before decoding."""
    if stage.settled_at is None or not is_decoded(session, stage.id):
        return None
    return entrants_by_code(session, identities(session, stage.id))


def _aspect_names(session: Session, stage: Stage) -> dict[str, dict[str, str]]:
    """Module key → aspect id → its name in the marking scheme."""
    modules = {module.id: module.key for module in session.query(Module).where(Module.stage_id == stage.id)}
    return {
        modules[module_id]: {aspect["id"]: aspect.get("name") or aspect["id"] for aspect in scheme.aspects}
        for module_id, scheme in schemes_in_force(session, list(modules)).items()
    }
