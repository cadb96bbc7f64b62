"""Pages of the second factor that are shown both while signing in and at the desk; none is kept by the browser."""

from typing import Any

import segno
from flask import make_response, render_template
from markupsafe import Markup

from competitions.accounts.factor import second_factor
from competitions.accounts.forms import CodeForm, FirstCodeForm
from competitions.accounts.sign_in.signing_in import WINDOW
from competitions.accounts.sign_in.signing_in_again import Typed


def code_page(form: CodeForm, status: int = 200, fault: str = "", *, typed: Typed | None = None) -> Any:
    """The code that is asked for beside the password."""
    return _answer(render_template("accounts/sign_in_code.html", form=form, fault=fault, typed=typed), status)


def enrolment_page(
    form: FirstCodeForm,
    offer: str,
    secret: str,
    username: str,
    status: int = 200,
    fault: str = "",
    *,
    typed: Typed | None = None,
    at_desk: bool = False,
) -> Any:
    """A QR code for the phone, and the field for its first code."""
    page = render_template(
        "accounts/phone_at_desk.html" if at_desk else "accounts/sign_in_phone.html",
        form=form,
        offer=offer,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        drawing=_drawing(second_factor.phone_address(secret, username)),
        username=username,
        fault=fault,
        typed=typed,
    )
    return _answer(page, status)


def recovery_page(codes: list[str], target: str, typed: Typed | None = None) -> Any:
    """The recovery codes, shown this one time, and the way on."""
    return _answer(render_template("accounts/recovery_codes.html", codes=codes, target=target, typed=typed), 200)


def _answer(page: str, status: int) -> Any:
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    if status == 429:
        answer.headers["Retry-After"] = str(WINDOW.seconds)
    return answer


def _drawing(address: str) -> Markup:
    """The address as a QR code: an SVG without size and style, for the style sheet to place."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704  # segno's own
