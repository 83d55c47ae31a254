"""Do probabilities mean what they say: of the stored model, on what people really took next, against popularity alone.

Each held-out action stands beside one untouched item drawn in proportion to √popularity. The model is trained as
``recsys train`` does, on the training part alone; popularity's logistic model is fitted on the very pairs that it is
judged on, which flatters it. Intervals are bootstraps over people.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID
from recsys_tui.data.histories import Flags, Floats, Longs
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.list_making import asked_codes
from recsys_tui.evaluate.protocols import Split, split
from recsys_tui.evaluate.significance import paired_differences
from recsys_tui.evaluate.tuning import rows_of
from recsys_tui.models.classification_metrics import classification_metrics
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.audience import audience
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from tests.bench.commands import Figure

# (data, protocol, horizon, largest calibration error that is kept; None: reported only)
CASES = (
    ("ml-100k", "last", "next", 0.05),
    ("ml-1m", "last", "next", 0.03),
    ("online-retail-ii", "last", "next", 0.03),
    ("ml-100k", "temporal", "later", None),
    ("online-retail-ii", "temporal", "later", None),
)
MOST_PAIRS, TRIES, RESAMPLES = 20_000, 30, 1_000
FEWEST_TAKERS, MOST_ITEMS = 5, 100


@dataclass(frozen=True)
class HeldOutPairs:
    """All (pairs,): ``people`` (rows), ``taken``, ``chance`` and the item's ``popularity`` (logarithm)."""

    people: Longs
    taken: Flags
    chance: Floats
    popularity: Floats


def calibration_figures(data: Path) -> Iterator[Figure]:
    """Every case whose data is there."""
    for name, protocol, horizon, bar in CASES:
        if (data / name).exists():
            yield from _case(f"{name}, {protocol}", split(load_dataset(data / name), protocol, 0), horizon, bar)


def _case(title: str, whole: Split, horizon: str, bar: float | None) -> Iterator[Figure]:
    request = TrainingRequest("standard", horizon, 0, "cpu")
    model, manifest = train(whole.train, request, lambda _event: None, lambda: False)
    model = replace(model, experts=model.experts.for_many())
    pairs = held_out_pairs(model, whole, seed=0)
    alone = popularity_alone(pairs)
    ours, theirs = (classification_metrics(pairs.taken, chance) for chance in (pairs.chance, alone))
    error = f"{ours['ece']:.4f}"
    yield Figure(f"{title}: calibration error", error, f"≤ {bar}" if bar else "reported", not bar or ours["ece"] <= bar)
    for name in ("accuracy", "precision", "recall", "f1"):
        yield Figure(f"{title}: {name}", f"{ours[name]:.4f}", f"popularity {theirs[name]:.4f}", True)
    intervals = differences(pairs, alone)
    for name, (low, high) in intervals.items():
        better = high < 0 if name != "auc" else low > 0
        shown = f"popularity {theirs[name]:.4f}, difference 95 % [{low:+.4f}, {high:+.4f}]"
        yield Figure(f"{title}: {name}", f"{ours[name]:.4f}", shown, better)
    if ratings := manifest["ratings"]:
        bound = f"item means {ratings['item_mean_rmse']:.4f}"
        yield Figure(
            f"{title}: RMSE of ratings", f"{ratings['rmse']:.4f}", bound, ratings["rmse"] < ratings["item_mean_rmse"]
        )
    area, count = audience_area(model, whole)
    if count:
        yield Figure(f"{title}: audience AUC ({count} items)", f"{area:.4f}", "≥ 0.7", area >= 0.7)
    recommender = Recommender(model, manifest, "standard", horizon)
    start = time.perf_counter()
    audience(recommender, str(model.catalogue.ids[0]), 500)
    seconds = time.perf_counter() - start
    title = f"{title}: audience among {len(model.people.histories)}"
    yield Figure(title, f"{seconds:.1f} s", "≤ 10 s", seconds <= 10)


def held_out_pairs(model: TrainedModel, whole: Split, seed: int) -> HeldOutPairs:
    """Held-out actions, at most 20,000 of them, each beside one untouched item drawn ∝ √popularity."""
    random = np.random.default_rng(seed)
    histories = model.people.histories
    chosen = asked_codes(whole.test, whole.asked)
    truth = rows_of(whole.test, chosen, whole.asked, whole.train.items[ID])
    counts = histories.item_counts()
    draw = np.sqrt(counts) / np.sqrt(counts).sum()
    share = min(1.0, MOST_PAIRS / max(1, len(truth.items)))
    people, taken, chances, items = [], [], [], []
    size = people_at_once(histories.item_count)
    for start in range(0, len(chosen), size):
        some = chosen[start : start + size]
        batch = histories.prefixes(some, histories.lengths[some])
        wanted = truth.slice(start, start + len(some))
        touched = np.zeros((len(some), histories.item_count), np.bool_)
        touched[batch.owners, batch.items] = True
        owners = np.repeat(np.arange(len(some)), np.diff(wanted.indptr))
        known = wanted.items < histories.item_count
        owners, positives = owners[known], wanted.items[known]
        fresh = ~touched[owners, positives] & (random.random(len(owners)) < share)
        touched[owners, positives] = True
        owners, positives = owners[fresh], positives[fresh]
        negatives = _untouched(touched, owners, draw, random)
        for codes, outcome in ((positives, True), (negatives, False)):
            signals = model.experts.input_signals_of(batch, owners, codes.astype(np.int64))
            logits = model.interaction.logits(signals, batch.lengths[owners])
            chances.append(model.interaction.probability(logits))
            items.append(codes)
            people.append(some[owners])
            taken.append(np.full(len(codes), outcome))
    what = np.concatenate(items)
    popularity = np.log1p(counts[what]).astype(np.float32)
    return HeldOutPairs(np.concatenate(people), np.concatenate(taken), np.concatenate(chances), popularity)


def _untouched(
    touched: Flags, owners: Longs, draw: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.int32]:
    result = random.choice(len(draw), len(owners), p=draw).astype(np.int32)
    for _ in range(TRIES):
        again = np.flatnonzero(touched[owners, result])
        result[again] = random.choice(len(draw), len(again), p=draw)
    return result


def popularity_alone(pairs: HeldOutPairs) -> Floats:
    """Probabilities of a logistic model of popularity, fitted on the pairs themselves."""
    from sklearn.linear_model import LogisticRegression

    feature = pairs.popularity[:, None]
    chances: Floats = LogisticRegression().fit(feature, pairs.taken).predict_proba(feature)[:, 1]
    return chances


def differences(pairs: HeldOutPairs, alone: Floats) -> dict[str, tuple[float, float]]:
    """95 % intervals of model less popularity, people resampled: of the means per person, and of the area itself."""
    _, person = np.unique(pairs.people, return_inverse=True)
    counts = np.bincount(person)
    result = {}
    for name, loss in (
        ("brier", lambda chance: (chance - pairs.taken) ** 2),
        ("log_loss", lambda chance: -np.log(np.clip(np.where(pairs.taken, chance, 1 - chance), 1e-12, 1))),
    ):
        table = np.stack([np.bincount(person, loss(chance)) / counts for chance in (pairs.chance, alone)], axis=1)
        (found,) = paired_differences(table, [(0, 1)])
        result[name] = (found.low, found.high)
    random = np.random.default_rng(0)
    order = np.argsort(person, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)])
    areas = []
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(counts), len(counts))
        rows = order[np.concatenate([np.arange(starts[one], starts[one + 1]) for one in drawn])]
        areas.append(_area(pairs.taken[rows], pairs.chance[rows]) - _area(pairs.taken[rows], alone[rows]))
    low, high = np.quantile(areas, [0.025, 0.975])
    return result | {"auc": (float(low), float(high))}


def _area(taken: Flags, chance: Floats) -> float:
    _, which, counts = np.unique(chance, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[which]
    positives = int(taken.sum())
    others = len(taken) - positives
    return float((rank[taken].sum() - positives * (positives + 1) / 2) / (positives * others))


def audience_area(model: TrainedModel, whole: Split) -> tuple[float, int]:
    """The chance that who took an item stands above who did not, of the people of the test who had not got it.

    Mean over the up to 100 items that most people took, of those that at least five took; and how many items.
    """
    histories = model.people.histories
    chosen = asked_codes(whole.test, whole.asked)
    truth = rows_of(whole.test, chosen, whole.asked, whole.train.items[ID])
    takers = np.bincount(truth.items[truth.items < histories.item_count], minlength=histories.item_count)
    items = np.argsort(-takers, kind="stable")[:MOST_ITEMS]
    items = items[takers[items] >= FEWEST_TAKERS].astype(np.int32)
    scores, owned = [], []
    size = people_at_once(histories.item_count)
    for start in range(0, len(chosen), size):
        some = chosen[start : start + size]
        batch = histories.prefixes(some, histories.lengths[some])
        wanted = np.broadcast_to(items, (len(some), len(items))).copy()
        stack = signals_at(model.experts, model.interaction, batch, wanted).values
        scores.append(stack[SIGNALS.index("interaction")])
        touched = np.zeros((len(some), histories.item_count), np.bool_)
        touched[batch.owners, batch.items] = True
        owned.append(touched[:, items])
    logits, had = np.concatenate(scores), np.concatenate(owned)
    areas = []
    for place, item in enumerate(items):
        took = np.zeros(len(chosen), np.bool_)
        took[np.repeat(np.arange(len(chosen)), np.diff(truth.indptr))[truth.items == item]] = True
        able = ~had[:, place]
        if took[able].any() and not took[able].all():
            areas.append(_area(took[able], logits[able, place]))
    return float(np.mean(areas)) if areas else 0.0, len(areas)
