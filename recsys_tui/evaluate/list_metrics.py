"""What lists show, whoever may want it: how much of the catalogue, how novel, how diverse, how evenly spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.ranking_metrics import Codes, PerPerson

PEOPLE_AT_ONCE = 8_192


def coverage(lists: Codes, k: int, trained_items: int) -> float:
    """Distinct items in the first ``k`` places of all lists / ``trained_items``, the distinct items of the training.

    Aggregate diversity (Adomavicius & Kwon, IEEE TKDE 2012) as a share. ``lists`` (people, depth): item codes, -1 in
    an empty place. Above 1 where lists show items that no training row has; 0 without any training row.
    """
    top = lists[:, :k]
    return len(np.unique(top[top >= 0])) / max(1, trained_items)


def novelty(lists: Codes, k: int, owners: NDArray[np.integer[Any]], people: int) -> PerPerson:
    """Mean self-information of the first ``k`` items, in bits, shape (people in ``lists``,).

    −log₂(share of people who have the item) (Zhou et al., PNAS 2010), averaged over the places that hold an item.
    ``owners`` (items,): how many of the ``people`` of the training have each item. An item that nobody has counts as
    if the next person to come were the first: share 1 / (people + 1), finite and above that of every item with an
    owner. Not-a-number for an empty list.
    """
    share = np.where(owners > 0, owners / max(1, people), 1 / (people + 1))
    top = lists[:, :k]
    filled = top >= 0
    bits = np.where(filled, -np.log2(share)[top], 0.0).sum(axis=1)
    count = filled.sum(axis=1)
    return np.where(count > 0, bits / np.maximum(1, count), np.nan)


def diversity(lists: Codes, k: int, content: Any) -> PerPerson:
    """Mean of 1 − cosine over the pairs among the first ``k`` items, shape (people,).

    Intra-list distance (Ziegler et al., WWW 2005; Zhang & Hurley, RecSys 2008). ``content`` (items, dimensions), an
    array or a SciPy sparse matrix: rows of unit length, or zeros for an item without content. What such an item is like
    is not known, so pairs with one are left out rather than counted as alike or unlike. Not-a-number for a list without
    a pair that counts. Between 0 (all the same) and 1 (nothing in common) where cosines are never negative, else up
    to 2.
    """
    from scipy.sparse import csr_matrix

    rows = csr_matrix(content)
    known = np.append(np.asarray(abs(rows).sum(axis=1)).ravel() > 0, False)
    result = np.full(len(lists), np.nan)
    for start in range(0, len(lists), PEOPLE_AT_ONCE):
        top = lists[start : start + PEOPLE_AT_ONCE, :k]
        there = known[top]
        count = there.sum(axis=1)
        indptr = np.concatenate([[0], np.cumsum(count)])
        picks = csr_matrix((np.ones(indptr[-1]), top[there], indptr), shape=(len(top), rows.shape[0]))
        sums = picks @ rows
        pairs = count * (count - 1) / 2
        # |Σ v|² = count + 2 · (sum of the cosines of all pairs), as each v is of unit length.
        cosines = (np.asarray(sums.multiply(sums).sum(axis=1)).ravel() - count) / 2
        some = pairs > 0
        result[start : start + len(top)][some] = 1 - cosines[some] / pairs[some]
    return result


def gini(lists: Codes, k: int, item_count: int) -> float:
    """How unevenly the first ``k`` places are spread over the catalogue: 0 all items alike, 1 one item only.

    Σ (2j − n − 1) · pⱼ / (n − 1) over the n = ``item_count`` items in rising order of pⱼ, the share of the places that
    item j takes (Castells, Hurley & Vargas, Recommender Systems Handbook, 2015, ch. 26). Items that are never shown
    count. Not-a-number where nothing is shown; 0 in a catalogue of one item.
    """
    top = lists[:, :k]
    shown = np.sort(np.bincount(top[top >= 0], minlength=item_count)).astype(np.float64)
    total = shown.sum()
    if total == 0:
        return float("nan")
    if item_count < 2:
        return 0.0
    places = 2 * np.arange(1, item_count + 1) - item_count - 1
    return float(places @ shown / (total * (item_count - 1)))
