"""Nobody learns by asking who takes part: what pages tell of other units' ID numbers is counted and ends."""

from typing import Any

import pytest
from flask import Flask

from competitions.base.database import db
from competitions.base.settings import Setting
from competitions.registration.settings import KNOWN_ELSEWHERE
from tests.factories import make_employer, make_event, make_union, make_user
from tests.factories_registration import (
    Region,
    make_entry,
    make_id_number,
    make_region,
    make_roster,
    roster_row,
    signed_in,
)
from tests.people import Client
from tests.registration.uploading import upload

SAID, LIMITED = "该身份证号已在本赛事报名", "一小时内提示过的"
MOST = KNOWN_ELSEWHERE.least


def number(seed: int) -> str:
    """The ID number of one of the people of these tests."""
    return make_id_number(101 + seed)


class Rival:
    """A unit that would like to know who of the others takes part: the numbers 0 to 19 do."""

    def __init__(self, app: Flask) -> None:
        self.region: Region = make_region()
        for seed in range(20):
            make_entry(self.region, id_number=number(seed))
        self.union = make_union(self.region.other_city, name="乙市化工有限公司工会")
        make_employer(self.union, name="乙市化工有限公司")
        user = make_user(("reporter", "union", self.union.id), union=self.union)
        db.session.add(Setting(name=KNOWN_ELSEWHERE.name, value=str(MOST)))
        db.session.commit()
        self.client: Client = signed_in(app, user)

    def listed(self, *seeds: int) -> str:
        """The address of the preview of a roster with these numbers."""
        rows = [roster_row("乙市化工有限公司", 身份证号=number(seed)) for seed in seeds]
        return upload(self.client, self.region.competition, self.union, make_roster(rows))

    def page(self, preview: str) -> tuple[int, str]:
        """The preview."""
        answer = self.client.get(preview)
        return answer.status_code, answer.get_data(as_text=True)

    def types(self, seed: int) -> tuple[int, str]:
        """The answer to one person who is typed."""
        values: dict[str, Any] = {
            "union": self.union.name,
            "organisation": "乙市化工有限公司",
            "name": "覃小燕",
            "id_number": number(seed),
            "phone": "13900000001",
            "as": "entry",
            "place": f"{self.region.event.id}|{self.region.event.divisions[0].id}",
        }
        answer = self.client.post(f"/desk/competitions/{self.region.competition.id}/entries/new", values)
        return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def rival(app: Flask) -> Rival:
    """Signed in, with the smallest number that a setting can have."""
    return Rival(app)


def test_a_roster_tells_of_as_many_as_the_setting_says_and_then_of_none(rival: Rival) -> None:
    status, page = rival.page(rival.listed(*range(MOST), 50))
    assert status == 200 and page.count(SAID) == MOST
    status, page = rival.page(rival.listed(MOST, 51))
    assert status == 429 and LIMITED in page and SAID not in page


def test_a_roster_with_too_many_at_once_tells_of_none_of_them(rival: Rival) -> None:
    preview = rival.listed(*range(MOST + 1))
    for address in (preview, f"{preview}/annotated.xlsx", preview):
        status, page = rival.page(address)
        assert status == 429 and LIMITED in page and SAID not in page
    assert rival.client.post(f"{preview}/confirm", {"digest": "x"}).status_code == 429


def test_somebody_of_whom_one_was_told_is_not_counted_again(rival: Rival) -> None:
    preview = rival.listed(*range(MOST))
    for _ in range(3):
        assert rival.page(preview)[1].count(SAID) == MOST
    assert rival.client.get(f"{preview}/annotated.xlsx").status_code == 200
    cell = {"sheet": "Sheet", "cell": "A3", "value": "黄小明"}
    rival.client.post(f"{preview}/cells", cell)
    assert rival.page(preview)[0] == 200


def test_typing_counts_as_a_roster_does(rival: Rival) -> None:
    rival.page(rival.listed(*range(MOST - 1)))
    assert SAID in rival.types(MOST)[1] and SAID in rival.types(MOST)[1]
    status, page = rival.types(MOST + 1)
    assert status == 429 and LIMITED in page and SAID not in page


def test_once_used_up_a_known_number_and_an_unknown_one_get_the_same_answer(rival: Rival) -> None:
    rival.page(rival.listed(*range(MOST + 1)))
    assert [rival.types(seed)[0] for seed in (3, 60)] == [429, 429]
    assert [rival.page(rival.listed(seed))[0] for seed in (3, 61)] == [429, 429]


def test_ones_own_people_are_told_of_without_end(app: Flask) -> None:
    region = make_region()
    other = make_event(region.competition, name="电工")
    for seed in range(MOST + 3):
        make_entry(region, event=other, id_number=number(seed))
    db.session.add(Setting(name=KNOWN_ELSEWHERE.name, value=str(MOST)))
    db.session.commit()
    client = signed_in(app, region.reporter)
    name = region.employer.name
    rows = [roster_row(name, 身份证号=number(seed), 参赛项目=region.event.name) for seed in range(MOST + 3)]
    page = client.get(upload(client, region.competition, region.enterprise, make_roster(rows)))
    assert page.status_code == 200
