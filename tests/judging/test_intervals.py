"""Stopped time as whole seconds: what overlaps counts once. Compared with sets of seconds, one by one."""

from random import Random

import pytest

from competitions.judging.timing.intervals import Stretch, common, length, union
from competitions.judging.timing.reckoning import CodeTime, SheetTime

SEEDS = range(300)


def stretches(random: Random) -> list[Stretch]:
    """Some stretches within a short time; some empty, some backwards, many overlapping or touching."""
    return [(random.randint(0, 40), random.randint(0, 40)) for _ in range(random.randint(0, 7))]


def seconds_of(found: list[Stretch]) -> set[int]:
    """Each second by itself."""
    return {second for begins, ends in found for second in range(begins, ends)}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_second_counts_once_however_often_it_is_stopped(seed: int) -> None:
    random = Random(seed)
    one, other = stretches(random), stretches(random)
    assert length(one) == len(seconds_of(one))
    assert seconds_of(union(one)) == seconds_of(one)
    assert length(one + other) == len(seconds_of(one) | seconds_of(other)) <= length(one) + length(other)
    assert seconds_of(common(one, other)) == seconds_of(one) & seconds_of(other)
    shuffled = random.sample(one, len(one))
    assert union(shuffled) == union(one) == union(union(one)), "neither order nor doing it twice matters"
    assert all(before[1] < after[0] for before, after in zip(union(one), union(one)[1:], strict=False))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_time_that_counts_is_never_under_zero_nor_more_than_was_taken(seed: int) -> None:
    random = Random(seed)
    stops = tuple(union(stretches(random)))
    runs = union(stretches(random))
    taken, granted, written = length(runs), random.randint(0, 20), random.choice([0, 0, 5])
    time = CodeTime(stops, None, written, granted)
    exactly = time.of(taken, runs)
    assert exactly.stopped == len(seconds_of(list(stops)) & seconds_of(runs)) + written
    assert exactly.counted == max(0, taken - exactly.stopped - granted)
    by_hand = time.of(taken)
    assert by_hand.stopped == length(stops) + written >= exactly.stopped


def test_a_time_taken_to_the_hundredth_stays_exact() -> None:
    assert SheetTime("600.25", 60, 30).counted == "510.25"
    assert SheetTime("60.5", 60, 30).counted == 0
    assert SheetTime(None, 60, 30).counted is None
    assert SheetTime("90.0", 60, 0).counted == 30
