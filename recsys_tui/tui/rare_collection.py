"""Garbage is collected while the workbench runs in small pieces, and when nobody types, so that no key waits for it.

What is painted is garbage soon: each strip of a line refers to itself. What else there is, of Python, of Textual and of
the data, stays, and walking it takes 60 to 110 ms. It is frozen, so that a collection walks what came since.
"""

from __future__ import annotations

import asyncio
import gc
import time

PAUSE = 0.1  # seconds without a key
LONG_PAUSE = 20.0
MUCH_MADE = 3  # collections of the middle generation, each after some 7,000 new objects
MANY_LEFT = 20_000  # objects, which take some 5 ms


class RareCollection:
    """Collects what came since much was frozen in every pause between two keys, and everything in a long one.

    What is frozen is given back as ever where nothing refers to it any more; what refers to each other, and to nothing
    else, waits for a long pause.
    """

    def __init__(self) -> None:
        self._heard, self._typed, self._waits = time.monotonic(), False, False

    def begin(self) -> None:
        """From now on what a collection leaves is frozen where it is much."""
        gc.callbacks.append(_freeze_much)

    def end(self) -> None:
        """As it was before :meth:`begin`."""
        if _freeze_much in gc.callbacks:
            gc.callbacks.remove(_freeze_much)

    def heard(self) -> None:
        """Somebody pressed a key. To be called while the event loop runs."""
        self._heard, self._typed = time.monotonic(), True
        if not self._waits:
            self._wait(PAUSE)

    def _wait(self, seconds: float) -> None:
        self._waits = True
        asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._waits = False
        left = self._heard + PAUSE - time.monotonic()
        if left > 0:
            self._wait(left)
        elif gc.get_count()[2] >= MUCH_MADE:
            gc.collect()

    def settled(self) -> None:
        """Much came that stays."""
        gc.freeze()

    def tick(self) -> None:
        """Called now and then: everything is walked where a long pause has come."""
        if self._typed and time.monotonic() - self._heard >= LONG_PAUSE:
            self._typed = False
            gc.unfreeze()
            gc.collect()


def _freeze_much(phase: str, details: dict[str, int]) -> None:
    if phase == "stop" and details["generation"] == 2 and len(gc.get_objects(2)) > MANY_LEFT:
        gc.freeze()
