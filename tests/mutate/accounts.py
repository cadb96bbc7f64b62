"""Guards of signing in and of giving roles."""

from tests.mutate.change import Change

_DEFENCE, _ADMINISTRATION = "tests/accounts/test_defence.py", "tests/accounts/test_administration.py"
_TWO = "tests/accounts/test_second_person.py"

CHANGES = (
    Change(
        "a known device is slowed down behind a slow address",
        "accounts/signing_in.py",
        "if tries > most and device is None else Slowed()",
        "if tries > most else Slowed()",
        (f"{_DEFENCE}::test_a_known_device_signs_in_behind_a_slow_address",),
    ),
    Change(
        "a device known for one person is known for everybody",
        "accounts/signing_in.py",
        "KnownDevice.user_id == user.id, KnownDevice.token_hash",
        "KnownDevice.token_hash",
        (f"{_DEFENCE}::test_a_known_device_signs_in_behind_a_slow_address",),
    ),
    Change(
        "a known device is shut out by failures elsewhere",
        "accounts/signing_in.py",
        'f"sign_in:device:{device.id}" if device else f"sign_in:{key}"',
        'f"sign_in:{key}"',
        ("tests/accounts/test_signing_in.py::test_a_known_device_is_not_shut_out_by_failures_elsewhere",),
    ),
    Change(
        "a role may end before it begins",
        "accounts/services.py",
        "(valid_to <= start or valid_to <= at)",
        "valid_to <= at",
        (f"{_ADMINISTRATION}::test_a_role_that_ends_before_it_begins_or_has_ended_already_is_refused",),
    ),
    Change(
        "a role may be given for a time that is over",
        "accounts/services.py",
        "(valid_to <= start or valid_to <= at)",
        "valid_to <= start",
        (f"{_ADMINISTRATION}::test_a_role_that_ends_before_it_begins_or_has_ended_already_is_refused",),
    ),
    Change(
        "a role that ended before it began excludes others",
        "accounts/giving.py",
        "row.valid_to is None or row.valid_from is None or row.valid_from < row.valid_to",
        "True",
        (f"{_ADMINISTRATION}::test_a_role_that_ended_before_it_began_excludes_nothing_and_one_that_was_in_force_does",),
    ),
    Change(
        "a role that is over excludes nothing",
        "accounts/giving.py",
        "row.valid_to is None or row.valid_from is None or row.valid_from < row.valid_to",
        "row.valid_to is None",
        (f"{_ADMINISTRATION}::test_a_role_that_ended_before_it_began_excludes_nothing_and_one_that_was_in_force_does",),
    ),
    Change(
        "whoever proposed an act of two decides on it",
        "accounts/second_person.py",
        "    require_other(by, act.proposed_by)\n",
        "",
        (
            f"{_TWO}::test_nobody_decides_on_what_he_proposed",
            "tests/judging/test_two_people.py::test_nobody_consents_to_the_reopening_that_he_asked_for",
            "tests/results/test_line.py::test_the_author_of_a_draft_cannot_approve_it_in_whatever_role",
            "tests/results/test_line.py::test_whoever_asked_for_a_withdrawal_does_not_agree_to_it",
            "tests/results/test_standings.py::"
            "test_a_tie_that_may_not_stay_is_ruled_by_two_people_before_it_can_be_settled",
        ),
    ),
    Change(
        "one person seals and witnesses, opens and witnesses",
        "accounts/second_person.py",
        "if by.id in others:",
        "if False:",
        (
            "tests/coding/test_sealing.py::test_one_person_does_not_seal_and_witness",
            "tests/coding/test_decoding.py::test_the_supervisor_follows_the_coder_and_writes_a_record",
        ),
    ),
    Change(
        "something else is agreed to than was proposed",
        "accounts/second_person.py",
        "if agreed and act.digest is not None and act.digest != digest(what):",
        "if False:",
        (f"{_TWO}::test_what_changed_since_it_was_proposed_cannot_be_agreed_to_but_refused",),
    ),
)
