"""What Compare says of small differences and of the groups of people for which a model is worst."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recsys_tui.evaluate.differences import METRICS, Difference, Segment, SideBySide
from recsys_tui.recommend.session import Session
from recsys_tui.tui.lines.compare import Pair, score_rows, worst_segment
from tests.tui.test_compare import stored_of


def compared(trained: Session, metrics: float, *segments: Segment) -> Pair:
    """Deep against ease, so far apart in every metric, and in groups of people."""
    differences = tuple(Difference("deep", "ease", metric, metrics, -0.046, 0.046) for metric in METRICS)
    return Pair(replace(stored_of(trained), side_by_side=SideBySide(differences, segments)), "deep", "ease")


@pytest.mark.parametrize("noise", [-1e-17, 1e-17, -0.00004, 0.0])
def test_what_is_shown_as_no_difference_is_marked_as_none(trained: Session, noise: float):
    row = score_rows(compared(trained, noise))[0]
    assert row[3:] == ("+.0000", "−.0460 … +.0460", "=")


def test_the_worst_group_is_one_of_several(trained: Session):
    def group(name: str, delta: float, by: str = "activity", label: str = "") -> Segment:
        found = (Difference("deep", "ease", "ndcg@10", delta, delta - 0.02, delta + 0.02),)
        return Segment(name, 280, 3, 12, {"deep": 0.2 + delta, "ease": 0.2}, found, by, label)

    ahead, drama = group("light", 0.0984), group("cluster", 0.05, "cluster", "Drama")
    untold = Segment("middle", 7, 13, 30, {}, ())
    assert worst_segment(compared(trained, 0.1, ahead, untold)) is None
    said = worst_segment(compared(trained, 0.1, ahead, group("heavy", 0.2)))
    assert said == (
        "Least ahead: deep for light users (3 to 12 items before, 280 people), NDCG@10 +.0984 (95 % +.0784 to +.1184)."
    )
    assert str(worst_segment(compared(trained, 0.1, ahead, drama))).startswith("Least ahead: deep for ")
    for delta, shown in ((0.00001, "+.0000"), (-0.03, "−.0300")):
        said = worst_segment(compared(trained, 0.1, ahead, group("heavy", delta)))
        assert str(said).startswith("Worst for deep: heavy users (")
        assert f"NDCG@10 {shown}" in str(said)
