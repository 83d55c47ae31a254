"""Kill -9 at random moments of everything that writes: what is left is whole, and the next start works."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.bench.commands import Figure
from tests.trust.killed_acts import ACTS

KILLS, SEED = 200, 1


def kill_figures() -> Iterator[Figure]:
    """One figure an act; ``RECSYS_TEST_KILLS`` and ``RECSYS_TEST_SEED`` say how many kills in all, and where chance
    begins."""
    fifth = int(os.environ.get("RECSYS_TEST_KILLS", KILLS)) / 5
    seed = int(os.environ.get("RECSYS_TEST_SEED", SEED))
    for act, share in ACTS.items():
        each = round(fifth * share)
        start, done, problem = time.monotonic(), 0, ""
        with tempfile.TemporaryDirectory() as folder:
            try:
                begun = act(Path(folder), random.Random(f"{act.name} {seed}"))
                for done in range(1, each + 1):
                    begun.strike(done - 1)
                begun.finish()
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
                sys.stderr.write(traceback.format_exc())
        told = f"{done} of {each}" if problem else f"{each}, {time.monotonic() - start:.0f} s"
        yield Figure(f"kills of {act.name}: nothing is lost", told, problem or "all hold", not problem)
