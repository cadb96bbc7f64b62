"""Guards of lots, codes, seals and decoding."""

from tests.mutate.change import Change

_SEALING, _DECODING = "tests/coding/test_sealing.py", "tests/coding/test_decoding.py"
_TICKETS = "tests/coding/test_no_code_is_a_ticket.py"
_REPLACING = "tests/coding/test_replacing.py::test_nobody_is_replaced_after_check_in_or_sealing"
_MANY = "tests/coding/test_acts_on_many.py"
_UNSEALED = '    if sheet.sealed_at is not None:\n        raise StateForbids("sheet_sealed")\n'
_WAITS = (
    '    if sheet.sealed_at is None or sheet.state != "open":\n        raise StateForbids("not_awaiting_witness")\n'
)

CHANGES = (
    Change(
        "the rest is absent although others are missing now than were shown",
        "coding/checking_in.py",
        "    if shown is not None:",
        "    if False:",
        (f"{_MANY}::test_the_rest_is_not_absent_when_one_came_since_and_goes_on_with_those_who_are_missing_now",),
    ),
    Change(
        "the system draws for others than were shown",
        "coding/lots.py",
        "    if shown is not None:",
        "    if False:",
        (f"{_MANY}::test_a_draw_is_for_those_whom_its_page_showed",),
    ),
    Change(
        "the level's coder witnesses the opening of his own level",
        "coding/decoding.py",
        "require_apart(session, by, sheet.decode_coder_id, sheet.coder_id)",
        "require_apart(session, by, sheet.decode_coder_id)",
        (f"{_DECODING}::test_the_holder_of_a_level_does_not_witness_its_opening_by_another",),
    ),
    Change(
        "the holder of one level opens another",
        "coding/decoding.py",
        "if sheet.coder_id != by.id and _holds_a_level(session, sheet.stage, by):",
        "if False:",
        (f"{_DECODING}::test_the_holder_of_one_level_does_not_open_another",),
    ),
    Change(
        "a level is opened twice",
        "coding/decoding.py",
        "if sheet.decode_coder_id is not None:",
        "if False:",
        (f"{_DECODING}::test_a_level_is_opened_once",),
    ),
    Change(
        "levels are opened in any order",
        "coding/decoding.py",
        "if above:",
        "if False:",
        (f"{_DECODING}::test_levels_are_opened_from_the_last_to_the_first_and_then_everybody_has_a_name",),
    ),
    Change(
        "codes are opened before the standings are settled",
        "coding/decoding.py",
        "if stage.settled_at is None:",
        "if False:",
        (f"{_DECODING}::test_nothing_is_decoded_before_the_standings_are_settled",),
    ),
    Change(
        "an organiser or chief judge opens codes",
        "coding/decoding.py",
        "if _is_barred(by, stage.event):",
        "if False:",
        (f"{_DECODING}::test_who_organises_or_leads_the_event_never_decodes",),
    ),
    Change(
        "an organiser who is a supervisor too witnesses the decoding",
        "coding/decoding.py",
        "if _is_barred(by, stage.event):",
        "if sheet.decode_coder_id is None and _is_barred(by, stage.event):",
        (f"{_DECODING}::test_who_organises_the_event_does_not_witness_its_decoding",),
    ),
    Change(
        "a code is a ticket of the event",
        "coding/sealing.py",
        "tickets_of(session, stage) if level == 1 else ())",
        "())",
        (f"{_TICKETS}::test_no_code_that_is_drawn_is_a_ticket_of_the_event",),
    ),
    Change(
        "a code is the ticket of somebody who has withdrawn",
        "coding/queries.py",
        "Entry.event_id == stage.event_id, Entry.ticket.is_not(None)",
        'Entry.event_id == stage.event_id, Entry.ticket.is_not(None), Entry.state == "approved"',
        (f"{_TICKETS}::test_no_code_that_is_drawn_is_a_ticket_of_the_event",),
    ),
    Change(
        "drawing avoids nothing",
        "coding/codes.py",
        "taken = set(avoid)",
        "taken: set[str] = set()",
        (f"{_TICKETS}::test_no_code_that_is_drawn_is_a_ticket_of_the_event",),
    ),
    Change(
        "a code that the system draws is a ticket",
        "coding/sealing.py",
        "codes.random_codes(1, sources, tickets_of(session, stage))",
        "codes.random_codes(1, sources)",
        (f"{_TICKETS}::test_no_code_that_the_system_draws_is_a_ticket_of_the_event",),
    ),
    Change(
        "somebody coded late gets a ticket as his code",
        "coding/places.py",
        "{row.code for row in code_rows(session, sheet)} | tickets_of(session, stage)",
        "{row.code for row in code_rows(session, sheet)}",
        (f"{_TICKETS}::test_no_code_that_the_system_draws_is_a_ticket_of_the_event",),
    ),
    Change(
        "a ticket may be typed as a code",
        "coding/sealing.py",
        "elif code in tickets:",
        "elif False:",
        (f"{_SEALING}::test_typed_codes_are_refused_when_repeated_malformed_or_a_ticket",),
    ),
    Change(
        "somebody else seals a coder's level",
        "coding/sealing.py",
        f"    _require_custodian(sheet, by)\n{_UNSEALED}    missing =",
        f"{_UNSEALED}    missing =",
        (f"{_SEALING}::test_a_level_is_sealed_by_its_own_coder_and_once",),
    ),
    Change(
        "a level is sealed twice",
        "coding/sealing.py",
        f"{_UNSEALED}    missing =",
        "    missing =",
        (f"{_SEALING}::test_a_level_is_sealed_by_its_own_coder_and_once",),
    ),
    Change(
        "somebody else draws a coder's level again",
        "coding/sealing.py",
        f"    _require_custodian(sheet, by)\n{_UNSEALED}    sheet.drawn_at",
        f"{_UNSEALED}    sheet.drawn_at",
        (f"{_SEALING}::test_somebody_elses_level_is_not_drawn_again",),
    ),
    Change(
        "a sealed level is drawn again",
        "coding/sealing.py",
        f"{_UNSEALED}    sheet.drawn_at",
        "    sheet.drawn_at",
        (f"{_SEALING}::test_a_sealed_sheet_is_not_drawn_again_and_its_lots_stay",),
    ),
    Change(
        "a coder holds two levels of an event",
        "coding/sealing.py",
        "if held is not None:",
        "if False:",
        (f"{_SEALING}::test_three_levels_have_three_coders_and_nobody_holds_two",),
    ),
    Change(
        "a level with blanks is sealed",
        "coding/sealing.py",
        "if missing:",
        "if False:",
        (f"{_SEALING}::test_a_sheet_with_a_blank_is_not_sealed",),
    ),
    Change(
        "a broken seal is witnessed",
        "coding/sealing.py",
        "if mapping_digest(session, sheet) != sheet.sealed_digest:",
        "if False:",
        (f"{_SEALING}::test_the_supervisor_does_not_witness_a_mapping_that_was_changed_after_sealing",),
    ),
    Change(
        "a witnessed level is opened again by refusing its seal",
        "coding/sealing.py",
        '    if sheet.sealed_at is None or sheet.state != "open":\n        raise StateForbids("not_awaiting_witness")\n    words',
        "    words",
        (f"{_SEALING}::test_a_seal_is_refused_with_a_reason_and_only_while_it_waits",),
    ),
    Change(
        "a seal is refused without a reason",
        "coding/sealing.py",
        'reason_of(reason, "codes.refuse_seal")',
        "reason.strip()",
        (f"{_SEALING}::test_a_seal_is_refused_with_a_reason_and_only_while_it_waits",),
    ),
    Change(
        "somebody checked in is replaced",
        "coding/replacing.py",
        'raise StateForbids("entry_checked_in")',
        "pass",
        (_REPLACING,),
    ),
    Change(
        "somebody coded is replaced", "coding/replacing.py", 'raise StateForbids("entry_coded")', "pass", (_REPLACING,)
    ),
    Change(
        "somebody is checked in after the standings are settled",
        "coding/checking_in.py",
        "if stage.settled_at is not None:",
        "if False:",
        (f"{_DECODING}::test_nobody_is_checked_in_after_the_standings_are_settled",),
    ),
)
