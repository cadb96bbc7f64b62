"""One drafting organiser tries to be everybody, on the pages, and fails at each step; then two people do it."""

import re
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts import second_person
from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.pairs.models import SharedDevice
from competitions.accounts.scope_names import described
from competitions.accounts.services import assign_role, reset_account
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import StateForbids
from competitions.base.roles import OF_EVENT
from competitions.tabular.reading import read_book
from competitions.tabular.writing import Table, TableColumn, write_workbook
from tests.accounts.test_administration import upload
from tests.by_two import agreed, first_half, newest_request, second_halves
from tests.factories import actor, make_event, make_union, make_user
from tests.people import PASSWORD, Client

ROLES = ("chief_judge", "judge", "checker", "coder", "steward", "supervisor")
KIND = second_person.register_kind("test.act", "试办")


@dataclass
class House:
    """An installation of two administrators, one of whom made the drafter's account, and an event of the drafter's."""

    app: Flask
    event: str = ""
    competition: str = ""
    clients: dict[str, Client] = field(default_factory=dict)

    def activate(self, username: str, code: str) -> int:
        """Set the password with a code; the status."""
        typed = {"username": username, "code": code, "password": PASSWORD, "again": PASSWORD}
        return Client(self.app).post("/activate", typed).status_code

    def at(self, username: str) -> Client:
        """This person at a browser of his own."""
        if username not in self.clients:
            self.clients[username] = Client(self.app)
            assert self.clients[username].sign_in(username).status_code == 303, username
        return self.clients[username]

    def page(self, username: str, path: str) -> str:
        """What this person sees there."""
        return self.at(username).get(path).get_data(as_text=True)

    def asks(self, by: str, username: str, role: str, scope: str = "") -> str:
        """A new account with a role that two people give; the first half of its code."""
        typed = {"username": username, "display_name": f"{role}", "role": role, "scope": scope, "union_name": ""}
        return first_half(self.at(by).post("/desk/users/new", typed).get_data(as_text=True))

    def makes(self, by: str, other: str, username: str, role: str, scope: str = "") -> None:
        """Two people make an account, its holder activates it."""
        half = self.asks(by, username, role, scope)
        [second] = agreed(self.at(other))
        assert self.activate(username, half + second) == 303

    def says(self, username: str, path: str) -> tuple[int, str]:
        """The answer to a form without fields."""
        answer = self.at(username).post(path)
        return answer.status_code, re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))

    def user(self, username: str) -> User:
        """The account as it is now."""
        db.session.rollback()
        return db.session.scalars(select(User).where(User.username == username)).one()

    def together(self, first: str, second: str) -> str:
        """The code with which an act of these two is refused; empty when it is done."""
        one, other = actor(self.user(first)), actor(self.user(second))
        thing = new_id()
        with transaction() as session:
            second_person.propose(session, KIND, thing, 1, by=one, at=clock.now())
        try:
            with transaction() as session:
                second_person.decide(session, KIND, thing, 1, by=other, at=clock.now())
        except StateForbids as fault:
            return fault.code
        return ""


@pytest.fixture
def house(app: Flask) -> House:
    """From nothing: two administrators at the command line, the drafter by one of them."""
    found = House(app)
    for name in ("anna", "boris"):
        code = app.test_cli_runner().invoke(args=["accounts", "create-admin", name]).stdout.split()[0]
        assert found.activate(name, code) == 303
    typed = {"username": "nigao", "display_name": "拟稿", "role": "organiser_drafting", "scope": "", "union_name": ""}
    page = found.at("anna").post("/desk/users/new", typed).get_data(as_text=True)
    code = re.search(r"data-activation-code[^>]*>([^<]+)<", page)
    assert code and found.activate("nigao", code.group(1)) == 303
    event = make_event()
    found.event, found.competition = event.id, event.competition_id
    db.session.commit()
    return found


def test_one_drafter_is_nobody_else(house: House) -> None:
    # he makes the whole hall: half of each code is all that he gets, and nobody can sign in
    halves = {role: house.asks("nigao", f"my_{role}", role, house.event) for role in ROLES}
    halves["organiser_approving"] = house.asks("nigao", "my_approver", "organiser_approving", house.competition)
    for role, half in halves.items():
        name = "my_approver" if role == "organiser_approving" else f"my_{role}"
        for guess in (half, half + half, half + "AAAA"):
            assert house.activate(name, guess) == 422
        assert house.user(name).password_hash is None and house.user(name).roles == []
    # he agrees to it himself
    status, said = house.says("nigao", f"{newest_request()}/agree")
    assert status == 404 or "须由另一个人办理" in said
    # the administrator who was shown his whole code agrees: he could be the same person
    status, said = house.says("anna", f"{newest_request()}/agree")
    assert status == 409 and "不能算两个人" in said
    # honest people are there: made by the two administrators
    house.makes("anna", "boris", "jiandu", "supervisor", house.event)
    house.makes("anna", "boris", "shending", "organiser_approving")
    house.makes("nigao", "boris", "jiami", "coder", house.event)
    # he resets them: the password holds, half of a code opens nothing
    for name in ("jiami", "jiandu"):
        half = first_half(house.at("nigao").post(f"/desk/users/{house.user(name).id}/reset").get_data(as_text=True))
        assert house.activate(name, half + half) == 422
        assert house.at(name).get("/desk/").status_code == 200
    # the approver for the whole system is beyond his reach
    assert house.says("nigao", f"/desk/users/{house.user('shending').id}/reset")[0] in (404, 409)
    # he gives a role to himself, and an approving one to a second account of his own
    me = house.user("nigao").id
    typed = {"role": "organiser_approving", "scope": house.competition}
    answer = house.at("nigao").post(f"/desk/users/{me}/roles/new", typed)
    assert answer.status_code in (404, 409)
    # an act of his with somebody in whose code he had a part
    assert house.together("nigao", "jiami") == house.together("jiami", "nigao") == "state.account_in_hand"
    assert house.together("nigao", "shending") == ""


def test_his_own_reset_by_one_makes_nobody_his_second(house: House) -> None:
    """An administrator takes over the drafter's account: what both do is still one."""
    page = house.at("boris").post(f"/desk/users/{house.user('nigao').id}/reset").get_data(as_text=True)
    code = re.search(r"data-activation-code[^>]*>([^<]+)<", page)
    assert code and house.activate("nigao", code.group(1)) == 303
    house.clients.pop("nigao", None)
    house.asks("nigao", "zhang", "supervisor", house.event)
    status, said = house.says("boris", f"{newest_request()}/agree")
    assert status == 409 and "不能算两个人" in said
    assert len(agreed(house.at("anna"))) == 1


def test_two_accounts_of_one_maker_are_one_person(house: House) -> None:
    """A puppet drafter and a puppet who reviews above: one administrator was shown both codes."""
    top = make_union(name="上级工会")
    make_union(top, name="下级工会", kind="federation")
    db.session.commit()
    for name, role, union in (("guanwang", "reviewer", "上级工会"), ("xiaoli", "organiser_drafting", "")):
        typed = {"username": name, "display_name": name, "role": role, "scope": "", "union_name": union}
        page = house.at("anna").post("/desk/users/new", typed).get_data(as_text=True)
        code = re.search(r"data-activation-code[^>]*>([^<]+)<", page)
        assert code and house.activate(name, code.group(1)) == 303
    typed = {"username": "kuilei", "display_name": "某", "role": "supervisor", "scope": house.event}
    house.at("xiaoli").post("/desk/users/new", {**typed, "union_name": "下级工会"})
    status, said = house.says("guanwang", f"{newest_request()}/agree")
    assert status == 404 or "不能算两个人" in said
    assert house.together("xiaoli", "guanwang") == "state.account_in_hand"


def test_a_new_password_of_his_own_does_not_make_two_people_of_one(house: House) -> None:
    house.makes("nigao", "boris", "jiami", "coder", house.event)
    new = "Another-Horse-8-Battery"
    answer = house.at("jiami").post("/desk/password", {"current": PASSWORD, "password": new, "again": new})
    assert answer.status_code == 303
    assert house.together("nigao", "jiami") == "state.account_in_hand"


def test_a_code_of_two_others_ends_what_one_had_in_hand(house: House) -> None:
    house.makes("nigao", "boris", "jiandu", "supervisor", house.event)
    assert house.together("nigao", "jiandu") == "state.account_in_hand"
    half = first_half(house.at("anna").post(f"/desk/users/{house.user('jiandu').id}/reset").get_data(as_text=True))
    [second] = agreed(house.at("boris"))
    assert house.activate("jiandu", half + second) == 303
    assert house.together("nigao", "jiandu") == ""


def test_on_the_day_the_supervisor_agrees_to_what_the_organiser_asks(house: House) -> None:
    """A coder has forgotten his password; the two who help him are not his partners."""
    house.makes("anna", "boris", "jiandu", "supervisor", house.event)
    house.makes("nigao", "boris", "jiami", "coder", house.event)
    half = first_half(house.at("nigao").post(f"/desk/users/{house.user('jiami').id}/reset").get_data(as_text=True))
    assert house.at("jiami").get("/desk/").status_code == 200  # until somebody agrees
    assert "重置账号" in house.page("jiandu", "/desk/")
    assert "重置账号" in house.page("jiandu", "/desk/account-requests")
    assert "撤回" in house.page("nigao", "/desk/account-requests")
    assert "两人各发一半" in house.page("jiandu", newest_request())
    [second] = agreed(house.at("jiandu"))
    assert house.at("jiami").get("/desk/").status_code == 302
    assert house.activate("jiami", f"{half}-{second}".lower()) == 303
    assert house.together("jiami", "jiandu") == "state.account_in_hand"


def test_a_supervisor_decides_on_his_own_hall_and_on_no_supervisor(house: House) -> None:
    other = make_event().id
    db.session.commit()
    house.makes("anna", "boris", "jiandu", "supervisor", house.event)
    house.asks("nigao", "wai", "coder", other)
    assert house.says("jiandu", f"{newest_request()}/agree")[0] == 404
    house.asks("nigao", "zhang", "supervisor", house.event)
    assert house.says("jiandu", f"{newest_request()}/agree")[0] == 404
    assert house.at("jiandu").get(newest_request()).status_code == 404


def test_one_browser_is_one_person(house: House) -> None:
    """The administrator agrees in the browser at which the organiser asked."""
    house.asks("nigao", "zhang", "supervisor", house.event)
    browser = house.at("nigao")
    browser.post("/logout")
    assert browser.sign_in("boris").status_code == 303
    answer = browser.post(f"{newest_request()}/agree")
    assert answer.status_code == 409 and "在这台设备上办理" in answer.get_data(as_text=True)
    assert len(agreed(house.at("boris"))) == 1


def test_what_nobody_agreed_to_leaves_no_account(house: House) -> None:
    house.asks("nigao", "zhang", "judge", house.event)
    assert house.says("boris", f"{newest_request()}/end")[0] == 303
    house.asks("nigao", "zhang", "judge", house.event)  # the name is free again
    assert house.says("nigao", f"{newest_request()}/end")[0] == 303
    db.session.rollback()
    assert db.session.scalar(select(User).where(User.username == "zhang")) is None
    assert house.says("boris", f"{newest_request()}/agree")[0] == 404


def test_a_role_for_somebody_who_has_a_password_waits_without_a_code(house: House) -> None:
    person = make_user()
    db.session.commit()
    name, where = person.username, f"/desk/events/{house.event}/people"
    db.session.rollback()
    assert house.at("nigao").post(where, {"username": name, "role": "judge"}).status_code == 303
    again = house.at("nigao").post(where, {"username": name, "role": "judge"})
    assert again.status_code == 409 and "已有人提出" in again.get_data(as_text=True)
    assert "等待监督员或系统管理员同意" in house.page("nigao", where)
    assert house.user(name).roles == []
    assert agreed(house.at("boris")) == []
    assert [row.role for row in house.user(name).roles] == ["judge"]
    assert house.together("nigao", name) == ""  # he has given no code


@pytest.mark.parametrize("closed", [True, False])
def test_the_one_who_asked_must_still_be_able_to(house: House, closed: bool) -> None:
    house.asks("nigao", "zhang", "judge", house.event)
    drafter = house.user("nigao")
    place = "deactivate" if closed else f"roles/{drafter.roles[0].id}/end"
    assert house.says("anna", f"/desk/users/{drafter.id}/{place}")[0] == 303
    status, said = house.says("boris", f"{newest_request()}/agree")
    assert status == 409 and "提出人现在已不能" in said


def test_an_installation_with_one_administrator_is_told_so(app: Flask) -> None:
    first = app.test_cli_runner().invoke(args=["accounts", "create-admin", "anna"])
    assert first.exit_code == 0 and "唯一的系统管理员" in first.stderr
    house = House(app)
    house.activate("anna", first.stdout.split()[0])
    assert "只有一位系统管理员" in house.page("anna", "/desk/users")
    page = house.at("anna").post(
        "/desk/users/new",
        {"username": "shen", "display_name": "审", "role": "organiser_approving", "scope": "", "union_name": ""},
    )
    assert "现在没有系统管理员可以作为第二人" in page.get_data(as_text=True)
    second = app.test_cli_runner().invoke(args=["accounts", "create-admin", "boris"])
    assert "唯一" not in second.stderr and second.stdout.strip().count("\n") == 0
    house.activate("boris", second.stdout.split()[0])
    assert "只有一位系统管理员" not in house.page("anna", "/desk/users")
    assert len(agreed(house.at("boris"))) == 1


def test_an_administrator_who_forgot_his_password_is_helped_at_the_server(house: House) -> None:
    status, _ = house.says("anna", f"/desk/users/{house.user('boris').id}/reset")
    assert status == 200 and house.user("boris").password_hash is not None  # one alone ends nothing
    run = house.app.test_cli_runner()
    assert run.invoke(args=["accounts", "reset-admin", "nigao"]).exit_code == 1
    code = run.invoke(args=["accounts", "reset-admin", "boris"]).stdout.split()[0]
    assert house.activate("boris", code) == 303


def test_the_whole_hall_from_one_worksheet_agreed_to_at_once(house: House) -> None:
    """The organiser uploads, an administrator agrees once; each enters the halves that the two told him."""
    name = make_name(house)
    rows = [
        {"用户名": f"hall{number}", "姓名": f"韦大{chr(0x5C71 + number)}", "角色": word, "赛事或赛项": name}
        for number, word in enumerate(("裁判长", "裁判员", "复核员", "加密裁判", "检录裁判", "监督员"))
    ]
    place = upload(house.at("nigao"), worksheet_of(rows)).location
    assert "其中 6 个账号的角色须另一人同意" in house.page("nigao", place)
    answer = house.at("nigao").post(f"{place}/confirm")
    lines = [[str(cell) for cell in line] for line in read_book(answer.data, "x.xlsx").sheets[0].rows]
    first = {line[1]: half for line in lines for half in line if re.fullmatch(r"[A-Z2-9]{4}", half)}
    db.session.rollback()
    assert db.session.scalars(select(RoleAssignment).where(RoleAssignment.scope_id == house.event)).all() == []
    shown = house.at("boris").post(f"{newest_request()}/agree").get_data(as_text=True)
    names = re.findall(r'data-label="用户名">(hall\d)<', shown)
    second = dict(zip(names, second_halves(shown), strict=True))
    assert set(first) == set(second) == {f"hall{number}" for number in range(6)}
    for username, half in first.items():
        assert house.activate(username, half + second[username]) == 303
    db.session.rollback()
    held = select(RoleAssignment.role).where(RoleAssignment.scope_id == house.event)
    assert set(db.session.scalars(held)) == {*ROLES} <= {*OF_EVENT}
    findings = verify(db.session(), at=clock.now(), anchors=None).document()["findings"]
    assert [each for each in findings if each["severity"] == "error"] == []


def worksheet_of(rows: list[dict[str, str]]) -> bytes:
    """A worksheet of accounts."""
    columns = [TableColumn(name, name) for name in ("用户名", "姓名", "单位", "角色", "赛事或赛项")]
    return write_workbook([Table("账号", columns, rows)], title="账号", at=clock.now())


def make_name(house: House) -> str:
    """The event as worksheets name it."""
    name = described(db.session(), [house.event])[house.event].name
    db.session.rollback()
    return name


def test_the_services_themselves_refuse_one_person(house: House) -> None:
    house.makes("nigao", "boris", "jiami", "coder", house.event)
    by, person = actor(house.user("nigao")), house.user("jiami").id
    with pytest.raises(StateForbids, match="role_by_two"), transaction() as session:
        assign_role(session, session.get_one(User, person), "checker", "event", make_event().id, by=by, at=clock.now())
    with pytest.raises(StateForbids, match="reset_by_two"), transaction() as session:
        reset_account(session, session.get_one(User, person), by=by, at=clock.now())


def test_sheets_are_not_confirmed_by_who_had_the_judges_code(house: House) -> None:
    house.makes("nigao", "boris", "caipan", "judge", house.event)
    checker, judge = actor(house.user("nigao")), house.user("caipan").id
    with pytest.raises(StateForbids, match="account_in_hand"):
        second_person.require_apart(db.session(), checker, judge)
    second_person.require_apart(db.session(), actor(house.user("anna")), judge)


def test_a_supervisor_names_the_one_device_of_his_own_hall_only(house: House) -> None:
    house.makes("anna", "boris", "jiandu", "supervisor", house.event)
    other = make_event().id
    db.session.commit()
    page = house.at("jiandu")
    typed = {"scope": house.event, "name": "检录台台式机", "reason": "赛场只有一台能联网的电脑"}
    assert page.post("/desk/acts/device", {**typed, "scope": other}).status_code == 404
    assert page.post("/desk/acts/device", {**typed, "reason": ""}).status_code == 422
    assert page.post("/desk/acts/device", typed).status_code == 303
    assert "共用设备“检录台台式机”" in house.page("jiandu", "/desk/acts")
    db.session.rollback()
    named = db.session.scalars(select(SharedDevice)).one().id
    db.session.rollback()
    assert page.post(f"/desk/acts/device/{named}/end").status_code == 303
    assert "检录台台式机”，原因" not in house.page("jiandu", "/desk/acts")
    assert house.at("nigao").post("/desk/acts/device", typed).status_code == 403
