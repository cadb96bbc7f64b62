"""Synthetic people: names as they occur in Guangxi, ID numbers that check but belong to nobody, invented phones.

Knows no database; the same generator state gives the same people.

Sequence numbers 996–999 of an ID number are kept for people of a hundred years and more (GB 11643), so that somebody
born since 1966 never has one.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def words(text: str) -> tuple[str, ...]:
    """The words of a list that is written with blanks."""
    return tuple(text.split())


SURNAMES = (
    *"韦黄李陈梁覃莫陆农罗" * 3,
    *"蒙卢谢周唐刘何张王杨吴曾潘廖林苏邓蓝岑甘石樊玉银欧秦龙" * 2,
    *"赵孙郑冯许蒋沈韩曹彭萧范方任姚熊余闭麦庞凌容冼粟零",
    "欧阳",
    "上官",
)
"""Frequent ones stand more often."""
MEN = words("""
    伟 强 勇 军 杰 涛 斌 鹏 辉 健 波 宁 建国 志强 国栋 文斌 海波 家豪 俊杰 子轩
    永福 朝阳 振华 立新 德胜 桂生 江龙 晓东 继业 启明 世昌 绍云 金海 天佑 荣光 春林
    秋生 宏图 远航 思源 承志 景行 光明 小勇 光宁 柏林 少华 耀辉 明哲 志远 守义
""")
WOMEN = words("""
    芳 娟 敏 静 丽 艳 霞 玲 燕 萍 洁 蓉 秀英 桂兰 丽华 晓燕 海燕 美玲 凤英 春梅
    秋菊 雪梅 玉兰 月娥 彩云 小妹 桂花 红霞 慧敏 思思 雨欣 佳怡 梦洁 若兰 碧玉 银花
    金凤 翠萍 冬梅 素珍 婉婷 诗琪 雅琴 清华 丽娜 莉莉 艳萍 群英 小芬 爱莲 海棠
""")
ETHNICITIES = (*("壮族",) * 9, *("汉族",) * 13, *words("瑶族 瑶族 苗族 侗族 仫佬族 毛南族 京族 回族 彝族 水族 仡佬族"))
LEVELS = (*("四级/中级工",) * 3, *("三级/高级工",) * 5, *("二级/技师",) * 3, "一级/高级技师")
EDUCATION = ("高中", "中专", "中专", "大专", "大专", "大专", "本科", "本科", "研究生")
COUNTIES = words("""
    450102 450103 450105 450107 450123 450124 450203 450204 450205 450222 450302 450305 450321 450324
    450403 450405 450422 450502 450503 450521 450602 450621 450702 450721 450802 450804 450821 450902
    450921 450922 451002 451022 451024 451102 451121 451122 451202 451221 451223 451302 451321 451322
    451402 451421 451422
""")
"""GB/T 2260 codes in which the ID numbers were given."""


def check_character(first: str) -> str:
    """The eighteenth character of an ID number of which the first seventeen are given."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def id_number(area: str, born: date, woman: bool, second: bool) -> str:
    """A resident ID number that checks; `second` chooses between the two numbers of the same day and place."""
    sequence = (996 if woman else 997) + (2 if second else 0)
    first = f"{area}{born:%Y%m%d}{sequence}"
    return first + check_character(first)


def people(rng: random.Random, *, namesakes: bool = False) -> Iterator[dict[str, Any]]:
    """People without end, values by the roster's field names; no ID number or phone comes twice, no name unless there
    are to be `namesakes` (there are some seven thousand names).
    """
    numbers: set[str] = set()
    names: set[str] = set()
    phone = rng.randrange(1000)
    while True:
        woman = rng.random() < 0.3
        name = rng.choice(SURNAMES) + rng.choice(WOMEN if woman else MEN)
        born = date(1968, 1, 1) + timedelta(days=rng.randrange(365 * 37))
        number = id_number(rng.choice(COUNTIES), born, woman, rng.random() < 0.5)
        if number in numbers or (name in names and not namesakes):
            continue
        names.add(name)
        numbers.add(number)
        phone += rng.randrange(1, 12)
        years = max(1, min(30, 2026 - born.year - rng.randrange(19, 30)))
        yield {
            "name": name,
            "sex": "女" if woman else "男",
            "ethnicity": rng.choice(ETHNICITIES),
            "id_number": number,
            "phone": f"19900{phone:06d}",
            "level": rng.choice(LEVELS),
            "education": rng.choice(EDUCATION),
            "years": str(years),
            "clothes_size": rng.choice(("M", "L", "L", "XL", "XXL")),
        }
