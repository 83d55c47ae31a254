"""Numbers that people write in settings and options, as digits alone."""

from __future__ import annotations

MOST_DIGITS = 18  # what 64 bits hold; Python refuses thousands of them with an error of its own


def whole_number(text: str) -> int | None:
    """The number that some digits are; None for anything else, and for more digits than any count has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
