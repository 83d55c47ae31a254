"""Profiles of a catalogue that has grown: what is known stays where it is, what is new is placed beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recsys_tui.data.histories import Floats, Histories, Longs
from recsys_tui.data.text_list import TextList
from recsys_tui.profiles.content_profile_fitting import strengths_of_items, term_rows, term_weights
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.user_profile_fitting import COUNT_OFFSET, cluster_affinity
from recsys_tui.profiles.user_profiles import UserProfiles, unit_rows

if TYPE_CHECKING:
    import polars as pl

NEAREST = 20


def old_codes(before: TextList, now: TextList) -> Longs:
    """For each item of a catalogue its code in an earlier one, or -1 for a new item, shape (items,)."""
    places = {text: place for place, text in enumerate(before.to_list())}
    return np.array([places.get(text, -1) for text in now.to_list()], np.int64)


def moved_rows(rows: Floats, codes: Longs) -> Floats:
    """Rows of an array over the earlier items, in the order of the present ones; zeros for new items."""
    result = np.zeros((len(codes), *rows.shape[1:]), rows.dtype)
    result[codes >= 0] = rows[codes[codes >= 0]]
    return result


def fold_in_user_profiles(profiles: UserProfiles, histories: Histories, codes: Longs) -> UserProfiles:
    """The same space and clusters with new items folded in (Deerwester et al. 1990): each lies where those who took
    it lie. ``histories``: of everyone, over the present items. The affinities are counted anew.
    """
    placed = UserProfiles(
        moved_rows(np.asarray(profiles.item_map), codes),
        moved_rows(np.asarray(profiles.item_places), codes),
        np.asarray(profiles.centres),
        np.zeros((profiles.cluster_count, len(codes)), np.float32),
        np.asarray(profiles.prior),
    )
    new = codes < 0
    if new.any():
        from scipy.sparse import csr_matrix

        people = placed.long_term(histories)
        shape = (len(histories), len(codes))
        taken = csr_matrix((np.ones(len(histories.items), np.float32), histories.items, histories.indptr), shape=shape)
        places = unit_rows(np.asarray(taken.T @ people, np.float32)[new])
        placed.item_places[new] = places
        # As long as the maps of known items are, which shrink with how often an item was taken.
        scale = 1 / np.sqrt(histories.item_counts() + COUNT_OFFSET)
        lengths = np.linalg.norm(placed.item_map[~new], axis=1)
        typical = float(np.median(lengths / scale[~new])) if (~new).any() else 1.0
        placed.item_map[new] = places * (typical * scale[new, None]).astype(np.float32)
    affinity = cluster_affinity(histories, placed.cluster_of(histories), placed.cluster_count)
    return replace(placed, affinity=affinity)


def fold_in_content_profiles(content: ContentProfiles, items: pl.DataFrame, codes: Longs) -> ContentProfiles:
    """The same terms and the same reduced space; new items get the terms that are known, weighed as those were.

    A new item's place in the reduced space is that of the 20 items nearest by terms.
    """
    known = {
        (TermKind(int(kind)), str(text)): place
        for place, (kind, text) in enumerate(zip(content.kinds, content.vocabulary.to_list(), strict=True))
    }
    kinds = np.asarray(content.kinds)
    weights = term_weights(len(content.indptr) - 1, np.bincount(content.terms, minlength=len(known)), kinds)
    fresh = np.flatnonzero(codes < 0)
    new = term_rows(strengths_of_items(items[fresh], content.numbers), known, weights)
    indptr, terms, values = np.zeros(len(codes) + 1, np.int64), [], []
    places = np.maximum(codes, 0)
    places[fresh] = np.arange(len(fresh))
    for row, (code, place) in enumerate(zip(codes.tolist(), places.tolist(), strict=True)):
        starts, row_terms, row_values = new if code < 0 else (content.indptr, content.terms, content.values)
        stretch = slice(starts[place], starts[place + 1])
        terms.append(np.asarray(row_terms[stretch]))
        values.append(np.asarray(row_values[stretch]))
        indptr[row + 1] = indptr[row] + len(terms[-1])
    dense = moved_rows(np.asarray(content.dense), codes)
    vectors = content.vectors
    if vectors is not None:
        rows = moved_rows(np.asarray(vectors.rows), codes)
        rows[fresh] = vectors.placed_items(items[fresh])
        vectors = replace(vectors, rows=rows)
    result = replace(
        content,
        indptr=indptr,
        terms=np.concatenate(terms),
        values=np.concatenate(values),
        dense=dense,
        kinds=kinds,
        vectors=vectors,
    )
    if len(fresh) and not result.is_empty:
        alone = Histories(
            np.arange(len(fresh) + 1), fresh.astype(np.int32), None, np.ones(len(fresh), np.float32), len(codes)
        )
        near = result.last(alone)
        near[:, fresh] = 0
        for row, item in enumerate(fresh):
            best = np.argsort(-near[row], kind="stable")[:NEAREST]
            dense[item] = unit_rows((near[row, best] @ dense[best])[None, :].astype(np.float32))[0]
    return result
