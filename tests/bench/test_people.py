"""The bench of new people shows the right actions, and asks for the right one."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Histories
from tests.bench.people import beginnings


def test_beginnings_and_what_came_next():
    histories = Histories(
        np.array([0, 3, 4, 8]), np.array([5, 6, 7, 1, 2, 3, 4, 0], np.int32), None, np.ones(8, np.float32), 9
    )
    shown, people, targets = beginnings(histories, 2)
    assert people.tolist() == [0, 2]
    assert [shown.items_of(row).tolist() for row in range(2)] == [[5, 6], [2, 3]]
    assert targets.tolist() == [7, 4]
