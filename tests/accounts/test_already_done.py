"""A button whose act has happened says so and leads on: another tab, a lost answer, a page older than its form's key."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import delete

from competitions.accounts.models import FormKey, User
from competitions.base.database import db
from tests.factories import make_union, make_user
from tests.factories_registration import Region, make_entry, make_region, make_roster, roster_row, signed_in
from tests.people import Client
from tests.registration.uploading import upload

NOT_AGAIN = "没有重复办理"


def forget_forms() -> None:
    """As if the keys of all forms had run out."""
    db.session.rollback()
    db.session.execute(delete(FormKey))
    db.session.commit()


def followed(client: Client, answer: Any) -> str:
    """The page that the answer leads to."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = client.get(answer.location)
    assert page.status_code == 200
    return str(page.get_data(as_text=True))


def another_reporter(region: Region) -> User:
    """Of the same union."""
    user = make_user(("reporter", "union", region.enterprise.id), union=region.enterprise)
    db.session.commit()
    return user


class Preview:
    """A roster before its confirmation."""

    def __init__(self, app: Flask, people: int = 1) -> None:
        self.region: Region = make_region()
        db.session.commit()
        self.client = signed_in(app, self.region.reporter)
        rows = [roster_row(self.region.employer.name) for _ in range(people)]
        self.place = upload(self.client, self.region.competition, self.region.enterprise, make_roster(rows))
        page = self.client.get(self.place).get_data(as_text=True)
        self.digest = re.findall(r'name="digest" value="([0-9a-f]+)"', page)[0]

    def confirm(self, client: Client | None = None, **headers: str) -> Any:
        """As from a tab that was open all the time."""
        return (client or self.client).post(f"{self.place}/confirm", {"digest": self.digest}, headers=headers)


def test_a_roster_that_was_imported_says_so_also_when_the_keys_of_forms_are_gone(app: Flask) -> None:
    preview = Preview(app)
    assert preview.confirm().status_code == 303
    for _ in range(2):
        page = followed(preview.client, preview.confirm())
        assert "这份名单已导入（您 " in page and NOT_AGAIN in page
        forget_forms()


def test_an_upload_of_somebody_else_stays_unknown_whatever_became_of_it(app: Flask) -> None:
    preview = Preview(app)
    preview.confirm()
    db.session.rollback()
    other = signed_in(app, another_reporter(preview.region))
    assert preview.confirm(other).status_code == 404


def test_what_was_discarded_is_not_called_imported(app: Flask) -> None:
    preview = Preview(app)
    assert preview.client.post(f"{preview.place}/discard").status_code == 303
    assert preview.confirm().status_code == 404
    assert "这次上传已放弃" in followed(preview.client, preview.client.post(f"{preview.place}/discard"))


def test_scripts_hear_the_refusal_itself(app: Flask) -> None:
    preview = Preview(app)
    preview.confirm()
    assert preview.confirm(**{"HX-Request": "true"}).status_code == 404


def keyed(client: Client, page: str) -> str:
    """The key of a form on this page."""
    return re.findall(r'name="form_key" value="([^"]+)"', client.get(page).get_data(as_text=True))[0]


class Submitting:
    """An entry that its reporter submits, each time from a page that was just loaded."""

    def __init__(self, app: Flask) -> None:
        self.region = make_region()
        self.entry = make_entry(self.region).id
        db.session.commit()
        self.base = f"/desk/competitions/{self.region.competition.id}/entries"
        self.client = signed_in(app, self.region.reporter)
        self.reviewer = signed_in(app, self.region.reviewer)

    def submit(self) -> Any:
        """The button."""
        key = keyed(self.client, f"/desk/competitions/{self.region.competition.id}/entries/new")
        fields = {"ids": [self.entry], "consent_version": "1", "is_true": "y", "told": "y", "form_key": key}
        return self.client.post(f"{self.base}/submit", fields)


def test_the_same_form_from_a_page_loaded_again_says_when_it_was_done(app: Flask) -> None:
    submitting = Submitting(app)
    assert submitting.submit().status_code == 303
    page = followed(submitting.client, submitting.submit())
    assert "这些报名已提交（您 " in page and NOT_AGAIN in page


def test_what_was_changed_since_is_refused_as_it_is(app: Flask) -> None:
    submitting = Submitting(app)
    submitting.submit()
    assert submitting.reviewer.post(f"{submitting.base}/endorse", {"ids": [submitting.entry]}).status_code == 303
    answer = submitting.submit()
    assert answer.status_code == 409 and "没有作任何改动" in answer.get_data(as_text=True)


def test_another_content_is_refused_as_it_is(app: Flask) -> None:
    root = make_union()
    administrator = make_user(("administrator", "system", None))
    db.session.commit()
    client, path = signed_in(app, administrator), f"/desk/employers/new?union={root.id}"
    sent = {"name": "柳江机械厂", "union": root.name}
    first = client.post(path, {**sent, "form_key": keyed(client, path)})
    assert first.status_code == 303
    again = client.post(path, {**sent, "form_key": keyed(client, path)})
    assert again.location == first.location and "该单位已添加" in followed(client, again)
    other = client.post(path, {**sent, "uscc": "1", "form_key": keyed(client, path)})
    assert other.status_code == 422
