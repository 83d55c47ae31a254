"""Was what people wanted in their lists, and how high up: metrics of each person against held-out items."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
PerPerson = NDArray[np.float64]

RANKING_METRICS = ("hr", "recall", "precision", "f1", "ndcg", "map", "mrr")


class ItemRows(Protocol):
    """Items of people laid end to end: ``indptr`` (people + 1) bounds each person's stretch of ``items`` (codes)."""

    @property
    def indptr(self) -> NDArray[np.int64]: ...

    @property
    def items(self) -> Codes: ...


def found(lists: Codes, truth: ItemRows, history: ItemRows) -> Flags:
    """Which places of the lists hold a wanted item, shape (people, depth).

    ``lists`` (people, depth): item codes, best first, -1 in an empty place. ``truth``: what each person took in the
    held-out part, each item once. An item that is in the person's ``history`` already is a miss even if it is wanted;
    an item that is listed twice is found twice.
    """
    return _within(lists, truth) & ~_within(lists, history)


def ranking_metrics(hits: Flags, wanted: Codes, k: int) -> dict[str, PerPerson]:
    """Metrics of the first ``k`` places, each of shape (people,); the mean over people is the model's figure.

    ``hits`` (people, depth) in ranked order; places beyond ``depth`` count as misses. ``wanted`` (people,): how many
    held-out items each person has, those that no list could find included. Raises ``ValueError`` where somebody wants
    nothing, or ``k`` is below 1.

    With h hits, at ranks r₁ < … < r_h from 1, and b = min(k, wanted), the most that could be found:

    - ``hr``, hit rate: 1 if h > 0 (Deshpande & Karypis, ACM TOIS 2004).
    - ``recall``, capped: h / b (Liang et al., WWW 2018), so that a perfect list has 1 even if more is wanted than fits.
    - ``precision``: h / k (Manning, Raghavan & Schütze, Introduction to Information Retrieval, 2008, ch. 8).
    - ``f1``: 2h / (k + b), the harmonic mean of those two (van Rijsbergen, Information Retrieval, 1979).
    - ``ndcg``: Σ 1 / log₂(rᵢ + 1), divided by the same sum over ranks 1 … b (Järvelin & Kekäläinen, ACM TOIS 2002,
      binary gain).
    - ``map``, average precision: Σ i / rᵢ, divided by b (Manning et al. 2008, ch. 8, cut off at k).
    - ``mrr``, reciprocal rank: 1 / r₁, or 0 without a hit (Voorhees, TREC-8, 1999).

    An item that is listed twice can lift recall, F1, NDCG and average precision above 1; see :func:`repeated`.
    """
    if k < 1:
        raise ValueError("k must be at least 1")
    if (wanted < 1).any():
        raise ValueError("everyone who is scored must want at least one item")
    top = hits[:, :k].astype(np.float64)
    ranks = np.arange(1, top.shape[1] + 1)
    count = top.sum(axis=1)
    possible = np.minimum(k, wanted)
    discount = 1 / np.log2(np.arange(k) + 2)
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[possible]
    return {
        "hr": (count > 0).astype(np.float64),
        "recall": count / possible,
        "precision": count / k,
        "f1": 2 * count / (k + possible),
        "ndcg": top @ discount[: top.shape[1]] / ideal,
        "map": (np.cumsum(top, axis=1) * top / ranks).sum(axis=1) / possible,
        "mrr": (top / ranks).max(axis=1, initial=0.0),
    }


def seen_shown(lists: Codes, history: ItemRows) -> NDArray[np.int64]:
    """How many listed items each person had already, shape (people,); an item counts once."""
    already = _within(lists, history)
    counts: NDArray[np.int64] = (already & ~_again(lists)).sum(axis=1)
    return counts


def repeated(lists: Codes) -> NDArray[np.int64]:
    """How many places of each list hold an item that it has shown before, shape (people,)."""
    counts: NDArray[np.int64] = _again(lists).sum(axis=1)
    return counts


def _within(lists: Codes, rows: ItemRows) -> Flags:
    """Whether each place's item is among the person's items, shape (people, depth)."""
    people = len(lists)
    if len(rows.indptr) != people + 1:
        raise ValueError("lists and item rows must be of the same people")
    # One number for each person and item; an empty place gets one that no item has.
    width = 2 + max(int(lists.max(initial=-1)), int(rows.items.max(initial=-1)))
    owners = np.repeat(np.arange(people, dtype=np.int64), np.diff(rows.indptr))
    keys = np.sort(owners * width + rows.items + 1)
    places = np.arange(people, dtype=np.int64)[:, None] * width + lists + 1
    if not len(keys):
        return np.zeros(places.shape, np.bool_)
    within: Flags = keys[np.minimum(np.searchsorted(keys, places), len(keys) - 1)] == places
    return within


def _again(lists: Codes) -> Flags:
    """Whether the place's item is also at an earlier place of the list, shape (people, depth)."""
    order = np.argsort(lists, axis=1, kind="stable")
    ordered = np.take_along_axis(lists, order, axis=1)
    same = np.zeros(lists.shape, np.bool_)
    same[:, 1:] = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    result = np.zeros(lists.shape, np.bool_)
    np.put_along_axis(result, order, same, axis=1)
    return result
