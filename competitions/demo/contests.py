"""The programme of the demonstration with its three competitions and six events (real occupations, domain.md §9.4)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from competitions.base.permissions import Actor
from competitions.demo.days import Days
from competitions.demo.rules import ruleset_for
from competitions.programme.competitions.services import create_competition, create_programme, publish_notice
from competitions.programme.events.services import create_event
from competitions.programme.models import Competition, Event
from competitions.programme.modules.judging_settings import JudgingSettings, Recheck, change_settings
from competitions.programme.rulesets.services import save_ruleset

PROGRAMME = "桂有技能、产业振兴"
ABOVE = "建功“十四五”、奋进新征程"
HOST = ("广西壮族自治区总工会", "广西壮族自治区人力资源和社会保障厅")


@dataclass(frozen=True, slots=True)
class EventPlan:
    """An event to be made: the kind of work of the employers that enter it, its ruleset, its judges, how its practice
    is judged.
    """

    name: str
    occupation: str
    kind: str
    rules: str
    judges: int = 3
    divisions: tuple[str, ...] = ("职工组",)
    quota: int = 12
    practice: JudgingSettings = JudgingSettings(late_minutes=15)


@dataclass(frozen=True, slots=True)
class Plan:
    """A competition to be made; days are counted from today: notice, the three cut-offs, the first and the last day."""

    trade: str
    number: int
    place: str
    organisers: tuple[str, ...]
    days: tuple[int, int, int, int, int, int]
    events: tuple[EventPlan, ...]

    @property
    def name(self) -> str:
        """Its name in full."""
        return f"2026年“{PROGRAMME}”{self.trade}职工职业技能大赛"


PLANS = (
    Plan(
        "汽车制造行业",
        8,
        "柳州市职业技能公共实训基地（柳州市鱼峰区官塘大道）",
        ("柳州市总工会", "广西壮族自治区机冶建材工会"),
        (-58, -45, -42, -40, -33, -32),
        (
            EventPlan("焊工", "6-18-02-04", "works", "theory30_practice70"),
            EventPlan("汽车维修工", "4-12-01-01", "road", "theory20_practice80", divisions=("职工组", "青年组")),
        ),
    ),
    Plan(
        "装备与能源行业",
        15,
        "南宁技师学院（南宁市西乡塘区）",
        ("南宁市总工会", "广西壮族自治区能源化学工会"),
        (-27, -15, -11, -8, -1, 1),
        (
            EventPlan("电工", "6-31-01-03", "power", "theory30_practice70"),
            EventPlan(
                "多工序数控机床操作调整工",
                "6-18-01-07",
                "works",
                "five_judges",
                judges=5,
                practice=JudgingSettings(recheck=Recheck(), late_minutes=10),
            ),
        ),
    ),
    Plan(
        "现代服务业",
        21,
        "桂林旅游综合职业技能实训中心（桂林市七星区）",
        ("桂林市总工会", "广西壮族自治区财贸轻纺烟草工会"),
        (-6, 18, 25, 30, 45, 47),
        (
            EventPlan("养老护理员", "4-10-01-05", "care", "theory30_practice70"),
            EventPlan("网约配送员", "4-02-07-10", "road", "theory20_practice80"),
        ),
    ),
)
"""Published, being judged, open for registration."""


@dataclass
class Contest:
    """A competition that has been made: its plan, its id, the ids of its events by name."""

    plan: Plan
    competition_id: str
    events: dict[str, str] = field(default_factory=dict)


def make_programmes(session: Session, *, by: Actor, at: datetime) -> str:
    """The two programmes, one inside the other; gives the id of the inner one."""
    above = create_programme(
        session, {"name": ABOVE, "summary": "全区“十四五”引领性劳动和技能竞赛总主题。"}, by=by, at=at
    )
    inner = create_programme(
        session,
        {
            "name": PROGRAMME,
            "parent_id": above.id,
            "summary": "围绕自治区重点产业开展的职工职业技能大赛，每年覆盖一百五十余个工种，层层选拔、以赛促训。",
        },
        by=by,
        at=at,
    )
    return inner.id


def make_contest(session: Session, plan: Plan, programme_id: str, days: Days, *, by: Actor) -> Contest:
    """A competition with its events and rulesets, its notice published."""
    at = days.at(plan.days[0], 10)
    competition = create_competition(
        session,
        _values(plan, programme_id, days),
        {"host": HOST, "organiser": plan.organisers, "technical": ("广西职工技能竞赛技术委员会",)},
        by=by,
        at=at,
    )
    contest = Contest(plan, competition.id)
    for event_plan in plan.events:
        contest.events[event_plan.name] = _make_event(session, competition, event_plan, by=by, at=at).id
    session.refresh(competition, ["events"])
    publish_notice(session, competition, by=by, at=at)
    return contest


def _make_event(session: Session, competition: Competition, plan: EventPlan, *, by: Actor, at: datetime) -> Event:
    event = create_event(
        session,
        competition,
        {
            "name": plan.name,
            "occupation_code": plan.occupation,
            "team_size": 1,
            "quota_per_union": plan.quota,
            "conditions": "从事本职业（工种）工作一年以上，遵纪守法，身体健康。",
            "code_levels": 1,
        },
        [(None, name) for name in plan.divisions],
        [(None, "决赛")],
        by=by,
        at=at,
    )
    save_ruleset(
        session,
        event.stages[0],
        ruleset_for(plan.rules, plan.judges),
        0,
        {"theory": "theory", "practice": "practice"},
        preset=plan.rules,
        by=by,
        at=at,
    )
    practice = next(module for module in event.stages[0].modules if module.kind == "practice")
    change_settings(session, practice, plan.practice, practice.version, by=by, at=at)
    session.refresh(competition, ["events"])
    return event


def _values(plan: Plan, programme_id: str, days: Days) -> dict[str, Any]:
    _, report, review, final, begins, ends = plan.days
    return {
        "programme_id": programme_id,
        "name": plan.name,
        "level_code": "region1",
        "area_code": "450000",
        "document_number": f"桂工发〔2026〕{plan.number}号",
        "notice": _notice(plan),
        "place": plan.place,
        "conditions": "本自治区行政区域内企事业单位在职职工（含新就业形态劳动者），年满16周岁，每人限报一个赛项。",
        "held_from": days.at(begins, 8, 30),
        "held_to": days.at(ends, 17, 30),
        "contact": "黄老师",
        "contact_phone": "0771-5550026",
        "report_until": _close(days, report),
        "review_until": _close(days, review),
        "final_until": _close(days, final),
        "event_word": "赛项",
        "events_per_person": 1,
        "publish_marks": True,
    }


def _close(days: Days, day: int) -> datetime:
    """A cut-off: six in the evening, in the future too where the day is today's."""
    return days.at(day, 18)


def _notice(plan: Plan) -> str:
    names = "、".join(event.name for event in plan.events)
    return (
        f"各市总工会，区各产业（系统）工会，中国铁路南宁局集团有限公司工会，区总各直属单位、直管基层工会：\n\n"
        f"为深入推进产业工人队伍建设改革，现决定举办{plan.name}。有关事项通知如下。\n\n"
        f"一、竞赛项目：{names}。\n"
        "二、竞赛方式：理论知识与操作技能相结合，具体分值占比和排名办法见各赛项的计分规则。\n"
        "三、报名办法：由企业工会在系统中填报，经各市总工会或产业工会审核后统一报送。每个单位每个赛项不超过规定名额。\n"
        "四、奖项设置：各赛项按实际参赛人数分别设一、二、三等奖，成绩按规定公布。\n"
        "五、纪律要求：竞赛实行加密评分，裁判、加密、监督各司其职，任何人不得打听或泄露选手信息与成绩。"
    )
