"""Plain verdicts: what curves, popularity and intervals say, on figures made for it."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.evaluate.differences import Difference, Segment
from recsys_tui.evaluate.verdicts import losses, overfitting, popularity_bias


@pytest.mark.parametrize(
    ("loss", "curve", "kept", "verdict"),
    [
        ([3.0, 2.0, 1.5], [0.10, 0.11, 0.12], 3, "none"),
        ([3.0, 2.0, 1.5], [0.10, 0.1200, 0.1195], 2, "none"),
        ([3.0, 2.0, 1.5], [0.10, 0.12, 0.09], 2, "stopped_in_time"),
        ([3.0, 2.0, 2.2], [0.10, 0.12, 0.09], 2, "unsteady"),
        ([3.0, 2.0, 1.5], [0.10, 0.12, 0.09], 0, "start_kept"),
    ],
)
def test_curves_and_what_they_say(loss: list[float], curve: list[float], kept: int, verdict: str):
    found = overfitting({"loss": loss, "ndcg@10": curve, "kept": kept})
    assert found is not None
    assert found["verdict"] == verdict
    assert (found["epochs"], found["kept"]) == (3, kept)
    assert found["training_loss"]["last"] == loss[-1]


@pytest.mark.parametrize("epochs", [{}, {"loss": [1.0], "ndcg@10": [0.1], "kept": 1}])
def test_no_curve_no_verdict(epochs: dict[str, object]):
    assert overfitting(epochs) is None


def test_popularity_is_held_against_what_people_had():
    had = np.linspace(0.1, 0.2, 20)
    noise = np.where(np.arange(20) % 2, 0.01, -0.01)
    found = popularity_bias(had + 0.2 + noise, had, had, 0)
    assert found is not None
    assert (found["verdict"], found["people"]) == ("popular", 20)
    assert found["difference"] == found["shown"] - found["had"] == pytest.approx(0.2, abs=1 / 16)
    assert found["shown"] == pytest.approx(0.35, abs=1 / 32)
    told = np.array([found["shown"], found["had"], *found["ci95"]]) * 16  # of 20 people: as 1/16 is above 1/20
    assert told.tolist() == np.round(told).tolist()
    other = popularity_bias(had + noise, had, had, 0)
    less = popularity_bias(had + noise, had + 0.2, had, 0)
    assert other is not None
    assert less is not None
    assert (other["verdict"], less["verdict"]) == ("alike", "rare")


def test_what_one_person_took_is_not_told_by_asking_about_one_less():
    """By what they had too: of 20 people and of 19, in steps of which each is what one person may differ by."""
    values = np.linspace(0.11, 0.93, 20)
    means = []
    for own in (values, values[:-1]):
        found = popularity_bias(own, own, own, 0)
        assert found is not None
        assert found["took"] == found["had"] == found["shown"]
        assert found["took"] * 16 == round(found["took"] * 16)
        assert abs(found["took"] - own.mean()) <= 0.5 / 16
        means.append(found["took"])
    assert 20 * means[0] - 19 * means[1] != pytest.approx(values[-1], abs=0.01)


def test_no_fewer_than_ten_people_are_told_where_a_few_have_no_list():
    """Of 12 of 15 people: 15 less ten would be five."""
    had = np.linspace(0.1, 0.2, 15)
    found = popularity_bias(np.append(np.full(12, 0.5), [np.nan] * 3), had, had, 0)
    assert found is not None
    assert found["people"] == 15


@pytest.mark.parametrize("people", [12, 26, 300])
def test_a_difference_lies_within_its_interval(people: int):
    own = np.linspace(0.3, 0.36, people)
    for apart, noise in ((0.015, 0.0), (-0.002, 0.001), (0.05, 0.2)):
        found = popularity_bias(own + apart + noise * np.where(np.arange(people) % 2, 1, -1), own, own, 0, most=0.8)
        assert found is not None
        low, high = found["ci95"]
        assert low <= found["difference"] <= high
        assert (high > low) == (noise > 0)
        assert found["verdict"] == ("popular" if low > 0 else "rare" if high < 0 else "alike")


def test_nothing_is_said_of_nine_people():
    shown = np.array([0.5] * 9 + [np.nan] * 5)
    had = np.linspace(0.1, 0.2, 14)
    assert popularity_bias(shown, had, had, 0) is None


def test_losses_are_intervals_that_lie_below_zero():
    overall = [
        ("deep", "ease", "ndcg@10", -0.02, (-0.03, -0.01)),
        ("deep", "als", "ndcg@10", -0.02, (-0.05, 0.01)),
        ("deep", "als", "hr@10", -0.02, (-0.03, -0.01)),
    ]
    among = (
        Difference("deep", "ease", "ndcg@10", 0.1, 0.05, 0.15),
        Difference("deep", "als", "ndcg@10", -0.1, -0.15, -0.05),
    )
    found = losses("deep", overall, [Segment("light", 30, 1, 4, {}, among)])
    assert [(one["by"], one["name"], one["model"], one["delta"]) for one in found] == [
        (None, None, "ease", -0.02),
        ("activity", "light", "als", -0.1),
    ]
