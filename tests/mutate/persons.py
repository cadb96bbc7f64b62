"""Guards of what is kept of a person: nothing that was not given is lost, every field goes the whole way."""

from tests.mutate.change import Change

_LESS, _WHOLE = "tests/registration/test_saving_less.py", "tests/registration/test_person_fields.py"
_ADDED = f"{_WHOLE}::test_a_field_added_to_the_table_is_in_every_place_without_another_change"

CHANGES = (
    Change(
        "a correction deletes what the form does not ask",
        "registration/entering.py",
        "    put_member(entry, member, member_person,",
        '    member.details, member.level = {}, ""\n    put_member(entry, member, member_person,',
        (f"{_LESS}::test_a_field_that_the_form_does_not_ask_stays",),
    ),
    Change(
        "what a browser did not send counts as blank",
        "registration/forms.py",
        " if self[each.name].raw_data)",
        ")",
        (f"{_LESS}::test_a_field_that_is_not_sent_stays",),
    ),
    Change(
        "what was blanked stays",
        "registration/people.py",
        'person[each.name] = value or ""',
        "person[each.name] = value",
        (f"{_LESS}::test_a_field_that_was_blanked_is_emptied_but_for_the_numbers_that_the_form_does_not_show",),
    ),
    Change(
        "a draft of a correction takes the person's place",
        "registration/member_values.py",
        "    if member.worker_id is None:\n        member.name",
        "    member.worker_id = None\n    if member.worker_id is None:\n        member.name",
        (f"{_LESS}::test_a_draft_of_a_correction_keeps_the_persons_place_in_the_event",),
    ),
    Change(
        "a roster overwrites what is half corrected",
        "registration/roster_plan.py",
        " if plan.member.drafted else []",
        " if False else []",
        (f"{_LESS}::test_a_roster_does_not_overwrite_what_is_half_corrected_on_the_page",),
    ),
    Change(
        "a roster without units moves known people to the only one",
        "registration/roster_plan.py",
        "        if known is not None and not person",
        "        if False and not person",
        (f"{_LESS}::test_a_roster_without_units_leaves_known_people_with_theirs_and_asks_for_the_others",),
    ),
    Change(
        "the unit of a correction is looked up by its old name",
        "registration/entering.py",
        '        whole["employer_id"] = member.employer_id',
        "        pass",
        (f"{_LESS}::test_the_unit_stays_the_same_when_it_was_renamed_and_another_has_its_old_name",),
    ),
    Change(
        "报名表 leaves a field out",
        "registration/entry_papers.py",
        'groupby(fields_in("print"),',
        'groupby(fields_in("print")[:-1],',
        (_ADDED,),
    ),
    Change(
        "a page leaves a field out",
        "registration/entry_page.py",
        'shown=fields_in("page")',
        'shown=fields_in("page")[:-1]',
        (_ADDED,),
    ),
)
