"""A form of the desk is done once; a sign-in that ended while it was open loses nothing."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from competitions.accounts.models import FormKey, SignIn
from competitions.accounts.tampering import form_findings
from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.organisations.models import Union
from competitions.web.declared import declared
from tests.factories import make_union, make_user
from tests.people import PASSWORD, Client

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def administrator(app: Flask) -> tuple[Client, str, Union]:
    db.session.rollback()
    root = make_union()
    user = make_user(("administrator", "system", None))
    db.session.commit()
    client = Client(app)
    client.sign_in(user.username)
    return client, user.username, root


def fields_of(page: str, action_part: str = "") -> dict[str, str]:
    """The hidden and typed fields of the first form that holds a key."""
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.S) if action_part in form and "form_key" in form]
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', forms[0])
    return {name: unescape(value) for name, value in found}


def new_union(client: Client, root: Union, name: str) -> tuple[str, dict[str, Any]]:
    path = f"/desk/unions/new?parent={root.id}"
    page = client.get(path).get_data(as_text=True)
    return path, {"form_key": fields_of(page, 'name="name"')["form_key"], "name": name, "kind": "enterprise"}


def unions_named(name: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Union.name == name)) or 0


def test_a_form_sent_twice_is_done_once_and_leads_to_the_same_answer(app: Flask) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    first, second = client.post(path, data), client.post(path, data)
    assert (first.status_code, second.status_code) == (first.status_code, 303) and first.status_code in (302, 303)
    assert second.location == first.location
    assert unions_named("柳江机械厂工会") == 1
    assert "没有重复办理" in client.get(second.location).get_data(as_text=True)


def test_a_form_sent_twice_does_not_lead_where_somebody_else_wrote(app: Flask) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    first = client.post(path, data)
    db.session.rollback()
    db.session.execute(update(FormKey).values(place="/desk/elsewhere"))
    db.session.commit()
    assert [each.code for each in form_findings(db.session())] == ["ROW_CHANGED"]
    db.session.rollback()
    again = client.post(path, data)
    assert again.status_code == 303 and again.location not in ("/desk/elsewhere", first.location)


def test_the_same_form_with_other_content_is_refused_in_words(app: Flask) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    client.post(path, data)
    answer = client.post(path, {**data, "name": "柳江化工厂工会"})
    assert answer.status_code == 409 and "这张表单已经提交过一次" in answer.get_data(as_text=True)
    assert unions_named("柳江化工厂工会") == 0


def test_what_was_refused_can_be_sent_again_with_the_same_key(app: Flask) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    assert client.post(path, {**data, "name": ""}).status_code == 422
    assert client.post(path, data).status_code in (302, 303)


def test_a_form_of_another_account_is_refused(app: Flask) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    other, _, _ = administrator(app)
    answer = other.post(path, data)
    assert answer.status_code == 409 and "另一个账号" in answer.get_data(as_text=True)


def test_keys_are_gone_after_a_week(app: Flask) -> None:
    client, _, root = administrator(app)
    client.post(*new_union(client, root, "一号工会"))
    db.session.rollback()
    db.session.execute(update(FormKey).values(at=clock.now() - timedelta(days=8)))
    db.session.commit()
    client.post(*new_union(client, root, "二号工会"))
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(FormKey)) == 1


def end_sign_ins() -> None:
    db.session.rollback()
    db.session.execute(update(SignIn).values(seen_at=clock.now() - timedelta(hours=2)))
    db.session.commit()


def test_a_form_sent_after_the_sign_in_ended_comes_back_filled_in_and_is_sent_by_the_person_himself(app: Flask) -> None:
    client, username, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    end_sign_ins()
    answer = client.send(path, data=data, headers={**SAME_SITE, "Referer": f"http://localhost{path}"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401 and "没有保存，但都还在" in page.replace("还没有保存", "没有保存")
    assert unions_named("柳江机械厂工会") == 0
    carried = {**fields_in(page), "username": username, "password": PASSWORD}
    back = client.send("/login/again", data=carried)
    resumed = back.get_data(as_text=True)
    assert back.status_code == 200 and "柳江机械厂工会" in resumed
    assert unions_named("柳江机械厂工会") == 0, "nobody presses the button for him"
    assert client.send(path, data=fields_in(resumed)).status_code in (302, 303)
    assert unions_named("柳江机械厂工会") == 1


def fields_in(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)}


def test_what_one_person_typed_is_not_shown_to_another_who_signs_in(app: Flask) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    db.session.rollback()
    other = make_user(("administrator", "system", None))
    db.session.commit()
    end_sign_ins()
    page = client.send(path, data=data, headers=SAME_SITE).get_data(as_text=True)
    back = client.send("/login/again", data={**fields_in(page), "username": other.username, "password": PASSWORD})
    assert back.status_code == 303 and "柳江" not in back.get_data(as_text=True)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere.example"}])
def test_a_post_from_elsewhere_is_not_offered_again(app: Flask, headers: dict[str, str]) -> None:
    client, _, root = administrator(app)
    path, data = new_union(client, root, "柳江机械厂工会")
    end_sign_ins()
    answer = client.send(path, data=data, headers=headers)
    assert answer.status_code == 302 and "柳江" not in answer.get_data(as_text=True)


def test_no_post_address_of_the_desk_loses_what_was_typed_when_the_sign_in_has_ended(app: Flask) -> None:
    client, _, root = administrator(app)
    key = new_union(client, root, "甲")[1]["form_key"]
    end_sign_ins()
    lost = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or declared(app, rule.endpoint) in (Permission.PUBLIC, None):
            continue
        path = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", rule.rule)
        path = re.sub(r"<int:[^>]*>", "1", path)
        path = re.sub(r"<(?:[^:>]*:)?[^>]*>", "00000000-0000-4000-8000-000000000000", path)
        if path.startswith("/api/"):
            continue
        answer = client.send(path, data={"form_key": key, "note": "打了半小时的字"}, headers=SAME_SITE)
        if answer.status_code != 401 or "打了半小时的字" not in answer.get_data(as_text=True):
            lost.append((path, answer.status_code))
    assert lost == []
