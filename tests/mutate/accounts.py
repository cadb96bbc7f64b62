"""Guards of signing in and of giving roles."""

from tests.mutate.change import Change

_DEFENCE, _ADMINISTRATION = "tests/accounts/test_defence.py", "tests/accounts/test_administration.py"
_TWO = "tests/accounts/test_second_person.py"
_FACTOR, _LOST = "tests/accounts/test_second_factor.py", "tests/accounts/test_lost_phone.py"
_SLOW = "tests/accounts/test_slow_address.py"

CHANGES = (
    Change(
        "a known device is slowed down behind a slow address",
        "accounts/sign_in/signing_in.py",
        "if tries > most and device is None else Slowed()",
        "if tries > most else Slowed()",
        (f"{_DEFENCE}::test_a_known_device_signs_in_behind_a_slow_address",),
    ),
    Change(
        "a device known for one person is known for everybody",
        "accounts/sign_in/signing_in.py",
        "KnownDevice.user_id == user.id, KnownDevice.token_hash",
        "KnownDevice.token_hash",
        (f"{_DEFENCE}::test_a_known_device_signs_in_behind_a_slow_address",),
    ),
    Change(
        "a known device is shut out by failures elsewhere",
        "accounts/sign_in/signing_in.py",
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
    Change(
        "a code of the phone opens twice",
        "accounts/factor/second_factor.py",
        "free = (SecondFactor.id == factor.id, SecondFactor.last_step < step)",
        "free = (SecondFactor.id == factor.id,)",
        (
            f"{_FACTOR}::test_the_code_of_the_phone_opens_once",
            f"{_FACTOR}::test_of_two_who_have_read_the_same_step_one_takes_it",
        ),
    ),
    Change(
        "a recovery code opens twice",
        "accounts/factor/second_factor.py",
        "        RecoveryCode.used_at.is_(None),\n    )\n    taken",
        "    )\n    taken",
        (f"{_FACTOR}::test_a_recovery_code_opens_once_however_it_is_typed",),
    ),
    Change(
        "wrong codes are not counted",
        "accounts/factor/second_factor.py",
        "    return tries <= most\n",
        "    return True\n",
        (f"{_FACTOR}::test_wrong_codes_are_counted_and_lock_even_the_right_one",),
    ),
    Change(
        "a thief with the password locks the owner's own device",
        "accounts/factor/second_factor.py",
        'f"sign_in:code:device:{device_id}" if device_id else f"sign_in:code:account:{user_id}"',
        'f"sign_in:code:account:{user_id}"',
        (f"{_FACTOR}::test_a_thief_with_the_password_does_not_lock_the_owners_own_device",),
    ),
    Change(
        "a password alone binds another phone",
        "accounts/factor/factor_step_views.py",
        "if second_factor.factor_of(db_session, user.id) is not None:",
        "if False:",
        (f"{_FACTOR}::test_a_password_alone_binds_no_second_phone",),
    ),
    Change(
        "what was begun with an old password goes on",
        "accounts/sign_in/signing_in_steps.py",
        " and _mark(user.password_hash) == self.mark",
        "",
        (f"{_FACTOR}::test_what_was_begun_ends_with_time_with_the_password_and_with_the_account",),
    ),
    Change(
        "nobody needs a second factor",
        "accounts/factor/second_factor.py",
        "return Asked.ENROLMENT if needing_of(session, actor_of(user, at), profile) else Asked.NOTHING",
        "return Asked.NOTHING",
        (f"{_FACTOR}::test_before_anything_else_a_phone_is_bound_and_the_recovery_codes_are_shown_once",),
    ),
    Change(
        "whose role needs a second factor does without",
        "accounts/factor/factor_views.py",
        "        if _needing(session):\n",
        "        if False:\n",
        (f"{_FACTOR}::test_whose_role_needs_it_cannot_do_without",),
    ),
    Change(
        "anybody unbinds a lost phone",
        "accounts/factor/unbinding.py",
        "    if not may_decide(session, by, user, at):\n",
        "    if False:\n",
        (f"{_LOST}::test_for_whoever_may_not_decide_there_is_nothing",),
    ),
    Change(
        "a supervisor is the second person for an approver",
        "accounts/factor/lost_phone.py",
        "each.role in DECIDING or ",
        "",
        (f"{_LOST}::test_who_the_second_person_may_be",),
    ),
    Change(
        "the server's command unbinds anybody",
        "accounts/factor/unbinding.py",
        "if not is_only_administrator(session, actor_of(user, at), at):",
        "if False:",
        (f"{_LOST}::test_the_only_administrator_is_told_and_helped_at_the_server",),
    ),
    Change(
        "a slow address asks no question",
        "accounts/sign_in/slowing.py",
        "if number is None or _is_used(session, number):",
        "if False:",
        (f"{_SLOW}::test_without_the_answer_the_password_is_not_looked_at_and_nothing_is_lost",),
    ),
    Change(
        "a slow address does not wait",
        "accounts/sign_in/slowing.py",
        'count_attempt(session, f"sign_in:slow:{address}", at, PAUSE) > 1',
        "False",
        (f"{_SLOW}::test_one_of_the_address_goes_on_in_three_seconds",),
    ),
    Change(
        "an answer is good for ever",
        "accounts/sign_in/questions.py",
        'right and document["until"] > at.timestamp()',
        "right",
        (f"{_SLOW}::test_a_question_is_said_in_words_and_takes_figures",),
    ),
    Change(
        "a stranger hears what became of an upload",
        "accounts/pressed_again/already_done.py",
        "if own or (status == 409 and code not in OF_THE_FORM):",
        "if True:",
        ("tests/accounts/test_already_done.py::test_an_upload_of_somebody_else_stays_unknown_whatever_became_of_it",),
    ),
)
