"""Guards of the tablet page and of others that are drawn anew while somebody types: no keystroke goes, nothing newer is
typed over unseen, marks are exact. The tests drive a browser.
"""

from tests.mutate.change import Change

_PAGE = "static/js/tablet"
_TYPING = "tests/browser/test_typing_while_refreshing.py"
_ELSEWHERE = "tests/browser/test_typing_while_delivered_elsewhere.py"
_BUSY = f"{_TYPING}::test_what_is_typed_while_the_store_is_busy_is_neither_drawn_over_nor_lost"
_SUBMITTED = f"{_TYPING}::test_what_is_typed_between_submitting_and_its_write_goes_upon_the_submission"
_UNKEPT = f"{_TYPING}::test_a_tablet_that_cannot_keep_what_is_typed_says_so_and_tries_again"
_WAITS = f"{_ELSEWHERE}::test_a_delivery_from_elsewhere_waits_until_the_field_that_it_changes_is_left"

CHANGES = (
    Change(
        "a part that says the same is drawn again",
        f"{_PAGE}/elements.js",
        "  if (drawn.get(element) === says) return false;\n",
        "",
        (f"{_TYPING}::test_a_button_that_is_being_pressed_stays_under_the_finger",),
    ),
    Change(
        "the form is built again at every drawing",
        f"{_PAGE}/sheet.js",
        'part(document.getElementById("sheet-form"), form,',
        'part(document.getElementById("sheet-form"), Math.random(),',
        (f"{_TYPING}::test_a_word_that_is_being_composed_goes_on_after_a_redraw",),
    ),
    Change(
        "a newer revision is drawn whatever is in use",
        f"{_PAGE}/sheet.js",
        "  if (!used) return true;\n",
        "  return true;\n",
        (f"{_ELSEWHERE}::test_a_mark_typed_over_a_delivery_from_elsewhere_is_asked_about",),
    ),
    Change(
        "a sheet is locked while a field is in use",
        f"{_PAGE}/sheet.js",
        "form === open.form && (!isMoved",
        "(!isMoved",
        (f"{_ELSEWHERE}::test_a_sheet_that_is_confirmed_meanwhile_is_locked_when_the_field_is_left",),
    ),
    Change(
        "nothing is drawn while a field is in use",
        f"{_PAGE}/sheet.js",
        "  if (!used) return true;\n",
        "  return !used;\n",
        (f"{_ELSEWHERE}::test_a_delivery_from_elsewhere_that_leaves_the_field_in_use_as_it_is_is_drawn_around_it",),
    ),
    Change(
        "the field in use is filled",
        f"{_PAGE}/form.js",
        "} else if (field !== used && !isSame",
        "} else if (!isSame",
        (f"{_ELSEWHERE}::test_a_field_in_use_keeps_its_text_when_another_tab_types_into_it",),
    ),
    Change(
        "what waited for the field in use is never drawn",
        f"{_PAGE}/app.js",
        "  if (page.open?.behind) draw();\n",
        "",
        (_WAITS,),
    ),
    Change(
        "what is read while somebody types is drawn",
        f"{_PAGE}/sheet.js",
        "  if (count() !== typed || page.user !== user) return look(id);\n",
        "",
        (_BUSY,),
    ),
    Change(
        "a submission takes what was typed after it",
        f"{_PAGE}/store.js",
        "if (draft && !isHeld) await",
        "if (false) await",
        (_SUBMITTED,),
    ),
    Change(
        "what is typed after a submission is based on what was before it",
        f"{_PAGE}/submitting.js",
        "    open.drawn = { base: item.body.base_revision, on: item.key };\n",
        "",
        (_SUBMITTED,),
    ),
    Change(
        "a sheet is left before the list is read",
        f"{_PAGE}/list.js",
        "  const list = await sheets(), items",
        "  page.open = null;\n  const list = await sheets(), items",
        (f"{_TYPING}::test_what_is_typed_while_the_list_is_read_is_kept",),
    ),
    Change(
        "the sign-in takes the keys of a mark",
        f"{_PAGE}/sign_in.js",
        "if (!fieldInUse(main)) open();",
        "open();",
        (f"{_TYPING}::test_the_question_who_is_there_takes_no_keystroke",),
    ),
    Change(
        "a write that failed is forgotten",
        f"{_PAGE}/typing.js",
        "    unkept = { draft, open, fault };\n",
        "",
        (_UNKEPT,),
    ),
    Change(
        "a sheet is left whose marks are nowhere else",
        f"{_PAGE}/drawing.js",
        "if (page.open && page.open.id !== id && !(await settled())) return;",
        "",
        (_UNKEPT,),
    ),
    Change(
        "an answer at the door takes the cursor",
        "static/js/check_in.js",
        "isHere = has === document.body || line.contains(has)",
        "isHere = Boolean(has)",
        ("tests/browser/test_check_in_typing.py::test_a_late_answer_takes_no_keystroke_at_the_door",),
    ),
    Change(
        "a corrected cell takes what is typed in the next",
        "static/js/swaps.js",
        "      field.value = value;\n",
        "",
        (
            "tests/browser/test_roster_typing.py"
            "::test_a_cell_that_is_being_corrected_stays_when_the_one_before_is_answered",
        ),
    ),
    Change(
        "marks are added as floats",
        f"{_PAGE}/marks.js",
        "  return shown(sum);\n",
        "  return String(Object.entries(marks).reduce((all, [, mark]) => all + Number(mark || 0), 0));\n",
        ("tests/browser/test_tablet_marks.py::test_a_total_is_exact_to_the_last_place_where_floats_are_not",),
    ),
    Change(
        "a slip of the point is not seen",
        f"{_PAGE}/marks.js",
        "near(units * 10n, middle) || near(units, middle * 10n)",
        "near(units * 10n, middle)",
        (
            "tests/browser/test_tablet_marks.py"
            "::test_a_slip_of_the_decimal_point_is_seen_from_the_judges_own_marks_only",
        ),
    ),
    Change(
        "a submission replaces one that may have arrived",
        f"{_PAGE}/queue.js",
        'item.state === "waiting" && item.attempts > 0',
        "false",
        (
            "tests/browser/test_tablet_queue.py"
            "::test_a_new_submission_replaces_what_was_never_sent_and_goes_after_what_may_have_arrived",
        ),
    ),
)
