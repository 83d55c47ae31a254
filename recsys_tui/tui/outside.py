"""What ends an application from outside: a signal, or a terminal that is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from recsys_tui.output.errors import ExitCode

SECONDS_TO_END = 1.0
SECONDS_BETWEEN_LOOKS = 0.5
FROM_OUTSIDE = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def hear_outside(end: Callable[[], None]) -> None:
    """Call ``end`` when a signal comes, or the terminal is gone. Within a running loop.

    What waits to be painted on a terminal that is gone may keep the loop for ever: the process is then ended in a
    second if it does not end by itself.
    """
    loop = asyncio.get_running_loop()
    for number in FROM_OUTSIDE:
        # Loops of Windows know no signals, and only the main thread may hear any: there the terminal alone ends it.
        with suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, end)
    if _terminal_there():
        threading.Thread(target=_end_with_the_terminal, args=(loop, end), name="terminal", daemon=True).start()


def _end_with_the_terminal(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    while _terminal_there():
        time.sleep(SECONDS_BETWEEN_LOOKS)
        if loop.is_closed():
            return
    with suppress(RuntimeError):  # closed meanwhile
        loop.call_soon_threadsafe(end)
    time.sleep(SECONDS_TO_END)
    os._exit(int(ExitCode.INTERRUPTED))


def _terminal_there() -> bool:
    """Whether what the screen is painted to is a terminal, still."""
    return sys.__stderr__ is not None and sys.__stderr__.isatty()
