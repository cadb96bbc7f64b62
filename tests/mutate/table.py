"""The table of changes, by feature. A house test keeps it from rotting: every text is found once, every test exists."""

from tests.mutate import accounts, coding, county, marking, persons, registration, results, signing, tablet, tabular

CHANGES = (
    *tabular.CHANGES,
    *accounts.CHANGES,
    *county.CHANGES,
    *registration.CHANGES,
    *persons.CHANGES,
    *coding.CHANGES,
    *marking.CHANGES,
    *signing.CHANGES,
    *results.CHANGES,
    *tablet.CHANGES,
)
