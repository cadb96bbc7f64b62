"""The address on a judge's card comes from the request: where host names are not limited, the page asks for a check."""

import pytest
from flask import Flask

from tests.factories_judging import make_hall

NAMED = "jingsai.example.org"
ASKED = "打印前请核对它就是本系统的网址"


@pytest.mark.parametrize(("trusted", "asked"), [(None, True), ([NAMED, "localhost"], False)])
def test_an_address_that_nobody_checked_is_pointed_out(app: Flask, trusted: list[str] | None, asked: bool) -> None:
    app.config["TRUSTED_HOSTS"] = trusted
    hall = make_hall(app, judges=1)
    organiser = hall.client("organiser")
    organiser.csrf()
    for cookie in ("sid", "form"):  # the same sign-in, under the system's own name
        found = organiser.http.get_cookie(cookie)
        if found is not None:
            organiser.http.set_cookie(cookie, found.value, domain=NAMED)
    answer = organiser.post(
        f"/desk/stages/{hall.stage.id}/judge-cards", {"judge": hall.judges[0].id}, base_url=f"http://{NAMED}"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and f"http://{NAMED}/" in page
    assert (ASKED in page) is asked
