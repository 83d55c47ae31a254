"""Draws and files that are the same on every machine: what the invented datasets are made with."""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, TypeVar

Option = TypeVar("Option")


class Dice:
    """Draws made of nothing but ``Random.random``."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self._random.random() < share

    def number(self, fewest: int, most: int) -> int:
        """An integer from ``fewest`` to ``most``, both included."""
        return fewest + int(self._random.random() * (most - fewest + 1))

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options."""
        return options[int(self._random.random() * len(options))]

    def weighted(self, cumulative: list[int]) -> int:
        """An index, from cumulative integer weights."""
        return bisect_right(cumulative, int(self._random.random() * cumulative[-1]))

    def within(self, bands: Sequence[tuple[float, int, int]]) -> int:
        """An integer from one of some bands, each a share of the draws, a fewest and a most."""
        drawn, total = self.number(0, 9_999) / 10_000, 0.0
        for share, fewest, most in bands:
            total += share
            if drawn < total:
                return self.number(fewest, most)
        return bands[-1][2]

    def noise(self) -> float:
        """Near-normal noise with mean 0 and deviation about 0.5: a sum of three uniform draws."""
        return self._random.random() + self._random.random() + self._random.random() - 1.5


class Shelf:
    """Things in the order of their popularity; the first are drawn most often."""

    def __init__(self, things: Sequence[int], steepness: int = 6) -> None:
        self.things = list(things)
        self._cumulative = list(accumulate(10_000 // (steepness + place) for place in range(len(self.things))))

    def draw(self, dice: Dice) -> int:
        """One of the things."""
        return self.things[dice.weighted(self._cumulative)]


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table with ``\\n`` after each line."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(buffer.getvalue().encode())


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write what was planted as compact JSON, a few entries a line."""
    text = json.dumps(truth, separators=(",", ":"), ensure_ascii=False).replace('],"', '],\n"')
    path.write_bytes(text.encode() + b"\n")
