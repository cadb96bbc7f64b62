"""The first contents of the tree: areas from the packaged list, a province's unions from domain.md §6. Knows no request.

Everything here is a beginning that people edit; running it again adds only what is missing.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor
from competitions.organisations.models import Area, Union

INDUSTRIES = ("教科文卫体", "财贸轻纺烟草", "机冶建材", "能源化学", "交通运输", "农林水利气象", "国防邮电")
"""Industry (system) unions beside the cities, as the address lines of notices list them (domain.md §6)."""
DEPARTMENTS = ("各部门", "直属单位", "直管基层工会")
RAILWAYS = {
    "11": "中国铁路北京局集团有限公司",
    "14": "中国铁路太原局集团有限公司",
    "15": "中国铁路呼和浩特局集团有限公司",
    "21": "中国铁路沈阳局集团有限公司",
    "23": "中国铁路哈尔滨局集团有限公司",
    "31": "中国铁路上海局集团有限公司",
    "36": "中国铁路南昌局集团有限公司",
    "37": "中国铁路济南局集团有限公司",
    "41": "中国铁路郑州局集团有限公司",
    "42": "中国铁路武汉局集团有限公司",
    "44": "中国铁路广州局集团有限公司",
    "45": "中国铁路南宁局集团有限公司",
    "51": "中国铁路成都局集团有限公司",
    "53": "中国铁路昆明局集团有限公司",
    "61": "中国铁路西安局集团有限公司",
    "62": "中国铁路兰州局集团有限公司",
    "63": "中国铁路青藏集团有限公司",
    "65": "中国铁路乌鲁木齐局集团有限公司",
}
"""First two digits of the province → the railway company that sits in it; the others have none of their own."""
NOT_A_PLACE = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Lines of the list that only group what stands below them; they have no union."""


def packaged_areas() -> Iterator[tuple[str, str, str | None]]:
    """Code, name and parent's code of every area of the packaged list, parents first."""
    listed = resources.files(__package__).joinpath("divisions.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(listed.splitlines()):
        if row["code"] != row["parent"]:  # a few cities without districts stand there a second time, below themselves
            yield row["code"], row["name"], row["parent"] or None


def load_areas(session: Session) -> int:
    """Add the areas that are missing; what people have edited stays. Returns how many were added."""
    known = set(session.scalars(select(Area.code)))
    missing = [
        {"code": code, "name": name, "parent_code": parent}
        for code, name, parent in packaged_areas()
        if code not in known
    ]
    missing.sort(key=lambda area: (len(str(area["code"]).rstrip("0")) > 2, len(str(area["code"]).rstrip("0")) > 4))
    if missing:
        session.execute(insert(Area), missing)
    return len(missing)


def seed_region(
    session: Session, area_code: str = "450000", *, parent: Union | None = None, by: Actor, at: datetime
) -> Union:
    """The tree of a province: its federation; below it, side by side, city federations, industry unions, the railway
    union, departments and directly managed unions; below the cities the county federations. Provinces without a city
    level (Beijing, Chongqing, counties governed directly) have their districts and counties right below.

    Loads the areas first. Raises NotFound for a code that is no province. Returns the regional federation.
    """
    load_areas(session)
    area = session.get(Area, area_code)
    if area is None or area.parent_code is not None:
        raise NotFound
    tree = _Tree(session)
    short_name = "区总" if "自治区" in area.name else ""
    region = tree.grow(parent, f"{area.name}总工会", "federation", area_code=area.code, short_name=short_name)
    _grow_areas(tree, region, area, area.name)
    for name in INDUSTRIES:
        tree.grow(region, f"{area.name}{name}工会", "industry", delegation=True)
    if area.code[:2] in RAILWAYS:
        tree.grow(region, f"{RAILWAYS[area.code[:2]]}工会", "railway", delegation=True)
    for name in DEPARTMENTS:
        tree.grow(region, f"{region.name}{name}", "department", delegation=True)
    session.flush()
    record(session, "union.seed", "union", region.id, by=by, at=at, after={"area": area_code, "added": tree.added})
    return region


def _grow_areas(tree: "_Tree", region: Union, province: Area, place: str) -> None:
    """City and county federations; what hangs below a grouping line hangs right below the region."""
    below = _children(tree.session, province.code[:2])
    for city in below.get(province.code, []):
        union, inside = region, place
        if city.name not in NOT_A_PLACE:
            union = tree.grow(
                region,
                _federation(city.name, place),
                "federation",
                area_code=city.code,
                delegation=True,
                short_name=f"{city.name}总",
            )
            inside = city.name
        for county in below.get(city.code, []):
            tree.grow(
                union, _federation(county.name, inside), "federation", area_code=county.code, delegation=union is region
            )


def _children(session: Session, prefix: str) -> Mapping[str, list[Area]]:
    below: dict[str, list[Area]] = {}
    for area in session.scalars(select(Area).where(Area.code.startswith(prefix)).order_by(Area.code)):
        if area.parent_code:
            below.setdefault(area.parent_code, []).append(area)
    return below


def _federation(name: str, inside: str) -> str:
    """南宁市青秀区总工会, but 灵山县总工会: many cities have a district of the same name."""
    return f"{inside}{name}总工会" if name.endswith("区") and not name.endswith("自治区") else f"{name}总工会"


class _Tree:
    """Adds unions that are missing, by name; a class, because every step needs the names that are known."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known = {union.name: union for union in session.scalars(select(Union))}
        self.added = 0
        self.position = 0

    def grow(
        self,
        parent: Union | None,
        name: str,
        kind: str,
        *,
        area_code: str | None = None,
        delegation: bool = False,
        short_name: str = "",
    ) -> Union:
        """The union of this name, new below `parent` if there is none."""
        self.position += 1
        found = self.known.get(name)
        if found is not None:
            return found
        union = Union(
            name=name,
            kind=kind,
            area_code=area_code,
            delegation=delegation,
            short_name=short_name,
            parent_id=parent.id if parent else None,
            position=self.position,
            path="",
        )
        union.path = f"{parent.path if parent else '/'}{union.id}/"
        self.session.add(union)
        self.known[name] = union
        self.added += 1
        return union
