"""When garbage is collected while the workbench runs: when nobody types, so that no key waits for it."""

from __future__ import annotations

import gc
import time

# Collections of the middle generation before the oldest one is collected too; Python's own figure is 10. Walking the
# oldest takes some 30 ms: with ten, somebody who switches between views waits for it every few seconds.
OFTEN_ENOUGH = 50
PAUSE = 3.0  # seconds without a key


class RareCollection:
    """Collects once in every pause; within one only where very much was made."""

    def __init__(self) -> None:
        self._before: tuple[int, int, int] | None = None
        self._heard, self._due = time.monotonic(), False

    def begin(self) -> None:
        """From now on garbage of long standing waits for a pause."""
        self._before = gc.get_threshold()
        gc.set_threshold(self._before[0], self._before[1], OFTEN_ENOUGH)

    def end(self) -> None:
        """As it was before :meth:`begin`."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None

    def heard(self) -> None:
        """Somebody pressed a key."""
        self._heard, self._due = time.monotonic(), True

    def tick(self) -> None:
        """Called now and then: collects where a pause has come."""
        if self._due and time.monotonic() - self._heard >= PAUSE:
            self._due = False
            gc.collect()
