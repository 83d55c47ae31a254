"""The interaction model: will this person take this item? A classifier over user × content × behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Longs
from recsys_tui.models.contract import Arrays
from recsys_tui.models.signal_names import INPUT_SIGNALS

if TYPE_CHECKING:
    from recsys_tui.models.experts import Experts
    from recsys_tui.models.held_out import HeldOut

NEGATIVES = 4
# Pairs of signals whose product the classifier sees: taste × content, and each with popularity.
PRODUCTS = (
    ("profile", "content"),
    ("profile_recent", "content_recent"),
    ("sequence", "profile_recent"),
    ("sequence", "content_recent"),
    ("ease", "popular"),
    ("cluster", "popular"),
)


@dataclass(frozen=True)
class InteractionModel:
    """Logistic regression on standardised signals of a (person, item) pair, their products, and history length.

    ``mean`` and ``spread`` (signals,) standardise the raw signals, which then pass through arcsinh so that no
    outlier rules; ``weights`` (signals + products + signals with length) and ``bias`` give the logit. Its sigmoid
    is the probability on pairs of which half were taken: each taken item beside as many untouched ones, drawn in
    proportion to √popularity.
    """

    mean: Floats
    spread: Floats
    weights: Floats
    bias: float

    def logits(self, signals: Floats, lengths: NDArray[Any]) -> Floats:
        """Logits for signals of shape (signals, …) and history lengths that broadcast to the rest of that shape."""
        size = len(self.mean)
        shape = (size,) + (1,) * (signals.ndim - 1)
        scaled = np.arcsinh((signals - self.mean.reshape(shape)) / self.spread.reshape(shape))
        by_length = length_feature(lengths)
        plain = self.weights[:size]
        by_product = self.weights[size : size + len(PRODUCTS)]
        crossed = self.weights[size + len(PRODUCTS) :]
        # Constant in the item, so that it moves the probability but never the order.
        logits = np.full(signals.shape[1:], self.bias, np.float32)
        for place in range(size):
            logits += (plain[place] + crossed[place] * by_length) * scaled[place]
        for place, (left, right) in enumerate(product_places()):
            logits += by_product[place] * scaled[left] * scaled[right]
        return logits

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {
            "mean": self.mean,
            "spread": self.spread,
            "weights": self.weights,
            "bias": np.array([self.bias], np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["mean"], arrays["spread"], arrays["weights"], float(arrays["bias"][0]))


def probability(logits: Floats) -> Floats:
    """Sigmoid of logits."""
    result: Floats = (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)
    return result


def length_feature(lengths: NDArray[Any]) -> Floats:
    """History length as a feature of about unit size: log(1 + length) − 3."""
    result: Floats = (np.log1p(lengths) - 3).astype(np.float32)
    return result


def product_places() -> list[tuple[int, int]]:
    """Places of the product pairs in the stack of input signals."""
    return [(INPUT_SIGNALS.index(left), INPUT_SIGNALS.index(right)) for left, right in PRODUCTS]


@dataclass(frozen=True)
class Pairs:
    """Held-out pairs: ``signals`` (signals, pairs), ``lengths``, ``taken`` and ``validation`` (pairs,)."""

    signals: Floats
    lengths: Longs
    taken: Flags
    validation: Flags


def sample_pairs(experts: Experts, held_out: HeldOut, most_lists: int, seed: int) -> Pairs:
    """The first target of up to ``most_lists`` lists, each beside 4 untouched items drawn ∝ √popularity."""
    from recsys_tui.models.experts import people_at_once

    random = np.random.default_rng(seed)
    lists = held_out.lists
    chosen = np.arange(len(lists))
    if len(chosen) > most_lists:
        chosen = np.sort(random.choice(chosen, most_lists, replace=False))
    popularity = np.sqrt(held_out.older.item_counts())
    draw = popularity / popularity.sum()
    signals, lengths, taken, owners = [], [], [], []
    block = people_at_once(lists.item_count)
    for start in range(0, len(chosen), block):
        rows = chosen[start : start + block]
        batch = lists.prefixes(rows, lists.lengths[rows])
        stack = experts.input_signals(batch)
        targets = held_out.targets[rows, 0]
        drawn = random.choice(len(draw), size=(len(rows), NEGATIVES), p=draw)
        seen = np.zeros((len(rows), lists.item_count), np.bool_)
        seen[batch.owners, batch.items] = True
        # All that is still to be taken counts as touched, not the first target alone.
        listed, wanted = np.nonzero(held_out.targets[rows] >= 0)
        seen[listed, held_out.targets[rows[listed], wanted]] = True
        fresh = ~seen[np.arange(len(rows))[:, None], drawn]
        positive_rows = np.arange(len(rows))
        negative_rows, places = np.nonzero(fresh)
        who = np.concatenate([positive_rows, negative_rows])
        what = np.concatenate([targets, drawn[negative_rows, places]])
        signals.append(stack[:, who, what])
        lengths.append(batch.lengths[who])
        taken.append(np.arange(len(who)) < len(positive_rows))
        owners.append(rows[who])
    if not owners:
        nothing = np.zeros(0, np.bool_)
        return Pairs(np.zeros((len(INPUT_SIGNALS), 0), np.float32), np.zeros(0, np.int64), nothing, nothing)
    owner = np.concatenate(owners)
    return Pairs(
        np.concatenate(signals, axis=1), np.concatenate(lengths), np.concatenate(taken), held_out.validation[owner]
    )


def fit_interaction_model(pairs: Pairs) -> tuple[InteractionModel, dict[str, float]]:
    """Fit on the training people's pairs; measure on the validation people's, classes weighted to halves.

    Where nothing was held out, or only one kind of pair, the model says one half for every pair.

    Returns the model and accuracy, precision, recall, F1 and AUC at probability one half, each on held-out pairs of
    which (by weight) half were taken.
    """
    from sklearn.linear_model import LogisticRegression

    training = ~pairs.validation
    raw = pairs.signals[:, training]
    size = len(raw)
    known = bool(raw.shape[1])
    mean = raw.mean(axis=1) if known else np.zeros(size, np.float32)
    spread = np.maximum(raw.std(axis=1), 1e-6) if known else np.ones(size, np.float32)
    zeros = np.zeros(2 * size + len(PRODUCTS), np.float32)
    blank = InteractionModel(mean.astype(np.float32), spread.astype(np.float32), zeros, 0.0)
    taken = pairs.taken[training]
    if taken.all() or not taken.any():
        return blank, {}
    features = _features(blank, raw, pairs.lengths[training])
    classifier = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced").fit(features, taken)
    model = InteractionModel(
        blank.mean, blank.spread, classifier.coef_[0].astype(np.float32), float(classifier.intercept_[0])
    )
    return model, _measure(model, pairs)


def _features(model: InteractionModel, signals: Floats, lengths: Longs) -> Floats:
    scaled = np.arcsinh((signals - model.mean[:, None]) / model.spread[:, None])
    products = [scaled[left] * scaled[right] for left, right in product_places()]
    crossed = scaled * length_feature(lengths)
    return np.concatenate([scaled, np.stack(products), crossed]).T


def _measure(model: InteractionModel, pairs: Pairs) -> dict[str, float]:
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support, roc_auc_score

    taken = pairs.taken[pairs.validation]
    if taken.all() or not taken.any():
        return {}
    logits = model.logits(pairs.signals[:, pairs.validation], pairs.lengths[pairs.validation])
    weight = np.where(taken, 0.5 / taken.mean(), 0.5 / (1 - taken.mean()))
    said = logits > 0
    precision, recall, f1, _ = precision_recall_fscore_support(
        taken, said, average="binary", sample_weight=weight, zero_division=0
    )
    return {
        "accuracy": float(accuracy_score(taken, said, sample_weight=weight)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "auc": float(roc_auc_score(taken, logits, sample_weight=weight)),
    }
