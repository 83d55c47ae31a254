"""``python -m tests.bench cold_items``: items that nobody has taken yet, ranked among themselves.

Two cuts. ``removed``: every action on 300 random items is left out of the training, and each person's newest action on
one of them is to be found from what they did before (horizon ``next``). ``temporal``: items first seen after nine
tenths of the time are new, and all of them that a person took are to be found (horizon ``later``).

The served model is held to rank them better than popularity, each content signal and, where it is installed, LightFM
with features. Without actions all new items are equally popular, so popularity is chance.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, ITEM, TIME, Dataset
from recsys_tui.data.histories import Floats, Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.data.subset import subset
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.recommend.ranking import rank
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from tests.bench.commands import Figure

REMOVED = 300
LATE = 0.9
CONTENT = ("content", "content_recent", "content_last")
K = 10
CELLS = ("ml-1m/removed", "ml-100k/removed", "online-retail-ii/removed", "online-retail-ii/temporal")


@dataclass(frozen=True)
class ColdCut:
    """``train``: the dataset without what is to be found. ``new`` (items,) marks the new items, by its codes.

    ``before``: the histories of the people who are judged; ``people`` (lists,) their codes, ``targets`` what each took.
    """

    train: Dataset
    new: NDArray[np.bool_]
    before: Histories
    people: NDArray[np.int64]
    targets: list[NDArray[np.int64]]


def removed_items(dataset: Dataset, seed: int) -> ColdCut:
    """Leave out 300 random items; the newest of them that each person took is to be found."""
    random = np.random.default_rng(seed)
    table = dataset.interactions
    known = np.flatnonzero(np.bincount(table[ITEM].to_numpy(), minlength=dataset.items.height))
    chosen = random.choice(known, min(REMOVED, len(known) // 4), replace=False)
    return _cut(dataset, ~np.isin(table[ITEM].to_numpy(), chosen), newest_only=True)


def late_items(dataset: Dataset, _seed: int) -> ColdCut:
    """Leave out everything after nine tenths of the time; what was first seen then is new."""
    times = dataset.interactions[TIME].to_numpy()
    return _cut(dataset, times < np.quantile(times, LATE), newest_only=False)


def _cut(dataset: Dataset, keep: NDArray[np.bool_], newest_only: bool) -> ColdCut:
    part = subset(dataset, keep)
    new = part.items["count"].to_numpy() == 0
    # Only what was taken in the part left out: the catalogue may hold items that nobody ever took.
    seen = set(dataset.items.filter(pl.col("count") > 0)[ID].to_list())
    new &= np.array([one in seen for one in part.items[ID].to_list()])
    place = {text: code for code, text in enumerate(part.items[ID].to_list())}
    whole, histories = histories_of(dataset, merged_pairs(dataset)), histories_of(part, merged_pairs(part))
    of_item = np.array([place[text] for text in dataset.items[ID].to_list()])
    of_person = {text: code for code, text in enumerate(part.users[ID].to_list())}
    people, lengths, targets = [], [], []
    for code, text in enumerate(dataset.users[ID].to_list()):
        person = of_person.get(text)
        if person is None:
            continue
        taken = of_item[whole.items_of(code)]
        places = np.flatnonzero(new[taken])
        # What was done before the newest of the new items; all of it where the cut is one in time.
        length = int((~new[taken[: places[-1]]]).sum()) if len(places) and newest_only else histories.lengths[person]
        length = min(int(length), int(histories.lengths[person]))
        if not len(places) or not length:
            continue
        people.append(person)
        lengths.append(length)
        targets.append(taken[places[-1:]] if newest_only else np.unique(taken[places]))
    return ColdCut(part, new, histories.prefixes(people, lengths), np.array(people, np.int64), targets)


def scored(cut: ColdCut, score: Callable[[Histories, int, int], Floats]) -> tuple[Floats, Floats]:
    """NDCG@10 and hit rate@10 of each list among the new items; ties share their places at random.

    ``score`` gets histories and the range of lists, and gives (people, items).
    """
    random = np.random.default_rng(0)
    ndcg, hits = [], []
    codes = np.flatnonzero(cut.new)
    size = people_at_once(cut.before.item_count)
    for start in range(0, len(cut.people), size):
        stop = min(start + size, len(cut.people))
        scores = score(cut.before.rows(start, stop), start, stop)[:, codes]
        order = np.lexsort((random.random(scores.shape), -scores), axis=1)[:, :K]
        for row in range(stop - start):
            wanted = cut.targets[start + row]
            found = np.isin(codes[order[row]], wanted)
            gains = 1 / np.log2(np.arange(K) + 2)
            ndcg.append((found * gains[: len(found)]).sum() / gains[: min(K, len(wanted))].sum())
            hits.append(float(found.any()))
    return np.array(ndcg, np.float32), np.array(hits, np.float32)


def deep_scores(model: TrainedModel, cut: ColdCut, name: str = "deep") -> Callable[[Histories, int, int], Floats]:
    """The served order of the new items as scores."""

    def score(histories: Histories, _start: int, _stop: int) -> Floats:
        if name != "deep":  # as it is, so that ties are no order
            return model.experts.score(name, histories)
        allowed = np.broadcast_to(cut.new, (len(histories), histories.item_count)).copy()
        ranked = rank(model, histories, K, name, allowed)
        result = np.full(allowed.shape, -np.inf, np.float32)
        rows, places = np.nonzero(ranked.items >= 0)
        result[rows, ranked.items[rows, places]] = ranked.scores[rows, places]
        return result

    return score


def lightfm_scores(cut: ColdCut, seed: int) -> Callable[[Histories, int, int], Floats]:
    """LightFM (Kula 2015), WARP, with the terms of the items beside the items themselves; 30 epochs, 64 factors."""
    from lightfm import LightFM
    from scipy.sparse import coo_matrix, csr_matrix, hstack, identity

    content, _ = fit_content_profiles(cut.train.items, seed)
    items = cut.train.items.height
    terms = csr_matrix((content.values, content.terms, content.indptr), shape=(items, len(content.kinds)))
    # What an item is beyond its terms is known of those with actions alone.
    own = identity(items, format="csr", dtype=np.float32).multiply(~cut.new[:, None]).tocsr()
    features = hstack([own, terms]).tocsr().astype(np.float32)
    histories = histories_of(cut.train, merged_pairs(cut.train))
    taken = coo_matrix(
        (np.ones(len(histories.items), np.float32), (histories.owners, histories.items)), (len(histories), items)
    )
    model = LightFM(no_components=64, loss="warp", learning_rate=0.05, random_state=seed)
    model.fit(taken, item_features=features, epochs=30, num_threads=1)
    item_biases, item_vectors = model.get_item_representations(features)
    _, vectors = model.get_user_representations()
    return lambda _histories, start, stop: vectors[cut.people[start:stop]] @ item_vectors.T + item_biases


def cold_figures(
    data: Path, cells: Sequence[str] = CELLS, preset: str = "quick", seeds: Sequence[int] = (0, 1, 2)
) -> Iterator[Figure]:
    """For each ``data/cut`` NDCG@10 and hit rate@10 of each way to rank, means over the seeds."""
    for cell in cells:
        name, kind = cell.split("/")
        if not (data / name).exists():
            continue
        dataset = load_dataset(data / name)
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in seeds:
            cut = (removed_items if kind == "removed" else late_items)(dataset, seed)
            horizon = "next" if kind == "removed" else "later"
            model, manifest = train(
                cut.train, TrainingRequest(preset, horizon, seed), lambda _event: None, lambda: False
            )
            ways = {"served": deep_scores(model, cut, str(manifest["served"]))}
            ways |= {way: deep_scores(model, cut, way) for way in (*CONTENT, "popular")}
            if importlib.util.find_spec("lightfm") is not None:
                ways["lightfm"] = lightfm_scores(cut, seed)
            for way, score in ways.items():
                ndcg, hits = scored(cut, score)
                found.setdefault(way, []).append((float(ndcg.mean()), float(hits.mean())))
        means = {way: np.mean(figures, axis=0) for way, figures in found.items()}
        best = max(float(mean[0]) for way, mean in means.items() if way != "served")
        for way, (ndcg, hits) in means.items():
            kept = way != "served" or float(ndcg) > best
            about = f"{cell} ({len(cut.people)} people, {int(cut.new.sum())} items): {way}"
            yield Figure(about, f"{ndcg:.4f} {hits:.3f}", f"NDCG@10, HR@10{'; > ' if way == 'served' else ''}", kept)


def main(arguments: list[str], data: Path) -> int:
    """Print the table; 1 where the served model does not rank new items best."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench cold_items")
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seeds", default="0,1,2")
    chosen = parser.parse_args(arguments)
    missed = 0
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    for figure in cold_figures(data, chosen.cells.split(","), chosen.preset, seeds):
        missed += not figure.kept
        sys.stdout.write(f"{'✓' if figure.kept else '✗'} {figure.name:<68}{figure.value:>14}   {figure.bound}\n")
        sys.stdout.flush()
    return 1 if missed else 0
