"""The worker process: `python -m competitions.working` does the jobs, until it is stopped. `make run` and `make serve` start
one beside the server (JOBS=1); behind several servers one is started by itself.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from competitions.base import logs
from competitions.base.database import new_id
from competitions.jobs.running import work
from competitions.jobs.supervising import end_with_parent
from competitions.serving import application

BEHIND = 10
"""How much the pages go first when both want the processor."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until stopped."""
    parser = argparse.ArgumentParser(description="Do the jobs in the background.")
    parser.add_argument("--name", default=new_id(), help="whose jobs are given back at the start")
    parser.add_argument("--child", action="store_true", help="end with the process that started this one")
    parser.add_argument("--log", type=Path, help="log to this file")
    options = parser.parse_args(arguments)
    if options.child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, and this one ends with it
        end_with_parent()
    with suppress(AttributeError, OSError):
        os.nice(BEHIND)
    logs.start(file=options.log)
    app = application(limits_statements=False)
    with app.app_context(), suppress(KeyboardInterrupt):
        work(options.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
