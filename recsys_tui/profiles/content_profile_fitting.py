"""Fitting the content profiles: TF-IDF over the terms of the items, and its truncated SVD."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints, Longs
from recsys_tui.data.text_list import TextList
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.item_terms import Term, TermKind, terms_of_items
from recsys_tui.profiles.item_vectors import ItemVectors
from recsys_tui.profiles.number_scales import NumberScales
from recsys_tui.profiles.user_profiles import unit_rows

if TYPE_CHECKING:
    import polars as pl

DIMENSIONS = 32
KIND_WEIGHTS = {
    TermKind.WORD: 1.0,
    TermKind.CATEGORY: 2.0,
    TermKind.TAG: 2.0,
    TermKind.DECADE: 1.0,
    TermKind.ATTRIBUTE: 1.0,
    TermKind.NUMBER: 1.0,
}
ALWAYS_KEPT = (TermKind.CATEGORY, TermKind.TAG, TermKind.NUMBER)
LARGEST_SHARE = 0.5
FEWEST_ITEMS = 2
MOST_TERMS = 60_000
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
FEWEST_ACTIONS = 12
MOST_JUDGED = 400


def fit_content_profiles(
    items: pl.DataFrame, seed: int, histories: Histories | None = None
) -> tuple[ContentProfiles, dict[str, float]]:
    """TF-IDF (Salton & Buckley 1988; sub-linear tf, smoothed idf, rows of unit length), categories and tags doubled.

    Words and attributes of fewer than two items, or of more than half of them, are left out: they tell nothing apart.
    Categories, tags and numbers always stay; of more than 60,000 terms the commonest do. How much ready-made vectors
    count beside terms is measured on ``histories`` where they are given (half, where not). Returns the profiles and
    what was measured: terms, share of items with any, share of items with a vector.
    """
    numbers = NumberScales.fit(items)
    strengths = list(strengths_of_items(items, numbers))
    document_counts: Counter[Term] = Counter(term for found in strengths for term in found)
    telling = [term for term, count in document_counts.items() if _tells_apart(term, count, len(strengths))]
    kept = sorted(sorted(telling, key=lambda term: (-document_counts[term], term))[:MOST_TERMS])
    places = {term: place for place, term in enumerate(kept)}
    counts = np.array([document_counts[term] for term in kept], np.int64)
    kinds = np.array([kind for kind, _ in kept], np.uint8)
    indptr, terms, values = term_rows(strengths, places, term_weights(len(strengths), counts, kinds))
    profiles = ContentProfiles(
        indptr,
        terms,
        values,
        np.zeros((len(strengths), 1), np.float32),
        TextList.of([text for _, text in kept]),
        kinds,
        numbers,
        ItemVectors.fit(items),
    )
    if histories is not None:
        profiles = with_measured_share(profiles, histories)
    described = float(np.mean(np.diff(indptr) > 0)) if strengths else 0.0
    measured = {"terms": float(len(kept)), "described_items": described}
    if profiles.vectors is not None:
        measured["vectors"] = float(np.mean(profiles.vectors.there))
        measured["terms_share"] = profiles.vectors.share
    return _with_dense(profiles, seed), measured


def with_measured_share(profiles: ContentProfiles, histories: Histories) -> ContentProfiles:
    """The profiles with the share of terms beside vectors by which an action is foretold best from those before it.

    Judged by NDCG@10 of the recent cosines at one action of up to 400 people, none of their newest five, which others
    are judged by. One share for all: it is a single number.
    """
    if profiles.vectors is None or not len(profiles.terms):
        return profiles
    able = np.flatnonzero(histories.lengths >= FEWEST_ACTIONS)
    chosen = able[np.linspace(0, len(able) - 1, min(MOST_JUDGED, len(able))).astype(np.int64)]
    if not len(chosen):
        return profiles
    lengths = histories.lengths[chosen] - FEWEST_ACTIONS // 2
    before = histories.prefixes(chosen, lengths)
    targets = histories.items[histories.indptr[chosen] + lengths]
    rows = np.arange(len(chosen))
    gains = {}
    for share in SHARES:
        mixed = replace(profiles, vectors=replace(profiles.vectors, share=share))
        scores = mixed.recent(before)
        scores[before.owners, before.items] = -np.inf
        ranks = (scores > scores[rows, targets][:, None]).sum(axis=1)
        gains[share] = float(np.where(ranks < 10, 1 / np.log2(ranks + 2), 0).mean())
    best = max(SHARES, key=lambda share: (gains[share], -abs(share - 0.5)))
    return replace(profiles, vectors=replace(profiles.vectors, share=best))


def strengths_of_items(items: pl.DataFrame, numbers: NumberScales) -> Iterator[dict[Term, float]]:
    """How strongly each item has each of its terms: 1 + log of its count, or the share in a bucket of numbers."""
    for terms, buckets in zip(terms_of_items(items), numbers.terms_of(items), strict=True):
        yield {term: 1 + math.log(count) for term, count in Counter(terms).items()} | buckets


def term_weights(items: int, counts: Longs, kinds: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Smoothed inverse document frequency of terms that ``counts`` items have, times the weight of their kind."""
    by_kind = np.array([KIND_WEIGHTS[TermKind(int(kind))] for kind in kinds], np.float64)
    weights: NDArray[np.float64] = (np.log((1 + items) / (1 + counts)) + 1) * by_kind
    return weights


def term_rows(
    strengths: Iterable[Mapping[Term, float]], places: Mapping[Term, int], weights: NDArray[np.float64]
) -> tuple[Longs, Ints, Floats]:
    """Sparse rows of unit length over the terms of ``places``: where each begins, places of the terms, values."""
    lengths, terms, values = [0], [], []
    for found in strengths:
        row = sorted((places[term], strength) for term, strength in found.items() if term in places)
        row_terms = np.array([place for place, _ in row], np.int32)
        row_values = np.array([strength for _, strength in row], np.float64) * weights[row_terms]
        terms.append(row_terms)
        values.append((row_values / (np.linalg.norm(row_values) or 1.0)).astype(np.float32))
        lengths.append(len(row))
    return (
        np.cumsum(lengths, dtype=np.int64),
        np.concatenate(terms) if terms else np.empty(0, np.int32),
        np.concatenate(values) if values else np.empty(0, np.float32),
    )


def _tells_apart(term: Term, count: int, items: int) -> bool:
    if term[0] in ALWAYS_KEPT:
        return True
    return FEWEST_ITEMS <= count <= max(FEWEST_ITEMS, LARGEST_SHARE * items)


def _with_dense(profiles: ContentProfiles, seed: int) -> ContentProfiles:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.utils.extmath import randomized_svd

    shape = (len(profiles.indptr) - 1, len(profiles.vocabulary))
    rows = csr_matrix((profiles.values, profiles.terms, profiles.indptr), shape=shape)
    if profiles.vectors is not None:
        by_terms, by_vectors = profiles.scales
        vectors = csr_matrix(profiles.vectors.rows * by_vectors[:, None])
        rows = hstack([rows.multiply(by_terms[:, None]), vectors]).tocsr().astype(np.float32)
    dimensions = min(DIMENSIONS, min(rows.shape) - 1)
    if profiles.is_empty or dimensions < 1:
        return profiles
    left, singular, _ = randomized_svd(rows, dimensions, n_iter=4, random_state=seed)
    dense = unit_rows((left * singular).astype(np.float32))
    return replace(profiles, dense=np.ascontiguousarray(dense))
