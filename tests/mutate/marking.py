"""Guards of panels, of delivering and of confirming what was marked."""

from tests.mutate.change import Change

_KEYS = "tests/judging/test_keys.py"
_TWO = "tests/judging/test_two_people.py"
_SIGNING = "tests/judging/test_signing.py"
_PANELS = "tests/judging/test_panels.py"
_UNITS = f"{_PANELS}::test_a_judge_has_his_own_unit_in_the_event_by_employer_by_its_union_and_by_the_reporting_union"

CHANGES = (
    Change(
        "a judge confirms his own sheet that another typed",
        "judging/sheets/services.py",
        'require_apart(session, by, revision.author_id, sheet.judge_id, code="own_entry")',
        'require_apart(session, by, revision.author_id, code="own_entry")',
        (f"{_TWO}::test_a_judge_does_not_confirm_his_own_sheet_that_another_typed",),
    ),
    Change(
        "whoever typed a sheet confirms it",
        "judging/sheets/services.py",
        'require_apart(session, by, revision.author_id, sheet.judge_id, code="own_entry")',
        'require_apart(session, by, sheet.judge_id, code="own_entry")',
        (f"{_TWO}::test_nobody_confirms_what_he_typed",),
    ),
    Change(
        "a later revision is confirmed than the one that was seen",
        "judging/sheets/services.py",
        "if number is not None and number != sheet.head:",
        "if False:",
        (f"{_TWO}::test_the_checker_confirms_the_revision_that_he_saw_and_no_later_one",),
    ),
    Change(
        "a paper is read twice by one person",
        "judging/sheets/services.py",
        '    second_person.require_apart(session, by, revision.author_id, code="own_entry")\n',
        "",
        (f"{_TWO}::test_nobody_types_the_second_reading_of_what_he_read_himself",),
    ),
    Change(
        "the second reading of an older revision counts",
        "judging/sheets/services.py",
        "SecondEntry.sheet_id == sheet.id, SecondEntry.number == sheet.head))",
        "SecondEntry.sheet_id == sheet.id))",
        (f"{_TWO}::test_a_second_reading_of_an_older_revision_does_not_count",),
    ),
    Change(
        "two readings that differ are confirmed",
        "judging/sheets/services.py",
        "if differing(revision.marks, again.marks):",
        "if False:",
        (f"{_SIGNING}::test_double_entry_lists_differences_and_never_the_first_values",),
    ),
    Change(
        "judgements too far apart are confirmed",
        "judging/sheets/services.py",
        "    if spreads:",
        "    if False:",
        (f"{_SIGNING}::test_judgements_too_far_apart_hold_back_confirmation_until_the_panel_judged_again",),
    ),
    Change(
        "a recused judge marks",
        "judging/sheets/services.py",
        '    if sheet.closed is not None:\n        raise StateForbids("recused"',
        '    if False:\n        raise StateForbids("recused"',
        (f"{_PANELS}::test_a_recused_judge_marks_no_more_and_one_fewer_is_expected",),
    ),
    Change(
        "a key is used again with another body",
        "judging/sheets/deliveries.py",
        "if found.request_digest != asked:",
        "if False:",
        ("tests/judging/test_delivering.py::test_the_same_key_with_another_body_is_refused",),
    ),
    Change(
        "a key is used again for another sheet",
        "judging/sheets/deliveries.py",
        "digest([route, document])",
        "digest([document])",
        (f"{_KEYS}::test_a_key_used_for_one_sheet_is_refused_for_another_with_the_same_body",),
    ),
    Change(
        "a key is everybody's",
        "judging/sheets/deliveries.py",
        '_TABLE.c.user_id == bindparam("user"), _TABLE.c.key',
        "_TABLE.c.key",
        (f"{_KEYS}::test_two_people_may_happen_on_the_same_key",),
    ),
    Change(
        "a key kept aside is used again with another body",
        "judging/sheets/services.py",
        "(found.sheet_id, found.body) != (sheet.id, canonical(document))",
        "found.sheet_id != sheet.id",
        (f"{_KEYS}::test_a_key_kept_aside_is_refused_with_another_body_or_for_another_sheet",),
    ),
    Change(
        "a key kept aside is used again for another sheet",
        "judging/sheets/services.py",
        "(found.sheet_id, found.body) != (sheet.id, canonical(document))",
        "found.body != canonical(document)",
        (f"{_KEYS}::test_a_key_kept_aside_is_refused_with_another_body_or_for_another_sheet",),
    ),
    Change(
        "a key kept aside is used again for an open sheet",
        "judging/sheets/api_views.py",
        "is_kept_aside(session, sheet, key, document, by=current_user)",
        "pass",
        (f"{_KEYS}::test_a_key_kept_aside_is_refused_for_a_sheet_that_is_still_open",),
    ),
    Change(
        "a delivery is kept aside twice",
        "judging/sheets/services.py",
        "if is_kept_aside(session, sheet, key, document, by=by):",
        "if False:",
        ("tests/judging/test_delivering.py::test_a_confirmed_sheet_takes_no_more_and_a_signed_one_keeps_aside",),
    ),
    Change(
        "the employer's union is no conflict of interest",
        "judging/panels/queries.py",
        "[Entry.reporting_union_id == user.union_id, Employer.union_id == user.union_id]",
        "[Entry.reporting_union_id == user.union_id]",
        (_UNITS,),
    ),
    Change(
        "the reporting union is no conflict of interest",
        "judging/panels/queries.py",
        "[Entry.reporting_union_id == user.union_id, Employer.union_id == user.union_id]",
        "[Employer.union_id == user.union_id]",
        (_UNITS,),
    ),
    Change(
        "the employer is no conflict of interest",
        "judging/panels/queries.py",
        "if user.employer_id:",
        "if False:",
        (_UNITS,),
    ),
    Change(
        "somebody who has withdrawn is a conflict of interest",
        "judging/panels/queries.py",
        "Entry.event_id == event_id, Entry.state.in_(LIVE_STATES), ",
        "Entry.event_id == event_id, ",
        (f"{_PANELS}::test_an_entry_that_is_out_of_the_event_is_nobodys_conflict",),
    ),
    Change(
        "somebody whose role is over is put on a panel",
        "judging/panels/queries.py",
        "or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at)",
        "True",
        (f"{_PANELS}::test_nobody_is_seated_by_a_role_that_he_holds_for_the_whole_competition_or_no_longer",),
    ),
    Change(
        "one person marks and types in for the same module",
        "judging/panels/services.py",
        'if "tabulator" in (member.duty, seat.duty):',
        "if False:",
        (f"{_PANELS}::test_whoever_marks_in_one_sitting_marks_in_another_too_but_never_types_in",),
    ),
    Change(
        "one person sits twice in one sitting",
        "judging/panels/services.py",
        "None in (member.sitting_id, seat.sitting_id) or member.sitting_id == seat.sitting_id",
        "None in (member.sitting_id, seat.sitting_id)",
        (f"{_PANELS}::test_whoever_marks_in_one_sitting_marks_in_another_too_but_never_types_in",),
    ),
    Change(
        "one person sits in one sitting and in all of them",
        "judging/panels/services.py",
        "None in (member.sitting_id, seat.sitting_id) or member.sitting_id == seat.sitting_id",
        "member.sitting_id == seat.sitting_id and member.duty == seat.duty",
        (f"{_PANELS}::test_nobody_both_marks_and_types_in_or_sits_twice_where_he_would_mark_a_code_twice",),
    ),
    Change(
        "the tabulator writes over what a judge delivered himself",
        "judging/worksheets/plan.py",
        "line.revision.author_id == line.sheet.judge_id",
        'line.revision.author_id == ""',
        (
            "tests/judging/test_worksheets_of_panels.py::"
            "test_the_tabulator_never_changes_what_a_judge_delivered_himself",
        ),
    ),
)
