"""How long a training takes: what an earlier one took, what the size says, and how fast the machine is."""

from __future__ import annotations

from typing import Any

import pytest

from recsys_tui.training.estimates import DataSize, all_expected, by_size, expected_seconds
from recsys_tui.training.events import STAGES
from recsys_tui.training.presets import PRESETS

SMALL, LARGE = DataSize(943, 1_682, 100_000), DataSize(6_040, 3_706, 1_000_209)


def manifest(preset: str, horizon: str, seconds: list[float], **more: Any) -> dict[str, Any]:
    stages = [{"name": name, "seconds": value} for name, value in zip(STAGES, seconds, strict=True)]
    return {"model": {"preset": preset, "horizon": horizon}, "stages": stages, **more}


# Processor seconds of `recsys train` on these data, as the README has them; nearly all of them are those of the stages.
@pytest.mark.parametrize(
    ("size", "preset", "measured"),
    [(SMALL, "quick", 15), (SMALL, "standard", 43), (LARGE, "quick", 27), (LARGE, "standard", 282)],
)
def test_the_formula_is_right_within_a_factor_of_three(size: DataSize, preset: str, measured: float):
    assert measured / 3 < sum(by_size(size, PRESETS[preset], "next").values()) < measured * 3


def test_more_of_anything_takes_longer():
    base = sum(by_size(SMALL, PRESETS["quick"], "next").values())
    for more in (DataSize(9_430, 1_682, 100_000), DataSize(943, 16_820, 100_000), DataSize(943, 1_682, 1_000_000)):
        assert sum(by_size(more, PRESETS["quick"], "next").values()) > base
    assert sum(by_size(SMALL, PRESETS["standard"], "next").values()) > base
    # Over weeks there is no encoder to teach.
    assert by_size(SMALL, PRESETS["standard"], "later")["deep"] < by_size(SMALL, PRESETS["standard"], "next")["deep"]


def test_the_same_training_takes_as_long_again():
    earlier = [manifest("quick", "next", [3.0, 0.5, 4.0, 9.0]), manifest("quick", "next", [30.0, 5.0, 40.0, 90.0])]
    assert list(expected_seconds(SMALL, "quick", "next", earlier).values()) == [3.0, 0.5, 4.0, 9.0]


def test_another_training_says_how_fast_this_machine_is():
    formula = by_size(SMALL, PRESETS["quick"], "next")
    twice = manifest("quick", "next", [2 * formula[name] for name in STAGES])
    expected = expected_seconds(SMALL, "standard", "next", [twice])
    standard = by_size(SMALL, PRESETS["standard"], "next")
    assert expected["user_profiles"] == 2 * formula["user_profiles"], "this stage is the same in every preset"
    assert expected["deep"] == pytest.approx(2 * standard["deep"])


def test_an_interrupted_deep_stage_says_nothing():
    formula = by_size(SMALL, PRESETS["quick"], "next")
    stopped = manifest("quick", "next", [formula[name] for name in STAGES[:3]] + [0.001], interrupted=True)
    assert expected_seconds(SMALL, "quick", "next", [stopped])["deep"] == pytest.approx(formula["deep"])


def test_every_preset_and_horizon_has_an_estimate():
    found = all_expected(SMALL)
    assert set(found) == {f"{preset}-{horizon}" for preset in PRESETS for horizon in ("next", "later")}
    assert all(set(stages) == set(STAGES) and min(stages.values()) > 0 for stages in found.values())
