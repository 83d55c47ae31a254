"""Fitting the content profiles: TF-IDF over the terms of the items, and its truncated SVD."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from recsys_tui.data.text_list import TextList
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.item_terms import Term, TermKind, terms_of_items
from recsys_tui.profiles.user_profiles import unit_rows

if TYPE_CHECKING:
    import polars as pl

DIMENSIONS = 32
KIND_WEIGHTS = {TermKind.WORD: 1.0, TermKind.CATEGORY: 2.0, TermKind.TAG: 2.0, TermKind.DECADE: 1.0}
LARGEST_SHARE = 0.5
FEWEST_ITEMS = 2


def fit_content_profiles(items: pl.DataFrame, seed: int) -> tuple[ContentProfiles, dict[str, float]]:
    """TF-IDF (Salton & Buckley 1988; sub-linear tf, smoothed idf, rows of unit length), categories and tags doubled.

    Words in fewer than two items, or in more than half of them, are left out: they tell nothing apart. Categories
    and tags always stay. Returns the profiles and what was measured: terms, share of items with any.
    """
    counted = [Counter(terms) for terms in terms_of_items(items)]
    document_counts: Counter[Term] = Counter(term for terms in counted for term in terms)
    kept = sorted(term for term, count in document_counts.items() if _tells_apart(term, count, len(counted)))
    places = {term: place for place, term in enumerate(kept)}
    idf = np.array([np.log((1 + len(counted)) / (1 + document_counts[term])) + 1 for term in kept])
    weights = idf * np.array([KIND_WEIGHTS[kind] for kind, _ in kept]) if kept else idf
    indptr = np.zeros(len(counted) + 1, np.int64)
    terms, values = [], []
    for row, counts in enumerate(counted):
        found = sorted((places[term], count) for term, count in counts.items() if term in places)
        row_terms = np.array([place for place, _ in found], np.int32)
        row_values = (1 + np.log(np.array([count for _, count in found], np.float64))) * weights[row_terms]
        length = np.linalg.norm(row_values)
        terms.append(row_terms)
        values.append((row_values / (length or 1.0)).astype(np.float32))
        indptr[row + 1] = indptr[row] + len(found)
    profiles = ContentProfiles(
        indptr,
        np.concatenate(terms) if terms else np.empty(0, np.int32),
        np.concatenate(values) if values else np.empty(0, np.float32),
        np.zeros((len(counted), 1), np.float32),
        TextList.of([text for _, text in kept]),
        np.array([kind for kind, _ in kept], np.uint8),
    )
    described = float(np.mean(np.diff(indptr) > 0)) if counted else 0.0
    return _with_dense(profiles, seed), {"terms": float(len(kept)), "described_items": described}


def _tells_apart(term: Term, count: int, items: int) -> bool:
    if term[0] in (TermKind.CATEGORY, TermKind.TAG):
        return True
    return FEWEST_ITEMS <= count <= max(FEWEST_ITEMS, LARGEST_SHARE * items)


def _with_dense(profiles: ContentProfiles, seed: int) -> ContentProfiles:
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    shape = (len(profiles.indptr) - 1, len(profiles.vocabulary))
    dimensions = min(DIMENSIONS, min(shape) - 1)
    if profiles.is_empty or dimensions < 1:
        return profiles
    rows = csr_matrix((profiles.values, profiles.terms, profiles.indptr), shape=shape)
    left, singular, _ = randomized_svd(rows, dimensions, n_iter=4, random_state=seed)
    dense = unit_rows((left * singular).astype(np.float32))
    return ContentProfiles(
        profiles.indptr,
        profiles.terms,
        profiles.values,
        np.ascontiguousarray(dense),
        profiles.vocabulary,
        profiles.kinds,
    )
