"""The rows of the Users mode as text."""

from __future__ import annotations

from recsys_tui.recommend.answers import RecommendedItem
from recsys_tui.tui.lines.person_rows import ListRow


def test_a_score_of_nothing_has_no_sign():
    row = ListRow(RecommendedItem(1, "i", "An item", (), -0.001, 0.5), "")
    assert row.cells(slim=False)[2] == "0.00"
