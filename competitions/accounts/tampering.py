"""What verification asks of accounts: do forms that were sent lead to the answers that they got? Knows no page."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import FormKey
from competitions.accounts.pressed_again.form_keys import place_of
from competitions.audit.findings import Finding
from competitions.audit.verification import register_check


def form_findings(session: Session) -> Iterator[Finding]:
    """Forms whose stored answer is not the one that the house wrote."""
    for key, place in session.execute(select(FormKey.key, FormKey.place).where(FormKey.place.is_not(None))):
        if place_of(key, place) is None:
            yield Finding(
                "ROW_CHANGED",
                place=("form_key", key),
                message=f"已提交的表单（{key[:8]}）的答复地址与办理时不同：被绕过系统改动过。",
            )


register_check("form_keys", form_findings)
