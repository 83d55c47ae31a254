"""The band of what really serves: each part's own, as the training left it or measured when it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session


@pytest.fixture
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return Recommender(found.model, found.manifest, found.preset, found.horizon)


@pytest.mark.parametrize("part", ["ease", "content", "sequence"])
def test_some_causes_count_and_some_do_not(recommender: Recommender, part: str):
    """With the band of another scale, nothing counts or everything does."""
    share = []
    for user in ("42", "7", "900", "100", "250"):
        item = recommender.recommend(user, k=1, model=part).items[0].item
        found = explain(recommender, user, item, model=part, counterfactuals=False)
        assert found.model == part
        effects = [abs(cause.effect) for cause in found.history if cause.effect is not None]
        assert found.band < max(effects) * 10
        share += [effect > found.band for effect in effects]
    assert 0.01 < np.mean(share) < 0.6


def test_a_part_that_serves_in_place_of_deep_has_the_band_of_the_training(recommender: Recommender):
    bands = [{"longest": 50, "band": 3.0, "samples": 1}, {"longest": None, "band": 2.0, "samples": 1}]
    manifest = {**recommender.manifest, "served": "ease", "part_bands": {"ease": bands}}
    humbled = Recommender(recommender.model, manifest, "quick", "next")
    user = next(user for user in ("42", "7", "900", "1") if len(recommender.history(user)) <= 50)
    item = humbled.recommend(user, k=1).items[0].item
    found = explain(humbled, user, item, counterfactuals=False)
    assert (found.model, found.band) == ("ease", 3.0)
    assert not any(cause.beyond_chance for cause in found.history)


def test_it_is_measured_once(recommender: Recommender, monkeypatch: pytest.MonkeyPatch):
    first = recommender.removal_band("ease", 30)
    assert first > 0
    monkeypatch.setattr("recsys_tui.models.explaining.removal_bands.bands_from", None)
    assert recommender.removal_band("ease", 45) == recommender.removal_band("ease", 30) == first
    assert recommender.removal_band("deep", 30) == next(
        entry["band"] for entry in recommender.manifest["removal_bands"] if (entry["longest"] or 1e9) >= 30
    )


def test_a_private_model_tells_nothing_of_other_histories(recommender: Recommender):
    manifest = {**recommender.manifest, "privacy": {}, "removal_bands": []}
    assert Recommender(recommender.model, manifest, "private", "next").removal_band("ease", 30) == 0


def test_what_no_action_moves_is_never_a_cause(recommender: Recommender):
    item = recommender.recommend("42", k=1, model="popular").items[0].item
    found = explain(recommender, "42", item, model="popular", counterfactuals=False)
    assert not any(cause.beyond_chance for cause in found.history)
