"""`make fuzz` (`python -m tests.tabular.fuzz [COUNT] [SEED]`): 2,000 damaged spreadsheets through the reading side.

Each must give cells or a clear problem within the time limit, and this process must survive; else exit status 1.
"""

import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from competitions.tabular import limits
from competitions.tabular.roster_check import check
from tests.tabular.mutations import mutated

WORKERS = 2


def outcome(name: str, data: bytes) -> tuple[str, float]:
    """What the check says of a file: its exit code and first code of a problem, and the seconds it took.

    Raises whatever the reading side wrongly raises.
    """
    began = time.monotonic()
    document, code = check(data, name)
    assert all(problem["message"] and "{" not in problem["message"] for problem in document["problems"]), name
    assert code == 0 or any(problem["severity"] == "error" for problem in document["problems"]), name
    if code == 2:
        assert len(document["problems"]) == 1 and document["problems"][0]["code"].startswith("file."), name
        return str(document["problems"][0]["code"]), time.monotonic() - began
    return f"exit {code}", time.monotonic() - began


def main(arguments: list[str]) -> int:
    """Runs and prints what came out, how often, and the slowest."""
    count, seed = (
        (int(each) for each in [*arguments, "2000", "20260501"][:2])
        if len(arguments) != 1
        else (int(arguments[0]), 20260501)
    )
    outcomes: Counter[str] = Counter()
    failed, slowest = 0, 0.0
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting = [(name, data, pool.submit(outcome, name, data)) for name, data in mutated(seed, count)]
        for name, _, future in waiting:
            try:
                said, seconds = future.result()
                outcomes[said] += 1
                slowest = max(slowest, seconds)
            except Exception:
                failed += 1
                print(f"FAILED {name}")
                traceback.print_exc()
    for said, times in outcomes.most_common():
        print(f"{times:>6}  {said}")
    print(f"slowest {slowest:.2f} s, {failed} failed of {count} (seed {seed})")
    return 1 if failed or slowest > limits.CHILD_SECONDS + 5 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
