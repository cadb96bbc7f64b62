"""Guards of what is read from spreadsheets."""

from tests.mutate.change import Change

_VALUES, _HEADINGS, _ROSTERS = (
    "tests/tabular/test_values.py",
    "tests/tabular/test_headings.py",
    "tests/tabular/test_rosters.py",
)

CHANGES = (
    Change(
        "a typed 85.3536 becomes 85.354",
        "tabular/values.py",
        'written = near if abs(near - cell) < 1e-6 else Decimal(f"{cell:.15g}")',
        "written = near",
        (f"{_VALUES}::test_a_number_is_exact",),
    ),
    Change(
        "a typed number loses what stands behind its sixth decimal",
        "tabular/values.py",
        'Decimal(f"{cell:.15g}")',
        'Decimal(f"{cell:f}")',
        (f"{_VALUES}::test_a_number_is_exact",),
    ),
    Change(
        "the cache of cells takes True for 1",
        "tabular/table.py",
        "if cache is None or type(cell) is bool:",
        "if cache is None:",
        (
            f"{_HEADINGS}::test_a_ticked_box_is_no_number_beside_whatever_number_stands_in_its_column",
            "tests/judging/test_worksheets.py::test_every_fault_is_said_by_cell_and_nothing_is_written",
        ),
    ),
    Change(
        "two people of one name in a roster are one person",
        "tabular/roster.py",
        "earlier = first.setdefault(number, row)",
        'earlier = first.setdefault(str(row.values.get("name")), row)',
        ("tests/registration/test_rosters.py::test_two_people_of_one_name_are_two_people",),
    ),
    Change(
        "the same ID number twice in a roster is two people",
        "tabular/roster.py",
        "if earlier is not row:",
        "if False:",
        (f"{_ROSTERS}::test_the_same_id_number_again_is_an_error_of_the_later_row_on_another_sheet_too",),
    ),
    Change(
        "a character that only looks like another stays in a name",
        "tabular/values.py",
        "value, fault = normaliser(right)",
        "value, fault = normaliser(cell)",
        (
            "tests/tabular/test_characters.py::test_a_name_in_a_cell_is_mended_with_a_note_and_a_remark_beside_it_is_still_kept",
        ),
    ),
    Change(
        "a self-made character is told as no name, without its code",
        "tabular/values.py",
        "if private := private_parts(value):",
        "if private := private_parts(value[:0]):",
        ("tests/tabular/test_characters.py::test_a_self_made_character_is_refused_by_position_and_code",),
    ),
    Change(
        "an interpunct typed keeps a name from being found",
        "base/searching.py",
        "if char.isalnum() or is_han(char))",
        "if char.isalnum() or is_han(char) or char == '·')",
        ("tests/web/test_searching.py::test_a_person_is_found_by_name_and_pinyin",),
    ),
    Change(
        "a new name is found by the old one",
        "base/searching.py",
        "history.has_changes()",
        "history.empty()",
        ("tests/web/test_searching.py::test_what_a_row_is_found_by_follows_its_columns",),
    ),
    Change(
        "the name of a person is not found by the other reading of his surname",
        "tabular/names_order.py",
        "*plain])]",
        "])]",
        (
            "tests/tabular/test_names_order.py::test_a_name_is_found_by_syllables_and_initials_of_every_reading_of_its_surname",
        ),
    ),
)
