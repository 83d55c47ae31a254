"""A child process does not outlive its parent, also where it has nothing to report for long."""

from __future__ import annotations

import os
import threading
import time

from recsys_tui.output.errors import ExitCode

LOOK, GRACE = 0.5, 5.0  # seconds: between two looks, and for what it does to end by itself at its next report


def end_with_parent() -> None:
    """End this process some seconds after its parent did, whatever it is doing then. What is being written down is
    there as a whole or not at all, as after a kill."""
    threading.Thread(target=_watch, args=(os.getppid(),), name="recsys-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    time.sleep(GRACE)
    os._exit(ExitCode.FAILED)
