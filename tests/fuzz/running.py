"""Spoils the kept inputs at random and gives them to the targets: for a number of examples, or as a process for so many
seconds, which tells what it is about so that whoever watches knows what it died of."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from tests.fuzz.edits import Edit, edits, seeds, spoilt
from tests.fuzz.targets import TARGETS, hold

AT_ONCE = 150


def spoil(
    name: str, folder: Path, examples: int, seed: int | None = None, before: Callable[[bytes], None] | None = None
) -> None:
    """Give a target ``examples`` spoilt inputs; without a seed the same ones each time. ``before`` is told of each.

    Raises what a target raised, with the smallest input found that does it.
    """
    kept = seeds(name)

    @hypothesis.settings(
        max_examples=examples, deadline=None, database=None, derandomize=seed is None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(st.integers(0, len(kept) - 1), edits)
    def one(which: int, changes: list[Edit]) -> None:
        content = spoilt(kept[which], changes)
        if before is not None:
            before(content)
        hold(name, content, folder)

    (one if seed is None else hypothesis.seed(seed)(one))()


def main(arguments: list[str]) -> int:
    """``SEED SECONDS FILE``: go round the targets until the time is over; FILE holds what is tried now. A line of JSON
    a round; 1 where a target raised something."""
    seed, seconds, now = int(arguments[0]), float(arguments[1]), Path(arguments[2])
    end, rounds = time.monotonic() + seconds, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < end:
            for target in TARGETS:
                watch = _Watch(target, now)
                problem = ""
                if time.monotonic() > end:
                    break
                try:
                    spoil(target, folder, AT_ONCE, seed + rounds, watch.note)
                except Exception as error:
                    problem = f"{type(error).__name__}: {error}"
                watch.tell(problem)
                if problem:
                    return 1
            rounds += 1
    return 0


class _Watch:
    """Writes down what a target is given, counts, and notes how long the slowest took."""

    def __init__(self, target: str, now: Path) -> None:
        self._target, self._now = target, now
        self._inputs, self._slowest, self._last = 0, 0.0, time.monotonic()

    def note(self, content: bytes) -> None:
        self._lap()
        self._inputs += 1
        self._now.write_bytes(self._target.encode() + b"\n" + content)

    def _lap(self) -> None:
        now = time.monotonic()
        if self._inputs:
            self._slowest = max(self._slowest, now - self._last)
        self._last = now

    def tell(self, problem: str) -> None:
        self._lap()
        told = {"target": self._target, "inputs": self._inputs, "slowest": self._slowest, "problem": problem}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
