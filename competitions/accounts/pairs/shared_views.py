"""The one device of a hall: named by its supervisor on the page of acts of two, with the reason; ended there."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from competitions.accounts import second_person
from competitions.accounts.act_views import acts_page
from competitions.accounts.blueprint import bp
from competitions.accounts.pairs import shared
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Permission
from competitions.web.declared import requires


@bp.post("/desk/acts/device")
@requires(Permission.APPROVE_REQUESTS)
def device_share() -> Any:
    """This browser is the one that the hall has."""
    typed = {name: request.form.get(name, "") for name in ("scope", "name", "reason")}
    try:
        with transaction() as session:
            device = second_person.device_of(session, current_user)
            shared.name_device(
                session, typed["scope"], device, typed["name"], typed["reason"], by=current_user, at=clock.now()
            )
    except (Invalid, StateForbids) as fault:
        return acts_page(fault), fault.status
    flash("已登记。赛场人员可以在这台设备上先后办理须两人办理的事项，每次都有记录。", "success")
    return redirect(url_for("accounts.acts"), 303)


@bp.post("/desk/acts/device/<device_id>/end")
@requires(Permission.APPROVE_REQUESTS)
def device_end(device_id: str) -> Any:
    """Two people sit at two devices again."""
    with transaction() as session:
        shared.end_sharing(session, device_id, by=current_user, at=clock.now())
    flash("已取消，从现在起须在两台设备上分别办理。", "success")
    return redirect(url_for("accounts.acts"), 303)
