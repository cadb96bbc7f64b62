"""Guards of accounts by two people, each taken away."""

from tests.mutate.change import Change

_FLOW = "tests/flows/test_one_drafter.py"

CHANGES = (
    Change(
        "one person gives a role of the hall",
        "accounts/services.py",
        "if role in BY_TWO and by is not SYSTEM:",
        "if False:",
        (f"{_FLOW}::test_the_services_themselves_refuse_one_person",),
    ),
    Change(
        "one person resets an account of the hall",
        "accounts/services.py",
        "if by is not SYSTEM and (roles := held_by_two(user, at)):",
        "if roles := []:",
        (f"{_FLOW}::test_the_services_themselves_refuse_one_person",),
    ),
    Change(
        "whoever had a part in a code is the second person of its account",
        "accounts/pairs/lineage.py",
        "    return not in_one_hand(session, one, [other]) and root_of",
        "    return root_of",
        (f"{_FLOW}::test_one_drafter_is_nobody_else",),
    ),
    Change(
        "two accounts of one maker are two people",
        "accounts/pairs/lineage.py",
        " and root_of(session, one) != root_of(session, other)",
        "",
        (f"{_FLOW}::test_two_accounts_of_one_maker_are_one_person",),
    ),
    Change(
        "whoever made a checker's account confirms with him",
        "accounts/second_person.py",
        "if lineage.in_one_hand(session, by.id, (each for each in others if each)):",
        "if False:",
        (f"{_FLOW}::test_sheets_are_not_confirmed_by_who_had_the_judges_code",),
    ),
    Change(
        "two people act at one device",
        "accounts/second_person.py",
        "if device and device == act.proposed_device and not shared.may_share(session, act, device):",
        "if False:",
        (
            f"{_FLOW}::test_one_browser_is_one_person",
            "tests/coding/test_sealing.py::test_two_acts_from_one_browser_are_refused",
        ),
    ),
    Change(
        "a supervisor decides on supervisors",
        "accounts/pairs/deciding.py",
        "role not in OF_HALL or role in DECIDING or ",
        "",
        (f"{_FLOW}::test_a_supervisor_decides_on_his_own_hall_and_on_no_supervisor",),
    ),
    Change(
        "half of a code opens an account",
        "accounts/sign_in/activation.py",
        "half_digest(user_id, 2, plain[HALF:])",
        "half_digest(user_id, 2, plain[:HALF])",
        (f"{_FLOW}::test_on_the_day_the_supervisor_agrees_to_what_the_organiser_asks",),
    ),
    Change(
        "what somebody asked for who may no more is done",
        "accounts/pairs/requests.py",
        "if not may_give(session, asker, role, kind, row.scope_id):",
        "if False:",
        (f"{_FLOW}::test_the_one_who_asked_must_still_be_able_to",),
    ),
)
