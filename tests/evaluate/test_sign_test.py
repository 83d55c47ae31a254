"""The sign test, by hand and against SciPy."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from recsys_tui.evaluate.sign_test import sign_test


def test_by_hand():
    assert sign_test(0, 0) == 1.0
    assert sign_test(5, 5) == 1.0
    assert sign_test(8, 2) == 2 * (1 + 10 + 45) / 1024
    assert sign_test(0, 6) == 2 / 64


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (7, 3), (40, 61), (200, 150)])
def test_as_scipy_has_it(wins: int, losses: int):
    assert sign_test(wins, losses) == pytest.approx(binomtest(wins, wins + losses).pvalue, rel=1e-9)
