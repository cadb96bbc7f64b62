"""Guards of correcting approved entries."""

from tests.mutate.change import Change

_HERE, _HALL = "tests/registration/test_corrections.py", "tests/situations/test_corrected_entries.py"
_SERVICES, _CHECKS = "registration/corrections/services.py", "registration/corrections/checks.py"

CHANGES = (
    Change(
        "a correction is agreed to although the entry has changed since",
        "registration/corrections/changes.py",
        "each.member, now(entry, each), each.after_id",
        "each.member, each.after_id",
        (f"{_HERE}::test_nobody_agrees_to_what_has_changed_since_it_was_proposed",),
    ),
    Change(
        "an old form of a correction puts back what was corrected since",
        _SERVICES,
        "    require_version(entry, version)\n",
        "",
        (f"{_HERE}::test_what_was_read_before_somebody_else_corrected_is_not_put_back_over_it",),
    ),
    Change(
        "anybody takes back a correction",
        _SERVICES,
        "if by.id != correction.by:",
        "if False:",
        (f"{_HERE}::test_another_organiser_who_drafts_does_not_take_back_what_is_not_his",),
    ),
    Change(
        "a judge appointed after the proposal becomes a contestant",
        _SERVICES,
        "    require_none(judge_faults(session, entry, changes))\n    apply(",
        "    apply(",
        (f"{_HERE}::test_a_judge_appointed_meanwhile_is_found_when_it_is_decided",),
    ),
    Change(
        "one who has withdrawn is corrected",
        _CHECKS,
        '    require_states([entry], ("approved",), "更正")\n',
        "",
        (f"{_HERE}::test_who_has_withdrawn_meanwhile_is_not_corrected_but_the_correction_can_be_refused",),
    ),
    Change(
        "a division is corrected although a stage is locked",
        _CHECKS,
        "any(stage.is_locked for stage in entry.event.stages)",
        "False",
        (f"{_HERE}::test_a_division_is_corrected_until_a_stage_is_locked",),
    ),
    Change(
        "a division is corrected although the codes are sealed",
        "coding/correcting.py",
        "register_guard(require_division_free)",
        "",
        (f"{_HALL}::test_a_division_is_not_corrected_once_the_codes_are_sealed",),
    ),
    Change(
        "a name is corrected without the identity card",
        "registration/corrections/typed.py",
        "and not wanted.card_seen",
        "and False",
        (f"{_HERE}::test_a_name_is_corrected_only_by_who_has_seen_the_identity_card",),
    ),
    Change(
        "the reason of a correction stands in the log in clear",
        _SERVICES,
        '            "correction": correction.id,\n',
        '            "correction": correction.id,\n            "reason": correction.reason,\n',
        (f"{_HERE}::test_the_log_has_digests_only_and_the_act_stands_with_both_people",),
    ),
    Change(
        "an entry is corrected although a publication names it",
        "results/settlement/corrected.py",
        "register_guard(require_unpublished)",
        "",
        (f"{_HALL}::test_once_a_publication_names_him_the_published_result_is_corrected_instead",),
    ),
    Change(
        "something is published while a correction waits",
        "results/settlement/checks.py",
        "return found + waiting_corrections(session, stage)",
        "return found",
        (f"{_HALL}::test_once_a_publication_names_him_the_published_result_is_corrected_instead",),
    ),
    Change(
        "a draft is approved with what was corrected since",
        "results/publications/services.py",
        "_require_none(blocking_approval(session, publication, stage))",
        "_require_none(blocking_publication(session, stage, stage_standings(session, stage)))",
        (f"{_HALL}::test_a_draft_made_before_the_correction_is_not_approved_but_drafted_anew",),
    ),
    Change(
        "settled standings are settled again after marks were changed behind the back",
        "results/settlement/corrected.py",
        "return bool(other) and all(",
        "return bool(other) or all(",
        (f"{_HALL}::test_marks_changed_behind_the_back_are_not_settled_again",),
    ),
)
