"""Two attacks that tell from a model's lists whether somebody was among the people it was trained on.

Both are given a person's history and may ask the model for lists, as anybody may who uses it; what is inside the model
they do not see. Shokri et al., IEEE S&P 2017, on learned models in general.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints, Longs, behaviour_matrix

Doubles = NDArray[np.float64]
# A model as an attack sees it: for people given as histories the best items that they have not, (people, depth) codes,
# best first, -1 where a list is shorter.
Lister = Callable[[Histories], Ints]

LOSS, DIFFERENCE = "loss", "difference"
HIDDEN = 5
FEWEST_ACTIONS = 3
SHOWN = 10
DIMENSIONS = 32
PRIOR = 0.1


def hidden_places(histories: Histories, people: Longs, random: np.random.Generator) -> tuple[Longs, Longs]:
    """Which actions of each person to hide, one at a time: up to five, drawn; rows in ``people`` and places."""
    rows, places = [], []
    for row, person in enumerate(people.tolist()):
        length = int(histories.lengths[person])
        drawn = random.permutation(length)[:HIDDEN]
        rows.append(np.full(len(drawn), row))
        places.append(drawn)
    return np.concatenate(rows).astype(np.int64), np.concatenate(places).astype(np.int64)


def losses(lister: Lister, histories: Histories, people: Longs, random: np.random.Generator) -> Doubles:
    """How badly a model foretells what these people have, each hidden action from all their others, shape (people,).

    The mean of the logarithm of the hidden item's rank: a loss that every ranking has, whatever its scores mean. Who
    was trained on is foretold better, as a rule. An item that is not in the list counts as next after it.
    """
    rows, places = hidden_places(histories, people, random)
    asked = without_one(histories, people[rows], places)
    wanted = histories.items[histories.indptr[people[rows]] + places]
    lists = lister(asked)
    found = lists == wanted[:, None]
    ranks = np.where(found.any(axis=1), found.argmax(axis=1), lists.shape[1]) + 1
    sums = np.bincount(rows, np.log(ranks), minlength=len(people))
    return sums / np.bincount(rows, minlength=len(people))


def without_one(histories: Histories, people: Longs, places: Longs) -> Histories:
    """These people's histories, each without the action at one place."""
    whole = histories.prefixes(people, histories.lengths[people])
    kept = np.ones(len(whole.items), np.bool_)
    kept[whole.indptr[:-1] + places] = False
    return Histories(
        whole.indptr - np.arange(len(whole.indptr)),
        whole.items[kept],
        None if whole.times is None else whole.times[kept],
        whole.weights[kept],
        whole.item_count,
        whole.peers,
        None if whole.ratings is None else whole.ratings[kept],
    )


def item_vectors(histories: Histories, seed: int) -> Floats:
    """Where items stand, by the people whom the attacker knows anyway, shape (items, dimensions): truncated SVD."""
    from scipy.sparse import diags
    from scipy.sparse.linalg import svds

    matrix = behaviour_matrix(histories).astype(np.float64)
    counts = np.asarray(matrix.sum(axis=0)).ravel()
    matrix = matrix @ diags(1 / np.sqrt(counts + 5))
    size = min(DIMENSIONS, min(matrix.shape) - 1)
    start = np.random.default_rng(seed).normal(size=min(matrix.shape))
    _, singular, right = svds(matrix, size, v0=start)
    return np.ascontiguousarray((right.T * singular).astype(np.float32))


def differences(lister: Lister, histories: Histories, people: Longs, vectors: Floats) -> Doubles:
    """What sets people's lists apart from their histories, (people, features): Zhang et al., CCS 2021.

    The mean vector of what a person has minus that of the ten items they are shown; its absolute values, and its
    length.
    """
    asked = histories.prefixes(people, histories.lengths[people])
    shown = lister(asked)[:, :SHOWN]
    there = (shown >= 0)[:, :, None]
    listed = (vectors[np.maximum(shown, 0)] * there).sum(axis=1) / np.maximum(1, there.sum(axis=1))
    sums = np.zeros((len(people), vectors.shape[1]))
    np.add.at(sums, asked.owners, vectors[asked.items])
    apart = sums / np.maximum(1, asked.lengths)[:, None] - listed
    return np.concatenate([apart, np.abs(apart), np.linalg.norm(apart, axis=1)[:, None]], axis=1)


def learned_suspicion(members: Doubles, others: Doubles) -> Callable[[Doubles], Doubles]:
    """A logistic classifier of features (people, features), learned on a shadow model; gives suspicions (people,)."""
    from sklearn.linear_model import LogisticRegression

    features = np.concatenate([members, others])
    mean, spread = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-9)
    truth = np.arange(len(features)) < len(members)
    fitted: Any = LogisticRegression(C=PRIOR, max_iter=1_000).fit((features - mean) / spread, truth)
    return lambda asked: np.asarray(fitted.decision_function((asked - mean) / spread), np.float64)
