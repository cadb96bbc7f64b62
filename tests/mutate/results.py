"""Guards of standings, rulings, publications and archiving."""

from tests.mutate.change import Change

_LINE, _STANDINGS, _CLOSING = (
    "tests/results/test_line.py",
    "tests/results/test_standings.py",
    "tests/results/test_closing.py",
)
_DRAFTING = f"{_LINE}::test_a_draft_waits_until_it_is_decided_and_a_refused_one_makes_room"
_AFTERWARDS = f"{_STANDINGS}::test_after_the_settlement_no_ruling_is_made_confirmed_or_taken_back"
_TWO_RULE = f"{_STANDINGS}::test_a_tie_that_may_not_stay_is_ruled_by_two_people_before_it_can_be_settled"
_OPEN = f"{_CLOSING}::test_a_withdrawal_that_waits_for_the_second_person_keeps_the_competition_open"

CHANGES = (
    Change(
        "approval of a publication does not check again",
        "results/publications/services.py",
        "_require_none(blocking_approval(session, publication, stage))",
        "pass",
        (f"{_LINE}::test_what_is_approved_is_checked_again",),
    ),
    Change(
        "a publication is approved although the standings changed since the settlement",
        "results/settlement/checks.py",
        "elif settled.digest != standing.digest:",
        "elif False:",
        (f"{_LINE}::test_what_is_approved_is_checked_again",),
    ),
    Change(
        "a decided draft is decided again",
        "results/publications/services.py",
        'if publication.state != "draft":',
        "if False:",
        (_DRAFTING,),
    ),
    Change(
        "two drafts wait at a time",
        "results/publications/services.py",
        'raise StateForbids("draft_exists")',
        "pass",
        (_DRAFTING,),
    ),
    Change(
        "names are drafted before the codes are opened",
        "results/settlement/checks.py",
        "if not is_decoded(session, stage.id):",
        "if False:",
        (f"{_LINE}::test_a_stage_is_settled_once",),
    ),
    Change(
        "a withdrawal is asked for twice",
        "results/publications/services.py",
        "if publication.withdrawal_by is not None:",
        "if False:",
        (_OPEN,),
    ),
    Change(
        "standings are settled twice",
        "results/publications/services.py",
        "if stage.settled_at is not None and not is_regrouped(session, stage, standings):",
        "if False:",
        (f"{_LINE}::test_a_stage_is_settled_once",),
    ),
    Change(
        "standings are settled whatever is missing",
        "results/publications/services.py",
        "_require_none(blocking_settlement(session, stage, standings))",
        "pass",
        (f"{_LINE}::test_nothing_is_settled_while_something_is_missing_and_the_list_says_what",),
    ),
    Change(
        'late competitors are "late" in the case',
        "results/standings/case_building.py",
        'in ("present", "late")',
        'in ("present",)',
        (f"{_STANDINGS}::test_somebody_who_came_late_has_competed_and_an_absent_one_has_not",),
    ),
    Change(
        "absent competitors have competed",
        "results/standings/case_building.py",
        'in ("present", "late")',
        'in ("present", "late", "absent")',
        (f"{_STANDINGS}::test_somebody_who_came_late_has_competed_and_an_absent_one_has_not",),
    ),
    Change(
        "standings are settled while a ruling waits",
        "results/settlement/checks.py",
        'found.append(_problem("ruling_waiting"))',
        "pass",
        (_TWO_RULE,),
    ),
    Change(
        "a ruling counts that nobody confirmed",
        "results/standings/case_building.py",
        "            TieRuling.confirmed_by.is_not(None),\n",
        "",
        (_TWO_RULE,),
    ),
    Change(
        "a ruling counts that was taken back",
        "results/standings/case_building.py",
        "            TieRuling.revoked_at.is_(None),\n",
        "",
        (f"{_STANDINGS}::test_a_refused_or_revoked_ruling_does_not_count",),
    ),
    Change(
        "a ruling is confirmed after the settlement",
        "results/standings/rulings.py",
        "if ruling.confirmed_by or ruling.revoked_at or stage.settled_at is not None:",
        "if ruling.confirmed_by or ruling.revoked_at:",
        (_AFTERWARDS,),
    ),
    Change(
        "a ruling is taken back after the settlement",
        "results/standings/rulings.py",
        '    if stage.settled_at is not None:\n        raise StateForbids("settled")\n    if ruling',
        "    if ruling",
        (_AFTERWARDS,),
    ),
    Change(
        "a ruling is proposed after the settlement",
        "results/standings/rulings.py",
        "    _require_open(session, stage)\n",
        "",
        (_AFTERWARDS,),
    ),
    Change(
        "a competition is archived while a draft waits",
        "results/settlement/closing.py",
        '        Publication.state == "draft",\n',
        '        Publication.state == "nothing",\n',
        (f"{_CLOSING}::test_a_draft_that_waits_for_approval_keeps_the_competition_open",),
    ),
    Change(
        "a competition is archived while a withdrawal waits",
        "results/settlement/closing.py",
        "Publication.withdrawal_by.is_not(None)",
        'Publication.withdrawal_by.is_("nobody")',
        (_OPEN,),
    ),
    Change(
        "a competition is archived although an earlier stage is not published",
        "results/settlement/closing.py",
        "for stage in stages if stage.id in marked)",
        "for stage in stages[-1:])",
        (f"{_CLOSING}::test_an_earlier_stage_in_which_somebody_was_marked_must_be_published_too",),
    ),
    Change(
        "an event with published results is called off",
        "results/settlement/closing.py",
        'raise StateForbids("programme.event_has_results")',
        "pass",
        (f"{_CLOSING}::test_an_event_with_published_results_is_not_called_off",),
    ),
)
