"""A worker of a server with several processes ends when the process that started it is gone. Knows no request.

granian's workers would go on without their parent, keep the port and answer with the old program beside the new one.
"""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess

GRACE = 3.0
"""Seconds for what is being answered."""


def end_with_parent() -> threading.Thread | None:
    """Watch the parent from a thread, in a process that multiprocessing started; None in any other."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return None
    thread = threading.Thread(target=_outlive, args=(parent,), name="orphans", daemon=True)
    thread.start()
    return thread


def _outlive(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
