"""The whole line in a real browser: from an installation with its region to the published ranking (issue 2)."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from playwright.sync_api import Page

from tests.browser.steps_hall import check_in, lots_and_codes, open_judging, prepare, seal
from tests.browser.steps_house import Story, first_people, units
from tests.browser.steps_judging import check, judges, sign, theory
from tests.browser.steps_programme import announce, hall_people
from tests.browser.steps_registration import review, roster
from tests.browser.steps_results import decode, publish, standings, visitor

STEPS = (
    first_people,
    units,
    announce,
    hall_people,
    roster,
    review,
    lots_and_codes,
    prepare,
    check_in,
    seal,
    open_judging,
    judges,
    theory,
    check,
    sign,
    standings,
    decode,
    publish,
    visitor,
)


def test_a_roster_becomes_a_published_ranking_through_the_hands_of_all_its_people(
    app: Flask, page_of: Callable[..., Page], axe: Callable[[Page], list[Any]]
) -> None:
    story = Story(app, page_of, axe)
    for step in STEPS:
        step(story)
