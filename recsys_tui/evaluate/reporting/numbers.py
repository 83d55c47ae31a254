"""Figures as a report writes them."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_tui.output.messages import say


def figure(value: float | None) -> str:
    """Four digits behind the point below 1, else fewer: 0.0713, 1.283, 12.90; a dash for none."""
    if value is None:
        return say("report.none")
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def signed(value: float) -> str:
    """With its sign: +0.0260, -0.0130."""
    return ("+" if value >= 0 else "") + figure(value)


def interval(value: float | None, ends: Sequence[float] | None) -> str:
    """A figure with its interval."""
    if value is None or ends is None:
        return figure(value)
    return say("report.interval", mean=figure(value), low=figure(ends[0]), high=figure(ends[1]))


def share(value: float) -> str:
    """A share of people."""
    return f"{value:.1%}"


def points(value: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    return f"{100 * value:+.1f}"
