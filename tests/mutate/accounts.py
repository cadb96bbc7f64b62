"""Guards of signing in and of giving roles."""

from tests.mutate.change import Change

_DEFENCE, _ADMINISTRATION = "tests/accounts/test_defence.py", "tests/accounts/test_administration.py"

CHANGES = (
    Change(
        "a known device is shut out behind a locked address",
        "accounts/signing_in.py",
        "(from_address > PER_ADDRESS and device is None)",
        "from_address > PER_ADDRESS",
        (f"{_DEFENCE}::test_a_known_device_signs_in_behind_a_locked_address",),
    ),
    Change(
        "a device known for one person is known for everybody",
        "accounts/signing_in.py",
        "KnownDevice.user_id == user.id, KnownDevice.token_hash",
        "KnownDevice.token_hash",
        (f"{_DEFENCE}::test_a_known_device_signs_in_behind_a_locked_address",),
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
)
