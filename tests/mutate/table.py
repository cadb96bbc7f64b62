"""The table of changes, by feature. A house test keeps it from rotting: every text is found once, every test exists."""

from tests.mutate import accounts, coding, judging, registration, results, tabular

CHANGES = (
    *tabular.CHANGES,
    *accounts.CHANGES,
    *registration.CHANGES,
    *coding.CHANGES,
    *judging.CHANGES,
    *results.CHANGES,
)
