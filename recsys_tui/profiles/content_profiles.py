"""Content profiles: items as weighted terms, people as sums of what they took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints, Longs
from recsys_tui.data.text_list import TextList
from recsys_tui.data.weighted_rows import weighted_rows
from recsys_tui.profiles.item_vectors import ItemVectors
from recsys_tui.profiles.number_scales import NumberScales
from recsys_tui.profiles.user_profiles import unit_rows

RECENT_DECAY, RECENT_LENGTH = 0.7, 10
CELLS_AT_ONCE = 20_000_000


@dataclass(frozen=True)
class ContentProfiles:
    """TF-IDF rows of the items (sparse, unit length) and a dense reduction of them.

    ``indptr`` (items + 1), ``terms``, ``values``: the sparse rows. ``dense`` (items, dimensions) are unit vectors of
    their truncated SVD. ``vocabulary`` names the terms as people read them, ``kinds`` says for each what it is.
    ``numbers``: the buckets that numbers fall into. ``vectors``: ready-made vectors of the items, where there are any.
    """

    indptr: Longs
    terms: Ints
    values: Floats
    dense: Floats
    vocabulary: TextList
    kinds: NDArray[np.uint8]
    numbers: NumberScales = field(default_factory=NumberScales.none)
    vectors: ItemVectors | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no item has any text, attribute or vector."""
        return not len(self.terms) and self.vectors is None

    @cached_property
    def scales(self) -> tuple[Floats, Floats]:
        """Lengths of the terms and of the vector of each item, both (items,): their squares sum to 1 where it has both.

        Terms and vectors stand beside each other in one space, in which the cosine of two items that have both is the
        mean of their two cosines, weighted by the share of the terms.
        """
        has_terms = np.diff(self.indptr) > 0
        if self.vectors is None:
            return has_terms.astype(np.float32), np.zeros(len(has_terms), np.float32)
        both = has_terms & self.vectors.there
        share = np.where(both, np.float32(self.vectors.share), has_terms)
        other = np.where(both, np.float32(1 - self.vectors.share), self.vectors.there)
        return np.sqrt(share).astype(np.float32), np.sqrt(other).astype(np.float32)

    def whole(self, histories: Histories) -> Floats:
        """Cosine of each item with the sum of everything the person took, shape (people, items)."""
        return self._cosines(histories, histories.weights)

    def recent(self, histories: Histories) -> Floats:
        """The same for the last 10 actions with weight .7 to the power of the lag, shape (people, items)."""
        lags = histories.lags
        weights = np.power(np.float32(RECENT_DECAY), lags, dtype=np.float32)
        return self._cosines(histories, histories.weights * weights * (lags < RECENT_LENGTH))

    def last(self, histories: Histories) -> Floats:
        """Cosine of each item with the newest one, shape (people, items)."""
        return self._cosines(histories, (histories.lags == 0).astype(np.float32))

    def nearest(self, items: Longs, among: Longs, width: int) -> tuple[Ints, Floats]:
        """For each of ``items`` the ``width`` of the items ``among`` that are most like it, and their cosines.

        Both have shape (items, width), the most alike first (ties: the earlier in ``among``).
        """
        from scipy.sparse import csr_matrix

        shape = (len(self.indptr) - 1, len(self.vocabulary))
        rows = csr_matrix((self.values, self.terms, self.indptr), shape=shape)
        by_terms, by_vectors = self.scales
        rows = rows.multiply(by_terms[:, None]).tocsr()
        vectors = None if self.vectors is None else self.vectors.rows * by_vectors[:, None]
        others = rows[among].T.tocsr()
        width = min(width, len(among))
        codes, cosines = np.zeros((len(items), width), np.int32), np.zeros((len(items), width), np.float32)
        size = max(1, CELLS_AT_ONCE // max(1, len(among)))
        for start in range(0, len(items), size):
            some = items[start : start + size]
            alike = np.asarray((rows[some] @ others).todense(), np.float32)
            if vectors is not None:
                alike += vectors[some] @ vectors[among].T
            best = _largest(alike, width)
            codes[start : start + size] = among[best]
            cosines[start : start + size] = np.take_along_axis(alike, best, axis=1)
        return codes, cosines

    def dense_profile(self, histories: Histories) -> Floats:
        """Unit vectors of people in the reduced space, recent actions first, shape (people, dimensions)."""
        lags = histories.lags
        weights = np.power(np.float32(RECENT_DECAY), lags, dtype=np.float32) * histories.weights
        sums = np.zeros((len(histories), self.dense.shape[1]), np.float32)
        near = lags < RECENT_LENGTH
        np.add.at(sums, histories.owners[near], weights[near, None] * self.dense[histories.items[near]])
        return unit_rows(sums)

    def _cosines(self, histories: Histories, weights: Floats) -> Floats:
        items = len(self.indptr) - 1
        if self.is_empty:
            return np.zeros((len(histories), items), np.float32)
        if self.vectors is None:
            scores, squares = self._term_products(histories, weights)
        else:
            by_terms, by_vectors = self.scales
            scores, squares = self._term_products(histories, weights * by_terms[histories.items])
            keep = np.ones(len(weights), np.bool_)
            scaled = weights * by_vectors[histories.items]
            sums = weighted_rows(histories, scaled, keep, histories.items, self.vectors.rows)
            scores = scores * by_terms + (sums @ self.vectors.rows.T) * by_vectors
            squares = squares + (sums**2).sum(axis=1)
        lengths = np.sqrt(squares)
        return (scores / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)

    def _term_products(self, histories: Histories, weights: Floats) -> tuple[Floats, Floats]:
        """Products of people's sums of terms with each item's, (people, items), and the sums' squared lengths."""
        if len(histories) == 1:
            return self._term_products_of_one(histories.items, weights)
        from scipy.sparse import csr_matrix

        items = len(self.indptr) - 1

        rows = csr_matrix((self.values, self.terms, self.indptr), shape=(items, len(self.vocabulary)))
        picks = csr_matrix((weights, histories.items, histories.indptr), shape=(len(histories), items))
        profiles = picks @ rows
        squares = np.asarray(profiles.multiply(profiles).sum(axis=1)).ravel()
        if len(histories) * len(self.vocabulary) <= CELLS_AT_ONCE:
            # Most people have most common terms, so that a product with dense profiles is quicker by far.
            return np.ascontiguousarray((rows @ profiles.toarray().T).T, np.float32), squares
        return np.asarray((profiles @ rows.T).todense(), np.float32), squares

    def _term_products_of_one(self, items: Ints, weights: Floats) -> tuple[Floats, Floats]:
        counted = weights != 0
        starts, stops = self.indptr[items[counted]], self.indptr[items[counted] + 1]
        lengths = stops - starts
        places = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        parts = np.repeat(weights[counted], lengths) * self.values[places]
        profile = np.bincount(self.terms[places], parts, len(self.vocabulary)).astype(np.float32)
        # A running sum, not reduceat, which would give an empty row its neighbour's first term.
        sums = np.concatenate([[0.0], np.cumsum(self.values * profile[self.terms], dtype=np.float64)])
        scores = sums[self.indptr[1:]] - sums[self.indptr[:-1]]
        return scores[None, :].astype(np.float32), np.array([profile @ profile], np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        words = {f"vocabulary.{name}": array for name, array in self.vocabulary.to_arrays().items()}
        numbers = {f"numbers.{name}": array for name, array in self.numbers.to_arrays().items()}
        return (
            words
            | numbers
            | ({f"vectors.{name}": array for name, array in self.vectors.to_arrays().items()} if self.vectors else {})
            | {
                "indptr": self.indptr,
                "terms": self.terms,
                "values": self.values,
                "dense": self.dense,
                "kinds": self.kinds,
            }
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build from :meth:`to_arrays`."""
        words = {name: arrays[f"vocabulary.{name}"] for name in ("blob", "starts", "present")}
        numbers = {
            name.removeprefix("numbers."): array for name, array in arrays.items() if name.startswith("numbers.")
        }
        vectors = {
            name.removeprefix("vectors."): array for name, array in arrays.items() if name.startswith("vectors.")
        }
        return cls(
            arrays["indptr"],
            arrays["terms"],
            arrays["values"],
            arrays["dense"],
            TextList.from_arrays(words),
            arrays["kinds"],
            NumberScales.from_arrays(numbers),
            ItemVectors.from_arrays(vectors) if vectors else None,
        )


def _largest(rows: Floats, width: int) -> Longs:
    """The places of the ``width`` largest entries of each row, the largest first (ties: the earlier place)."""
    least = -np.partition(-rows, width - 1, axis=1)[:, width - 1] if width else np.zeros(len(rows), np.float32)
    result = np.zeros((len(rows), width), np.int64)
    for place, row in enumerate(rows):
        candidates = np.flatnonzero(row >= least[place])
        result[place] = candidates[np.argsort(-row[candidates], kind="stable")[:width]]
    return result
