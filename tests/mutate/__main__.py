"""`make mutate`: take one guard after another away and see that a test misses it.

`python -m tests.mutate NAME…` tries those whose name holds one of the NAMEs. Exit status 1 when one is not held.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutate.change import Change
from tests.mutate.running import PASSED, Verdict, copied, tried
from tests.mutate.table import CHANGES


def main(names: Sequence[str]) -> int:
    """Try the changes named (all without names), one line each."""
    chosen = [change for change in CHANGES if not names or any(name in change.name for name in names)]
    if not chosen:
        print(f"No change has a name like {', '.join(names)}.")
        return 1
    with tempfile.TemporaryDirectory(prefix="competitions-mutate-") as folder:
        return _try_all(Path(folder), chosen)


def _try_all(folder: Path, chosen: Sequence[Change]) -> int:
    copy = copied(folder / "checkout")
    status, said = copy.tested(dict.fromkeys(test for change in chosen for test in change.tests))
    if status != PASSED:
        print(f"{said}\nThese tests must pass before anything is taken away.")
        return 1
    verdicts = []
    for change in chosen:
        verdicts.append(tried(copy, change))
        print(f"{verdicts[-1]:<18} {change.name}  ({change.file})", flush=True)
    print(f"{verdicts.count(Verdict.HELD)} of {len(verdicts)} held")
    return 0 if set(verdicts) == {Verdict.HELD} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
