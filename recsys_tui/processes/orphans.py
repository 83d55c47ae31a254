"""A child process does not outlive its parent, also where it has nothing to report for long."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import IO

from recsys_tui.output.errors import ExitCode

LOOK, GRACE = 0.5, 5.0  # seconds: between two looks, and for what it does to end by itself at its next report


def end_with_parent(told: IO[str]) -> None:
    """End this process some seconds after its parent did, whatever it is doing then: first as a signal ends it, so that
    it can tidy up. What is being written down is there as a whole or not at all, as after a kill.

    ``told``: the pipe that the parent reads; where nobody does, the parent is gone already.
    """
    parent, listened = os.getppid(), select.poll()
    listened.register(told, 0)
    gone = bool(listened.poll(0))
    threading.Thread(target=_watch, args=(None if gone else parent,), name="recsys-parent", daemon=True).start()


def _watch(parent: int | None) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(ExitCode.FAILED)
