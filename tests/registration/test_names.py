"""Names as they come: out of a PDF, with self-made characters, long ones with dots; found whichever way they are typed."""

from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base.database import db
from competitions.registration.models import Entry, EntryMember
from tests.factories import make_user
from tests.factories_registration import make_entry, make_region, make_roster, roster_row, signed_in
from tests.registration.test_entering import typed
from tests.registration.uploading import confirm, counts, upload
from tests.searching_pairs import LONG, PEOPLE

PRIVATE = "覃\ue5e5明"


def stored_names() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(EntryMember.name)))


def test_a_roster_with_radicals_says_at_the_cell_what_was_mended_and_takes_the_character_that_is_meant(
    app: Flask,
) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    rows = [roster_row(region.employer.name, 姓名="⻩⼩明"), roster_row(region.employer.name, 姓名="韦建国")]
    preview = upload(client, region.competition, region.enterprise, make_roster(rows))
    page = client.get(preview).get_data(as_text=True)
    assert "“⻩⼩”是从 PDF 等处复制来的部首或兼容字符，已改为“黄小”" in page and counts(client, preview)["有误"] == 0
    assert confirm(client, preview) == 303
    assert stored_names() == ["韦建国", "黄小明"]


def test_a_self_made_character_is_refused_at_its_cell_and_the_correction_is_read_the_same_way(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    preview = upload(
        client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name, 姓名=PRIVATE)])
    )
    page = client.get(preview).get_data(as_text=True)
    assert "“覃〓明”中第 2 个字（编码 U+E5E5）是自造字" in page and "请改用输入法重新输入这个字" in page
    answer = client.post(f"{preview}/cells", data={"sheet": "报名汇总表", "cell": "D2", "value": "覃⼩明"})
    assert answer.status_code == 303
    assert "“⼩”是从 PDF 等处复制来的部首或兼容字符，已改为“小”" in client.get(preview).get_data(as_text=True)
    assert confirm(client, preview) == 303 and stored_names() == ["覃小明"]


def test_a_typed_person_is_mended_with_a_note_and_refused_with_a_self_made_character(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    place = f"/desk/competitions/{region.competition.id}/entries/new"
    refused = client.post(place, data=typed(region, name=PRIVATE))
    assert refused.status_code == 422 and "第 2 个字（编码 U+E5E5）是自造字" in refused.get_data(as_text=True)
    saved = client.post(place, data=typed(region, name="⻢⻓⻘"))
    assert saved.status_code == 303 and stored_names() == ["马长青"]
    told = client.get(saved.headers["Location"]).get_data(as_text=True)
    assert "姓名：“⻢⻓⻘”是从 PDF 等处复制来的部首或兼容字符，已改为“马长青”" in told


def test_an_account_is_named_with_legible_characters_only(app: Flask) -> None:
    admin, region = make_user(("administrator", "system", None)), make_region()
    db.session.commit()
    client = signed_in(app, admin)
    place = f"/desk/users/{region.reporter.id}/edit"
    form = {"union_name": region.enterprise.name, "version": "1"}
    refused = client.post(place, data={**form, "display_name": PRIVATE})
    assert refused.status_code == 422 and "第 2 个字（编码 U+E5E5）是自造字" in refused.get_data(as_text=True)
    assert client.post(place, data={**form, "display_name": "⻩明"}).status_code == 303
    db.session.rollback()
    assert region.reporter.display_name == "黄明"


@pytest.mark.parametrize("typed_name", [typed for stored, typed, found in PEOPLE if stored == LONG and found])
def test_a_long_name_is_found_with_and_without_its_dots_and_stands_whole_in_the_list(
    app: Flask, typed_name: str
) -> None:
    region = make_region()
    make_entry(region, name=LONG)
    make_entry(region, name="王小明")
    db.session.commit()
    page = signed_in(app, region.reporter).get(
        f"/desk/competitions/{region.competition.id}/entries?q={quote(typed_name)}"
    )
    rows = page.get_data(as_text=True)
    assert "<span>阿卜杜热合曼·</span><wbr><span>阿卜杜热依木·</span><wbr><span>买买提</span>" in rows
    assert "王小明" not in rows


def test_a_ticket_is_found_by_its_first_digits(app: Flask) -> None:
    region = make_region()
    entries = [make_entry(region, name=name) for name in ("王小明", "韦建国", "覃小燕")]
    for entry, ticket in zip(entries, ("01123", "01187", "02011"), strict=True):
        entry.ticket, entry.state = ticket, "approved"
    db.session.commit()
    client = signed_in(app, region.reporter)

    def found(asked: str) -> list[str]:
        page = client.get(f"/desk/competitions/{region.competition.id}/entries?q={quote(asked)}").get_data(as_text=True)
        return [entry.members[0].name for entry in db.session.scalars(select(Entry)) if entry.id in page]

    assert sorted(found("011")) == ["王小明", "韦建国"] and found("０１１８７") == ["韦建国"] and found("123") == []


def test_people_of_the_house_are_found_by_pinyin(app: Flask) -> None:
    admin = make_user(("administrator", "system", None))
    make_user(username="clerk1", display_name="覃小燕")
    make_user(username="clerk2", display_name="王小明")
    db.session.commit()
    client = signed_in(app, admin)
    for asked in ("qxy", "tan xiaoyan", "Qín", "小燕", "CLERK1"):
        page = client.get(f"/desk/users?q={quote(asked)}").get_data(as_text=True)
        assert "覃小燕" in page and "王小明" not in page, asked
