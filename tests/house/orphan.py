"""A server's parent in a process of its own: starts a worker, says its id, and is gone without a word."""

import multiprocessing
import os
import time

from competitions.base.orphans import end_with_parent


def work() -> None:
    """A worker that would go on for a minute."""
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(60)


if __name__ == "__main__":
    worker = multiprocessing.get_context("spawn").Process(target=work)
    worker.start()
    time.sleep(1)
    os._exit(0)
