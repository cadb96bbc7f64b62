# ruff: noqa: I001 (its imports are those of that day)
"""What the filled databases of the first version hold beside the demonstration; see make.py, whose fate it shares.

Told by the services and pages of that day and by the tests' factories, so that every table has a row: files and uploads,
judges' cards and tablets, what came late, was judged or read again, was opened again; rules changed after the lock;
publications that were refused, replaced, withdrawn, and that still wait.
"""

import copy
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions import clock
from competitions.audit.recording import transaction
from competitions.coding.queries import contender_ids
from competitions.demo.story import Story
from competitions.extensions import db
from competitions.judging.incidents import Happening, record_incident
from competitions.judging.models import Quarantine
from competitions.programme.models import Division, Module, Stage
from competitions.programme.rulesets import approve_ruleset, propose_ruleset
from competitions.results.models import Publication, TieRuling
from competitions.results.rulings import confirm_ruling, propose_ruling
from competitions.results.services import refuse_publication
from tests.factories import actor
from tests.factories_judging import RIGHT, Hall, act, deliver, make_hall, submission
from tests.factories_programme import beijing_typed
from tests.factories_registration import make_entry, make_region, make_roster, roster_row, signed_in
from tests.factories_results import Contest, make_contest, practice_only, prizes, sign, thirty_seventy
from tests.factories_worksheets import desk, filled, preview
from tests.judging import test_second_readings as readings
from tests.judging.test_cards import issue, with_card
from tests.judging.test_tablets import report
from tests.organisations.test_employers import workbook
from tests.people import Client
from tests.registration.uploading import confirm, upload
from tests.results.test_advancing import coded, first_stage, marked, second_stage, take, withdraw

PDF = b"%PDF-1.4\n%synthetic\n"
REASON = "A1 录入笔误，原始记录为 36.5"
MARKS = [{"theory": ["86.5"], "practice": ["91.25"]}, {"theory": ["71.5"], "practice": ["90.05"]},
         {"theory": ["60"], "practice": ["60.25"]}]  # fmt: skip
NAMES = ["韦试一", "覃试二", "黄试三", "莫试四"]
TIED = [{"practice": ["90"]}, {"practice": ["85"]}, {"practice": ["85"]}, {"practice": ["70"]}]


def tell(app: Flask, demonstration: Story) -> None:
    """All of it."""
    office(app, demonstration)
    unions(app)
    for part in (
        late_and_opened_again,
        called_again,
        cards_and_tablets,
        second_readings,
        rechecked_and_signed_by_hand,
        rules_after_the_lock,
        replaced_and_waiting,
        refused_and_withdrawn,
        ruled_and_in_teams,
        two_stages,
    ):
        part(app)


def sent(client: Client, path: str, fields: dict[str, Any], expected: int = 303) -> Any:
    """POST a form; stops where the page says no."""
    answer = client.post(path, fields, content_type="multipart/form-data")
    assert answer.status_code == expected, (path, answer.status_code, answer.get_data(as_text=True)[-3000:])
    return answer


def office(app: Flask, demonstration: Story) -> None:
    """An attachment, a longer deadline for one union, an account that nobody has activated, wrong passwords."""
    password, competition = demonstration.cast.password, demonstration.contests[2].competition_id
    organiser, admin = Client(app), Client(app)
    organiser.sign_in("nigao", password)
    admin.sign_in("admin", password)
    path = f"/desk/competitions/{competition}"
    sent(organiser, f"{path}/attachments", {"file": (BytesIO(PDF), "竞赛通知.pdf")})
    sent(
        organiser,
        f"{path}/extensions",
        {
            "deadline": "report",
            "union": "南宁市总工会",
            "until": beijing_typed(clock.now() + timedelta(days=25)),
            "reason": "台风停工",
        },
    )
    reviewer = Client(app)
    reviewer.sign_in("nanning", password)
    sent(
        reviewer,
        "/desk/users/new",
        {"username": "wei01", "display_name": "韦大山", "role": "reporter", "union_name": "南宁市总工会"},
        200,
    )
    Client(app).sign_in("liuzhou", "wrong")
    rows = [{"工会名称": "江南园区工会", "上级工会": "南宁市总工会", "工会类型": "园区工会", "联系人": "韦老师"}]
    sent(reviewer, "/desk/import/unions", {"file": (BytesIO(workbook(rows)), "units.xlsx")})


def unions(app: Flask) -> None:
    """A roster confirmed with columns matched by hand, one between preview and confirmation, a draft, an application."""
    region = make_region()
    make_entry(region)
    db.session.commit()
    client = signed_in(app, region.reporter)
    headings = ("单位名称", "参赛项目", "称呼一栏", "证照", "身份证号")
    row = roster_row(region.employer.name)
    data = make_roster([{**row, "称呼一栏": row["姓名"], "证照": "甲"}], headings)
    matched = upload(client, region.competition, region.enterprise, data)
    sent(
        client,
        f"{matched}/columns",
        {
            "sheet": "报名汇总表",
            "header_row": "1",
            "field_A": "organisation",
            "field_B": "event",
            "field_C": "name",
            "field_E": "id_number",
        },
    )
    assert confirm(client, matched) == 303
    upload(client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name)]))
    sent(
        client,
        "/desk/unit-applications/new",
        {
            "kind": "employer",
            "union_kind": "enterprise",
            "name": "邕江劳务公司",
            "parent": region.enterprise.id,
            "reason": "有 5 人参赛",
        },
    )


def confirm_sheets(hall: Hall) -> None:
    """The first judge delivers every sheet of his, the checker confirms it."""
    judge, checker = hall.client(hall.judges[0]), hall.client("checker")
    for code in hall.codes:
        sheet = hall.sheet(code).id
        assert deliver(judge, sheet).status_code == 201
        assert act(checker, f"/api/sheets/{sheet}/confirm").status_code == 201


def sign_practice(hall: Hall) -> None:
    """The chief judge signs."""
    answer = act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign")
    assert answer.status_code == 201, answer.get_json()


def late_and_opened_again(app: Flask) -> None:
    """After the signature: a sheet opened again by two, marked, confirmed and signed anew; then two late deliveries, one
    dismissed, one that waits.
    """
    hall = make_hall(app, judges=1, codes=("A01", "A02"))
    confirm_sheets(hall)
    sign_practice(hall)
    sheet, judge, chief = hall.sheet("A01"), hall.client(hall.judges[0]), hall.client("chief_judge")
    asked = act(chief, f"/api/sheets/{sheet.id}/reopen", {"reason": REASON}).get_json()["request"]
    assert act(hall.client("supervisor"), f"/api/requests/{asked}/approve").status_code == 201
    assert deliver(judge, sheet.id, submission({**RIGHT, "A1": "36.5"}, base=1)).status_code == 201
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 201
    sign_practice(hall)
    for mark in ("30", "31"):
        deliver(judge, hall.sheet("A02").id, submission({**RIGHT, "A1": mark}, base=1))
    db.session.rollback()
    first = db.session.scalars(select(Quarantine.id).order_by(Quarantine.received_at)).first()
    sent(chief, f"/desk/judging/late/{first}/dismiss", {"reason": "与原始记录不符，不予采纳"})
    act(chief, f"/api/sheets/{hall.sheet('A02').id}/reopen", {"reason": REASON})


def called_again(app: Flask) -> None:
    """Judgements too far apart, judged again; a judge who may not mark a code; a violation, one disqualified."""
    hall = make_hall(app, judges=2, codes=("A01", "A02", "A03"))
    judges = [hall.client(judge) for judge in hall.judges]
    for number, grade in enumerate(("0", "3")):
        deliver(judges[number], hall.sheet("A01", judge=number).id, submission({**RIGHT, "A3": grade}, seconds=5400))
    chief = hall.client("chief_judge")
    sent(chief, f"/desk/modules/{hall.modules['practice'].id}/call-again", {"code": "A01", "aspect": "A3"})
    for number, grade in enumerate(("2", "3")):
        deliver(judges[number], hall.sheet("A01", judge=number).id, submission({**RIGHT, "A3": grade}, base=1))
    sent(chief, f"/desk/judging/sheets/{hall.sheet('A02').id}/recuse", {"reason": "与选手同单位，本人申请回避"})
    with transaction() as session:
        stage, by, at = session.get_one(Stage, hall.stage.id), actor(hall.people["chief_judge"]), clock.now()
        practice = session.get_one(Module, hall.modules["practice"].id)
        for happened in (
            Happening("A01", "violation", "未戴护目镜", module=practice, value="2.5"),
            Happening("A03", "status", "试件上有身份标记", status="disqualified"),
        ):
            record_incident(session, stage, happened, by=by, at=at)


def cards_and_tablets(app: Flask) -> None:
    """Three judges with cards; one has signed in with his, delivered, and his tablet says that something is unsent."""
    hall = make_hall(app, judges=3, codes=("A01", "A02"), settings={"judges_sign": True})
    judge = with_card(app, issue(hall, 0, 1, 2)[0])
    sheet = hall.sheet("A01")
    assert deliver(judge, sheet.id).status_code == 201
    assert act(judge, f"/api/sheets/{sheet.id}/sign", {"revision": 1}).status_code == 201
    assert report(judge, 2, sequence=7).status_code == 200


def second_readings(app: Flask) -> None:
    """Theory read twice from paper, alike and not; a worksheet of marks between preview and confirmation."""
    hall, second = readings.read_once(app)
    readings.brought(second, readings.again(hall), {("A01", "得分"): 83.25, ("A02", "得分"): 71})
    tabulator = hall.client("tabulator")
    preview(tabulator, desk(hall), filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {("A03", "得分"): 66.5}))


def rechecked_and_signed_by_hand(app: Flask) -> None:
    """A module with a re-check before the signature, and the scan of the signed paper."""
    hall = make_hall(app, judges=1, codes=("A01", "A02", "A03"), settings={"recheck": {"top": 30, "sample": 0}})
    judge, checker, module = hall.client(hall.judges[0]), hall.client("checker"), hall.modules["practice"].id
    for code, mark in (("A01", "10"), ("A02", "40"), ("A03", "20")):
        deliver(judge, hall.sheet(code).id, submission({**RIGHT, "A1": mark}))
        act(checker, f"/api/sheets/{hall.sheet(code).id}/confirm")
    sent(checker, f"/desk/modules/{module}/recheck", {"code": "A02", "outcome": "right"})
    sign_practice(hall)
    sent(
        hall.client("chief_judge"),
        f"/desk/modules/{module}/scans?division={hall.division.id}",
        {"file": (BytesIO(PDF), "焊工实操成绩确认单.pdf")},
    )


def rules_after_the_lock(app: Flask) -> None:
    """Weights changed by two people after the lock, published by the new ones."""
    contest = make_contest(app, thirty_seventy(), MARKS, names=NAMES[:3], delegations=["柳州", "南宁", "柳州"])
    changed = copy.deepcopy(thirty_seventy())
    changed["modules"][0]["weight"], changed["modules"][1]["weight"] = "0.2", "0.8"
    with transaction() as session:
        proposed = propose_ruleset(
            session,
            session.get_one(Stage, contest.stage_id),
            changed,
            1,
            "通知写的是 20/80",
            by=contest.actor("drafting"),
            at=clock.now(),
        )
        approve_ruleset(session, proposed, by=contest.actor("approving"), at=clock.now())
    contest.publish()


def replaced_and_waiting(app: Flask) -> None:
    """Published twice, the second in place of the first; a withdrawal that waits for its second person."""
    contest = make_contest(app, thirty_seventy(), MARKS, names=NAMES[:3])
    contest.publish()
    second = contest.publish()
    sent(contest.client("drafting"), f"/desk/publications/{second}/withdrawal", {"reason": "姓名有误，待核"})


def refused_and_withdrawn(app: Flask) -> None:
    """A draft that was refused, a publication that two people withdrew, a draft that waits."""
    contest = make_contest(app, thirty_seventy(), MARKS, names=NAMES[:3])
    contest.settle()
    contest.decode()
    refused = contest.draft()
    with transaction() as session:
        refuse_publication(
            session,
            session.get_one(Publication, refused),
            "单位名称有误",
            by=contest.actor("approving"),
            at=clock.now(),
        )
    contest.publish()
    withdraw(contest)
    contest.draft()


def ruled_and_in_teams(app: Flask) -> None:
    """A tie ruled by two people, one absent, a table of teams, honours, prizes; marks of the public not shown."""
    teams = {"by": "team", "value": "total", "best": 2, "incomplete": "zero", "tie_breaks": [], "ties": "shared"}
    rules = practice_only(
        teams=teams, ties="forbidden", awards=prizes(1, 1, 1), honours=[{"id": "h", "name": "技术能手", "rank_to": 1}]
    )
    contest = make_contest(
        app,
        rules,
        [*TIED, {}],
        names=[*NAMES, "陆试五"],
        publish_marks=False,
        signed=False,
        delegations=["柳州", "柳州", "南宁", "南宁", "柳州"],
    )
    with transaction() as session:
        absent = Happening(code=contest.codes[4], kind="status", status="absent", text="开赛三十分钟未到")
        record_incident(
            session, session.get_one(Stage, contest.stage_id), absent, by=contest.actor("chief_judge"), at=clock.now()
        )
    sign(contest)
    ruled(contest)
    contest.publish()


def ruled(contest: Contest) -> None:
    """The chief judge puts one of the two before the other, the supervisor confirms it."""
    with transaction() as session:
        stage, division = (session.get_one(Stage, contest.stage_id), session.get_one(Division, contest.division_id))
        ruling: TieRuling = propose_ruling(
            session,
            stage,
            division,
            [contest.codes[2], contest.codes[1]],
            "两人复核加赛，按加赛成绩排定先后",
            by=contest.actor("chief_judge"),
            at=clock.now(),
        )
        confirm_ruling(session, ruling, by=contest.actor("supervisor"), at=clock.now())


def two_stages(app: Flask) -> None:
    """Two of four go on to the final, with their first score carried; both stages published."""
    final = second_stage(first_stage(app))
    assert take(final).status_code == 303
    marked(coded(final), ["70", "80"])
    assert len(contender_ids(db.session(), final.stage)) == 2
    final.publish()
