"""Issuing, resetting, closing accounts; who may give which role; roles that exclude each other."""

import io
import re
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from competitions.accounts import scope_names
from competitions.accounts.issue import issuing
from competitions.accounts.issue.account_table import read_accounts
from competitions.accounts.models import RoleAssignment, SignIn, User
from competitions.accounts.pairs.requests import agree, ask_for_role
from competitions.accounts.scope_names import NamedScope
from competitions.accounts.services import assign_role, end_role
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.programme.models import Competition, Event
from competitions.tabular.reading import read_book
from competitions.tabular.writing import Table, TableColumn, write_workbook
from tests.by_two import agreed
from tests.factories import actor, make_event, make_union, make_user
from tests.factories_organisations import Region, anew, make_region, signed_in
from tests.people import Client

RANDOM = "3f2b8a1e-0000-4000-8000-000000000000"
PASSWORD = "Nan-Ning-Harbour-77"


class Programme:
    """Competitions and events as `programme` would tell them."""

    def described(self, session: Session, ids: Collection[str]) -> list[NamedScope]:
        events = session.scalars(select(Event).where(Event.id.in_(ids)))
        found = [
            NamedScope("event", each.id, f"{each.competition.name} / {each.name}", each.competition_id)
            for each in events
        ]
        return found + [
            NamedScope("competition", each.id, each.name, each.id)
            for each in session.scalars(select(Competition).where(Competition.id.in_(ids)))
        ]

    def offered(self, session: Session, by: Actor) -> list[NamedScope]:
        mine = by.role_scopes("organiser_drafting", "competition")
        everywhere = any(held.role == "organiser_drafting" and held.scope_kind == "system" for held in by.assignments)
        events = session.scalars(select(Event)).all()
        ids = [each.id for each in events] + [each.competition_id for each in events]
        return [scope for scope in self.described(session, ids) if everywhere or scope.competition_id in mine]


@pytest.fixture(autouse=True)
def programme(app: Flask) -> Iterator[None]:
    before = list(scope_names._installed)
    scope_names.install(Programme())
    yield
    scope_names._installed[:] = before


@pytest.fixture
def region(app: Flask) -> Region:
    return make_region()


def issue(client: Client, **values: str) -> Any:
    return client.post(
        "/desk/users/new",
        {
            "username": "wei01",
            "display_name": "韦大山",
            "role": "reporter",
            "union_name": "邕江机械厂工会委员会",
            **values,
        },
    )


def code_in(page: str) -> str:
    found = re.search(r"(?<!-)\b[A-HJ-NP-Z2-9]{4}(?:-[A-HJ-NP-Z2-9]{4}){3}\b(?!-)", page)
    assert found, page
    return found.group()


def activate(client: Client, username: str, code: str, password: str = PASSWORD) -> Any:
    return client.post("/activate", {"username": username, "code": code, "password": password, "again": password})


def user_named(username: str) -> User:
    return anew().scalars(select(User).where(User.username == username)).one()


def test_an_issued_account_is_activated_with_its_code_once(app: Flask, region: Region) -> None:
    answer = issue(signed_in(app, region.reviewer))
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    code, person = code_in(answer.get_data(as_text=True)), Client(app)
    assert person.sign_in("wei01", PASSWORD).status_code == 422
    assert activate(person, "wei01", code.lower()).status_code == 303
    assert activate(Client(app), "wei01", code).status_code == 422
    assert person.sign_in("WEI01 ", PASSWORD).status_code == 303
    assert person.get("/api/session").get_json()["roles"] == ["reporter"]
    assert not any(code in told.payload for told in anew().scalars(select(AuditEvent)))


@pytest.mark.parametrize("name", ["wei01", "WEI01", "ｗｅｉ01", "wei\u200b01", "wei 01"])
def test_user_names_that_look_alike_are_the_same(app: Flask, region: Region, name: str) -> None:
    client = signed_in(app, region.reviewer)
    assert issue(client).status_code == 200
    again = issue(client, username=name)
    assert again.status_code == 422 and "用户名已被使用" in again.get_data(as_text=True)


def test_several_accounts_may_belong_to_one_unit(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    assert issue(client).status_code == issue(client, username="wei02").status_code == 200
    page = client.get(f"/desk/users?union={region.nanning_works.id}").get_data(as_text=True)
    assert "wei01" in page and "wei02" in page


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"role": "administrator"}, "role"),
        ({"role": "judge"}, "role"),
        ({"union_name": "柳江机械厂工会委员会"}, "不在管理范围内"),
        ({"role": "reviewer", "union_name": "南宁市总工会"}, "不能授予"),
        ({"valid_to": "2020-01-01T00:00"}, "有效期"),
        ({"username": "a b"}, "用户名为 3 到 64"),
        ({"display_name": ""}, "请填写姓名"),
    ],
)
def test_a_reviewer_gives_no_role_beyond_his_subtree(
    app: Flask, region: Region, values: dict[str, str], says: str
) -> None:
    answer = issue(signed_in(app, region.reviewer), **values)
    assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    assert anew().scalar(select(User).where(User.display_name == "韦大山")) is None


def test_a_reviewer_gives_reviewers_below_his_own_union_only(app: Flask, region: Region) -> None:
    county = make_union(region.nanning, name="青秀区总工会", kind="federation")
    db.session.commit()
    assert issue(signed_in(app, region.reviewer), role="reviewer", union_name=county.name).status_code == 200


def test_an_account_out_of_scope_answers_like_a_missing_one(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    for tail in ("", "/edit", "/roles/new"):
        other, missing = (
            client.get(f"/desk/users/{region.other_reviewer.id}{tail}"),
            client.get(f"/desk/users/{RANDOM}{tail}"),
        )
        assert other.status_code == missing.status_code == 404
        assert re.sub(rb"[0-9a-f]{16}", b"", other.data) == re.sub(rb"[0-9a-f]{16}", b"", missing.data)
    for tail in ("/reset", "/deactivate"):
        assert client.post(f"/desk/users/{region.other_reviewer.id}{tail}").status_code == 404
    assert "liuzhou" not in client.get("/desk/users").get_data(as_text=True)


def test_a_reset_ends_the_password_and_every_sign_in_at_once(app: Flask, region: Region) -> None:
    clerk, reviewer = signed_in(app, region.reporter), signed_in(app, region.reviewer)
    page = reviewer.post(f"/desk/users/{region.reporter.id}/reset").get_data(as_text=True)
    assert clerk.get("/desk/sign-ins").status_code == 302
    assert clerk.sign_in("clerk").status_code == 422
    assert activate(clerk, "clerk", code_in(page)).status_code == 303
    assert clerk.sign_in("clerk", PASSWORD).status_code == 303


def test_a_deactivated_account_is_shut_out_at_once_and_comes_back_by_a_new_code(app: Flask, region: Region) -> None:
    clerk, reviewer = signed_in(app, region.reporter), signed_in(app, region.reviewer)
    assert reviewer.post(f"/desk/users/{region.reporter.id}/deactivate").status_code == 303
    assert clerk.get("/desk/sign-ins").status_code == 302 and clerk.sign_in("clerk").status_code == 422
    code = code_in(reviewer.post(f"/desk/users/{region.reporter.id}/reset").get_data(as_text=True))
    assert activate(clerk, "clerk", code).status_code == 303


def test_nobody_takes_over_an_account_that_can_do_more_than_he_could_give(app: Flask, region: Region) -> None:
    judge = make_user(
        ("judge", "event", make_event().id), ("reporter", "union", region.nanning_works.id), union=region.nanning_works
    )
    colleague = make_user(("reviewer", "union", region.nanning.id), union=region.nanning)
    db.session.commit()
    client = signed_in(app, region.reviewer)
    for target in (judge, colleague):
        for act in ("reset", "deactivate"):
            assert client.post(f"/desk/users/{target.id}/{act}").status_code == 409
    assert user_named(judge.username).password_hash is not None


def test_nobody_resets_or_closes_or_promotes_himself(app: Flask, region: Region) -> None:
    client, mine = signed_in(app, region.administrator), region.administrator.id
    assert client.post(f"/desk/users/{mine}/reset").status_code == 409
    assert client.post(f"/desk/users/{mine}/deactivate").status_code == 409
    given = client.post(f"/desk/users/{mine}/roles/new", {"role": "organiser_drafting"})
    assert given.status_code == 409 and "不能给自己" in given.get_data(as_text=True)


def test_the_last_administrator_stays(app: Flask, region: Region) -> None:
    second = make_user(("administrator", "system", None), username="second")
    db.session.commit()
    first, other = signed_in(app, region.administrator), signed_in(app, second)
    assert first.post(f"/desk/users/{second.id}/deactivate").status_code == 303
    assert other.post(f"/desk/users/{region.administrator.id}/deactivate").status_code == 302
    with pytest.raises(StateForbids), transaction() as session:
        root = session.get_one(User, region.administrator.id)
        end_role(session, root.roles[0], by=actor(session.get_one(User, second.id)), at=clock.now())


def organiser(event: Event, **values: Any) -> User:
    return make_user(("organiser_drafting", "competition", event.competition_id), **values)


def test_an_organiser_gives_event_roles_inside_his_competitions_only(app: Flask, region: Region) -> None:
    mine, other = make_event(), make_event()
    by = organiser(mine)
    db.session.commit()
    client = signed_in(app, by)
    answer = issue(client, username="judge01", role="judge", scope=mine.id, union_name="柳江机械厂工会委员会")
    assert answer.status_code == 200
    agreed(signed_in(app, region.administrator))
    judge = user_named("judge01")
    assert [(row.role, row.scope_kind, row.scope_id) for row in judge.roles] == [("judge", "event", mine.id)]
    assert issue(client, username="judge02", role="judge", scope=other.id).status_code == 422
    assert issue(client, username="judge03", role="organiser_drafting", scope=mine.competition_id).status_code == 422
    assert issue(client, username="judge04", role="judge", scope=mine.competition_id).status_code == 422
    with pytest.raises(Invalid), transaction() as session:
        assign_role(
            session,
            session.get_one(User, judge.id),
            "judge",
            "event",
            other.id,
            by=actor(session.get_one(User, by.id)),
            at=clock.now(),
        )


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("judge", "coder"),
        ("coder", "checker"),
        ("chief_judge", "checker"),
        ("supervisor", "judge"),
        ("steward", "judge"),
        ("chief_judge", "steward"),
        ("steward", "coder"),
        ("tabulator", "chief_judge"),
        ("checker", "tabulator"),
    ],
)
def test_roles_that_exclude_each_other_are_refused_with_a_sentence(
    app: Flask, region: Region, held: str, wanted: str
) -> None:
    event_ = make_event()
    by, person = organiser(event_), make_user((held, "event", event_.id))
    db.session.commit()
    answer = signed_in(app, by).post(f"/desk/users/{person.id}/roles/new", {"role": wanted, "scope": event_.id})
    assert answer.status_code == 409 and "不能既是" in answer.get_data(as_text=True)
    assert len(user_named(person.username).roles) == 1


def give(user: User, by: User, role: str, kind: str, scope_id: str, **times: Any) -> None:
    """An organiser asks for the role, an administrator agrees."""
    db.session.rollback()
    at, validity = times.get("at", clock.now()), (times.get("start"), times.get("end"))
    with transaction() as session:
        organiser, administrator = session.get_one(User, by.id), make_user(("administrator", "system", None))
        person = session.get_one(User, user.id)
        asked = ask_for_role(session, person, role, (kind, scope_id), validity, by=actor(organiser), at=at)
        agree(session, asked.batch_id, by=actor(administrator), at=at)


def test_an_event_and_its_competition_overlap_but_two_events_do_not(app: Flask, region: Region) -> None:
    first = make_event()
    second = make_event(first.competition)
    by, person = organiser(first), make_user(("supervisor", "competition", first.competition_id))
    other = make_user(("judge", "event", first.id))
    db.session.commit()
    with pytest.raises(StateForbids):
        give(person, by, "judge", "event", second.id)
    give(other, by, "coder", "event", second.id)
    with pytest.raises(StateForbids):
        give(other, by, "supervisor", "competition", first.competition_id)


def test_who_has_held_the_codes_does_not_judge_the_event_afterwards(app: Flask, region: Region) -> None:
    event_ = make_event()
    by, person = organiser(event_), make_user(username="coder")
    db.session.commit()
    give(person, by, "coder", "event", event_.id)
    signed_in(app, person)
    end(person, by)
    with pytest.raises(StateForbids):
        give(person, by, "judge", "event", event_.id)


@pytest.mark.parametrize(("begins", "ends"), [(3, 2), (3, 3), (None, 0), (-3, -2)])
def test_a_role_that_ends_before_it_begins_or_has_ended_already_is_refused(
    app: Flask, region: Region, begins: int | None, ends: int
) -> None:
    event_, at = make_event(), clock.now()
    by, person = organiser(event_), make_user()
    db.session.commit()
    times = {"start": None if begins is None else at + timedelta(days=begins), "end": at + timedelta(days=ends)}
    with pytest.raises(Invalid) as fault:
        give(person, by, "judge", "event", event_.id, at=at, **times)
    assert fault.value.problems[0]["code"] == "invalid.account.validity"
    assert user_named(person.username).roles == []


def test_a_role_that_ended_before_it_began_excludes_nothing_and_one_that_was_in_force_does(
    app: Flask, region: Region
) -> None:
    event_, at = make_event(), clock.now()
    by, called_off, over = (
        organiser(event_),
        make_user(("coder", "event", event_.id)),
        make_user(("coder", "event", event_.id)),
    )
    called_off.roles[0].valid_from, called_off.roles[0].valid_to = at + timedelta(days=2), at - timedelta(hours=1)
    over.roles[0].valid_from, over.roles[0].valid_to = at - timedelta(hours=2), at - timedelta(hours=1)
    db.session.commit()
    give(called_off, by, "judge", "event", event_.id, at=at)
    with pytest.raises(StateForbids):
        give(over, by, "judge", "event", event_.id, at=at)


def end(person: User, by: User) -> None:
    db.session.rollback()
    with transaction() as session:
        end_role(
            session, session.get_one(User, person.id).roles[0], by=actor(session.get_one(User, by.id)), at=clock.now()
        )


def test_a_role_given_by_mistake_and_never_used_is_taken_away_without_a_trace_for_the_person(
    app: Flask, region: Region
) -> None:
    event_ = make_event()
    by, person = organiser(event_), make_user()
    db.session.commit()
    give(person, by, "coder", "event", event_.id)
    end(person, by)
    give(person, by, "judge", "event", event_.id)
    assert [row.role for row in user_named(person.username).roles] == ["judge"]
    told = [each.payload for each in anew().scalars(select(AuditEvent).order_by(AuditEvent.seq))]
    assert sum("role.give" in each for each in told) == 2 and sum("role.end" in each for each in told) == 1


def test_an_ended_role_is_gone_at_the_next_request(app: Flask, region: Region) -> None:
    clerk = signed_in(app, region.reporter)
    assert clerk.get("/desk/unit-applications/new").status_code == 200
    place = f"/desk/users/{region.reporter.id}/roles/{region.reporter.roles[0].id}/end"
    assert signed_in(app, region.reviewer).post(place).status_code == 303
    assert clerk.get("/desk/unit-applications/new").status_code == 403


def test_a_role_holds_from_its_first_moment_to_its_last_and_not_a_second_longer(app: Flask, region: Region) -> None:
    start = clock.now()
    row = RoleAssignment(
        role="reporter",
        scope_kind="union",
        scope_id=region.nanning.id,
        valid_from=start,
        valid_to=start + timedelta(hours=1),
    )
    person = make_user()
    person.roles = [row]
    db.session.commit()
    from competitions.accounts.queries import actor_of

    found = user_named(person.username)
    assert [
        bool(actor_of(found, start + gap).roles)
        for gap in (timedelta(seconds=-1), timedelta(0), timedelta(minutes=59, seconds=59), timedelta(hours=1))
    ] == [False, True, True, False]


def test_validity_is_typed_in_beijing_time(app: Flask, region: Region) -> None:
    issue(signed_in(app, region.reviewer), valid_from="2030-06-01T08:00", valid_to="2030-06-02T20:00")
    row = user_named("wei01").roles[0]
    assert row.valid_from and row.valid_to
    assert (row.valid_from.isoformat(), row.valid_to.isoformat()) == (
        "2030-06-01T00:00:00+00:00",
        "2030-06-02T12:00:00+00:00",
    )


def test_the_second_editor_of_an_account_gets_409_with_both_versions(app: Flask, region: Region) -> None:
    client, place = signed_in(app, region.reviewer), f"/desk/users/{region.reporter.id}/edit"
    assert (
        client.post(place, {"display_name": "韦先", "union_name": "邕江机械厂工会委员会", "version": "1"}).status_code
        == 303
    )
    late = client.post(place, {"display_name": "韦后", "union_name": "", "version": "1"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and "韦先" in page and "韦后" in page


def test_an_administrator_ends_one_of_a_persons_sign_ins(app: Flask, region: Region) -> None:
    clerk, other = signed_in(app, region.reporter), signed_in(app, region.reporter)
    first = (
        anew().scalars(select(SignIn).where(SignIn.user_id == region.reporter.id).order_by(SignIn.created_at)).first()
    )
    assert first is not None
    place = f"/desk/users/{region.reporter.id}/sign-ins/{first.id}/revoke"
    assert signed_in(app, region.reviewer).post(place).status_code == 303
    assert clerk.get("/desk/sign-ins").status_code == 302 and other.get("/desk/sign-ins").status_code == 200


def worksheet(*rows: dict[str, str]) -> bytes:
    columns = [TableColumn(name, name) for name in ("用户名", "姓名", "单位", "角色", "有效期至")]
    return write_workbook([Table("账号", columns, rows)], title="账号", at=clock.now())


GOOD = (
    {"用户名": "nong01", "姓名": "农大海", "单位": "邕江机械厂工会委员会", "角色": "报送工会经办人"},
    {
        "用户名": "nong02",
        "姓名": "农小海",
        "单位": "邕江机械厂工会委员会",
        "角色": "审核工会",
        "有效期至": "2031-12-31",
    },
)


def upload(client: Client, data: bytes) -> Any:
    return client.post(
        "/desk/users/import", {"file": (io.BytesIO(data), "accounts.xlsx")}, content_type="multipart/form-data"
    )


def test_accounts_by_worksheet_come_back_as_a_worksheet_of_codes_once(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    place = upload(client, worksheet(*GOOD)).location
    assert "可以发放" in client.get(place).get_data(as_text=True)
    answer = client.post(f"{place}/confirm")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    cells = [str(cell) for line in read_book(answer.data, "x.xlsx").sheets[0].rows for cell in line]
    codes = [cell for cell in cells if re.fullmatch(r"(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}", cell)]
    assert len(codes) == 2 and activate(Client(app), "nong01", codes[0]).status_code == 303
    assert client.post(f"{place}/confirm").status_code == 303
    ends = user_named("nong02").roles[0].valid_to
    assert ends is not None and ends.isoformat() == "2031-12-31T16:00:00+00:00"


def test_a_confirmation_plans_the_accounts_once_whether_it_is_taken_or_refused(
    app: Flask, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(app, region.reviewer)
    planned: list[int] = []
    plan = issuing.plan

    def noting(session: Any, actor: Any, rows: Any, at: Any) -> Any:
        planned.append(len(rows))
        return plan(session, actor, rows, at)

    monkeypatch.setattr(issuing, "plan", noting)
    for first, status in (({**GOOD[0], "角色": "裁判"}, 409), (GOOD[0], 200)):
        place = upload(client, worksheet(first, GOOD[1])).location
        assert (client.post(f"{place}/confirm").status_code, planned) == (status, [2])
        planned.clear()


def test_a_wrong_row_stops_the_whole_worksheet(app: Flask, region: Region) -> None:
    client = signed_in(app, region.reviewer)
    wrong = (
        {"用户名": "clerk", "姓名": "甲某", "单位": "邕江机械厂工会委员会", "角色": "报送工会经办人"},
        {"用户名": "n3", "姓名": "乙某", "单位": "柳州市总工会", "角色": "报送工会经办人"},
        {"用户名": "nong01", "姓名": "丙某", "单位": "邕江机械厂工会委员会", "角色": "系统管理员"},
        {"用户名": "nong09", "姓名": "丁某", "单位": "邕江机械厂工会委员会", "角色": "裁判"},
    )
    place = upload(client, worksheet(*GOOD, *wrong)).location
    page = client.get(place).get_data(as_text=True)
    for said in ("用户名已被使用", "用户名为 3 到 64 个字符", "不在管理范围内", "不在可填内容中", "的用户名相同"):
        assert said in page
    assert client.post(f"{place}/confirm").status_code == 409
    assert anew().scalar(select(User).where(User.username == "nong01")) is None


def test_the_template_reads_back_empty(app: Flask, region: Region) -> None:
    answer = signed_in(app, region.reviewer).get("/desk/users/template.xlsx")
    rows, faults = read_accounts(answer.data, "x.xlsx")
    assert rows == [] and "没有可导入的行" in faults[0]


def test_the_list_of_accounts_takes_the_same_number_of_queries_for_many(app: Flask, region: Region) -> None:
    client, counted = signed_in(app, region.reviewer), []
    event.listen(db.engine, "before_cursor_execute", lambda *_args: counted.append(1))
    client.get("/desk/users")
    few = len(counted)
    anew()
    for _ in range(30):
        make_user(("reporter", "union", region.nanning_works.id), union=region.nanning_works)
    db.session.commit()
    counted.clear()
    client.get("/desk/users")
    assert len(counted) <= few + 1


def test_the_first_administrator_comes_from_the_command_line(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["accounts", "create-admin", "Root"])
    assert done.exit_code == 0
    client = Client(app)
    assert activate(client, "root", code_in(done.output)).status_code == 303
    assert client.sign_in("root", PASSWORD).status_code == 303
    assert client.get("/desk/users").status_code == 200
    assert app.test_cli_runner().invoke(args=["accounts", "create-admin", "root"]).exit_code == 1
