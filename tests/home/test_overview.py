"""The organiser's overview: the phase line from the figures, what blocks the next step, a fixed number of queries."""

import re
from collections import Counter
from datetime import datetime, timedelta

from flask import Flask

from competitions.base import clock
from competitions.base.database import db
from competitions.home.lines import HALL, Line, line_of
from competitions.home.progress import Figures, StageFigures
from competitions.programme.models import Competition, Event, Stage
from tests.factories import make_competition, make_event, make_user
from tests.home.test_front_and_desk import queries_of
from tests.people import Client

NOW = clock.now()
DAY = timedelta(days=1)


def line(
    *stages: StageFigures,
    entries: dict[str, int] | None = None,
    state: str = "open",
    report_until: datetime = NOW - 3 * DAY,
) -> Line:
    """The line of a competition with these stages, its cut-offs a day apart."""
    competition = Competition(
        name="大赛",
        state=state,
        event_word="赛项",
        report_until=report_until,
        review_until=report_until + DAY,
        final_until=report_until + 2 * DAY,
    )
    return line_of(Figures(competition, Counter(entries or {}), stages=list(stages)), NOW)


def stage(name: str = "焊工", settled: bool = False, **figures: object) -> StageFigures:
    """A stage with a ruleset and ten approved entries."""
    event = Event(name=name, code_levels=1)
    its = Stage(name="决赛", settled_at=NOW if settled else None)
    event.stages = [its]
    values = {"entries": 10, "has_ruleset": True, "lots": 10, "checked_in": 10, "codes": Counter(sealed=1), **figures}
    return StageFigures(its, event, **values)  # type: ignore[arg-type]


def states(found: Line) -> dict[str, str]:
    """Phase → state."""
    return {phase.code: phase.state for phase in found.phases}


def test_while_entries_are_taken_the_line_stands_at_registration_and_says_until_when() -> None:
    found = line(stage(entries=0), entries={"submitted": 4, "draft": 2}, report_until=NOW + DAY)
    assert states(found)["registration"] == "current" and states(found)["notice"] == "done"
    assert found.step and "已提交 4 人，草稿 2 人" in found.step.sentence


def test_a_draft_without_ruleset_waits_for_the_ruleset_of_the_event_by_name() -> None:
    found = line(stage("电工", entries=0, has_ruleset=False), state="draft")
    assert states(found)["setup"] == "current"
    assert found.step and found.step.sentence == "电工还没有计分规则"


def test_an_undecided_entry_holds_the_review_back_after_the_cut_off() -> None:
    found = line(stage(), entries={"submitted": 3, "approved": 10})
    assert states(found)["review"] == "current"
    assert found.step and "还有 3 条报名没有审定" in found.step.sentence


def test_a_sheet_that_is_missing_keeps_the_line_at_judging_and_is_counted_by_event() -> None:
    found = line(stage(sheets=Counter(empty=2, submitted=8)), stage("电工", sheets=Counter(signed=30)))
    assert states(found)["judging"] == "current" and states(found)["coding"] == "done"
    assert found.step and found.step.sentence == "焊工：还有 2 份评分表没有送达（共 10 份）"


def test_confirmed_sheets_wait_for_the_signature() -> None:
    found = line(stage(sheets=Counter(confirmed=10)))
    assert states(found)["signing"] == "current"


def test_open_codes_hold_the_line_before_judging() -> None:
    found = line(stage(codes=Counter(open=1)))
    assert states(found)["coding"] == "current" and states(found)["judging"] == "todo"


def test_signed_and_settled_it_waits_for_the_coder_then_for_the_draft_then_it_is_public() -> None:
    signed = Counter(signed=10)
    assert line(stage(sheets=signed)).step.sentence.endswith("等待裁判长结算名次")  # type: ignore[union-attr]
    assert line(stage(settled=True, sheets=signed)).step.sentence.endswith("解密")  # type: ignore[union-attr]
    decoded = {"sheets": signed, "codes": Counter(decoded=1), "settled": True}
    assert states(line(stage(**decoded)))["approval"] == "current"  # type: ignore[arg-type]
    public = line(stage(**decoded, publications=Counter(published=1)))  # type: ignore[arg-type]
    assert states(public)["results"] == "done" and public.step is None


def test_an_archived_competition_does_not_claim_what_the_system_keeps_nothing_of() -> None:
    found = line(stage(), state="archived")
    assert {code for code, state in states(found).items() if state != "done"} == {
        "notice_period",
        "commendation",
        "certificates",
    }
    assert found.current == "归档" and found.step is None


def test_marks_lie_behind_the_review_whatever_the_calendar_says() -> None:
    found = line(stage(sheets=Counter(empty=5)), entries={"submitted": 1}, report_until=NOW + DAY)
    assert states(found)["judging"] == "current"


def test_every_next_step_names_pages_that_exist(app: Flask) -> None:
    pages = {endpoint for phase in HALL for _, endpoint, _ in phase.pages}
    pages |= {"programme.competition", "registration.competition_entries"}
    assert pages <= set(app.view_functions)


def test_the_step_of_a_competition_leads_the_organiser_to_its_page(app: Flask, visitor: Client) -> None:
    its = make_event(make_competition(name="没有规则的大赛"))
    user = make_user(("organiser_drafting", "competition", its.competition_id))
    db.session.commit()
    visitor.sign_in(user.username)
    page = visitor.get("/desk/overview").get_data(as_text=True)
    assert f"{its.name}还没有计分规则" in page
    assert re.search(rf'class="btn" href="/desk/competitions/{its.competition_id}"', page)


def test_the_overview_shows_the_competitions_in_scope_only(app: Flask, visitor: Client) -> None:
    mine = make_competition(name="我的大赛")
    make_event(mine)
    make_competition(name="别人的大赛")
    user = make_user(("organiser_drafting", "competition", mine.id))
    db.session.commit()
    visitor.sign_in(user.username)
    page = visitor.get("/desk/overview").get_data(as_text=True)
    assert "我的大赛" in page and "别人的大赛" not in page


def test_a_judge_may_not_open_the_overview(app: Flask, visitor: Client) -> None:
    its = make_event()
    user = make_user(("judge", "event", its.id))
    db.session.commit()
    visitor.sign_in(user.username)
    assert visitor.get("/desk/overview").status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_competitions(app: Flask, visitor: Client) -> None:
    make_event(make_competition())
    user = make_user(("organiser_drafting", "system", None))
    db.session.commit()
    visitor.sign_in(user.username)
    db.session.rollback()
    few = queries_of(app, visitor, "/desk/overview")
    for _ in range(6):
        make_event(make_competition())
    db.session.commit()
    assert queries_of(app, visitor, "/desk/overview") <= few
    assert few < 20
