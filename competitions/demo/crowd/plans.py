"""What competitions there have been and are: names, places, days and phases, events with their numbers of entries.

Asks no database.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from competitions.demo.crowd.sizes import Size
from competitions.demo.crowd.units import UnionPlace
from competitions.demo.people import words

Phase = Literal["archived", "published", "ready", "review", "open", "draft"]
OLDEST, LATEST = -5 * 365, 80
"""The first and the last day, counted from today, on which a competition begins."""
PHASES: tuple[tuple[int, Phase], ...] = (
    (-420, "archived"),
    (0, "published"),
    (10, "ready"),
    (22, "review"),
    (60, "open"),
)
"""Before this day: the phase; later ones are drafts."""
NOTICE, REPORT, REVIEW, FINAL = 50, 21, 10, 5
"""Days before the beginning: notice, and the three cut-offs."""
TRADES = words(
    "汽车制造 工程机械 糖业 电力 轨道交通 港口物流 建筑 旅游服务 养老服务 现代农业 有色金属 林浆纸 食品加工 "
    "新能源 电子信息 石化 医疗护理 城市管理 快递物流 数字技能"
)
EVENTS_EACH = ((1, 2, 3, 4), (30, 45, 20, 5))
"""How many events a competition has, and how often."""
LARGEST_EVENTS = 20
LARGEST_BEGINS = 35


@dataclass(frozen=True, slots=True)
class Occupied:
    """An event to be: code and name of its occupation, how many entries it gets."""

    code: str
    name: str
    entries: int


@dataclass(frozen=True, slots=True)
class ContestPlan:
    """A competition to be: `begins` counts days from today."""

    name: str
    ground: UnionPlace
    begins: int
    phase: Phase
    events: tuple[Occupied, ...]

    @property
    def entries(self) -> int:
        """Of all events."""
        return sum(event.entries for event in self.events)


def plans(
    rng: random.Random, size: Size, grounds: Sequence[UnionPlace], occupations: Sequence[tuple[str, str]], today: date
) -> list[ContestPlan]:
    """In the order of their days, one great one among them; all events and all entries of the size are given out."""
    great = min(LARGEST_EVENTS, size.events // 4 or 1)
    counts = [great, *_counts(rng, size.events - great)]
    begins = [LARGEST_BEGINS, *(_day(rng) for _ in counts[1:])]
    phases = [phase_of(day) for day in begins]
    entries = _shared(rng, size, counts, phases)
    names: set[str] = set()
    made = []
    for place, (count, day, phase) in enumerate(zip(counts, begins, phases, strict=True)):
        ground = rng.choice(grounds)
        chosen = rng.sample(occupations, count)
        events = tuple(Occupied(*each, next(entries)) for each in chosen)
        name = (
            _name(rng, ground, (today + timedelta(day)).year, names)
            if place
            else f"{today.year}年全区职工技能大赛（规模演示）"
        )
        made.append(ContestPlan(name, ground, day, phase, events))
    return sorted(made, key=lambda plan: plan.begins)


def phase_of(begins: int) -> Phase:
    """Where a competition stands today that begins on this day."""
    return next((phase for before, phase in PHASES if begins < before), "draft")


def _counts(rng: random.Random, events: int) -> list[int]:
    counts = []
    while events:
        counts.append(min(events, rng.choices(*EVENTS_EACH)[0]))
        events -= counts[-1]
    return counts


def _day(rng: random.Random) -> int:
    """More of them in the later years; none in the three weeks in which its marks would be on the way."""
    day = round(OLDEST + (LATEST - OLDEST) * math.pow(rng.random(), 0.8))
    return day - 21 if -21 <= day < 0 else day


def _shared(rng: random.Random, size: Size, counts: Sequence[int], phases: Sequence[Phase]) -> Iterator[int]:
    """The numbers of entries, event by event: drafts get none, the first competition its great share."""
    weights: list[float] = []
    for count, phase in zip(counts[1:], phases[1:], strict=True):
        weights += [0.0 if phase == "draft" else rng.lognormvariate(0, 0.6) for _ in range(count)]
    great = round(size.entries * size.largest)
    return iter([*_apportioned(great, [1.0] * counts[0]), *_apportioned(size.entries - great, weights)])


def _apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """The total in whole numbers by weight, to the last one."""
    given, so_far, whole = [], 0.0, sum(weights)
    for weight in weights:
        before = round(total * so_far / whole)
        so_far += weight
        given.append(round(total * so_far / whole) - before)
    return given


def _name(rng: random.Random, ground: UnionPlace, year: int, names: set[str]) -> str:
    while True:
        name = f"{year}年{ground.short}{rng.choice(TRADES)}职工职业技能大赛"
        if name in names:
            name = name.replace("职工职业", f"{rng.choice(TRADES)}职工职业")
        if name not in names:
            names.add(name)
            return name
