"""The first contents of the tree, for provinces of different shapes (GB/T 2260, domain.md §6)."""

from flask import Flask
from sqlalchemy import func, select

from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import SYSTEM
from competitions.organisations.models import Area, Union
from competitions.organisations.seed import load_areas, packaged_areas, seed_region


def seed(code: str) -> Union:
    return seed_region(db.session(), code, by=SYSTEM, at=clock.now())


def below(union: Union, kind: str | None = None) -> list[Union]:
    statement = select(Union).where(Union.parent_id == union.id).order_by(Union.position)
    return list(db.session.scalars(statement if kind is None else statement.where(Union.kind == kind)))


def test_guangxi_has_fourteen_cities_beside_industry_and_railway_unions_and_111_counties(app: Flask) -> None:
    region = seed("450000")
    cities = below(region, "federation")
    assert region.name == "广西壮族自治区总工会"
    assert [city.name for city in cities][:2] == ["南宁市总工会", "柳州市总工会"] and len(cities) == 14
    assert len(below(region, "industry")) == 7 and len(below(region, "department")) == 3
    assert [each.name for each in below(region, "railway")] == ["中国铁路南宁局集团有限公司工会"]
    counties = [county for city in cities for county in below(city)]
    assert len(counties) == 111
    assert {"南宁市青秀区总工会", "灵山县总工会"} <= {county.name for county in counties}
    assert counties[0].path == f"/{region.id}/{cities[0].id}/{counties[0].id}/"


def test_provinces_without_a_city_level_have_districts_right_below_them(app: Flask) -> None:
    beijing, chongqing = seed("110000"), seed("500000")
    assert "北京市朝阳区总工会" in {union.name for union in below(beijing, "federation")}
    assert len(below(beijing, "federation")) == 16
    names = {union.name for union in below(chongqing, "federation")}
    assert {"重庆市渝中区总工会", "城口县总工会"} <= names and len(names) == 38


def test_hainan_mixes_cities_with_districts_and_counties_governed_directly(app: Flask) -> None:
    hainan = seed("460000")
    names = {union.name for union in below(hainan, "federation")}
    assert {"海口市总工会", "儋州市总工会", "五指山市总工会", "琼中黎族苗族自治县总工会"} <= names
    haikou = db.session.scalars(select(Union).where(Union.name == "海口市总工会")).one()
    assert {union.name for union in below(haikou)} == {
        f"海口市{name}总工会" for name in ("秀英区", "龙华区", "琼山区", "美兰区")
    }


def test_seeding_again_adds_nothing_and_keeps_what_people_have_edited(app: Flask) -> None:
    region = seed("450000")
    region.contact = "李老师"
    before = db.session.scalar(select(func.count()).select_from(Union))
    seed("450000")
    assert db.session.scalar(select(func.count()).select_from(Union)) == before
    assert region.contact == "李老师"


def test_every_packaged_area_is_loaded_once_with_its_parent(app: Flask) -> None:
    listed = list(packaged_areas())
    assert load_areas(db.session()) == len(listed) == len({code for code, _name, _parent in listed})
    assert load_areas(db.session()) == 0
    assert db.session.get_one(Area, "450103").parent_code == "450100"


def test_the_command_builds_the_tree(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["organisations", "seed", "--area", "640000"])
    assert done.exit_code == 0 and "宁夏回族自治区总工会" in done.output
    assert app.test_cli_runner().invoke(args=["organisations", "seed", "--area", "450100"]).exit_code != 0
