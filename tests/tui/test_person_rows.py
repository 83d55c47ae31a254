"""The rows of the Users mode as text."""

from __future__ import annotations

from recsys_tui.recommend.answers import RecommendedItem
from recsys_tui.tui.lines.person_rows import ListRow


def test_a_score_of_nothing_has_no_sign():
    row = ListRow(RecommendedItem(1, "i", "An item", (), -0.001, 0.5), "")
    assert row.cells(slim=False)[2] == "0.00"


def test_a_chance_that_a_private_model_does_not_tell_is_none():
    entry = RecommendedItem(1, "i", "An item", (), 1.0, 0.5)
    assert ListRow(entry, "").cells(slim=False)[3] == "50%"
    assert ListRow(entry, "", chances=False).cells(slim=False)[3] == "–"
