"""Guards of entering, reviewing, reporting and deleting."""

from tests.mutate.change import Change

_ENTERING, _ROSTERS = "tests/registration/test_entering.py", "tests/registration/test_rosters.py"
_REVIEW, _CUT_OFFS = "tests/registration/test_review.py", "tests/registration/test_cut_offs.py"
_RETURNED = f"{_CUT_OFFS}::test_what_was_returned_may_be_corrected_until_the_cut_off_of_whoever_returned_it"
_AGREED = f"{_CUT_OFFS}::test_what_was_agreed_to_is_the_text_in_force"
_FINAL = f"{_CUT_OFFS}::test_after_the_final_cut_off_a_union_neither_withdraws_nor_replaces_but_the_organiser_withdraws"
_UNDER_REVIEW = f"{_ROSTERS}::test_a_list_changes_nothing_that_is_under_review_or_was_decided"
_CLOSING = f"{_REVIEW}::test_closing_a_list_changes_nothing_that_is_still_under_review"
_SHORT = "tests/house/test_short_transactions.py"
_OWN = f"{_REVIEW}::test_nobody_reviews_or_decides_what_he_entered_or_what_his_own_union_reports"
_MANY = "tests/registration/test_acts_on_many.py"
_KNOWN = "tests/registration/test_known_elsewhere.py"

CHANGES = (
    Change(
        "a number is looked up when the hour's are used up",
        "registration/known_elsewhere.py",
        "if attempts_of(session, _key(by), at, HOUR) > most:",
        "if False:",
        (f"{_KNOWN}::test_once_used_up_a_known_number_and_an_unknown_one_get_the_same_answer",),
    ),
    Change(
        "a roster tells of as many as it likes",
        "registration/known_elsewhere.py",
        "if not new or count_attempt(session, _key(by), at, HOUR, by=len(new)) <= most:",
        "if True:",
        (f"{_KNOWN}::test_a_roster_with_too_many_at_once_tells_of_none_of_them",),
    ),
    Change(
        "a namesake of a judge may not take part",
        "registration/ground.py",
        "if any((employer and each.employer_id == employer.id) or each.union_id == self.union.id for each in judging):",
        "if any(judging):",
        (f"{_ENTERING}::test_a_namesake_of_a_judge_from_another_unit_takes_part",),
    ),
    Change(
        "of two judges of one name only one is looked at",
        "registration/ground.py",
        "ground.judges.setdefault(name, []).append(JudgeAt(str(event_id), employer, union))",
        "ground.judges[name] = [JudgeAt(str(event_id), employer, union)]",
        (f"{_ENTERING}::test_of_two_judges_of_one_name_both_are_looked_at",),
    ),
    Change(
        "a judge takes part in his own event for his employer",
        "registration/ground.py",
        "(employer and each.employer_id == employer.id) or each.union_id",
        "each.union_id",
        (f"{_ENTERING}::test_a_judge_of_the_event_cannot_take_part_in_it",),
    ),
    Change(
        "a judge takes part in his own event for his union",
        "registration/ground.py",
        "(employer and each.employer_id == employer.id) or each.union_id == self.union.id for",
        "(employer and each.employer_id == employer.id) for",
        (f"{_ENTERING}::test_a_judge_is_known_by_his_union_too_and_judges_his_own_event_only",),
    ),
    Change(
        "a judge takes part in no event of the competition",
        "registration/ground.py",
        "if each.event_id == event.id)",
        "if each.event_id)",
        (f"{_ENTERING}::test_a_judge_is_known_by_his_union_too_and_judges_his_own_event_only",),
    ),
    Change(
        "a list changes what is under review",
        "registration/roster_plan.py",
        "if state not in EDITABLE:",
        "if False:",
        (_UNDER_REVIEW,),
    ),
    Change(
        "a list changes nothing any more",
        "registration/roster_plan.py",
        "if state not in EDITABLE:",
        "if True:",
        (_UNDER_REVIEW,),
    ),
    Change(
        "closing a list takes what is still under review",
        "registration/queries.py",
        'or_(Entry.state == "endorsed", and_(Entry.state == "submitted", Entry.organiser_reviews))',
        'Entry.state.in_(("endorsed", "submitted"))',
        (_CLOSING,),
    ),
    Change(
        "closing a list endorses what it holds",
        "registration/reporting.py",
        "values(reporting_list_id=closed.id, version",
        'values(reporting_list_id=closed.id, state="endorsed", version',
        (_CLOSING,),
    ),
    Change(
        "a list holds what an earlier one held",
        "registration/queries.py",
        "        Entry.reporting_list_id.is_(None),\n        or_(",
        "        or_(",
        (_CLOSING,),
    ),
    Change(
        "a list is closed after the cut-off of review",
        "registration/reporting.py",
        'require_before(session, competition, "review", union, at)',
        "pass",
        (f"{_CUT_OFFS}::test_no_list_is_closed_after_the_cut_off_of_review",),
    ),
    Change(
        "what the organiser returned is closed with the review",
        "registration/states.py",
        '"final" if organiser_reviews else "review"',
        '"review"',
        (_RETURNED,),
    ),
    Change(
        "what a reviewer returned stays open until the final cut-off",
        "registration/states.py",
        '"final" if organiser_reviews else "review"',
        '"final"',
        (_RETURNED,),
    ),
    Change(
        "what was returned is closed with the reporting",
        "registration/states.py",
        '"report" if state != "returned" else "final"',
        '"report" if True else "final"',
        (_RETURNED,),
    ),
    Change(
        "what the organiser returned goes to the reviewer again",
        "registration/review.py",
        '{"organiser_reviews": True} if as_organiser else {}',
        "{}",
        (_RETURNED,),
    ),
    Change(
        "what was returned stands on its list",
        "registration/review.py",
        "reason=words, reporting_list_id=None, **kept",
        "reason=words, **kept",
        (f"{_CUT_OFFS}::test_what_the_organiser_returned_stands_on_no_list_and_comes_back_to_him",),
    ),
    Change(
        "a reviewer endorses what he entered",
        "registration/review.py",
        '        second_person.require_other(by, entry.author_id, code="own_registration")\n        if entry.rep',
        "        if entry.rep",
        (_OWN,),
    ),
    Change(
        "a reviewer endorses what his own union reports",
        "registration/review.py",
        "if entry.reporting_union_id == by.union_id:",
        "if False:",
        (_OWN,),
    ),
    Change(
        "an organiser approves what he entered",
        "registration/review.py",
        '        second_person.require_other(by, entry.author_id, code="own_registration")\n        if not entry',
        "        if not entry",
        (_OWN,),
    ),
    Change(
        "what no list holds is approved",
        "registration/review.py",
        "if not entry.organiser_reviews and entry.reporting_list_id is None:",
        "if False:",
        (f"{_REVIEW}::test_what_a_list_left_out_is_not_approved",),
    ),
    Change(
        "what the organiser reviews is endorsed by a reviewer",
        "registration/review.py",
        "if entry.organiser_reviews:\n            raise",
        "if False:\n            raise",
        (f"{_REVIEW}::test_what_a_reviewer_entered_himself_goes_to_the_organiser",),
    ),
    Change(
        "a ticket is given twice",
        "registration/review.py",
        'if (number := f"{prefix}{n:0{digits}d}") not in taken]',
        'if (number := f"{prefix}{n:0{digits}d}")]',
        (f"{_REVIEW}::test_no_ticket_is_given_twice_although_the_dice_would_have_it",),
    ),
    Change(
        "an entry is submitted with a text of consent that is no longer in force",
        "registration/submitting.py",
        '        raise Stale({"consent_version": consent.version})\n    unfinished',
        "        pass\n    unfinished",
        (_AGREED,),
    ),
    Change(
        "a substitute is entered with a text of consent that is no longer in force",
        "registration/submitting.py",
        '        raise Stale({"consent_version": consent.version})\n    entry.consent_version',
        "        pass\n    entry.consent_version",
        (_AGREED,),
    ),
    Change(
        "a union withdraws after the final cut-off",
        "registration/submitting.py",
        '        if not as_organiser:\n            require_before(session, entry.competition, "final"',
        '        if False:\n            require_before(session, entry.competition, "final"',
        (_FINAL,),
    ),
    Change(
        "a union replaces after the final cut-off",
        "registration/submitting.py",
        '        require_unbound([entry], "replace")\n        require_before',
        '        require_unbound([entry], "replace")\n        False and require_before',
        (_FINAL,),
    ),
    Change(
        "what was submitted is deleted like a draft",
        "registration/drafting.py",
        'require_states([entry], ("draft",), "删除")',
        "pass",
        (f"{_CUT_OFFS}::test_what_was_submitted_is_withdrawn_and_never_deleted",),
    ),
    Change(
        "all of a filter is acted on whatever was shown",
        "registration/many_views.py",
        '            if request.form.get("all") == "1":\n                _require',
        "            if False:\n                _require",
        (f"{_MANY}::test_all_of_a_filter_is_refused_when_somebody_came_since_and_goes_on_with_those_who_were_shown",),
    ),
    Change(
        "an entry is reviewed in another version than was shown",
        "registration/many_views.py",
        "require_each(entries, _as_shown(shown_before()))",
        "pass",
        (f"{_MANY}::test_one_entry_that_changed_since_its_page_was_made_is_refused",),
    ),
    Change(
        "a list is closed that is not the one that was shown",
        "registration/reporting.py",
        "    if shown is not None:",
        "    if False:",
        (f"{_MANY}::test_a_list_that_grew_since_it_was_shown_is_not_closed_before_it_was_told",),
    ),
    Change(
        "purging takes people who are known for less than a year",
        "registration/purging.py",
        "Worker.created_at <= until, ",
        "",
        (
            "tests/registration/test_purging.py::"
            "test_somebody_who_was_typed_in_less_than_a_year_ago_stays_although_he_is_in_no_competition",
        ),
    ),
    Change(
        "purging takes people who are in another competition",
        "registration/purging.py",
        ", ~elsewhere)",
        ")",
        (
            "tests/registration/test_purging.py::"
            "test_somebody_who_is_in_another_competition_too_keeps_the_number_there_only",
        ),
    ),
    Change(
        "a roster is written although what its plan rests on has changed since",
        "registration/roster_applying.py",
        "if standing.facts != prepared.plan.standing.facts or sides_now",
        "if False and sides_now",
        (
            f"{_SHORT}::test_a_roster_whose_ground_changed_after_the_plan_is_planned_anew_and_never_written_from_the_old_plan",
        ),
    ),
    Change(
        "a worksheet of marks is written by a plan of sheets that have gone on since",
        "judging/worksheets/services.py",
        "if _ground(session, actor, module, seat, lock=True) != prepared.ground:",
        "if False:",
        (f"{_SHORT}::test_a_worksheet_whose_sheets_changed_after_the_plan_is_planned_anew",),
    ),
    Change(
        "new unions hang where their parent was when they were compared",
        "organisations/unit_writing.py",
        "if _ground(session, actor, prepared.purpose, prepared.rows, lock=True) != prepared.ground:",
        "if False:",
        (f"{_SHORT}::test_units_whose_parent_moved_after_they_were_compared_hang_where_it_is_now",),
    ),
)
