"""Figures of lists and explanations as text: as many decimals as tell them apart, and one minus sign."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

DIGITS, LEAST_DECIMALS, MOST_DECIMALS = 3, 2, 6


def decimals_of(values: Iterable[float]) -> int:
    """Decimals that show the largest of some numbers to three digits: two, or more where all are small."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if not largest:
        return LEAST_DECIMALS
    return min(MOST_DECIMALS, max(LEAST_DECIMALS, DIGITS - 1 - math.floor(math.log10(largest))))


def decimals_apart(values: Sequence[float]) -> int:
    """The decimals of a ranked list: one more where neighbours that differ would look the same."""
    decimals = decimals_of(values)
    pairs = [(first, then) for first, then in pairwise(values) if first != then]
    alike = any(f"{first:.{decimals}f}" == f"{then:.{decimals}f}" for first, then in pairs)
    return min(MOST_DECIMALS, decimals + alike)


def plain(value: float, decimals: int = LEAST_DECIMALS) -> str:
    """A number with a sign where it is below 0."""
    return f"{value:z.{decimals}f}".replace("-", "−")


def signed(value: float, decimals: int = LEAST_DECIMALS) -> str:
    """A number with its sign in any case."""
    return f"{'+' if value >= 0 else '−'}{abs(value):.{decimals}f}"
