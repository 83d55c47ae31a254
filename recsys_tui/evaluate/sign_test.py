"""Whether one of two is preferred more often than chance would have it: the sign test."""

from __future__ import annotations

from math import comb


def sign_test(wins: int, losses: int) -> float:
    """Two-sided exact p that a fair coin falls so unevenly or more; ties are left out. 1 where nothing was decided."""
    tosses = wins + losses
    if not tosses:
        return 1.0
    tail = sum(comb(tosses, heads) for heads in range(min(wins, losses) + 1))
    return min(1.0, float(2 * tail / 2**tosses))
