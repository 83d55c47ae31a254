"""Vectors beside terms: cosines by hand, one person like many, missing ones, the measured share, new items."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.fold_in import fold_in_content_profiles

ITEMS = 12
RANDOM = np.random.default_rng(2)
GIVEN = RANDOM.normal(size=(ITEMS, 5)).astype(np.float32) * [1, 10, 100, 1, 1] + 3


def table(vectors: np.ndarray, words: list[str | None]) -> pl.DataFrame:
    rows = [None if np.isnan(row).any() else row.tolist() for row in vectors]
    return pl.DataFrame({"title": words, "vector": pl.Series(rows, dtype=pl.Array(pl.Float32, vectors.shape[1]))})


@pytest.fixture(scope="module")
def profiles() -> ContentProfiles:
    """Words for the first ten items, vectors for all but the first."""
    vectors = GIVEN.copy()
    vectors[0] = np.nan
    words = [("red fox", "blue hen")[item % 2] if item < 10 else None for item in range(ITEMS)]
    return fit_content_profiles(table(vectors, words), 0)[0]


def cosines_by_hand() -> np.ndarray:
    known = GIVEN[1:].astype(np.float64)
    scaled = (GIVEN - known.mean(axis=0)) / known.std(axis=0)
    return (scaled @ scaled.T) / np.outer(*[np.linalg.norm(scaled, axis=1)] * 2)


def test_cosine_of_two_items_is_the_mean_of_both_cosines(profiles: ContentProfiles):
    cosines = profiles.last(Histories.of_one([3], ITEMS))[0]
    by_hand = cosines_by_hand()[3]
    for item in range(1, 10):
        assert cosines[item] == pytest.approx((by_hand[item] + (item % 2 == 1)) / 2, abs=1e-5)
    # Without words an item shares the half that is the vector's; without a vector the half that is the words'.
    assert cosines[11] == pytest.approx(by_hand[11] * 0.5**0.5, abs=1e-5)
    assert profiles.last(Histories.of_one([1], ITEMS))[0, 0] == 0
    assert profiles.last(Histories.of_one([2], ITEMS))[0, 0] == pytest.approx(0.5**0.5, abs=1e-5)


@pytest.mark.parametrize("kind", ["whole", "recent", "last"])
def test_one_person_alone_equals_many(profiles: ContentProfiles, kind: str):
    lists = [[0, 1, 7], [11], [], [5, 6, 3, 0]]
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    codes = np.array([code for one in lists for code in one], np.int32)
    many = Histories(indptr, codes, None, np.ones(len(codes), np.float32), ITEMS)
    together = getattr(profiles, kind)(many)
    for place in range(len(lists)):
        alone = getattr(profiles, kind)(many.rows(place, place + 1))[0]
        np.testing.assert_allclose(alone, together[place], rtol=1e-5, atol=1e-6)


def test_nearest_items_are_those_of_the_highest_cosines(profiles: ContentProfiles):
    codes, cosines = profiles.nearest(np.array([3]), np.array([0, 1, 2, 4, 5, 11]), 3)
    scores = profiles.last(Histories.of_one([3], ITEMS))[0]
    expected = sorted([0, 1, 2, 4, 5, 11], key=lambda item: -scores[item])[:3]
    assert codes[0].tolist() == expected
    np.testing.assert_allclose(cosines[0], scores[expected], rtol=1e-5)


def test_vectors_alone_describe_items():
    profiles, measured = fit_content_profiles(table(GIVEN, [None] * ITEMS), 0)
    assert not profiles.is_empty
    assert measured["vectors"] == 1
    np.testing.assert_allclose(
        profiles.last(Histories.of_one([3], ITEMS))[0], _cosines_of_all()[3], rtol=1e-4, atol=1e-5
    )


def _cosines_of_all() -> np.ndarray:
    scaled = (GIVEN - GIVEN.mean(axis=0)) / GIVEN.std(axis=0)
    return (scaled @ scaled.T) / np.outer(*[np.linalg.norm(scaled, axis=1)] * 2)


def test_stored_and_folded_in(profiles: ContentProfiles):
    stored = ContentProfiles.from_arrays(profiles.to_arrays())
    words = [("red fox", "blue hen")[item % 2] if item < 10 else None for item in range(ITEMS)]
    vectors = GIVEN.copy()
    vectors[0] = np.nan
    # A new item that says what item 3 says stands where item 3 stands.
    grown = table(np.concatenate([vectors, vectors[3:4]]), [*words, "blue hen"])
    folded = fold_in_content_profiles(stored, grown, np.array([*range(ITEMS), -1]))
    cosines = folded.last(Histories.of_one([3], ITEMS + 1))[0]
    np.testing.assert_allclose(cosines[:ITEMS], profiles.last(Histories.of_one([3], ITEMS))[0], rtol=1e-5, atol=1e-6)
    assert cosines[ITEMS] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("telling", ["vectors", "words"])
def test_the_share_goes_to_what_foretells_actions(telling: str):
    """300 items of twenty tastes; either the vectors or the words say which, the others say something else."""
    random = np.random.default_rng(4)
    taste, other = np.arange(300) % 20, random.integers(0, 20, 300)
    by_vector, by_word = (taste, other) if telling == "vectors" else (other, taste)
    vectors = random.normal(size=(20, 8))[by_vector] + random.normal(0, 0.5, (300, 8))
    words = np.where(random.random(300) < 0.8, by_word, random.integers(0, 20, 300))
    items = table(vectors.astype(np.float32), [f"w{kind}" for kind in words])
    lists = [random.permutation(np.flatnonzero(taste == person % 20))[:14] for person in range(300)]
    codes = np.concatenate(lists).astype(np.int32)
    people = Histories(np.arange(0, 14 * 301, 14).astype(np.int64), codes, None, np.ones(len(codes), np.float32), 300)
    profiles, measured = fit_content_profiles(items, 0, people)
    assert profiles.vectors is not None
    assert profiles.vectors.share == measured["terms_share"]
    assert profiles.vectors.share == pytest.approx(0.1 if telling == "vectors" else 0.9)
