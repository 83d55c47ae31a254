"""The interaction model: will this person take this item? A classifier over user × content × behaviour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Longs
from recsys_tui.models.calibration import Calibration, fit_calibration
from recsys_tui.models.classification_metrics import classification_metrics
from recsys_tui.models.contract import Arrays
from recsys_tui.models.signal_names import INPUT_SIGNALS
from recsys_tui.output.crowd_counts import drawn_people, whole_crowds
from recsys_tui.output.crowd_gate import CrowdGate

if TYPE_CHECKING:
    from recsys_tui.models.experts import Experts
    from recsys_tui.models.held_out import HeldOut

NEGATIVES = 4
MOST_OF_A_LIST = 20
FOLDS = 5
FEWEST_NEWEST = 50
# Half of the pairs that a probability speaks of were taken: it is how they are drawn, see InteractionModel.
BASE_RATE = 0.5
# Signals that are the same for everyone: how high they are depends on how much is counted.
LEVELS = ("popular", "recent")
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
    outlier rules; ``weights`` (signals + products + signals with length) and ``bias`` give the logit, and
    ``calibration`` the probability: of two items, one that the person takes next and one untouched item drawn in
    proportion to √popularity, the chance that this is the one taken. The base rate is one half; among all items of a
    catalogue far fewer are taken.
    """

    mean: Floats
    spread: Floats
    weights: Floats
    bias: float
    calibration: Calibration = field(default_factory=Calibration)

    def logits(self, signals: Floats, lengths: NDArray[Any]) -> Floats:
        """Logits for signals of shape (signals, …) and history lengths that broadcast to the rest of that shape."""
        size = len(self.mean)
        by_length = length_feature(lengths)
        plain = self.weights[:size]
        by_product = self.weights[size : size + len(PRODUCTS)]
        crossed = self.weights[size + len(PRODUCTS) :]
        # One signal after the other: what a block of people needs of one stays in the processor's cache.
        scaled = []
        # Constant in the item, so that it moves the probability but never the order.
        logits = np.full(signals.shape[1:], self.bias, np.float32)
        for place in range(size):
            scaled.append(np.arcsinh((signals[place] - self.mean[place]) / self.spread[place]))
            logits += (plain[place] + crossed[place] * by_length) * scaled[place]
        for place, (left, right) in enumerate(product_places()):
            logits += by_product[place] * (scaled[left] * scaled[right])
        return logits

    @property
    def is_untaught(self) -> bool:
        """Whether it says one half of every pair, as that of a private model does."""
        return not (self.bias or np.any(self.weights))

    def probability(self, logits: Floats) -> Floats:
        """Calibrated probabilities of logits of any shape; the base rate is one half."""
        return self.calibration.probability(logits)

    def moved(self, before: Experts, after: Experts) -> InteractionModel:
        """The same model for experts that were fitted on more, or other, actions than those it was learned with.

        How high popularity is depends on how much was counted, and that of the newest stretch of time on how lively
        it was. What the model learned of an item that is popular for its time holds for such items now.
        """
        mean, spread = self.mean.copy(), self.spread.copy()
        for name in LEVELS:
            place = INPUT_SIGNALS.index(name)
            (then, wide_then), (now, wide_now) = _level(before, name), _level(after, name)
            if min(wide_then, wide_now) > 1e-6:
                mean[place] = now + (mean[place] - then) / wide_then * wide_now
                spread[place] *= wide_now / wide_then
        return replace(self, mean=mean, spread=spread)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {
            "mean": self.mean,
            "spread": self.spread,
            "weights": self.weights,
            "bias": np.array([self.bias], np.float32),
            "calibration": self.calibration.to_array(),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        calibration = Calibration.from_array(arrays["calibration"])
        return cls(arrays["mean"], arrays["spread"], arrays["weights"], float(arrays["bias"][0]), calibration)


def _level(experts: Experts, name: str) -> tuple[float, float]:
    """Mean and deviation of a signal that is the same for everyone over items drawn in proportion to √popularity."""
    draw = np.sqrt(np.expm1(np.asarray(experts.popular.strength, np.float64)))
    if not draw.any():
        return 0.0, 0.0
    strength = np.asarray(getattr(experts, name).strength, np.float64)
    mean = float(np.average(strength, weights=draw))
    return mean, float(np.sqrt(np.average((strength - mean) ** 2, weights=draw)))


def length_feature(lengths: NDArray[Any]) -> Floats:
    """History length as a feature of about unit size: log(1 + length) − 3."""
    result: Floats = (np.log1p(lengths) - 3).astype(np.float32)
    return result


def product_places() -> list[tuple[int, int]]:
    """Places of the product pairs in the stack of input signals."""
    return [(INPUT_SIGNALS.index(left), INPUT_SIGNALS.index(right)) for left, right in PRODUCTS]


@dataclass(frozen=True)
class Pairs:
    """Held-out pairs: ``signals`` (signals, pairs), ``lengths``, ``taken``, ``validation`` and ``people`` (pairs,).

    ``newest`` (pairs,): of the newest held-out moment of the person, which is the nearest to when the model answers.
    ``matched`` (pairs,): what was taken, and one untouched item for each.
    """

    signals: Floats
    lengths: Longs
    taken: Flags
    validation: Flags
    people: Longs
    newest: Flags
    matched: Flags


def sample_pairs(experts: Experts, held_out: HeldOut, most_lists: int, seed: int) -> Pairs:
    """Targets of up to ``most_lists`` lists, each beside up to 4 untouched items drawn ∝ √popularity.

    Where lists are few and have many targets, up to twenty of each list are taken, drawn at random.
    """
    from recsys_tui.models.experts import people_at_once

    random = np.random.default_rng(seed)
    lists = held_out.lists
    chosen = np.arange(len(lists))
    if len(chosen) > most_lists:
        chosen = np.sort(random.choice(chosen, most_lists, replace=False))
    popularity = np.sqrt(held_out.older.item_counts())
    draw = popularity / popularity.sum()
    each = int(np.clip(2 * most_lists // max(1, len(chosen)), 1, min(MOST_OF_A_LIST, held_out.targets.shape[1])))
    signals, lengths, taken, matched, owners = [], [], [], [], []
    block = people_at_once(lists.item_count)
    for start in range(0, len(chosen), block):
        rows = chosen[start : start + block]
        batch = lists.prefixes(rows, lists.lengths[rows])
        some = _some_targets(held_out.targets[rows], each, random)
        positive_rows, places = np.nonzero(some >= 0)
        targets = some[positive_rows, places]
        drawn = random.choice(len(draw), size=(len(targets), NEGATIVES), p=draw)
        seen = np.zeros((len(rows), lists.item_count), np.bool_)
        seen[batch.owners, batch.items] = True
        # All that is still to be taken counts as touched, not the first target alone.
        listed, wanted = np.nonzero(held_out.targets[rows] >= 0)
        seen[listed, held_out.targets[rows[listed], wanted]] = True
        beside, places = np.nonzero(~seen[positive_rows[:, None], drawn])
        who = np.concatenate([positive_rows, positive_rows[beside]])
        what = np.concatenate([targets, drawn[beside, places]])
        signals.append(experts.input_signals_of(batch, who, what))
        lengths.append(batch.lengths[who])
        taken.append(np.arange(len(who)) < len(targets))
        with_one, first = np.unique(beside, return_index=True)
        matched.append(np.isin(np.arange(len(who)), np.concatenate([with_one, len(targets) + first])))
        owners.append(rows[who])
    if not owners:
        nothing, none = np.zeros(0, np.bool_), np.zeros(0, np.int64)
        return Pairs(np.zeros((len(INPUT_SIGNALS), 0), np.float32), none, nothing, nothing, none, nothing, nothing)
    owner = np.concatenate(owners)
    newest = np.zeros(len(held_out.older), np.int64)
    np.maximum.at(newest, held_out.people, lists.lengths)
    people = held_out.people[owner]
    return Pairs(
        np.concatenate(signals, axis=1),
        np.concatenate(lengths),
        np.concatenate(taken),
        held_out.apart[owner],
        people,
        lists.lengths[owner] == newest[people],
        np.concatenate(matched),
    )


def _some_targets(targets: Longs, most: int, random: np.random.Generator) -> Longs:
    """``most`` targets of each list, drawn at random: the first ones of a few weeks are the easiest to foretell."""
    if targets.shape[1] <= most:
        return targets
    order = np.argsort(np.where(targets >= 0, random.random(targets.shape), 2.0), axis=1)[:, :most]
    return np.take_along_axis(targets, order, axis=1)


def fit_interaction_model(
    pairs: Pairs, signals: Collection[str] = INPUT_SIGNALS
) -> tuple[InteractionModel, dict[str, float]]:
    """Fit on the training people's pairs, calibrate and measure on everybody's, by people who were left out.

    ``signals``: those that the model may read; the others get no weight. Where nothing was held out, or only one kind
    of pair, the model says one half for every pair.

    Five classifiers, each fitted without a fifth of all people, give that fifth its logits; the calibration is learned
    from these at everybody's newest moment. Each fifth is measured with a calibration that was learned from the
    others: on pairs of one taken and one untouched item, that classifier and that calibration have seen neither person.

    Returns the model and accuracy, precision, recall, F1 (at probability one half), AUC, log loss, Brier score and
    calibration error; ``pairs`` of taken and untouched items, in whole tens, their ``base_rate``; and the same figures
    of a logistic model of popularity alone, on the same pairs, as ``popularity_…``. None of these where the pairs are
    of too few people to tell of.
    """
    training = ~pairs.validation
    read = np.array([name in signals for name in INPUT_SIGNALS], np.bool_)
    raw = pairs.signals[:, training] * read[:, None]
    known = bool(raw.shape[1])
    mean = raw.mean(axis=1) if known else np.zeros(len(read), np.float32)
    spread = np.where(read, np.maximum(raw.std(axis=1), 1e-6), 1) if known else np.ones(len(read), np.float32)
    blank = InteractionModel(
        mean.astype(np.float32), spread.astype(np.float32), np.zeros(2 * len(read) + len(PRODUCTS), np.float32), 0.0
    )
    features = _features(blank, pairs.signals * read[:, None], pairs.lengths)
    fitted = _logistic(features[training], pairs.taken[training])
    if fitted is None:
        return blank, {}
    model = replace(blank, weights=fitted[0], bias=fitted[1])
    _, person = np.unique(pairs.people, return_inverse=True)
    fold = np.random.default_rng(0).permutation(person.max() + 1)[person] % FOLDS
    logits = _left_out(features, pairs.taken, fold)
    judged = pairs.newest if (pairs.newest & pairs.taken).sum() >= FEWEST_NEWEST else np.ones(len(fold), np.bool_)
    model = replace(model, calibration=fit_calibration(logits[judged], pairs.taken[judged]))
    counted = judged & pairs.matched
    people, fewest = np.unique(pairs.people[counted]), CrowdGate().minimum
    # As shares of their pairs, figures tell of how many people they are, and so how few have nothing untouched.
    told = drawn_people(people, np.random.default_rng(0), fewest, len(people))
    if not len(told):
        return model, {}
    counted &= np.isin(pairs.people, told)
    popularity = pairs.signals[INPUT_SIGNALS.index("popular")][:, None]
    measured = _measure(logits, pairs, fold, judged, counted)
    alone = _measure(_left_out(popularity, pairs.taken, fold), pairs, fold, judged, counted)
    compared = {f"popularity_{name}": value for name, value in alone.items()}
    return model, measured | compared | {
        "pairs": float(whole_crowds(int(counted.sum()) // 2, CrowdGate())),
        "base_rate": BASE_RATE,
    }


def _features(model: InteractionModel, signals: Floats, lengths: Longs) -> Floats:
    scaled = np.arcsinh((signals - model.mean[:, None]) / model.spread[:, None])
    products = [scaled[left] * scaled[right] for left, right in product_places()]
    crossed = scaled * length_feature(lengths)
    return np.concatenate([scaled, np.stack(products), crossed]).T


def _logistic(features: Floats, taken: Flags) -> tuple[Floats, float] | None:
    """Weights and bias, taken and untouched pairs weighted to halves; None where there is one kind only."""
    if taken.all() or not taken.any():
        return None
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced").fit(features, taken)
    return classifier.coef_[0].astype(np.float32), float(classifier.intercept_[0])


def _left_out(features: Floats, taken: Flags, fold: Longs) -> Floats:
    """The logit of each pair from a classifier that was fitted on the people of the other folds, shape (pairs,)."""
    logits = np.zeros(len(taken), np.float32)
    for number in range(FOLDS):
        inside = fold == number
        fitted = _logistic(features[~inside], taken[~inside])
        if fitted is not None:
            logits[inside] = features[inside] @ fitted[0] + fitted[1]
    return logits


def _measure(logits: Floats, pairs: Pairs, fold: Longs, judged: Flags, counted: Flags) -> dict[str, float]:
    """Figures of the ``counted`` pairs; each fold's calibration is learned from those of the others that are judged."""
    chance = np.zeros(len(logits), np.float32)
    for number in range(FOLDS):
        others = judged & (fold != number)
        calibration = fit_calibration(logits[others], pairs.taken[others])
        chance[fold == number] = calibration.probability(logits[fold == number])
    return classification_metrics(pairs.taken[counted], chance[counted]) if counted.any() else {}
