"""Guards of stops and extra time: who signs, what counts, when they are closed."""

from tests.mutate.change import Change

_TIMES = "tests/judging/test_times.py"
_INTERVALS = "tests/judging/test_intervals.py"
_SERVICES = "judging/timing/services.py"
_CLOSED = f"{_TIMES}::test_after_the_signature_time_changes_only_by_reopening"
_PEOPLE = f"{_TIMES}::test_nobody_but_floor_judges_and_the_chief_judges_office_enters_and_only_the_chief_judge_signs"

CHANGES = (
    Change(
        "extra time that nobody signed counts",
        "judging/timing/queries.py",
        "if each.is_signed or not signed]",
        "if True]",
        (
            f"{_TIMES}::test_a_power_failure_is_stopped_and_resumed_by_a_floor_judge_and_counts_once_the_chief_judge_signs",
        ),
    ),
    Change(
        "stopped time that overlaps counts twice",
        "judging/timing/intervals.py",
        "if found and begins <= found[-1][1]:",
        "if False:",
        (f"{_INTERVALS}::test_every_second_counts_once_however_often_it_is_stopped",),
    ),
    Change(
        "stopped time makes the time taken less than nothing",
        "judging/timing/reckoning.py",
        "max(Fraction(0), Fraction(self.taken) - self.stopped - self.granted)",
        "Fraction(self.taken) - self.stopped - self.granted",
        (f"{_INTERVALS}::test_a_time_taken_to_the_hundredth_stays_exact",),
    ),
    Change(
        "stopped time counts though the clock stood still",
        "judging/timing/reckoning.py",
        "length(self.stops if runs is None else common(self.stops, runs))",
        "length(self.stops)",
        (f"{_TIMES}::test_a_stop_counts_for_a_sheet_only_as_far_as_its_clock_ran",),
    ),
    Change(
        "extra time is changed after the signature",
        _SERVICES,
        "    if signed:\n",
        "    if False:\n",
        (_CLOSED,),
    ),
    Change(
        "extra time that is not his own is withdrawn by somebody of the office",
        _SERVICES,
        "if not signs(by, stage) and (",
        "if False and (",
        (_PEOPLE,),
    ),
    Change(
        "a stop that changed since it was handed on is signed",
        _SERVICES,
        "    second_person.decide(session, SIGNING, change.id, document(change), by=by, at=at)\n",
        "",
        (f"{_TIMES}::test_a_stop_that_changed_since_it_was_handed_on_is_not_signed",),
    ),
    Change(
        "a judge who is not on the floor stops the clock",
        "judging/timing/queries.py",
        '            PanelMember.duty == "floor",\n',
        "",
        (_PEOPLE,),
    ),
    Change(
        "a module is signed while a stop lasts",
        "judging/signing/services.py",
        "    lists += _unsigned_times(session, module, division_id)\n",
        "",
        (
            f"{_TIMES}::test_a_module_is_not_signed_while_a_stop_lasts_or_waits_and_the_chief_judge_ends_what_was_forgotten",
        ),
    ),
    Change(
        "extra time is not in the module's signature",
        "judging/signing/signatures.py",
        '**({"times": times} if times else {}),',
        "",
        (f"{_TIMES}::test_the_verification_names_a_change_of_time_that_has_gone_and_one_that_was_put_in",),
    ),
)
