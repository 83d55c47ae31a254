"""Content profiles against scikit-learn's TF-IDF, and on items without text or with Chinese text."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from recsys_tui.data.histories import Histories
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.item_terms import TermKind, terms_of_items, words_of

TITLES = ["red fox", "red hen", "blue fox fox", "blue whale", "green hen", "green whale"]


def dense_rows(titles: list[str]) -> tuple[np.ndarray, list[str]]:
    profiles, _ = fit_content_profiles(pl.DataFrame({"title": titles}), 0)
    words = [str(word) for word in profiles.vocabulary.to_list()]
    rows = np.zeros((len(titles), len(words)))
    for item in range(len(titles)):
        stretch = slice(profiles.indptr[item], profiles.indptr[item + 1])
        rows[item, profiles.terms[stretch]] = profiles.values[stretch]
    return rows, words


def test_rows_equal_sklearns():
    rows, words = dense_rows(TITLES)
    reference = TfidfVectorizer(sublinear_tf=True, smooth_idf=True, norm="l2")
    expected = reference.fit_transform(TITLES).toarray()
    assert words == reference.get_feature_names_out().tolist()
    np.testing.assert_allclose(rows, expected, rtol=1e-5)


def test_cosine_with_what_a_person_took():
    profiles, _ = fit_content_profiles(pl.DataFrame({"title": TITLES}), 0)
    rows, _ = dense_rows(TITLES)
    taken = rows[0] + rows[3]
    expected = rows @ taken / np.linalg.norm(taken)
    np.testing.assert_allclose(profiles.whole(Histories.of_one([0, 3], 6))[0], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(profiles.last(Histories.of_one([0, 3], 6))[0], rows @ rows[3], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["whole", "recent", "last"])
def test_one_person_alone_equals_many(kind: str):
    profiles, _ = fit_content_profiles(pl.DataFrame({"title": [*TITLES, None, "zebra"]}), 0)
    lists = [[0, 1, 7], [2], [], [5, 6, 3, 0]]
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    codes = np.array([code for one in lists for code in one], np.int32)
    many = Histories(indptr, codes, None, np.ones(len(codes), np.float32), 8)
    together = getattr(profiles, kind)(many)
    for place in range(len(lists)):
        alone = getattr(profiles, kind)(many.rows(place, place + 1))[0]
        np.testing.assert_allclose(alone, together[place], rtol=1e-5, atol=1e-6)
    assert (together[:, 6] == 0).all()


def test_items_without_any_text():
    profiles, measured = fit_content_profiles(pl.DataFrame({"id": ["a", "b"], "count": [1, 2]}), 0)
    assert profiles.is_empty
    assert measured == {"terms": 0.0, "described_items": 0.0}
    assert (profiles.whole(Histories.of_one([0], 2)) == 0).all()


def test_words_and_character_ngrams():
    assert list(words_of("The Fox's den, 2 foxes")) == ["the", "fox's", "den", "2", "foxes"]
    assert list(words_of("银色的港")) == ["银色", "色的", "的港", "银色的", "色的港"]
    assert list(words_of("雪")) == ["雪"]
    assert list(words_of("film银色")) == ["film", "银色"]


@pytest.mark.parametrize(
    "titles",
    [
        ["银色的港口", "港口之夜", "山中来信", "来信与山"],
        ["ハーバーの夜", "夜のハーバー", "山からの手紙", "手紙と山"],
        ["항구의 밤", "밤의 항구", "산에서 온 편지", "편지와 산에서"],
    ],
)
def test_titles_without_blanks_between_words_find_their_like(titles: list[str]):
    """Chinese, Japanese and Korean: the item that shares words is the most alike."""
    profiles, _ = fit_content_profiles(pl.DataFrame({"title": titles}), 0)
    for item, like in ((0, 1), (1, 0), (2, 3), (3, 2)):
        cosines = profiles.last(Histories.of_one([item], 4))[0]
        cosines[item] = -1
        assert cosines.argmax() == like
        assert cosines[like] > 0.1


def test_terms_of_an_item_say_where_they_come_from():
    items = pl.DataFrame(
        {
            "title": ["Night (1987)"],
            "categories": [["Crime"]],
            "tags": [["Slow Burn"]],
            "text": ["A night."],
            "attribute.language": ["fr"],
            "attribute.cast": [["Ann", "Bo"]],
            "attribute.runtime": [95.0],
        }
    )
    assert sorted(next(terms_of_items(items))) == [
        (TermKind.WORD, "a"),
        (TermKind.WORD, "night"),
        (TermKind.WORD, "night"),
        (TermKind.CATEGORY, "Crime"),
        (TermKind.TAG, "slow burn"),
        (TermKind.DECADE, "1980s"),
        (TermKind.ATTRIBUTE, "cast: Ann"),
        (TermKind.ATTRIBUTE, "cast: Bo"),
        (TermKind.ATTRIBUTE, "language: fr"),
    ]
