"""Until when each hand may act: what was returned, withdrawing and replacing, lists; what is agreed to and deleted when."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Stale, StateForbids
from competitions.registration.models import ConsentText, Entry
from competitions.registration.services import (
    approve,
    change_member,
    close_list,
    delete_draft,
    endorse,
    replace_entry,
    return_entries,
    submit_entries,
    withdraw,
)
from tests.factories import actor
from tests.factories_registration import Region, make_entry, make_person, make_region
from tests.registration.test_review import submitted


def returned(region: Region, *, by_organiser: bool) -> list[Entry]:
    """An entry that came back, from the reviewing union or, after its list, from the organiser."""
    entries, session, at = submitted(region), db.session(), clock.now()
    if by_organiser:
        endorse(session, entries, by=actor(region.reviewer), at=at)
        close_list(session, region.competition, region.city, by=actor(region.reviewer), at=at)
    return_entries(
        session,
        entries,
        "身份证号与姓名不符",
        by=actor(region.organiser if by_organiser else region.reviewer),
        at=at,
        as_organiser=by_organiser,
    )
    return entries


@pytest.mark.parametrize(("by_organiser", "until"), [(True, "final_until"), (False, "review_until")])
def test_what_was_returned_may_be_corrected_until_the_cut_off_of_whoever_returned_it(
    app: Flask, by_organiser: bool, until: str
) -> None:
    region = make_region()
    [entry] = returned(region, by_organiser=by_organiser)
    last, session, reporter = getattr(region.competition, until), db.session(), actor(region.reporter)

    def correct(name: str, at: datetime) -> None:
        person = {"name": name, "employer_id": region.employer.id}
        change_member(session, entry, entry.members[0], person, version=entry.version, by=reporter, at=at)

    correct("覃小燕", last)
    for act in (
        lambda: correct("覃大燕", last + timedelta(seconds=1)),
        lambda: submit_entries(session, [entry], consent_version=1, by=reporter, at=last + timedelta(seconds=1)),
    ):
        with pytest.raises(StateForbids, match="deadline_passed"):
            act()
    submit_entries(session, [entry], consent_version=1, by=reporter, at=last)
    assert (entry.members[0].name, entry.state, entry.organiser_reviews) == ("覃小燕", "submitted", by_organiser)


def test_what_the_organiser_returned_stands_on_no_list_and_comes_back_to_him(app: Flask) -> None:
    region = make_region()
    entries, session, at = returned(region, by_organiser=True), db.session(), clock.now()
    assert entries[0].reporting_list_id is None
    submit_entries(session, entries, consent_version=1, by=actor(region.reporter), at=at)
    with pytest.raises(StateForbids, match="organiser_reviews"):
        endorse(session, entries, by=actor(region.reviewer), at=at)
    approve(session, entries, by=actor(region.organiser), at=at)
    assert entries[0].state == "approved"


def test_what_was_agreed_to_is_the_text_in_force(app: Flask) -> None:
    region, session, at = make_region(), db.session(), clock.now()
    [sent], entry = submitted(region), make_entry(region)
    session.add(ConsentText(version=2, text="新的告知内容", since=at))
    session.flush()
    person, by = make_person(employer_id=region.employer.id), actor(region.reporter)
    with pytest.raises(Stale):
        submit_entries(session, [entry], consent_version=1, by=by, at=at)
    with pytest.raises(Stale):
        replace_entry(session, sent, person, "因伤不能参赛", consent_version=1, by=by, at=at)
    submit_entries(session, [entry], consent_version=2, by=by, at=at)
    assert (entry.state, entry.consent_version, entry.consent_by) == ("submitted", 2, region.reporter.id)


def test_after_the_final_cut_off_a_union_neither_withdraws_nor_replaces_but_the_organiser_withdraws(app: Flask) -> None:
    region, session = make_region(), db.session()
    [entry] = submitted(region)
    late, by = region.competition.final_until + timedelta(seconds=1), actor(region.reporter)
    person = make_person(employer_id=region.employer.id)
    with pytest.raises(StateForbids, match="deadline_passed"):
        withdraw(session, [entry], "本人放弃", by=by, at=late)
    with pytest.raises(StateForbids, match="deadline_passed"):
        replace_entry(session, entry, person, "因伤不能参赛", consent_version=1, by=by, at=late)
    withdraw(session, [entry], "本人放弃", by=actor(region.organiser), at=late, as_organiser=True)
    assert entry.state == "withdrawn"


def test_no_list_is_closed_after_the_cut_off_of_review(app: Flask) -> None:
    region, session = make_region(), db.session()
    endorse(session, submitted(region), by=actor(region.reviewer), at=clock.now())
    late = region.competition.review_until + timedelta(seconds=1)
    with pytest.raises(StateForbids, match="deadline_passed"):
        close_list(session, region.competition, region.city, by=actor(region.reviewer), at=late)


def test_what_was_submitted_is_withdrawn_and_never_deleted(app: Flask) -> None:
    region, session, at = make_region(), db.session(), clock.now()
    [entry] = submitted(region)
    for state in ("submitted", "taken_back", "returned", "endorsed", "approved"):
        entry.state = state
        with pytest.raises(StateForbids, match="entry_state"):
            delete_draft(session, entry, by=actor(region.reporter), at=at)
    assert entry.members[0].worker_id is not None
