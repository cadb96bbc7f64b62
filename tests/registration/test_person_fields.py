"""Every field of a person goes the whole way: roster, page, correction, 报名汇总表, 报名表. A field that is added to the
table of a person's fields is covered without another change, here and in the product.
"""

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from competitions.base.database import db
from competitions.tabular import person_fields
from competitions.tabular.field_kinds import EVERYWHERE, LISTS, PAPERS, Kind, PersonField
from competitions.tabular.person_fields import fields_in, fields_kept
from tests.factories_registration import Region, make_region, opened, signed_in
from tests.people import Client
from tests.registration.uploading import confirm, counts, upload
from tests.registration.whole_person import (
    FIRST,
    SECOND,
    all_values,
    edit_address,
    kept_fields,
    send_roster,
    shown_values,
    stored,
    the_member,
    value_of,
)
from tests.sent_forms import sent_by

ROOT = Path(__file__).resolve().parents[2]


def cells(data: bytes) -> list[list[str]]:
    return [[str(cell or "") for cell in row] for row in opened(data).iter_rows(values_only=True)]


def facts(page: str) -> dict[str, str]:
    """Label → value of the lists on an entry's page."""
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", unescape(page)))


def on_paper(page: str) -> dict[str, str]:
    """Label → value of 报名表 on the page."""
    return dict(re.findall(r"<th[^>]*>([^<]*)</th><td[^>]*>([^<]*)</td>", unescape(page)))


def in_workbook(data: bytes) -> dict[str, str]:
    """Label → value of 报名表 as .xlsx: in a row they stand in turn."""
    filled = [[cell for cell in row if cell] for row in cells(data)]
    return {label: value for row in filled for label, value in zip(row[::2], row[1::2], strict=False)}


def listed(page: str) -> dict[str, str]:
    """Heading → value of the one row of 报名汇总表 on the page."""
    headings = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', unescape(page))
    row = re.findall(r"<td[^>]*>([^<]*)</td>", unescape(page))
    return dict(zip(headings, row, strict=True))


def in_list(data: bytes) -> dict[str, str]:
    """Heading → value of the one row of 报名汇总表 as .xlsx."""
    rows = cells(data)
    heading = next(row for row in rows if "身份证号" in row)
    return dict(zip(heading, rows[rows.index(heading) + 1], strict=True))


def go_the_whole_way(app: Flask) -> None:
    """One person through all places, first as the roster has him, then as he was corrected field by field."""
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    template = cells(client.get(f"/desk/competitions/{region.competition.id}/roster-template.xlsx").data)
    assert [each.label for each in fields_in("template")] in template
    first = all_values(region, FIRST)
    assert send_roster(client, region, first) == {"新增": 1, "变化": 0, "相同": 0, "有误": 0}
    assert stored() == first
    stands_everywhere(client, region, first)
    saved_untouched_changes_nothing(client, first)
    second = {**first, **typed_one_by_one(client, region)}
    assert stored() == second
    stands_everywhere(client, region, second)
    a_summary_read_again_changes_nothing(client, region, second)


def stands_everywhere(client: Client, region: Region, values: dict[str, str]) -> None:
    """On the entry's page, on 报名汇总表 and on 报名表, each as a page and as a workbook."""
    masked, member = shown_values(values), the_member()
    here, lists = f"/desk/entries/{member.entry_id}", f"/desk/competitions/{region.competition.id}/summary"
    db.session.rollback()
    page = client.get(here).get_data(as_text=True)
    labels = {each: each.label for each in fields_in("page")}
    assert expected(labels, masked).items() <= facts(page).items()
    assert values["name"] in page
    labels = {each: each.paper_label or each.label for each in fields_in("print")}
    full = {"purpose": "print"}
    assert expected(labels, masked).items() <= on_paper(client.get(f"{here}/form").get_data(as_text=True)).items()
    assert (
        expected(labels, values).items() <= on_paper(client.post(f"{here}/form", full).get_data(as_text=True)).items()
    )
    assert expected(labels, values).items() <= in_workbook(client.post(f"{here}/form.xlsx", full).data).items()
    labels = {each: each.label for each in fields_in("summary") if each.name in values}
    assert expected(labels, masked).items() <= listed(client.get(lists).get_data(as_text=True)).items()
    assert expected(labels, values).items() <= in_list(client.post(f"{lists}.xlsx", full).data).items()


def expected(labels: dict[PersonField, str], values: dict[str, str]) -> dict[str, str]:
    return {label: values[field.name] for field, label in labels.items()}


def saved_untouched_changes_nothing(client: Client, values: dict[str, str]) -> None:
    address = edit_address()
    sent = sent_by(client.get(address).get_data(as_text=True), address)
    assert client.post(address, {**sent, "as": "entry"}).status_code == 303
    assert stored() == values


def typed_one_by_one(client: Client, region: Region) -> dict[str, str]:
    """Each field of the form gets another value, in a correction of its own, which changes nothing else."""
    typed: dict[str, str] = {}
    for each in fields_in("form"):
        before, address = stored(), edit_address()
        typed[each.name] = value_of(each, region, SECOND)
        sent = sent_by(client.get(address).get_data(as_text=True), address)
        assert client.post(address, {**sent, each.name: typed[each.name], "as": "entry"}).status_code == 303
        assert stored() == {**before, each.name: typed[each.name]}
    return typed


def a_summary_read_again_changes_nothing(client: Client, region: Region, values: dict[str, str]) -> None:
    data = client.post(f"/desk/competitions/{region.competition.id}/summary.xlsx", {"purpose": "print"}).data
    preview = upload(client, region.competition, region.enterprise, data)
    assert counts(client, preview) == {"新增": 0, "变化": 0, "相同": 1, "有误": 0}
    assert confirm(client, preview) == 303
    assert stored() == values


def test_every_field_of_the_table_goes_the_whole_way(app: Flask) -> None:
    go_the_whole_way(app)


@pytest.mark.parametrize("kind", ["text", "long_text", "yes_no", "email"])
def test_a_field_added_to_the_table_is_in_every_place_without_another_change(
    app: Flask, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    added = PersonField("own_tools", "自带工具", "自备工具", kind=kind, places=EVERYWHERE, example="是", width=10)
    monkeypatch.setattr(person_fields, "PERSON_FIELDS", (*person_fields.PERSON_FIELDS, added))
    go_the_whole_way(app)
    assert stored()["own_tools"] == value_of(added, make_region(), SECOND)
    assert "own_tools" in the_member().details


def test_what_is_kept_of_a_person_stands_where_he_and_who_enters_him_can_see_it() -> None:
    for each in kept_fields():
        seen = {*PAPERS} - ({"form"} if each.from_id else set()) - ({"page"} if each.name == "name" else set())
        assert seen <= {*each.places}, f"{each.name} is kept where nobody sees it"


def test_no_page_and_no_module_of_registration_names_a_detail_by_itself() -> None:
    """What the table says must not be said again: the second place is the one that is forgotten."""
    sources = [*(ROOT / "competitions/registration").rglob("*.py"), *(ROOT / "templates/registration").glob("*.html")]
    named = {
        f"{path.name}: {each.label}"
        for path in sources
        for each in fields_kept("details")
        if re.search(
            rf"""["'>]{each.label}["'<]|(?:form|values|row)\.{each.name}\b""", path.read_text(encoding="utf-8")
        )
    }
    assert named == set()


def test_what_the_entry_has_or_nobody_keeps_stands_on_no_paper_of_a_person() -> None:
    for each in fields_kept("entry", "nowhere"):
        assert not {*PAPERS} & {*each.places}, each.name


def test_a_name_or_a_heading_means_one_field() -> None:
    fields = person_fields.PERSON_FIELDS
    names, labels = [each.name for each in fields], [each.label for each in fields]
    assert len({*names}) == len(names) and len({*labels}) == len(labels)
    headings = [word for each in fields for word in (each.label, *each.synonyms.split())]
    assert sorted({*headings}) == sorted(headings)


def test_lists_follow_the_table_and_papers_its_groups() -> None:
    for place in LISTS:
        names = [each.name for each in fields_in(place)]
        assert names == [each.name for each in person_fields.PERSON_FIELDS if each.name in names]
    for place in PAPERS:
        groups = [person_fields.GROUPS.index(each.group) for each in fields_in(place)]
        assert groups == sorted(groups)
