"""`make long`, not in CI: what takes longer than a suite may. Knows the other runners by their modules.

Power cuts, guards taken away one after another, a region's database with both verifies, and every page of the
demonstration in each role at three sizes.
"""

import subprocess
import sys

PARTS = {
    "chaos": [sys.executable, "-m", "tests.chaos"],
    "mutate": [sys.executable, "-m", "tests.mutate"],
    "region": [sys.executable, "-m", "tests.long.region"],
    "pages": [sys.executable, "-m", "tests.long.pages"],
}


def main(wanted: list[str]) -> int:
    """Run the parts named, or all; 1 when one of them fails."""
    failed = [name for name, command in PARTS.items() if not wanted or name in wanted if subprocess.call(command)]
    print(f"failed: {', '.join(failed)}" if failed else "all of it held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
