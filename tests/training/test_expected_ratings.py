"""The model of expected ratings as training makes and measures it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.classics.biased_factors import BiasedFactors, BiasedSettings
from recsys_tui.training import expected_ratings
from recsys_tui.training.expected_ratings import fit_expected_ratings

SETTINGS = BiasedSettings(width=0, ridge=1.0, bias_ridge=0.5)


def rated(people: int = 120, items: int = 30, each: int = 8) -> Histories:
    """Everybody rates eight items at 3 + an own shift + the item's, exactly."""
    random = np.random.default_rng(1)
    codes = np.concatenate([random.choice(items, each, replace=False) for _ in range(people)]).astype(np.int32)
    shift = random.choice([-1.0, 1.0], people).repeat(each) + np.linspace(-0.5, 0.5, items)[codes]
    indptr = np.arange(0, people * each + 1, each)
    ones = np.ones(len(codes), np.float32)
    return Histories(indptr, codes, None, ones, items, ratings=(3 + shift).astype(np.float32))


def test_figures_are_of_ratings_that_were_not_seen():
    """Item means know nothing of people, who are one above or below: an error of about one; the model knows them."""
    whole = rated()
    older = whole.prefixes(range(len(whole)), np.full(len(whole), 6))
    model, figures = fit_expected_ratings(whole, older, SETTINGS, seed=0)
    assert model is not None
    assert figures["ratings"] == len(whole)
    assert figures["rmse"] < 0.25
    assert figures["item_mean_rmse"] == pytest.approx(1, abs=0.1)
    changed = replace(whole, ratings=whole.ratings.copy())
    changed.ratings[whole.indptr[1:] - 1] += 10  # the newest ratings, which the model that is measured must not know
    _, moved = fit_expected_ratings(changed, older, SETTINGS, seed=0)
    assert moved["mae"] == pytest.approx(10, abs=0.3)


def test_of_more_people_than_are_judged_the_same_tens_are_whatever_the_seed(monkeypatch: pytest.MonkeyPatch):
    """Else two trainings would tell of the few who are judged in one and not in the other."""
    monkeypatch.setattr(expected_ratings, "MOST_JUDGED", 20)
    whole = rated(people=26)
    older = whole.prefixes(range(len(whole)), np.full(len(whole), 6))
    found = [fit_expected_ratings(whole, older, SETTINGS, seed)[1] for seed in range(4)]
    assert len({figures["item_mean_rmse"] for figures in found}) == 1
    assert {figures["ratings"] for figures in found} == {20}


@pytest.mark.parametrize(("crowd", "people", "judged"), [(24, 26, {24}), (30, 26, set())])
def test_a_crowd_of_more_people_than_are_judged_is_judged_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, crowd: int, people: int, judged: set[int]
):
    """The setting may ask for a larger one; training ended over nobody to judge."""
    monkeypatch.setattr(expected_ratings, "MOST_JUDGED", 20)
    monkeypatch.setenv("RECSYS_SMALLEST_CROWD", str(crowd))
    whole = rated(people=people)
    older = whole.prefixes(range(len(whole)), np.full(len(whole), 6))
    model, figures = fit_expected_ratings(whole, older, SETTINGS, seed=0)
    assert model is not None
    assert {count for name, count in figures.items() if name == "ratings"} == judged


def test_the_model_that_serves_has_seen_everything():
    whole = rated()
    older = whole.prefixes(range(len(whole)), np.full(len(whole), 6))
    model, _ = fit_expected_ratings(whole, older, SETTINGS, seed=0)
    expected = BiasedFactors.fit(whole, settings=SETTINGS)
    assert model is not None
    np.testing.assert_array_equal(model.items, expected.items)


@pytest.mark.parametrize("ratings", [None, np.full(960, np.nan, np.float32)])
def test_without_ratings_there_is_no_such_model(ratings: np.ndarray | None):
    whole = replace(rated(), ratings=ratings)
    assert fit_expected_ratings(whole, whole, SETTINGS, seed=0) == (None, {})


def test_where_nothing_was_held_out_nothing_is_measured():
    whole = rated()
    model, figures = fit_expected_ratings(whole, whole, SETTINGS, seed=0)
    assert model is not None
    assert figures == {}
