"""What ends an application from outside: a signal, or a terminal that is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from recsys_tui.output.errors import ExitCode

SECONDS_TO_END = 1.0
FROM_OUTSIDE = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def hear_outside(end: Callable[[], None]) -> bool:
    """Call ``end`` when a signal comes; returns whether there is a terminal that can be lost. Within a running loop."""
    loop = asyncio.get_running_loop()
    for number in FROM_OUTSIDE:
        with suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, end)
    return terminal_there()


def terminal_there() -> bool:
    """Whether what the screen is painted to is a terminal, still."""
    return sys.__stderr__ is not None and sys.__stderr__.isatty()


def end_soon() -> None:
    """End the process in a second if it does not by itself: what waits to be painted on a terminal that is gone may
    keep it."""
    ending = threading.Timer(SECONDS_TO_END, os._exit, [int(ExitCode.INTERRUPTED)])
    ending.daemon = True
    ending.start()
