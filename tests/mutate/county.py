"""Guards of 三人办赛, and of taking back a recusal: two people stay two people."""

from tests.mutate.change import Change

_COUNTY, _RECUSAL = "tests/accounts/test_county.py", "tests/situations/test_recusal_deadend.py"

CHANGES = (
    Change(
        "anybody of a county contest is coder and steward",
        "accounts/three/county.py",
        "profile is not None and profile.people[number - 1] == user_id",
        "profile is not None",
        (f"{_COUNTY}::test_without_it_nobody_is_coder_and_steward_and_with_it_only_the_first",),
    ),
    Change(
        "another than the second agrees to the three",
        "accounts/three/naming_three.py",
        "if by.id != profile.second_id:",
        "if False:",
        (f"{_COUNTY}::test_the_second_agrees_himself_and_nobody_in_his_place",),
    ),
    Change(
        "an administrator is one of the three",
        "accounts/three/naming_three.py",
        "if any(row.role == ADMINISTRATOR for row in user.roles):",
        "if False:",
        (f"{_COUNTY}::test_an_administrator_is_none_of_the_three_and_none_of_them_becomes_one",),
    ),
    Change(
        "one of the three becomes an administrator",
        "accounts/services.py",
        "if role == ADMINISTRATOR and is_one_of_three(session, user.id):",
        "if False:",
        (f"{_COUNTY}::test_an_administrator_is_none_of_the_three_and_none_of_them_becomes_one",),
    ),
    Change(
        "whoever was shown the second's code runs the contest with him",
        "accounts/three/naming_three.py",
        "if county.knew_code_of(session, second.id, (first.id, third.id)):",
        "if False:",
        (f"{_COUNTY}::test_whoever_was_shown_the_seconds_code_does_not_run_a_contest_with_him",),
    ),
    Change(
        "the organiser resets the account of the second",
        "accounts/services.py",
        "if by is not SYSTEM and not is_administrator(by) and is_second(session, user.id):",
        "if False:",
        (f"{_COUNTY}::test_the_seconds_account_is_reset_by_an_administrator_only",),
    ),
    Change(
        "one of the three makes himself another second",
        "accounts/services.py",
        "if needs_second(session, _competition(session, scope_kind, scope_id), role, by):",
        "if False:",
        (f"{_COUNTY}::test_none_of_the_three_gives_himself_another_second",),
    ),
    Change(
        "codes that nobody may open are sealed in a county contest",
        "programme/events/services.py",
        'if values.get("code_levels", 0) and in_force(session, competition.id):',
        "if False:",
        (f"{_COUNTY}::test_an_event_with_codes_that_people_seal_is_refused_while_three_run_it",),
    ),
    Change(
        "a device of one competition explains acts of another",
        "accounts/three/county.py",
        "ActOfTwo.id.in_(at_it), is_within(ActOfTwo.object_id, here)",
        "ActOfTwo.id.in_(at_it)",
        (f"{_COUNTY}::test_a_device_named_in_one_competition_explains_nothing_in_another",),
    ),
    Change(
        "the chief judge alone says whether marks that he has seen count again",
        "judging/panels/recusals.py",
        "if sheet.state not in OWED:",
        "if False:",
        (f"{_RECUSAL}::test_whether_marks_already_seen_count_again_takes_the_supervisor_too",),
    ),
)
