"""What the workbench shows, as plain data."""

from __future__ import annotations

from dataclasses import replace

from recsys_tui.tui.state.workbench import RANKERS, ModelState


def model(parts: dict[str, float]) -> ModelState:
    return ModelState("quick", "next", "cpu", (), {}, parts, (), (), ())


def test_what_can_rank_is_the_deep_model_and_the_parts_that_say_anything_the_best_first():
    three = model({"encoder": 0.0, "ease": 0.1, "sequence": 0.2, "recent": 0.3})
    assert three.rankers() == (("deep", 0.0), ("sequence", 0.2), ("ease", 0.1))
    assert [name for name, _ in model({"encoder": 0.3, "sequence": 0.2}).rankers()] == ["deep", "encoder", "sequence"]


def test_what_was_measured_on_a_few_is_not_told_but_ranks():
    told = replace(model({"popular": 0.3, "ease": 0.2, "friends": 0.0}), measured=False)
    assert told.rankers() == (("deep", None), *((name, None) for name in RANKERS if name in ("popular", "ease")))


def test_a_part_that_is_gone_is_stood_in_for_by_the_deep_model():
    """As after training a preset that has no encoder."""
    assert model({"sequence": 0.2}).ranker("sequence") == "sequence"
    assert model({"sequence": 0.2}).ranker("encoder") == "deep"
