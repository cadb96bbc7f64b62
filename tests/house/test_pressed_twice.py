"""Each button of whole lines is pressed twice, the second time as from a page that was loaded again (a new form, the same
content): what has happened is said, with the way on, and nothing happens twice. The lines are those of other tests, which
must come out as ever.
"""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g, request
from sqlalchemy import text

from competitions.accounts.passwords import token_hash
from competitions.accounts.pressed_again.form_keys import new_key
from competitions.base.database import db
from competitions.web.done import DONE
from tests.people import Client

NOT_AGAIN = "没有重复办理"
LINES = {
    "coding.test_pages.test_the_whole_way_from_the_draw_to_the_names": {
        "coding.lots_draw",
        "coding.level_seal",
        "coding.witness_seal",
        "coding.level_decode",
        "coding.witness_decode",
    },
    "coding.test_pages.test_those_who_did_not_come_in_time_are_offered_as_absent": {"coding.check_in_rest"},
    "coding.test_pages.test_the_organiser_and_the_coder_set_up_sittings_each_on_his_page": {
        "coding.organiser_sitting_add",
        "coding.organiser_sitting_remove",
    },
    "judging.test_times.test_a_power_failure_is_stopped_and_resumed_by_a_floor_judge_and_counts_once_the_chief_judge_signs": {
        "judging.floor_times_resume",
        "judging.times_sign",
    },
    "judging.test_signing.test_a_late_delivery_is_taken_only_with_the_supervisors_consent": {
        "judging.late_decide",
        "judging.request_decide",
    },
    "judging.test_signing.test_signing_waits_for_the_codes_drawn_for_re_checking": {"judging.checking_recheck"},
    "judging.test_panels.test_a_recused_judge_marks_no_more_and_one_fewer_is_expected": {"judging.sheet_recuse"},
    "judging.test_panels.test_a_substitute_takes_what_is_not_delivered_and_delivered_sheets_stay": {
        "judging.panel_leave"
    },
    "judging.test_scheme_tables.test_a_first_scheme_after_the_lock_waits_for_a_second_person_too": {
        "judging.scheme_approve"
    },
    "judging.test_module_statuses.test_a_status_is_recorded_once_can_be_taken_back_and_not_after_the_signature": {
        "judging.incident_record",
        "judging.incident_revoke",
    },
    "results.test_line.test_settled_standings_are_decoded_drafted_and_approved_by_different_people": {
        "results.settle_stage",
        "results.publication_draft",
        "results.publication_approve",
    },
    "results.test_line.test_withdrawing_takes_a_reason_and_a_second_person": {
        "results.publication_ask_withdrawal",
        "results.publication_withdraw",
    },
    "results.test_line.test_a_draft_waits_until_it_is_decided_and_a_refused_one_makes_room": {
        "results.publication_refuse"
    },
    "results.test_standings.test_a_tie_that_may_not_stay_is_ruled_by_two_people_before_it_can_be_settled": {
        "results.ruling_confirm"
    },
    "results.test_advancing.test_a_reserve_takes_part_with_a_reason_in_the_place_of_one_who_does_not": {
        "results.advancement_take",
        "results.advancement_reserve",
        "results.advancement_leave",
    },
    "results.test_closing.test_the_roles_given_for_an_event_end_when_it_is_called_off_and_nobody_can_mark_it": {
        "results.event_call_off"
    },
    "registration.test_review.test_a_returned_entry_shows_its_reason_and_comes_back": {
        "registration.submit",
        "registration.return_entries",
    },
    "registration.test_acts_on_many.test_a_list_that_grew_since_it_was_shown_is_not_closed_before_it_was_told": {
        "registration.close_list"
    },
    "registration.test_corrections.test_a_member_of_a_team_is_corrected_and_named_by_his_place": {
        "registration.propose",
        "registration.agree_to_correction",
    },
    "registration.test_entering.test_a_replacement_takes_the_place_and_is_reviewed_by_the_organiser": {
        "registration.replace"
    },
    "programme.test_rulesets.test_a_refused_proposal_keeps_its_reason_and_changes_nothing": {
        "programme.ruleset_save",
        "programme.ruleset_refuse",
    },
    "programme.test_events.test_people_are_given_roles_and_those_that_exclude_each_other_are_refused": {
        "programme.event_people",
        "programme.event_person_end",
    },
}
"""A test that goes a line through the pages → the buttons of it that are refused when they are pressed again."""


class Twice:
    """Presses each button of the desk twice; `said`: which of them told that nothing was done again."""

    def __init__(self, post: Callable[..., Any]) -> None:
        self.once, self.said, self.refused = post, set[str](), list[tuple[str, int]]()

    def post(self, client: Client, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        """In place of Client.post; the answer of the first time."""
        endpoint = self._endpoint(client, path)
        if more.get("json") is not None or endpoint not in DONE:
            return self.once(client, path, data, **more)
        first = self.once(client, path, self._form(client, data), **more)
        if first.status_code in (200, 302, 303):
            second = self.once(client, path, self._form(client, data), **more)
            if second.status_code in (404, 409, 422):
                self.refused.append((endpoint, second.status_code))
            with client.http.session_transaction() as session:
                if NOT_AGAIN in str(session.get("_flashes", [])[-1:]):
                    self.said.add(endpoint)
        return first

    @staticmethod
    def _endpoint(client: Client, path: str) -> str:
        with client.http.application.test_request_context(path, method="POST"):
            return request.endpoint or ""

    @staticmethod
    def _form(client: Client, data: dict[str, Any] | None) -> dict[str, Any]:
        """The same content in a form that was made this moment."""
        cookie = client.http.get_cookie("sid")
        with db.engine.connect() as connection:
            asked = text("SELECT user_id FROM sign_in WHERE token_hash = :hash")
            user = connection.execute(asked, {"hash": token_hash(cookie.value if cookie else "")}).scalar()
        with client.http.application.test_request_context("/"):
            g.actor_id = user
            return {**(data or {}), "form_key": new_key()}


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> Iterator[Twice]:
    """Everybody presses twice."""
    found = Twice(Client.post)
    monkeypatch.setattr(Client, "post", lambda client, *args, **more: found.post(client, *args, **more))
    yield found


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.rpartition("test_")[2])
def test_a_button_pressed_again_says_what_has_happened(app: Flask, twice: Twice, line: str) -> None:
    module, _, name = line.rpartition(".")
    getattr(importlib.import_module(f"tests.{module}"), name)(app)
    assert twice.refused == [] and LINES[line] <= twice.said
