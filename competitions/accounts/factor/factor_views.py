"""动态口令: one's own second factor: binding a phone, another phone, new recovery codes, doing without."""

from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts.blueprint import bp
from competitions.accounts.factor import second_factor
from competitions.accounts.factor.factor_pages import enrolment_page, recovery_page
from competitions.accounts.factor.lost_phone import is_only_administrator
from competitions.accounts.forms import CodeForm, FirstCodeForm, StartFactorForm
from competitions.accounts.models import User
from competitions.accounts.own_views import require_own_password
from competitions.accounts.sign_in.signing_in import WINDOW, close_all_sign_ins
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids, TooMany
from competitions.base.permissions import Permission
from competitions.base.roles import WITH_FACTOR, WORDS
from competitions.base.settings import DEMONSTRATION, Setting
from competitions.web.declared import requires


@bp.get("/desk/second-factor")
@requires(Permission.SIGNED_IN)
def second_factor_page() -> Any:
    """Whether one has a phone bound, and what may be done about it."""
    return _page()


@bp.post("/desk/second-factor/begin")
@requires(Permission.SIGNED_IN)
def second_factor_begin() -> Any:
    """With the password: a QR code for the first phone."""
    form, at = StartFactorForm(), clock.now()
    if not form.validate():
        return _page(start=form), 422
    if second_factor.factor_of(db.session(), current_user.id) is not None:
        return redirect(url_for("accounts.second_factor_page"), 303)
    try:
        require_own_password(form.current.data or "", at)
    except Invalid as fault:
        form.show(fault)
        return _page(start=form), 422
    return _offer_page(FirstCodeForm(formdata=None), second_factor.offer(current_user.id, at))


@bp.post("/desk/second-factor/bind")
@requires(Permission.SIGNED_IN)
def second_factor_bind() -> Any:
    """The phone's first code binds it; the answer shows the recovery codes, once. One's other sign-ins end."""
    form, offer, at = FirstCodeForm(), request.form.get("offer", ""), clock.now()
    secret = second_factor.offered(offer, current_user.id, at)
    if secret is None:
        flash("二维码已过期，请重新开始。", "warning")
        return redirect(url_for("accounts.second_factor_page"), 303)
    if not form.validate():
        return _offer_page(form, offer, 422)
    _reserve(at)
    try:
        with transaction() as session:
            user = session.get_one(User, current_user.id)
            codes = second_factor.enrol(session, user, secret, form.code.data or "", by=current_user, at=at)
            close_all_sign_ins(session, user.id, by=current_user, at=at, but=current_user.sign_in_id)
    except Invalid as fault:
        form.show(fault)
        return _offer_page(form, offer, 422)
    return recovery_page(codes, url_for("accounts.second_factor_page"))


@bp.post("/desk/second-factor/phone")
@requires(Permission.SIGNED_IN)
def second_factor_phone() -> Any:
    """With a code of the old phone (or a recovery code): a QR code for another one."""
    form, at = CodeForm(), clock.now()
    if not _accepted(form, at):
        return _page(form), 422
    return _offer_page(FirstCodeForm(formdata=None), second_factor.offer(current_user.id, at))


@bp.post("/desk/second-factor/codes")
@requires(Permission.SIGNED_IN)
def second_factor_codes() -> Any:
    """With a code: new recovery codes in place of the old ones."""
    form, at = CodeForm(), clock.now()
    made: list[str] = []

    def renew(session: Session) -> None:
        made.extend(second_factor.renew_codes(session, current_user.id, by=current_user, at=at))

    if not _accepted(form, at, renew):
        return _page(form), 422
    return recovery_page(made, url_for("accounts.second_factor_page"))


@bp.post("/desk/second-factor/off")
@requires(Permission.SIGNED_IN)
def second_factor_off() -> Any:
    """With a code: sign in with the password alone again, where no role forbids it."""
    form, at = CodeForm(), clock.now()

    def give_up(session: Session) -> None:
        if _needing(session):
            raise StateForbids("factor_needed")
        second_factor.remove(session, current_user.id, by=current_user, at=at)
        close_all_sign_ins(session, current_user.id, by=current_user, at=at, but=current_user.sign_in_id)

    if not _accepted(form, at, give_up):
        return _page(form), 422
    flash("动态口令已停用，其他登录均已结束。", "success")
    return redirect(url_for("accounts.second_factor_page"), 303)


def _accepted(form: CodeForm, at: datetime, act: Any = None) -> bool:
    """Whether the code is right; then the act is done with it, in one transaction. Raises TooMany."""
    if not form.validate():
        return False
    _reserve(at)
    device = current_user.device_id
    try:
        with transaction() as session:
            second_factor.accept(session, current_user.id, form.code.data or "", device, by=current_user, at=at)
            if act is not None:
                act(session)
    except Invalid as fault:
        with transaction(apart=True) as session:
            second_factor.record_failed_code(session, current_user.id, at=at)
        form.show(fault)
        return False
    return True


def _reserve(at: datetime) -> None:
    with transaction(apart=True) as session:
        allowed = second_factor.reserve_code(session, current_user.id, current_user.device_id, at)
    if not allowed:
        raise TooMany(WINDOW.seconds)


def _needing(session: Session) -> list[str]:
    """The caller's roles for which he needs a second factor here."""
    return second_factor.needing_of(session, current_user, current_app.extensions["settings"].profile)


def _page(form: CodeForm | None = None, start: StartFactorForm | None = None) -> str:
    session, at = db.session(), clock.now()
    factor = second_factor.factor_of(session, current_user.id)
    return render_template(
        "accounts/second_factor.html",
        factor=factor,
        left=second_factor.codes_left(session, factor) if factor else 0,
        form=form or CodeForm(formdata=None),
        start=start or StartFactorForm(formdata=None),
        needing="、".join(WORDS[role] for role in _needing(session)),
        usual="、".join(WORDS[role] for role in WORDS if role in WITH_FACTOR),
        is_demonstration=session.get(Setting, DEMONSTRATION) is not None,
        alone=is_only_administrator(session, current_user, at),
    )


def _offer_page(form: FirstCodeForm, offer: str, status: int = 200) -> Any:
    secret = second_factor.offered(offer, current_user.id, clock.now()) or ""
    return enrolment_page(form, offer, secret, current_user.username, status, at_desk=True)
