"""Lists held against the person's own taste: are they more popular than it, and do their categories follow it?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.ranking_metrics import Codes, ItemRows, PerPerson
from recsys_tui.output.crowd_counts import in_steps

SMOOTHING = 0.01
FARTHEST = -float(np.log(SMOOTHING))  # of a list that shares no category with the history, in nats


def popularity_of_lists(lists: Codes, k: int, owners: NDArray[np.integer[Any]], people: int) -> PerPerson:
    """Mean share of the ``people`` of the training who have an item, over the first ``k`` places, (people in lists,).

    ``owners`` (items,): how many have each item. Not-a-number for an empty list.
    """
    top = lists[:, :k]
    filled = top >= 0
    total = np.where(filled, (owners / max(1, people))[top], 0.0).sum(axis=1)
    count = filled.sum(axis=1)
    return np.where(count > 0, total / np.maximum(1, count), np.nan)


def popularity_of_histories(history: ItemRows, owners: NDArray[np.integer[Any]], people: int) -> PerPerson:
    """The same of what each person had before, shape (people in ``history``,); not-a-number without a history."""
    lengths = np.diff(history.indptr)
    who = np.repeat(np.arange(len(lengths)), lengths)
    total = np.bincount(who, (owners / max(1, people))[history.items], minlength=len(lengths))
    return np.where(lengths > 0, total / np.maximum(1, lengths), np.nan)


def popularity_lift(shown: PerPerson, had: PerPerson, most: float = 1.0) -> float | None:
    """How much more popular lists are than histories: mean of ``shown`` / mean of ``had`` − 1, over people with both.
    Both means in steps of at least the share of the ``most`` popular item by how many people there are: by another
    model or other people asked about, exact ones would tell how popular it is what one of them had.

    0 where lists are as popular as what the same people took before, .5 where half as much again (Abdollahpouri et
    al., The Connection Between Popularity Bias, Calibration, and Fairness in Recommendation, RecSys 2020). None where
    there is nothing to divide by.
    """
    both = np.isfinite(shown) & np.isfinite(had)
    if not both.any():
        return None
    top, base = (in_steps(float(values[both].mean()), int(both.sum()), most) for values in (shown, had))
    return top / base - 1 if base > 0 else None


def miscalibration(lists: Codes, k: int, history: ItemRows, categories: Any) -> PerPerson:
    """Kullback-Leibler divergence, in nats, of the categories of a list from those of the history, (people,).

    ``categories`` (items, kinds), SciPy sparse: each item's shares of its categories, which sum to 1, or zeros for an
    item without any; such items do not count. With p of the history and q of the first ``k`` places, each the mean
    over items: Σ p · ln(p / (.99 q + .01 p)) (Steck, Calibrated Recommendations, RecSys 2018). 0 where both are alike,
    at most ln 100 ≈ 4.6. Not-a-number for people of whom one side has no category.
    """
    from scipy.sparse import csr_matrix

    rows = csr_matrix(categories)
    top = lists[:, :k]
    owners, places = np.nonzero(top >= 0)
    q = _shares(owners, top[owners, places], len(lists), rows)
    lengths = np.diff(history.indptr)
    p = _shares(np.repeat(np.arange(len(lengths)), lengths), history.items, len(lists), rows)
    mixed = (1 - SMOOTHING) * q + SMOOTHING * p
    terms = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0) / np.where(p > 0, mixed, 1.0)), 0.0)
    known = (p.sum(axis=1) > 0) & (q.sum(axis=1) > 0)
    return np.where(known, np.maximum(0.0, terms.sum(axis=1)), np.nan)


def category_shares(categories: list[list[str | None] | None], height: int) -> Any:
    """Each item's categories with equal shares, SciPy sparse (``height``, kinds); None where no item has any.

    ``categories`` may be shorter than ``height``: further items have none.
    """
    from scipy.sparse import csr_matrix

    kinds: dict[str, int] = {}
    rows, columns, shares = [], [], []
    for row, entry in enumerate(categories):
        named = list(dict.fromkeys(name for name in entry or () if name))
        for name in named:
            rows.append(row)
            columns.append(kinds.setdefault(name, len(kinds)))
            shares.append(1 / len(named))
    return csr_matrix((shares, (rows, columns)), shape=(height, len(kinds))) if kinds else None


def _shares(owners: NDArray[Any], items: NDArray[Any], people: int, categories: Any) -> NDArray[np.float64]:
    """Mean of the categories' shares over each person's items that have any, shape (people, kinds)."""
    from scipy.sparse import csr_matrix

    picks = csr_matrix((np.ones(len(owners)), (owners, items)), shape=(people, categories.shape[0]))
    sums = np.asarray((picks @ categories).todense(), np.float64)
    total = sums.sum(axis=1, keepdims=True)
    result: NDArray[np.float64] = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    return result
