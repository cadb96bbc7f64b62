"""Builders for registration: synthetic people with sound ID numbers, a small region, rosters as .xlsx."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import Workbook, load_workbook

from competitions.accounts.models import User
from competitions.base import clock
from competitions.base.database import db
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, Event
from competitions.registration.models import Entry
from competitions.registration.services import create_entry
from tests.factories import actor, make_competition, make_employer, make_event, make_union, make_user, number
from tests.people import Client

HEADINGS = ("序号", "单位名称", "参赛项目", "姓名", "性别", "身份证号", "职业技能等级", "手机")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES, GIVEN = "韦覃黄莫农梁蒙潘陆邓", "桂兰建国志强春燕家豪德胜秀英永福雪梅"


def make_id_number(serial: int | None = None, *, born: str = "19900307", area: str = "450103") -> str:
    """A sound ID number (GB 11643) of nobody."""
    digits = f"{area}{born}{(serial or number()) % 1000:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


def make_person(**values: Any) -> dict[str, Any]:
    """A synthetic person's values by the roster's field names."""
    count = number()
    name = SURNAMES[count % 10] + GIVEN[2 * (count // 10 % 9) : 2 * (count // 10 % 9) + 2]
    return {
        "name": name,
        "id_number": make_id_number(count),
        "phone": f"138{count:08d}",
        "level": "三级/高级工",
        **values,
    }


@dataclass
class Region:
    """A root, a city with an enterprise union and its employer, another city; a competition with one event."""

    root: Union
    city: Union
    other_city: Union
    enterprise: Union
    employer: Employer
    competition: Competition
    event: Event
    reporter: User
    reviewer: User
    organiser: User


def make_region(**competition: Any) -> Region:
    """The region with a reporter, a reviewer and an organiser."""
    root = make_union(name=f"某某自治区总工会{number()}", area_code=None)
    city = make_union(root, kind="federation", name=f"甲市总工会{number()}")
    other_city = make_union(root, kind="federation", name=f"乙市总工会{number()}")
    enterprise = make_union(city, name=f"甲市机械有限公司工会{number()}")
    employer = make_employer(enterprise, name=f"甲市机械有限公司{number()}")
    made = make_competition(**competition)
    event = make_event(made, name="焊工")
    return Region(
        root,
        city,
        other_city,
        enterprise,
        employer,
        made,
        event,
        make_user(("reporter", "union", enterprise.id), union=enterprise),
        make_user(("reviewer", "union", city.id), union=city),
        make_user(("organiser_drafting", "competition", made.id)),
    )


def make_entry(
    region: Region, *, event: Event | None = None, by: User | None = None, union: Union | None = None, **person: Any
) -> Entry:
    """A complete draft entry of the region's enterprise."""
    event = event or region.event
    return create_entry(
        db.session(),
        region.competition,
        event,
        event.divisions[0],
        union or region.enterprise,
        make_person(**{"employer_id": region.employer.id, **person}),
        by=actor(by or region.reporter),
        at=clock.now(),
    )


def signed_in(app: Flask, user: User) -> Client:
    """A browser in which this user has signed in. Call after committing him."""
    client = Client(app)
    assert client.sign_in(user.username).status_code == 303
    return client


def make_roster(rows: list[dict[str, Any]], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """An .xlsx of people: keys are headings."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "报名汇总表"
    sheet.append(list(headings))
    for row in rows:
        sheet.append([row.get(heading) for heading in headings])
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def roster_row(employer: str, event: str = "焊工", **values: Any) -> dict[str, Any]:
    """A row of `make_roster` for a new person; values by heading."""
    person = make_person()
    return {
        "单位名称": employer,
        "参赛项目": event,
        "姓名": person["name"],
        "身份证号": person["id_number"],
        "职业技能等级": "高级工",
        "手机": person["phone"],
        **values,
    }


def opened(data: bytes) -> Any:
    """The first sheet of a workbook."""
    return load_workbook(BytesIO(data)).active
