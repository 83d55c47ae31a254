"""Items without actions: neighbours by content, means of their scores in every form, known items untouched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.models.cold_items import IMPUTED, ColdItems, ColdScores
from recsys_tui.models.experts import Experts, fit_experts
from recsys_tui.models.partial_scores import WholeScores
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profile_fitting import fit_user_profiles

KNOWN, NEW = 12, 3
WORDS = ("harbour", "lantern", "meadow")
LINEAR = [name for name in IMPUTED if name != "encoder"]


@pytest.fixture(scope="module")
def people() -> Histories:
    """Sixty people with the four known items of their own taste, of three; the last three items nobody has."""
    random = np.random.default_rng(3)
    lists = [random.permutation(np.flatnonzero(np.arange(KNOWN) % 3 == person % 3)) for person in range(60)]
    indptr = np.arange(0, 4 * 60 + 1, 4).astype(np.int64)
    codes = np.concatenate(lists).astype(np.int32)
    return Histories(indptr, codes, None, np.ones(len(codes), np.float32), KNOWN + NEW)


@pytest.fixture(scope="module")
def fitted(people: Histories) -> Experts:
    """Experts over fifteen items, each with the word of its taste as title and category."""
    words = [WORDS[item % 3] for item in range(KNOWN + NEW)]
    content, _ = fit_content_profiles(pl.DataFrame({"title": words, "categories": [[word] for word in words]}), 0)
    profiles, *_ = fit_user_profiles(people, lambda _share, _metrics: None)
    return fit_experts(
        people, profiles, content, head_limit=20, has_dates=False, ease_ridge=1.0, report=lambda _share: None
    )


def test_neighbours_are_the_known_items_most_alike(fitted: Experts):
    cold = fitted.cold
    assert cold is not None
    assert cold.items.tolist() == [12, 13, 14]
    for row, item in enumerate(cold.items.tolist()):
        alike = cold.nearest[row][cold.shares[row] > 0]
        # Items of the same words have cosine 1, others 0: four neighbours with a quarter each.
        assert sorted(alike.tolist()) == [known for known in range(KNOWN) if known % 3 == item % 3]
        np.testing.assert_allclose(cold.shares[row][cold.shares[row] > 0], 0.25, rtol=1e-5)


def test_neighbours_count_by_their_squared_cosines():
    # Items of one term each, and a new one with cosines of .8, .6 and 0 to them.
    content = ContentProfiles(
        np.array([0, 1, 2, 3, 5]),
        np.array([0, 1, 2, 0, 1], np.int32),
        np.array([1, 1, 1, 0.8, 0.6], np.float32),
        np.zeros((4, 1), np.float32),
        TextList.of(["jam", "jar", "mug"]),
        np.zeros(3, np.uint8),
    )
    cold = ColdItems.fit(content, np.array([1, 1, 1, 0]))
    assert cold is not None
    assert cold.nearest.tolist() == [[0, 1, 2]]
    np.testing.assert_allclose(cold.shares, [[0.64, 0.36, 0]], atol=1e-6)


@pytest.mark.parametrize("name", [*LINEAR, "profile", "profile_recent", "cluster"])
def test_a_new_item_has_the_mean_of_its_neighbours_and_known_ones_stay(fitted: Experts, people: Histories, name: str):
    without = replace(fitted, cold=None).score(name, people)
    scores = fitted.score(name, people)
    np.testing.assert_array_equal(scores[:, :KNOWN], without[:, :KNOWN])
    for item in range(KNOWN, KNOWN + NEW):
        alike = [known for known in range(KNOWN) if known % 3 == item % 3]
        np.testing.assert_allclose(scores[:, item], without[:, alike].mean(axis=1), rtol=2e-3, atol=1e-5)


def test_new_items_of_the_own_taste_come_first(fitted: Experts, people: Histories):
    for name in ("ease", "neighbours", "profile"):
        best = fitted.score(name, people)[:, KNOWN:].argmax(axis=1)
        np.testing.assert_array_equal(best, np.arange(60) % 3)


@pytest.mark.parametrize("name", sorted(IMPUTED))
def test_scores_at_some_items_are_those_of_the_whole_catalogue(fitted: Experts, people: Histories, name: str):
    items = np.array([[14, 0, 5, 12], [3, 3, 3, 3], *[[1, 13, 14, 2]] * 58], np.int32)
    part = fitted.partial_signals(people, (name,))[name].at(items)
    whole = np.take_along_axis(np.asarray(fitted.score(name, people)), items.astype(np.int64), axis=1)
    np.testing.assert_allclose(part, whole, rtol=1e-5, atol=1e-6)


def test_the_best_items_of_an_expert_are_known_ones():
    cold = ColdItems(np.array([2], np.int32), np.array([[0, 1]], np.int32), np.array([[0.5, 0.5]], np.float32))
    source = WholeScores(np.array([[3.0, 1.0, 0.0]], np.float32))
    scores = ColdScores(source, cold)
    assert scores.at(np.array([[2, 0, 2]], np.int32)).tolist() == [[2.0, 3.0, 2.0]]
    rows, items = scores.best(1, np.ones((1, 3), np.bool_))
    assert (rows.tolist(), items.tolist()) == ([0], [0])


def test_they_come_back_from_their_arrays(fitted: Experts, people: Histories):
    again = Experts.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(again.score("ease", people), fitted.score("ease", people))
    old = {name: array for name, array in fitted.to_arrays().items() if not name.startswith("cold.")}
    assert (Experts.from_arrays(old).score("ease", people)[:, KNOWN:] == 0).all()


def test_nothing_is_imputed_without_content_or_without_new_items(fitted: Experts):
    nothing, _ = fit_content_profiles(pl.DataFrame({"count": [1] * 3}), 0)
    assert ColdItems.fit(nothing, np.array([1, 1, 0])) is None
    assert ColdItems.fit(fitted.content, np.ones(KNOWN + NEW, np.int64)) is None
