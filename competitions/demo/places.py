"""Synthetic employers in the 14 cities and some industry unions. Knows no database.

The names are made of a place, a word nobody trades under and a kind of work; the codes (USCC, GB 32100) check.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from competitions.demo.people import words

DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CITIES = (
    ("450100", "南宁市", "450103"),
    ("450200", "柳州市", "450203"),
    ("450300", "桂林市", "450305"),
    ("450400", "梧州市", "450405"),
    ("450500", "北海市", "450502"),
    ("450600", "防城港市", "450602"),
    ("450700", "钦州市", "450702"),
    ("450800", "贵港市", "450802"),
    ("450900", "玉林市", "450902"),
    ("451000", "百色市", "451002"),
    ("451100", "贺州市", "451102"),
    ("451200", "河池市", "451202"),
    ("451300", "来宾市", "451302"),
    ("451400", "崇左市", "451402"),
)
"""Code, name, and the district in which the employers sit."""
WORDS = words("""
    桂拓 邕锐 壮岭 榕峰 漓象 红棉源 绿城驰 八桂恒 左江润 北湾港达 瑶山青 柳石 梧港 金田顺
    凤凰岭 龙滩 海丝路 百色红 姑婆山 明仕 铜鼓 骑楼 木棉 浔江 银滩 蔗海 朱槿 白头叶
""")
TRADES = {
    "works": ("C", words("汽车零部件有限公司 重工装备有限公司 船舶修造有限公司 机械制造有限公司 精密模具有限公司")),
    "power": ("D", words("供电服务有限公司 糖业有限公司 水电开发有限公司 纸业有限公司 冶金材料有限公司")),
    "care": ("Q", words("养老服务有限公司 康养中心 家政服务有限公司 物业服务有限公司")),
    "road": ("G", words("供应链有限公司 同城配送有限公司 汽车维修有限公司 快运有限公司")),
}
"""Kind of work → section of GB/T 4754, kinds of company."""
INDUSTRY_EMPLOYERS = (
    ("广西壮族自治区机冶建材工会", "广西榕峰铝业装备有限公司", "works"),
    ("广西壮族自治区能源化学工会", "广西邕锐输变电工程有限公司", "power"),
    ("广西壮族自治区交通运输工会", "广西北湾港达港机维修有限公司", "road"),
    ("中国铁路南宁局集团有限公司工会", "南宁铁路桂拓车辆检修中心", "works"),
)
"""Employers below industry unions: union, name, kind of work."""


@dataclass(frozen=True, slots=True)
class Place:
    """An employer to be made, with the union above its own."""

    above: str
    name: str
    uscc: str
    kind: str
    industry: str
    ownership: str
    size: str
    area_code: str | None


def uscc(area: str, organisation: str, start: str = "91") -> str:
    """A unified social credit code that checks (GB 32100-2015); `organisation` has nine characters."""
    first = f"{start}{area}{organisation}"
    total = sum(DIGITS.index(character) * weight for character, weight in zip(first, _WEIGHTS, strict=True))
    return first + DIGITS[-total % 31]


def places(rng: random.Random, each: int = 4) -> Iterator[Place]:
    """Employers: some in each city, one of each kind of work, and those of industry unions."""
    words = [word for word in WORDS for _ in range(3)]
    rng.shuffle(words)
    serial = rng.randrange(1000, 5000)
    used: set[str] = set()
    for code, city, district in CITIES:
        for kind in list(TRADES)[:each]:
            serial += rng.randrange(1, 60)
            name = _name(rng, city, words, kind, used)
            yield Place(
                f"{city}总工会",
                name,
                uscc(code, f"MADEM{serial:04d}"),
                kind,
                TRADES[kind][0],
                rng.choice(("private", "private", "private", "state", "foreign")),
                rng.choice(("large", "medium", "medium", "small", "small", "micro")),
                district,
            )
    for above, name, kind in INDUSTRY_EMPLOYERS:
        serial += 7
        yield Place(above, name, uscc("450000", f"MADEM{serial:04d}"), kind, TRADES[kind][0], "state", "large", None)


def _name(rng: random.Random, city: str, words: list[str], kind: str, used: set[str]) -> str:
    while True:
        name = f"{city.removesuffix('市')}{words[rng.randrange(len(words))]}{rng.choice(TRADES[kind][1])}"
        if name not in used:
            used.add(name)
            return name
