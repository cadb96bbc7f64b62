"""三人办赛: a county runs a competition with three accounts at one computer, from nothing to the publication."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import ActOfTwo, RoleAssignment, User
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import CodeSheet
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Competition, CompetitionLevel, Event, Programme, Stage
from competitions.registration.models import Entry, EntryMember
from tests.factories import make_employer, make_union
from tests.factories_judging import new_key
from tests.factories_programme import competition_typed, event_typed
from tests.factories_registration import make_person
from tests.flows.office import Office

FIRST, SECOND, THIRD, ADMINISTRATOR, OTHER = "zuzhi", "jiandu", "caipan", "guanli", "guanli2"
NAMES = {FIRST: "经办人岑", SECOND: "监督员农", THIRD: "裁判长蒙"}
COUNTY, WORKS = "融水县总工会", "融水县木材厂工会委员会"
MARKS = ("91.5", "84", "84")
"""By the order of the codes; the fourth person does not come."""
DEVICE = {"shared": "y", "device_name": "工会办公室台式机", "device_reason": "赛场只有一台能联网的电脑"}


def test_three_accounts_at_one_computer_play_a_competition_to_its_publication(app: Flask) -> None:
    office = Office(app)
    for step in (
        people, contest, three_are_named, register, hall, judge, reopen, settle, publish, what_two_people_did, sound,
    ):  # fmt: skip
        step(office)


def people(office: Office) -> None:
    """Two administrators, who are none of the three: one issues the account of the first, both that of the second."""
    runner = office.app.test_cli_runner()
    assert runner.invoke(args=["programme", "load-reference"]).exit_code == 0
    root = make_union(name="柳州市总工会")
    county = make_union(root, name=COUNTY, kind="federation", delegation=True)
    make_employer(make_union(county, name=WORKS), name="融水县木材厂")
    db.session.commit()
    for administrator in (ADMINISTRATOR, OTHER):
        code = runner.invoke(args=["accounts", "create-admin", administrator]).stdout.split()[0]
        office.activate(administrator, code)
    office.issue(ADMINISTRATOR, FIRST, NAMES[FIRST], "organiser_drafting")
    office.issue_by_two(ADMINISTRATOR, OTHER, SECOND, NAMES[SECOND], "organiser_approving")
    for username, role, union in ((FIRST, "reporter", WORKS), (SECOND, "reviewer", COUNTY)):
        typed = {"role": role, "union_name": union, "scope": ""}
        office.does(ADMINISTRATOR, f"/desk/users/{user(username)}/roles/new", typed)


def contest(office: Office) -> None:
    """The first makes programme, competition, event and rules, and issues the account of the chief judge."""
    office.does(FIRST, "/desk/programmes/new", {"name": "融水工匠杯", "version": "1"})
    programme = db.session.scalars(select(Programme)).one()
    level = db.session.scalars(select(CompetitionLevel.code).where(CompetitionLevel.code.contains("county"))).first()
    typed = competition_typed(programme, name="融水县职工技能大赛", level_code=level, host=COUNTY)
    office.does(FIRST, "/desk/competitions/new", typed)
    competition = db.session.scalars(select(Competition)).one().id
    office.links["competition"] = f"/desk/competitions/{competition}"
    where = office.does(
        FIRST, f"{office.links['competition']}/events/new", event_typed(name="叉车司机", quota_per_union="")
    )
    office.links["event"] = where
    stage = db.session.scalars(select(Stage)).one().id
    office.links["stage"] = f"/desk/stages/{stage}"
    rules = office.form(FIRST, f"{office.links['stage']}/ruleset/edit?preset=practice_only", "ruleset-form")
    office.does(FIRST, f"{office.links['stage']}/ruleset/edit", rules)
    office.issue_by_two(FIRST, OTHER, THIRD, NAMES[THIRD], "chief_judge", scope=where.rsplit("/", 1)[1])


def user(username: str) -> str:
    """The id behind a user name."""
    db.session.rollback()
    return db.session.scalars(select(User.id).where(User.username == username)).one()


def three_are_named(office: Office) -> None:
    """The first proposes the three and the computer; codes that people seal stand in the way; the second agrees."""
    where = f"{office.links['competition']}/county"
    typed = {f"{name}_id": user(who) for name, who in (("first", FIRST), ("second", SECOND), ("third", THIRD))}
    assert "“叉车司机”设了加密层数" in office.refused(FIRST, where, typed | DEVICE)
    event = db.session.scalars(select(Event)).one()
    parts = {"divisions-0-id": event.divisions[0].id, "stages-0-id": event.stages[0].id}
    edited = event_typed(name="叉车司机", quota_per_union="", code_levels="0", version=str(event.version), **parts)
    db.session.rollback()
    office.does(FIRST, f"{office.links['event']}/edit", edited)
    office.does(FIRST, where, typed | DEVICE)
    assert "的三人办赛等待同意" in office.page(SECOND, "/desk/")
    office.does(SECOND, f"{where}/agree")
    held = {name: set() for name in NAMES}
    for username in NAMES:
        rows = select(RoleAssignment.role).where(
            RoleAssignment.user_id == user(username), RoleAssignment.scope_kind == "event"
        )
        held[username] = set(db.session.scalars(rows))
    assert held == {FIRST: {"steward", "coder"}, SECOND: {"checker", "supervisor"}, THIRD: {"chief_judge", "judge"}}
    assert "还没有指派" not in office.page(FIRST, f"{office.links['event']}/people")
    office.does(FIRST, f"{office.links['competition']}/publish")


def register(office: Office) -> None:
    """The first types four people in, the second reviews them; whoever typed them cannot."""
    entries = f"{office.links['competition']}/entries"
    event = db.session.scalars(select(Event)).one()
    place = f"{event.id}|{event.divisions[0].id}"
    db.session.rollback()
    for _ in range(4):
        typed = {"place": place, "union": WORKS, "organisation": "融水县木材厂", "as": "entry", **make_person()}
        office.does(FIRST, f"{entries}/new", typed)
    ids = list(db.session.scalars(select(Entry.id)))
    db.session.rollback()
    office.does(FIRST, f"{entries}/submit", {"ids": ids, "consent_version": "1", "is_true": "y", "told": "y"})
    office.does(SECOND, f"{entries}/endorse", {"ids": ids})
    lists = f"{office.links['competition']}/lists"
    office.does(SECOND, lists, office.form(SECOND, entries, lists))
    office.refused(FIRST, f"{entries}/approve", {"ids": ids})
    office.does(SECOND, f"{entries}/approve", {"ids": ids})


def hall(office: Office) -> None:
    """The first draws the stations, seats the one judge and opens judging; three come, the fourth is absent."""
    stage = office.links["stage"]
    starts = f"{clock.beijing(clock.now() + timedelta(minutes=1)):%Y-%m-%dT%H:%M}"
    office.does(FIRST, f"{stage}/sittings", {"name": "第一场", "starts_at": starts, "stations": "8", "place": "厂区"})
    draw = f"{stage}/coding/lots/draw"
    office.does(FIRST, draw, office.form(FIRST, f"{stage}/coding/lots", draw) | {"seed": "135790"})
    module = db.session.scalars(select(Stage)).one().modules[0].id
    office.links["module"] = f"/desk/modules/{module}"
    scheme = {"id": ["A1"], "name": ["作业质量"], "kind": ["测量"], "max": ["100"], "step": ["0.5"], "per": [""],
              "cap": [""], "rule": [""], "base": "0"}  # fmt: skip
    office.does(FIRST, f"{office.links['module']}/scheme", scheme)
    office.does(FIRST, f"{office.links['module']}/panel", {"user": user(THIRD), "duty": "marking", "sitting": ""})
    people = list(db.session.scalars(select(Entry.id).order_by(Entry.ticket)))
    db.session.rollback()
    for number, entry in enumerate(people):
        presence = "absent" if number == 3 else "present"
        office.does(FIRST, f"{stage}/check-in/{entry}", {"presence": presence})
    office.does(FIRST, f"{stage}/judging/open")


def sheets() -> list[ScoreSheet]:
    """The sheets by code."""
    db.session.rollback()
    return list(db.session.scalars(select(ScoreSheet).order_by(ScoreSheet.code)))


def mark(office: Office, sheet: ScoreSheet, value: str) -> None:
    """The third marks a sheet on the plain page, which names nobody."""
    path, base = f"/desk/judging/sheets/{sheet.id}", str(sheet.head)
    names = list(db.session.scalars(select(EntryMember.name)))
    db.session.rollback()
    page = office.page(THIRD, path)
    assert not [name for name in names if name in page]
    typed = {"key": new_key(), "base_revision": base, "complete": "1", "mark.A1": value, "seconds": ""}
    office.does(THIRD, path, typed)


def confirm(office: Office, sheet: ScoreSheet) -> None:
    """The second confirms the sheets of a code."""
    path = f"{office.links['module']}/checking/{sheet.code}"
    typed = {"key": new_key(), f"rev.{sheet.id}": str(db.session.get_one(ScoreSheet, sheet.id).head)}
    db.session.rollback()
    office.does(SECOND, path, typed)


def sign(office: Office) -> None:
    """The third signs what he marked and the second confirmed."""
    division = db.session.scalars(select(Event)).one().divisions[0].id
    db.session.rollback()
    office.does(THIRD, f"{office.links['module']}/sign", {"division": division, "key": new_key()})


def judge(office: Office) -> None:
    """The third marks, the second confirms, the third signs; what nobody confirmed cannot be signed."""
    assert len(sheets()) == 3  # nobody marks who is absent
    for sheet, value in zip(sheets(), MARKS, strict=True):
        mark(office, sheet, value)
    division = db.session.scalars(select(Event)).one().divisions[0].id
    office.refused(THIRD, f"{office.links['module']}/sign", {"division": division, "key": new_key()})
    for sheet in sheets():
        confirm(office, sheet)
    sign(office)


def reopen(office: Office) -> None:
    """A mark was mistyped: the third asks, the second agrees, it is marked, confirmed and signed again."""
    sheet = sheets()[2]
    office.does(THIRD, f"/desk/judging/sheets/{sheet.id}/reopen", {"reason": "录入时看错了一位数字，须更正。"})
    assert "重新开放申请等待审批" in office.page(SECOND, "/desk/")
    request = next(part for part in office.page(SECOND, "/desk/judging/requests").split('"') if "/approve" in part)
    office.does(SECOND, request)
    mark(office, sheets()[2], "79.5")
    confirm(office, sheets()[2])
    sign(office)


def settle(office: Office) -> None:
    """The third settles; the system's codes need nobody to open them."""
    office.does(THIRD, f"{office.links['stage']}/settle")
    assert [sheet.coder_id for sheet in db.session.scalars(select(CodeSheet))] == ["system"]
    db.session.rollback()


def publish(office: Office) -> None:
    """The first drafts and cannot approve, the second approves; visitors read three placings."""
    where = office.does(FIRST, f"{office.links['stage']}/publish", {"notice": "现将成绩公布如下。"})
    office.refused(FIRST, f"{where}/approve")
    office.does(SECOND, f"{where}/approve")
    public = f"/results/{where.rsplit('/', 1)[1]}"
    document: dict[str, Any] = office.browser.get(f"{public}.json").get_json()
    placings = document["divisions"][0]["placings"]
    assert [(line["rank"], line["total"]) for line in placings] == [(1, "91.50"), (2, "84.00"), (3, "79.50")]


def what_two_people_did(office: Office) -> None:
    """Every act of two was between two of the three at the one computer: said once, not warned of each time."""
    page = office.page(FIRST, f"{office.links['competition']}/county")
    assert page.count("共用设备“工会办公室台式机”") >= 3 and "同一设备" not in page
    supervisor = office.page(SECOND, "/desk/acts")
    assert "赛场只有一台能联网的电脑" in supervisor and "同一设备" not in supervisor
    three = {user(username) for username in NAMES}
    acts = [act for act in db.session.scalars(select(ActOfTwo)) if act.kind != "account.give"]
    assert {act.kind for act in acts} == {"county.profile", "sheet.reopen", "publication.publish"}
    for act in acts:
        assert act.decided_by == user(SECOND) and {act.proposed_by} < three and act.same_device


def sound(office: Office) -> None:
    """The log and the publication bear it out."""
    findings = verify(db.session(), at=clock.now(), anchors=None).document()["findings"]
    assert [each for each in findings if each["severity"] == "error"] == []
    assert office.app.test_cli_runner().invoke(args=["results", "verify"]).exit_code == 0
