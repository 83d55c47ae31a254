"""The floor: a part of the deep model serves only where it is clearly better."""

from __future__ import annotations

import numpy as np

from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.training.floor import served

EASE = SIGNALS.index("ease")


def gains(count: int, ahead: float, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Gains of all parts and of the deep model; EASE is ahead of it by ``ahead`` on average, ± ``spread``."""
    random = np.random.default_rng(seed)
    deep = random.random(count)
    difference = random.normal(size=count)
    difference = ahead + spread * (difference - difference.mean()) / difference.std(ddof=1)
    parts = np.zeros((count, len(SIGNALS)))
    parts[:, EASE] = deep + difference
    return parts, deep


def test_a_part_that_is_clearly_ahead_serves():
    # 100 lists with a spread of 1: the standard error is 0.1.
    assert served(*gains(100, ahead=0.11, spread=1.0)) == "ease"
    assert served(*gains(100, ahead=0.09, spread=1.0)) == "deep"
    assert served(*gains(400, ahead=0.09, spread=1.0)) == "ease"


def test_a_part_that_is_behind_never_serves():
    assert served(*gains(1000, ahead=-0.01, spread=0.1)) == "deep"


def test_too_few_lists_decide_nothing():
    assert served(*gains(19, ahead=0.5, spread=0.1)) == "deep"
    assert served(*gains(20, ahead=0.5, spread=0.1)) == "ease"
    assert served(None, np.ones(50)) == "deep"
