"""Guards of the log's word about rows, of fixed columns, of signatures and of anchors."""

from tests.mutate.change import Change

_ROWS = "tests/audit/test_row_digests.py"
_FIXED = "tests/audit/test_fixed_columns.py"
_CHAIN = "tests/audit/test_verification.py"
_MARKS = "tests/judging/test_tampering.py"

CHANGES = (
    Change(
        "a row that was changed is not compared",
        "audit/row_check.py",
        "if whole(table.table.name, str(row[0]), row[1:]) != told[2][:WHOLE]:",
        "if False:",
        (f"{_ROWS}::test_a_row_changed_put_in_taken_away_or_brought_back_is_named",),
    ),
    Change(
        "a row that nobody told of is not named",
        "audit/row_check.py",
        'yield _finding("ROW_UNKNOWN", table, row)',
        "pass",
        (f"{_ROWS}::test_a_row_changed_put_in_taken_away_or_brought_back_is_named",),
    ),
    Change(
        "a row that has gone is not named",
        "audit/row_check.py",
        "if not table.may_go:",
        "if False:",
        (f"{_ROWS}::test_a_row_changed_put_in_taken_away_or_brought_back_is_named",),
    ),
    Change(
        "rows that were there before are taken for put in",
        "audit/row_check.py",
        "if told is None and known is None:",
        "if False:",
        (f"{_ROWS}::test_what_was_there_before_the_log_told_of_rows_is_named_once_and_no_finding",),
    ),
    Change(
        "rows written by statements are not told of",
        "audit/row_digests.py",
        "keys = _found(connection, table, statement, given)",
        "keys = []",
        (f"{_ROWS}::test_an_act_tells_of_every_row_that_it_wrote_by_objects_or_by_statements",),
    ),
    Change(
        "what changes all the time fills the log",
        "audit/row_digests.py",
        "_assigned(table, statement, given) <= table.free",
        "False",
        (f"{_ROWS}::test_what_changes_all_the_time_is_left_free_and_writes_no_record",),
    ),
    Change(
        "records say which row of a mapping was written",
        "audit/row_digests.py",
        "if table.blind else key",
        "if False else key",
        (f"{_ROWS}::test_ids_that_tell_who_is_who_do_not_stand_in_records",),
    ),
    Change(
        "fixed columns have no guard",
        "audit/triggers.py",
        "            yield from _sqlite_fixed(table, fixed) if on_sqlite else _postgresql_fixed(table, fixed)",
        "            yield from ()",
        (f"{_FIXED}::test_each_fixed_column_of_each_table_is_guarded",),
    ),
    Change(
        "a signature does not say whose marks it signs",
        "judging/signing/signatures.py",
        "whose = [sheet.code, sheet.judge_id] if version > 1 else []",
        "whose = []",
        (f"{_MARKS}::test_a_signature_says_whose_marks_it_signs",),
    ),
    Change(
        "a signature of version 1 is held to what version 2 is over",
        "judging/signing/signatures.py",
        "    if version == 1:",
        "    if False:",
        (f"{_MARKS}::test_a_signature_of_version_1_is_held_to_what_it_signed_and_named_once",),
    ),
    Change(
        "no anchor is written after an act that must not be undone unseen",
        "audit/recording.py",
        "            after(committed)",
        "            pass",
        (f"{_CHAIN}::test_an_act_that_must_not_be_undone_unseen_writes_an_anchor_by_itself",),
    ),
    Change(
        "nobody notices that an anchor is lacking",
        "audit/anchors.py",
        'return [Finding("ANCHOR_LACKING", newest)]',
        "return []",
        (f"{_CHAIN}::test_an_anchor_that_should_be_there_and_is_not_asks_for_attention",),
    ),
    Change(
        "an anchor is hung on a line that a power cut left unfinished",
        "audit/anchors.py",
        "        if _is_unfinished(handle):",
        "        if False:",
        (f"{_CHAIN}::test_a_line_that_a_power_cut_left_unfinished_is_said_to_be_that_and_spoils_no_later_anchor",),
    ),
    Change(
        "the name of a new file of anchors is not synced",
        "audit/anchors.py",
        "        sync_folder(file.parent)",
        "        pass",
        (f"{_CHAIN}::test_the_name_of_a_new_file_of_anchors_survives_a_power_cut",),
    ),
)
