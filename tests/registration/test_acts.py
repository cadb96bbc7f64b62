"""What a person is offered on the page of an entry, from its state and what he holds."""

from dataclasses import asdict
from typing import Any

import pytest

from competitions.base.permissions import Actor, Permission
from competitions.programme.models import Competition, Event
from competitions.registration.acts import acts_on
from competitions.registration.models import Entry, EntryMember

UNIT = (Permission.EDIT_ENTRIES, Permission.SUBMIT_ENTRIES)
REVIEWER, ORGANISER = (Permission.REVIEW_ENTRIES,), (Permission.DECIDE_ENTRIES,)


def actor(id_: str = "somebody", union_id: str | None = "reviewing") -> Actor:
    return Actor(id=id_, username=id_, display_name=id_, union_id=union_id, sign_in_id="s", assignments=())


def entry(state: str, *, size: int = 1, members: int = 1, competition: str = "open", **more: Any) -> Entry:
    """An entry of a unit, written by its clerk."""
    return Entry(
        state=state,
        author_id="clerk",
        reporting_union_id="unit",
        organiser_reviews=more.pop("organiser_reviews", False),
        competition=Competition(state=competition),
        event=Event(team_size=size, called_off_at=more.pop("called_off_at", None)),
        members=[EntryMember(name="甲") for _ in range(members)],
        **more,
    )


def offered(found: Entry, held: tuple[Permission, ...], who: Actor | None = None) -> set[str]:
    """The names of what is offered."""
    return {name for name, is_offered in asdict(acts_on(found, held, who or actor())).items() if is_offered}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", {"edit", "submit", "delete"}),
        ("returned", {"edit", "submit"}),
        ("submitted", {"take_back", "withdraw", "replace"}),
        ("endorsed", {"withdraw", "replace"}),
        ("approved", {"withdraw", "replace"}),
        ("refused", set()),
        ("withdrawn", set()),
        ("replaced", set()),
    ],
)
def test_a_unit_is_offered_what_its_entrys_state_allows(state: str, expected: set[str]) -> None:
    assert offered(entry(state), UNIT) == expected


def test_a_team_is_filled_up_and_thinned_out_but_not_replaced() -> None:
    assert {"add_member", "remove_member"} <= offered(entry("draft", size=3, members=2), UNIT)
    assert "add_member" not in offered(entry("draft", size=2, members=2), UNIT)
    assert offered(entry("approved", size=2, members=2), UNIT) == {"withdraw"}


def test_a_reviewer_decides_on_what_others_have_submitted_and_not_on_his_own() -> None:
    assert offered(entry("submitted"), REVIEWER) == {"review"}
    assert offered(entry("submitted"), REVIEWER, actor("clerk")) == set()
    assert offered(entry("submitted"), REVIEWER, actor(union_id="unit")) == set()
    assert offered(entry("submitted", organiser_reviews=True), REVIEWER) == set()
    assert offered(entry("draft"), REVIEWER) == set()


def test_the_organiser_decides_on_what_is_reported_or_comes_to_him_directly() -> None:
    stands_in = {"withdraw_as_organiser", "replace_as_organiser"}
    assert offered(entry("submitted"), ORGANISER) == stands_in
    assert offered(entry("endorsed"), ORGANISER) == stands_in
    assert offered(entry("endorsed", reporting_list_id="list"), ORGANISER) == {"decide"} | stands_in
    assert offered(entry("submitted", organiser_reviews=True), ORGANISER) == {"decide"} | stands_in
    own = offered(entry("submitted", organiser_reviews=True), ORGANISER, actor("clerk"))
    assert own == {"decided_by_another"} | stands_in
    assert offered(entry("approved", competition="closed"), ORGANISER) == {"withdraw_as_organiser"}


def test_nothing_is_offered_when_the_competition_is_over_or_the_event_is_not_held() -> None:
    everything = (*UNIT, *REVIEWER, *ORGANISER)
    assert offered(entry("draft", competition="archived"), everything) == set()
    assert offered(entry("submitted", called_off_at=object()), everything) == set()
