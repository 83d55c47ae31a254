"""Which sizes of a terminal the style sheets tell apart."""

from __future__ import annotations

from textual.geometry import Size

NARROW, SLIM, LOW = 110, 78, 16
SMALLEST = Size(40, 10)
NARROW_CLASS, LOW_CLASS = "narrow", "low"


def size_classes(size: Size) -> dict[str, bool]:
    """The classes of a screen of a size (cells), and whether each applies."""
    return {
        NARROW_CLASS: size.width < NARROW,
        "slim": size.width < SLIM,
        LOW_CLASS: size.height < LOW,
        "too-small": size.width < SMALLEST.width or size.height < SMALLEST.height,
    }
