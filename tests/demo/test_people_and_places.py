"""The synthetic people and employers: codes that check, nobody real, the same for the same seed."""

import itertools
import random
from typing import Any

from competitions.demo.people import people
from competitions.demo.places import places
from competitions.demo.rules import SCHEMES, aspects
from competitions.tabular.identity import check_uscc, read_id_number


def first(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """The first people of a seed."""
    return list(itertools.islice(people(random.Random(seed)), count))


def test_id_numbers_check_and_agree_with_the_sex_and_no_value_comes_twice() -> None:
    found = first(600)
    assert all(read_id_number(person["id_number"]).sex == person["sex"] for person in found)
    for field in ("id_number", "phone", "name"):
        assert len({person[field] for person in found}) == 600


def test_id_numbers_are_of_a_series_that_is_given_to_people_of_a_hundred_years_only() -> None:
    assert {person["id_number"][14:17] for person in first(400)} <= {"996", "997", "998", "999"}


def test_everybody_is_old_enough_and_the_numbers_look_like_mobile_numbers() -> None:
    assert all(1968 <= int(person["id_number"][6:10]) <= 2005 for person in first(400))
    assert all(len(person["phone"]) == 11 and person["phone"].startswith("1") for person in first(400))


def test_the_same_seed_gives_the_same_people_and_employers_and_another_seed_others() -> None:
    assert first(50) == first(50)
    assert first(50) != first(50, seed=2)
    assert list(places(random.Random(3))) == list(places(random.Random(3)))


def test_sixty_employers_in_fourteen_cities_with_codes_that_check() -> None:
    found = list(places(random.Random(1)))
    assert len(found) == 60 == len({place.name for place in found})
    assert len({place.above for place in found if place.area_code}) == 14
    assert all(check_uscc(place.uscc) == place.uscc and place.uscc.startswith("91") for place in found)


def test_the_marking_schemes_add_up_to_a_hundred() -> None:
    for event in SCHEMES:
        assert sum(int(aspect["max"]) for aspect in aspects(event)) == 100
