"""What the workbench shows, as plain data."""

from __future__ import annotations

from recsys_tui.tui.state import ModelState


def model(parts: dict[str, float]) -> ModelState:
    return ModelState("quick", "next", "cpu", (), {}, parts, (), (), ())


def test_going_through_the_models_shows_those_that_say_anything():
    three = model({"encoder": 0.0, "sequence": 0.2, "ease": 0.1, "recent": 0.1})
    assert three.ranker_after("deep", 1) == "sequence"
    assert three.ranker_after("sequence", 1) == "ease"
    assert three.ranker_after("ease", 1) == "deep"
    assert three.ranker_after("deep", -1) == "ease"
    assert model({"encoder": 0.3, "sequence": 0.2}).ranker_after("deep", 1) == "encoder"


def test_a_part_that_is_gone_counts_as_the_first():
    """As after training a preset that has no encoder."""
    assert model({"sequence": 0.2}).ranker_after("encoder", 1) == "sequence"
    assert model({}).ranker_after("encoder", 1) == "deep"
