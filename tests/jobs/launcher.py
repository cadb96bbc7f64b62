"""The worker process with a kind that waits until it is told to go on: for tests that kill it in the middle.

`python -m tests.jobs.launcher` takes what competitions.working takes; the folder is in the environment (WAITS_IN).
"""

import os
import sys
import time
from pathlib import Path

from competitions import working
from competitions.base.media import Document
from competitions.jobs.kinds import Kind, Result, Work, register


def wait_for_leave(work: Work) -> Result:
    """A file, as soon as there is one called "go"."""
    work.tell(40)
    while not (Path(os.environ["WAITS_IN"]) / "go").exists():
        time.sleep(0.05)
        work.tell(40)
    return Result(Document("名单.xlsx", "application/pdf", b"made"))


if __name__ == "__main__":
    register(Kind("tests.list", lambda *_: 3, wait_for_leave))
    sys.exit(working.main())
