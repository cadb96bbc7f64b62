"""Unions and employers in great number: enterprises below every county, town, park and joint unions, employers without a
union of their own.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.database import db, new_id
from competitions.base.permissions import SYSTEM
from competitions.demo.cast import REVIEWERS
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.sizes import Size
from competitions.demo.people import words
from competitions.demo.places import TRADES, WORDS, uscc
from competitions.organisations.models import Employer, Union

SECOND = words("鑫 源 华 瑞 恒 泰 盛 达 隆 祥 丰 裕 昌 兴 腾 宏")
"""Second words of a name, so that there are enough names for a whole region."""
GROUPS = (("town", "镇总工会", 0.04), ("park", "工业园区工会", 0.01), ("joint", "联合工会", 0.05))
"""Unions of many employers: kind, end of the name, share of all unions."""
IN_A_GROUP = 0.15
"""Share of the enterprise unions that stand below one of those."""
WITHOUT_UNION = 0.4
"""Share of the employers beyond one for each enterprise union that have no union yet."""
SIZES = ("large", "medium", "medium", "small", "small", "small", "micro")
OWNERSHIPS = ("private", "private", "private", "private", "state", "collective", "foreign", "institution")


@dataclass(frozen=True, slots=True)
class UnionPlace:
    """A union below which others are put (county, city, industry, town …), with the line that reviews there."""

    id: str
    path: str
    name: str
    area_code: str | None
    line_id: str
    line_name: str

    @property
    def short(self) -> str:
        """Its name as the names of units begin with it."""
        name = self.name.replace("中国铁路南宁局集团有限公司", "南宁铁路").replace("壮族自治区", "")
        return name.removesuffix("工会").removesuffix("总")


@dataclass(slots=True)
class Enterprise:
    """An enterprise union that may enter people: where it stands, its employer, who has been entered so far
    (`staff`: see entries.Person).
    """

    union_id: str
    name: str
    ground: UnionPlace
    employer_id: str
    staff: list[dict[str, str]] = field(default_factory=list)


def grounds_of(session: Session) -> list[UnionPlace]:
    """Every city, county and industry union on a line that somebody reviews."""
    unions = session.scalars(
        select(Union).where(Union.kind.in_(("federation", "industry", "railway"))).order_by(Union.path)
    ).all()
    lines = {union.id: union for union in unions if union.name in REVIEWERS}
    found = []
    for union in unions:
        line = next((lines[part] for part in union.path.split("/") if part in lines), None)
        if line is not None:
            found.append(UnionPlace(union.id, union.path, union.name, union.area_code, line.id, line.name))
    return found


class Builder:
    """Makes unions and employers; a class, because neither names nor codes may come twice."""

    def __init__(self, session: Session, rng: random.Random, at: datetime) -> None:
        self.session, self.rng, self.at = session, rng, at
        self.bulk = Bulk()
        self.names = {*session.scalars(select(Union.name)), *session.scalars(select(Employer.name))}
        self.number = 0

    def build(self, size: Size, grounds: list[UnionPlace]) -> list[Enterprise]:
        """Until there are as many as the size says, those to come with the small demonstration counted by the caller;
        gives the enterprise unions.
        """
        unions = size.unions - self._count(Union)
        employers = size.employers - self._count(Employer)
        groups = self._groups(unions, [ground for ground in grounds if ground.area_code])
        made = [self._enterprise(self._above(grounds, groups)) for _ in range(unions - len(groups))]
        for _ in range(employers - len(made)):
            group = self.rng.choice(groups) if groups and self.rng.random() > WITHOUT_UNION else None
            self._employer(group or self.rng.choice(grounds), group.id if group else None)
        self.bulk.write(self.session)
        record(
            db.session(),
            "unit.import",
            "union",
            None,
            by=SYSTEM,
            at=self.at,
            after={"unions": unions, "employers": employers},
        )
        return made

    def _count(self, model: type[Union] | type[Employer]) -> int:
        return self.session.scalar(select(func.count()).select_from(model)) or 0

    def _groups(self, unions: int, grounds: list[UnionPlace]) -> list[UnionPlace]:
        made = []
        for kind, end, share in GROUPS:
            for _ in range(round(unions * share)):
                above = self.rng.choice(grounds)
                made.append(self._union(self._free(above, end), kind, above))
        return made

    def _above(self, grounds: list[UnionPlace], groups: list[UnionPlace]) -> UnionPlace:
        return self.rng.choice(groups if groups and self.rng.random() < IN_A_GROUP else grounds)

    def _enterprise(self, above: UnionPlace) -> Enterprise:
        trade = self.rng.choice(tuple(TRADES))
        name = self._free(above, self.rng.choice(TRADES[trade][1]))
        union = self._union(f"{name}工会委员会", "enterprise", above)
        return Enterprise(union.id, name, above, self._employer(above, union.id, name, trade))

    def _union(self, name: str, kind: str, above: UnionPlace) -> UnionPlace:
        self.number += 1
        key = new_id()
        path = f"{above.path}{key}/"
        self.bulk.add(
            Union,
            id=key,
            parent_id=above.id,
            path=path,
            name=name,
            kind=kind,
            area_code=above.area_code,
            uscc=uscc(above.area_code or "450000", f"MC{self.number:07d}", "81"),
            position=self.number,
            contact="经办人",
            contact_phone=f"0771-{5600000 + self.number}",
        )
        return UnionPlace(key, path, name, above.area_code, above.line_id, above.line_name)

    def _employer(self, above: UnionPlace, union_id: str | None, name: str = "", trade: str = "") -> str:
        self.number += 1
        trade = trade or self.rng.choice(tuple(TRADES))
        section, companies = TRADES[trade]
        return self.bulk.add(
            Employer,
            name=name or self._free(above, self.rng.choice(companies)),
            union_id=union_id,
            industry=section,
            uscc=uscc(above.area_code or "450000", f"MC{self.number:07d}"),
            ownership=self.rng.choice(OWNERSHIPS),
            size=self.rng.choice(SIZES),
            new_employment=trade == "road",
            area_code=above.area_code,
        )

    def _free(self, above: UnionPlace, end: str) -> str:
        name = self._named(above.short, end)
        while name in self.names:
            name = self._named(above.short, end)
        self.names.add(name)
        return name

    def _named(self, place: str, end: str) -> str:
        return f"{place}{self.rng.choice(WORDS)}{self.rng.choice(SECOND)}{end}"
