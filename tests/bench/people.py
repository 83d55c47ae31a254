"""People whom no model has seen: how soon their profile is theirs, and how good their lists are after few actions.

A fifth of the people are kept from the training (preset ``quick``). Of each the first 1, 2, 3 and 5 actions are shown;
their profile is compared with that of their whole history, and their lists are judged by the next action. People who
have not acted at all are served by what they say of themselves, where the data has attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recsys_tui.data.dataset import ID, USER, Dataset
from recsys_tui.data.histories import Flags, Floats, Histories, Longs, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.subset import subset
from recsys_tui.evaluate.significance import paired_differences
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.ranking import rank
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from tests.bench.commands import Figure

DATASETS = ("ml-100k", "online-retail-ii", "ml-1m")
KEPT_BACK = 0.2
ACTIONS = (1, 2, 3, 5)
PARTS = ("sequence", "ease", "popular")
DEPTH = 10


def people_figures(data: Path, names: tuple[str, ...] = DATASETS, seed: int = 0) -> Iterator[Figure]:
    """Agreement of profiles (share in the same cluster, mean cosine) and NDCG@10 of new people."""
    for name in names:
        if (data / name).exists():
            dataset = load_dataset(str(data / name))
            model, asked = kept_back(dataset, seed)
            yield from _profile_figures(name, model, asked)
            yield from _list_figures(name, model, asked)


def kept_back(dataset: Dataset, seed: int) -> tuple[TrainedModel, Histories]:
    """A model trained without a fifth of the people, and their histories over its catalogue."""
    random = np.random.default_rng(seed)
    chosen = random.permutation(dataset.user_count)[: round(KEPT_BACK * dataset.user_count)]
    whose: Flags = np.isin(dataset.interactions[USER].to_numpy(), chosen)
    seen = subset(dataset, ~whose)
    model, _ = train(seen, TrainingRequest("quick", "next", seed, "cpu"), lambda _event: None, lambda: False)
    return model, histories_of(subset(dataset, whose, seen.items[ID]))


def beginnings(histories: Histories, length: int) -> tuple[Histories, Longs, Longs]:
    """The first actions of everyone who went on, who they are, and what they took next."""
    people = np.flatnonzero(histories.lengths > length)
    targets = histories.items[histories.indptr[people] + length].astype(np.int64)
    return histories.prefixes(people, np.full(len(people), length)), people, targets


def ndcg_of_each(model: TrainedModel, shown: Histories, targets: Longs, name: str) -> Floats:
    """NDCG@10 of each person with one wanted item, ranking everything that was not shown."""
    gains = np.zeros(len(shown), np.float32)
    size = people_at_once(shown.item_count)
    for start in range(0, len(shown), size):
        batch = shown.rows(start, min(start + size, len(shown)))
        allowed = np.ones((len(batch), shown.item_count), np.bool_)
        allowed[batch.owners, batch.items] = False
        items = rank(model, batch, DEPTH, name, allowed).items
        row, place = np.nonzero(items == targets[start : start + len(batch), None])
        gains[start + row] = 1 / np.log2(place + 2)
    return gains


def _profile_figures(name: str, model: TrainedModel, asked: Histories) -> Iterator[Figure]:
    profiles = model.experts.profiles
    whole, clusters = profiles.long_term(asked), profiles.cluster_of(asked)
    for length in ACTIONS:
        shown, people, _ = beginnings(asked, length)
        same = float((profiles.cluster_of(shown) == clusters[people]).mean())
        cosine = float((profiles.long_term(shown) * whole[people]).sum(axis=1).mean())
        chance = float(max(np.bincount(clusters[people])) / len(people))
        value = f"{same:.0%} / {cosine:.2f}"
        yield Figure(f"{name}, {length} known: same cluster / cosine", value, f"largest: {chance:.0%}", same >= chance)


def _list_figures(name: str, model: TrainedModel, asked: Histories) -> Iterator[Figure]:
    for length in ACTIONS[:3]:
        shown, _, targets = beginnings(asked, length)
        gains = np.stack([ndcg_of_each(model, shown, targets, part) for part in (DEEP, *PARTS)], axis=1)
        means = gains.mean(axis=0)
        best = 1 + int(np.argmax(means[1:]))
        (difference,) = paired_differences(gains.astype(np.float64), [(0, best)])
        others = ", ".join(f"{part} {mean:.4f}" for part, mean in zip(PARTS, means[1:], strict=True))
        yield Figure(f"{name}, {length} known: NDCG@10 ({len(shown)})", f"{means[0]:.4f}", others, difference.high >= 0)
