"""The table of changes, by feature. A house test keeps it from rotting: every text is found once, every test exists."""

from tests.mutate import (
    accounts,
    backup,
    by_two,
    coding,
    corrections,
    county,
    jobs,
    marking,
    persons,
    registration,
    results,
    signing,
    tablet,
    tabular,
    tampering,
    times,
)

CHANGES = (
    *tabular.CHANGES,
    *accounts.CHANGES,
    *by_two.CHANGES,
    *county.CHANGES,
    *registration.CHANGES,
    *corrections.CHANGES,
    *persons.CHANGES,
    *coding.CHANGES,
    *marking.CHANGES,
    *signing.CHANGES,
    *times.CHANGES,
    *results.CHANGES,
    *tablet.CHANGES,
    *tampering.CHANGES,
    *jobs.CHANGES,
    *backup.CHANGES,
)
