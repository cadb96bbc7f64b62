"""Pages of judges' cards: issuing and printing, stopping one, and signing in with one.

The secret travels in the fragment of the address (after #): browsers do not send it, so it is in no log and no referrer;
the page's script puts it into the form.
"""

from typing import Any

import segno
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from competitions.accounts.passwords import verified
from competitions.accounts.sign_in import signing_in
from competitions.accounts.sign_in.cookies import begin_session, with_sign_in
from competitions.accounts.sign_in.questioning import caller, question
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.cards.services import (
    CardAttempt,
    card_in_scope,
    card_lines,
    fresh_secrets,
    grant_again,
    issue_cards,
    pin_text,
    reserve_card_attempt,
    revoke_card,
    seated_judges,
)
from competitions.judging.forms import CardForm
from competitions.programme.models import Stage
from competitions.programme.queries import stage_in_scope
from competitions.web.declared import requires
from competitions.words.sentences import sentence

SEAT = Permission.ASSIGN_PANELS
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Hosts that a tablet cannot reach."""


@bp.get("/desk/stages/<stage_id>/judge-cards")
@requires(SEAT)
def judge_cards(stage_id: str) -> str:
    """The judges of a stage with their cards."""
    return _list_page(stage_in_scope(db.session(), current_user, stage_id, SEAT))


@bp.post("/desk/stages/<stage_id>/judge-cards")
@requires(SEAT)
def judge_cards_issue(stage_id: str) -> Any:
    """New cards for the chosen judges, shown for printing this one time."""
    stage = stage_in_scope(db.session(), current_user, stage_id, SEAT)
    seated = seated_judges(db.session(), stage.id)
    chosen = [user_id for user_id in seated if user_id in request.form.getlist("judge")]
    if not chosen:
        return _list_page(stage, sentence("invalid.no_judge_chosen")), 422
    fresh = {user_id: fresh_secrets() for user_id in chosen}
    with transaction() as db_session:
        stage = stage_in_scope(db_session, current_user, stage_id, SEAT)
        issue_cards(db_session, stage, fresh, by=current_user, at=clock.now())
    stage = stage_in_scope(db.session(), current_user, stage_id, SEAT)
    judges = seated_judges(db.session(), stage.id)
    address = url_for("judging.card_page", _external=True)
    return render_template(
        "judging/cards_print.html",
        stage=stage,
        address=address,
        local=request.host.rsplit(":", 1)[0] in LOCAL_HOSTS,
        host_checked=bool(current_app.config["TRUSTED_HOSTS"]),
        cards=[
            (judges[user_id], made, qr_drawing(f"{address}#{made.secret}"))
            for user_id, made in fresh.items()
            if user_id in judges
        ],
    )


@bp.post("/desk/judging/judge-cards/<card_id>/revoke")
@requires(SEAT)
def judge_card_revoke(card_id: str) -> Any:
    """Stop a card, e.g. one that was lost."""
    with transaction() as db_session:
        card = card_in_scope(db_session, current_user, card_id, SEAT)
        stage_id = card.stage_id
        revoke_card(db_session, card, by=current_user, at=clock.now())
    flash("裁判卡已停用，用它登录的设备随即退出。", "success")
    return redirect(url_for("judging.judge_cards", stage_id=stage_id), 303)


@bp.get("/judge/card")
@requires(Permission.PUBLIC)
def card_page() -> str:
    """The form; the script takes the secret from the address."""
    return _sign_in_page(CardForm())


@bp.post("/judge/card")
@requires(Permission.PUBLIC)
def card_sign_in() -> Any:
    """303 when right, 429 when locked, 422 with the same words for a card that is unknown, stopped, too early, too late
    or has another PIN.
    """
    form = CardForm()
    if not form.validate():
        return _sign_in_page(form), 422
    who, number, secret = caller(), form.number.data or "", form.secret.data or ""
    with transaction() as db_session:
        tried = reserve_card_attempt(db_session, number, secret, who, clock.now())
    tried.attempt.slowed.require_turn()
    if tried.attempt.slowed.asks:
        return _sign_in_page(form, sentence("invalid.sign_in_asks"), asks=True), 422
    right = verified(tried.attempt.password_hash, pin_text(tried.card_id or "", form.pin.data))
    opened = _opened(tried, who.address) if right else None
    if opened is None:
        with transaction() as db_session:
            signing_in.record_failure(db_session, tried.attempt, at=clock.now())
        return _sign_in_page(form, sentence("invalid.card_sign_in")), 422
    begin_session(opened)
    return with_sign_in(redirect(url_for("judging.tablet"), 303), opened)


def _opened(tried: CardAttempt, address: str) -> signing_in.OpenedSignIn | None:
    at = clock.now()
    with transaction() as db_session:
        grant = grant_again(db_session, tried.card_id or "", at)
        if grant is None:
            return None
        signing_in.close_sign_in_left_open(db_session, request.cookies.get("sid"), at=at)
        return signing_in.open_sign_in(db_session, tried.attempt, address, request.user_agent.string, at, grant)


def _sign_in_page(form: CardForm, fault: str = "", *, asks: bool = False) -> str:
    return render_template("judging/card.html", form=form, fault=fault, question=question(asks=asks))


def _list_page(stage: Stage, fault: str = "") -> str:
    return render_template(
        "judging/cards.html", stage=stage, lines=card_lines(db.session(), stage.id), fault=fault, now=clock.now()
    )


def qr_drawing(address: str) -> Markup:
    """The address as a QR code: an SVG without size and style, for the page's style sheet to place."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704  # segno's own
