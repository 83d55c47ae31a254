"""How likely the next occasion is to contain what the deep model ranks: learned at everyone's last occasion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import Floats, Histories, Longs
from recsys_tui.models.candidate_lists import draw_candidates, untaken
from recsys_tui.models.context import context_of, item_features, with_peaks
from recsys_tui.models.experts import Experts, people_at_once
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.repeat_consumption import FEWEST_PEOPLE, RepeatModel, last_occasion_starts
from recsys_tui.models.signals import signals_to_rank

MOST_PEOPLE = 1_500
COUNTED = 50


def before_last_occasion(dataset: Dataset, histories: Histories) -> tuple[Histories, Longs]:
    """Everyone's history without what they first took at their last occasion, and how many actions that leaves."""
    starts = last_occasion_starts(dataset)
    times = np.zeros(len(histories.items), np.int64) if histories.times is None else histories.times
    early = times < starts[histories.owners]
    kept = np.bincount(histories.owners[early], minlength=len(histories)).astype(np.int64)
    return histories.prefixes(range(len(histories)), kept), kept


def calibrated(
    repeats: RepeatModel,
    histories: Histories,
    kept: Longs,
    fit_earlier: Callable[[], Experts],
    interaction: InteractionModel,
    fusion: Fusion,
    seed: int,
) -> RepeatModel:
    """The repeat model with chances of new items learned from lists drawn before everyone's last occasion.

    ``fit_earlier`` fits the experts on histories that end there (``kept`` actions of each person), so that nothing is
    known of what is to be foretold. Unchanged where too few people have such an occasion.
    """
    able = np.flatnonzero((kept > 0) & (kept < histories.lengths))
    if len(able) < FEWEST_PEOPLE:
        return repeats
    from sklearn.linear_model import LogisticRegression

    chosen = np.sort(np.random.default_rng(seed).permutation(able)[:MOST_PEOPLE])
    experts = fit_earlier().for_many()
    features = item_features(experts.profiles, experts.content, experts.popular.strength)
    rows, labels = [], []
    block = people_at_once(histories.item_count)
    for start in range(0, len(chosen), block):
        people = chosen[start : start + block]
        lists = histories.prefixes(people, kept[people])
        items, share = _shares(experts, interaction, fusion, features, lists)
        fresh = np.log(np.maximum(repeats.fresh[people], 1e-3))
        for row, person in enumerate(people):
            wanted = histories.items_of(int(person))[kept[person] :]
            there = items[row] >= 0
            places = np.log(np.arange(1, there.sum() + 1))
            rows.append(np.stack([share[row][there], places, np.full(len(places), fresh[row])], axis=1))
            labels.append(np.isin(items[row][there], wanted))
    x, y = np.concatenate(rows), np.concatenate(labels)
    if not y.any() or y.all():
        return repeats
    chances = np.zeros((2, 4))
    for which, columns in enumerate(((0, 1, 2), (1, 2))):
        fitted = LogisticRegression(C=1.0, max_iter=500).fit(x[:, columns], y)
        chances[which, 0] = fitted.intercept_[0]
        chances[which, [1 + column for column in columns]] = fitted.coef_[0]
    return replace(repeats, chances=chances.astype(np.float32))


def _shares(
    experts: Experts, interaction: InteractionModel, fusion: Fusion, features: Floats, lists: Histories
) -> tuple[Longs, Floats]:
    """The best candidates of each list, best first, and the logarithm of their share in the softmax over all."""
    unseen = untaken(lists)
    stack = signals_to_rank(experts, interaction, lists, unseen)
    width = min(fusion.candidates, lists.item_count)
    places, z = draw_candidates(stack, fusion.signals, fusion.blend, width, unseen)
    drawn = stack.codes(places)
    context = context_of(lists, experts.profiles, experts.content, np.asarray(experts.popular.strength, np.float32))
    context = with_peaks(context, z, fusion.horizon)
    scores = np.where(drawn >= 0, fusion.score(z, context, features[np.maximum(drawn, 0)]), -np.inf)
    highest = np.maximum(scores.max(axis=1, keepdims=True), -1e30)
    share = scores - highest - np.log(np.maximum(np.exp(scores - highest).sum(axis=1, keepdims=True), 1e-30))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :COUNTED]
    return np.take_along_axis(drawn, order, axis=1).astype(np.int64), np.take_along_axis(share, order, axis=1).astype(
        np.float32
    )
