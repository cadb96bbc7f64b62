"""The visitors' front page and the list of what waits for somebody."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import event, select

from competitions.base import clock
from competitions.base.config import ROOT
from competitions.base.database import db
from competitions.base.waiting import MOST
from competitions.home.queries import SOURCES, _more
from competitions.programme.models import Competition
from tests.factories import make_competition, make_event, make_union, make_user
from tests.factories_programme import organiser
from tests.people import Client


def test_the_front_page_shows_what_takes_entries_and_hides_drafts(app: Flask, visitor: Client) -> None:
    opened = make_competition(name="正在报名的大赛")
    make_event(opened, name="焊工")
    make_competition(name="还是草稿的大赛", state="draft")
    db.session.commit()
    page = visitor.get("/").get_data(as_text=True)
    assert "正在报名的大赛" in page and f"/competitions/{opened.id}" in page and "焊工" in page
    assert "还是草稿的大赛" not in page


def test_what_is_held_this_month_is_named_and_what_is_over_is_not(app: Flask, visitor: Client) -> None:
    now = clock.now()
    past = {
        "report_until": now - timedelta(days=90),
        "review_until": now - timedelta(days=90),
        "final_until": now - timedelta(days=90),
    }
    make_competition(name="本月举办的大赛", held_from=now, held_to=now, **past)
    make_competition(
        name="去年举办的大赛", held_from=now - timedelta(days=400), held_to=now - timedelta(days=399), **past
    )
    db.session.commit()
    page = visitor.get("/").get_data(as_text=True)
    assert "本月举办的大赛" in page
    assert "去年举办的大赛" not in page


def test_an_event_called_off_is_neither_counted_nor_named(app: Flask, visitor: Client) -> None:
    competition = make_competition(held_from=clock.now(), held_to=clock.now())
    for name, off in (("照常举办的焊工", None), ("取消的电工", clock.now())):
        make_event(competition, name=name).called_off_at = off
    db.session.commit()
    page = visitor.get("/").get_data(as_text=True)
    assert "1 项赛事、1 个竞赛项目" in page
    assert "照常举办的焊工" in page and "取消的电工" not in page


def test_an_empty_front_page_says_what_will_be_there(app: Flask, visitor: Client) -> None:
    answer = visitor.get("/")
    assert answer.status_code == 200
    assert "目前没有正在报名的赛事" in answer.get_data(as_text=True)


def test_the_front_page_is_the_same_for_everybody_and_can_be_cached(app: Flask, visitor: Client) -> None:
    user = make_user(("administrator", "system", None))
    db.session.commit()
    before = visitor.get("/")
    visitor.sign_in(user.username)
    after = visitor.get("/")
    assert before.data == after.data
    assert "public" in after.headers["Cache-Control"] and "Set-Cookie" not in after.headers
    assert visitor.get("/", headers={"If-None-Match": after.headers["ETag"]}).status_code == 304


def test_the_front_page_does_not_ask_more_when_there_is_more(app: Flask, visitor: Client) -> None:
    make_event(make_competition())
    db.session.commit()
    few = queries_of(app, visitor, "/")
    for _ in range(5):
        make_event(make_competition(held_from=clock.now(), held_to=clock.now()))
    db.session.commit()
    assert queries_of(app, visitor, "/") <= few + 3


def test_the_desk_greets_by_role_and_says_when_nothing_waits(app: Flask, visitor: Client) -> None:
    union = make_union()
    user = make_user(("reporter", "union", union.id), union=union, display_name="韦小明")
    db.session.commit()
    visitor.sign_in(user.username)
    page = visitor.get("/desk/").get_data(as_text=True)
    assert "韦小明" in page and "报送工会经办人" in page and "没有需要办理的事" in page


def test_what_waits_leads_to_the_place_where_it_is_done(app: Flask, visitor: Client) -> None:
    bare = make_competition(name="没有赛项的大赛", state="draft")
    user = make_user(("organiser_drafting", "competition", bare.id))
    make_competition(name="别人的大赛", state="draft")
    db.session.commit()
    visitor.sign_in(user.username)
    page = visitor.get("/desk/").get_data(as_text=True)
    assert "没有赛项的大赛" in page and f'href="/desk/competitions/{bare.id}"' in page
    assert "别人的大赛" not in page


def test_nobody_sees_the_desk_without_signing_in(app: Flask, visitor: Client) -> None:
    assert visitor.get("/desk/").headers["Location"].startswith("/login")


def test_every_feature_that_has_waiting_things_is_asked() -> None:
    asked = {source.__module__ for source in (*SOURCES, *_more)}
    having = set()
    for path in (ROOT / "competitions").rglob("*.py"):
        if "\ndef waiting(" in path.read_text(encoding="utf-8"):
            having.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert asked == having


def queries_of(app: Flask, client: Client, path: str) -> int:
    """How many statements a page sends to the database."""
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        counted.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(counted)


def test_a_desk_lists_what_is_due_first_and_says_that_there_is_more(app: Flask) -> None:
    now = clock.now()
    for place in range(MOST + 2):
        make_competition(name=f"第{place:02d}项草稿大赛", state="draft", report_until=now + timedelta(days=place + 1))
    page = organiser(app).get("/desk/").get_data(as_text=True)
    assert page.count("还没有设置") == MOST and f"待办（{MOST} 件以上）" in page
    assert "第00项草稿大赛" in page and f"第{MOST:02d}项草稿大赛" not in page
    assert page.count("同类的事还有更多") == 1
    for row in db.session.scalars(select(Competition).limit(3)):
        row.state = "archived"
    db.session.commit()
    page = organiser(app).get("/desk/").get_data(as_text=True)
    assert page.count("还没有设置") == MOST - 1 and "还有更多" not in page
