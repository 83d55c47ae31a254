"""Probabilities as people read them."""

from __future__ import annotations

LEAST_SHOWN = 0.001


def percent(probability: float) -> str:
    """A probability for people: never 0 % or 100 %, which nothing is sure enough to be."""
    if probability < LEAST_SHOWN:
        return f"<{LEAST_SHOWN:.1%}"
    if probability > 1 - LEAST_SHOWN:
        return f">{1 - LEAST_SHOWN:.1%}"
    return f"{probability:.1%}" if not 0.01 <= probability < 0.99 else f"{probability:.0%}"
