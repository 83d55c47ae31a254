"""Weights of terms and of actions in content profiles: categories doubled, telling words kept, recent actions first."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import normalize

from recsys_tui.data.histories import Histories
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.item_terms import TermKind, terms_of_items

ITEMS = pl.DataFrame(
    {
        "title": ["Night fog fog (1987)", "Night harbour (1992)", "Fog harbour", "Lone", None, "夜の港"],
        "categories": [["Crime"], ["Crime", "Drama"], ["Drama"], None, ["War"], []],
        "tags": [["slow"], None, ["Slow"], None, None, None],
    }
)


@pytest.fixture(scope="module")
def profiles() -> ContentProfiles:
    return fit_content_profiles(ITEMS, 0)[0]


def dense(profiles: ContentProfiles) -> np.ndarray:
    """Items × terms."""
    rows = np.zeros((len(profiles.indptr) - 1, len(profiles.vocabulary)))
    for item in range(len(rows)):
        stretch = slice(profiles.indptr[item], profiles.indptr[item + 1])
        rows[item, profiles.terms[stretch]] = profiles.values[stretch]
    return rows


def test_categories_and_tags_count_twice(profiles: ContentProfiles):
    """scikit-learn's sub-linear TF-IDF of the counts, columns of categories and tags doubled, rows of unit length."""
    names = list(zip(profiles.kinds.tolist(), profiles.vocabulary.to_list(), strict=True))
    counts = np.array(
        [[terms.count((TermKind(kind), name)) for kind, name in names] for terms in terms_of_items(ITEMS)]
    )
    weights = TfidfTransformer(sublinear_tf=True, smooth_idf=True, norm=None).fit_transform(counts).toarray()
    doubled = weights * np.where(np.isin(profiles.kinds, [TermKind.CATEGORY, TermKind.TAG]), 2, 1)
    np.testing.assert_allclose(dense(profiles), normalize(doubled), rtol=1e-5, atol=1e-7)


def test_words_of_one_item_are_left_out_but_not_its_categories(profiles: ContentProfiles):
    words = {
        str(name)
        for name, kind in zip(profiles.vocabulary.to_list(), profiles.kinds, strict=True)
        if kind == TermKind.WORD
    }
    assert words == {"night", "fog", "harbour"}
    assert {"Crime", "Drama", "War", "slow"} <= set(map(str, profiles.vocabulary.to_list()))


def test_words_in_more_than_half_of_the_items_are_left_out():
    titles = ["the fog", "the night", "the fog and night", "the end", "an end"]
    profiles, measured = fit_content_profiles(pl.DataFrame({"title": titles}), 0)
    assert profiles.vocabulary.to_list() == ["end", "fog", "night"]
    assert measured == {"terms": 3.0, "described_items": 1.0}


def test_chinese_titles_share_their_ngrams():
    titles = ["银色的港", "银色的船", "深夜", "深夜港"]
    profiles, _ = fit_content_profiles(pl.DataFrame({"title": titles}), 0)
    assert {"银色", "色的", "银色的", "深夜"} == set(profiles.vocabulary.to_list())
    cosines = profiles.last(Histories.of_one([0], 4))[0]
    np.testing.assert_allclose(cosines, [1, 1, 0, 0], atol=1e-6)


def test_recent_actions_count_more_and_the_eleventh_not_at_all(profiles: ContentProfiles):
    rows = dense(profiles)
    history = Histories.of_one([4, *[1] * 8, 0, 2], 6, np.linspace(0.5, 1.5, 11).astype(np.float32))
    weights = np.array([0, *[0.7**lag for lag in range(9, -1, -1)]]) * np.linspace(0.5, 1.5, 11)
    taken = weights @ rows[history.items]
    expected = rows @ taken / np.linalg.norm(taken)
    np.testing.assert_allclose(profiles.recent(history)[0], expected, rtol=1e-4, atol=1e-6)
    whole = np.linspace(0.5, 1.5, 11) @ rows[history.items]
    np.testing.assert_allclose(profiles.whole(history)[0], rows @ whole / np.linalg.norm(whole), rtol=1e-4, atol=1e-6)


def test_dense_rows_keep_the_cosines_of_sparse_ones(profiles: ContentProfiles):
    """Five dimensions for five described items keep every cosine."""
    described = [0, 1, 2, 4]
    rows = dense(profiles)[described]
    kept = profiles.dense[described]
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(kept @ kept.T, rows @ rows.T, atol=1e-4)


def test_dense_profile_is_the_direction_of_recent_actions(profiles: ContentProfiles):
    two = Histories(np.array([0, 2, 2]), np.array([1, 2], np.int32), None, np.ones(2, np.float32), 6)
    wanted = 0.7 * profiles.dense[1] + profiles.dense[2]
    found = profiles.dense_profile(two)
    np.testing.assert_allclose(found[0], wanted / np.linalg.norm(wanted), rtol=1e-5)
    np.testing.assert_array_equal(found[1], np.zeros_like(wanted))


def test_arrays_bring_the_profiles_back(profiles: ContentProfiles):
    again = ContentProfiles.from_arrays(profiles.to_arrays())
    person = Histories.of_one([0, 2], 6)
    np.testing.assert_array_equal(again.whole(person), profiles.whole(person))
    np.testing.assert_array_equal(again.dense, profiles.dense)
    assert again.vocabulary.to_list() == profiles.vocabulary.to_list()


def test_fitting_again_gives_the_same(profiles: ContentProfiles):
    again, _ = fit_content_profiles(ITEMS, 0)
    for name, array in profiles.to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[name], array)
