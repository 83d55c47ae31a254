"""Models compared on one split: each tried in its own process, judged alike, and told apart from chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recsys_tui.evaluate.classics import classics, classics_for
from recsys_tui.evaluate.contender import ANSWERING, DEEP, FITTING, TUNING, ContenderRequest, ContenderResult
from recsys_tui.evaluate.contender_process import Cost, try_contender
from recsys_tui.evaluate.judge import Figures, Judge
from recsys_tui.evaluate.protocols import Split
from recsys_tui.evaluate.significance import holm, own_means, paired_differences
from recsys_tui.evaluate.split_folder import write_split
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import told_apart

COMPARED = ("ndcg@10", "hr@10", "recall@20")
ALIASES = {"neighbours": "knn"}

Tell = Callable[[str, str, float], None]


@dataclass(frozen=True)
class Judged:
    """One model of a comparison: its figures, and for models that were tried here what they did and cost."""

    name: str
    figures: Figures
    ci95: dict[str, tuple[float, float]]
    result: ContenderResult | None
    cost: Cost | None

    def to_json(self) -> dict[str, Any]:
        """The entry of this model in the document of ``recsys evaluate --json``."""
        figures, result, cost = self.figures, self.result, self.cost
        document: dict[str, Any] = {
            "name": self.name,
            "metrics": figures.means,
            "ci95": {name: list(ends) for name, ends in self.ci95.items()},
            "users_without_list": figures.without_list,
            "seen_items_shown": figures.seen_shown,
            "repeated_items": figures.repeated,
        }
        if result is not None and cost is not None:
            document |= {
                "train_seconds": result.seconds.get(TUNING, 0.0) + result.seconds[FITTING],
                "answer_seconds": result.seconds[ANSWERING],
                "train_cpu_seconds": result.cpu.get(TUNING, 0.0) + result.cpu[FITTING],
                "answer_cpu_seconds": result.cpu[ANSWERING],
                "cpu_seconds": cost.cpu_seconds,
                "peak_bytes": cost.peak_bytes,
                "setting": result.setting,
                "tried": result.tried,
                "ratings": result.ratings,
                "classifier": result.classifier,
                "served": result.served,
            }
        return document


@dataclass(frozen=True)
class Compared:
    """Model ``a`` minus model ``b`` in one metric: see :class:`~.significance.PairedDifference`; ``p_holm`` is
    adjusted for all comparisons in this metric; where ``a`` is the best of those compared here, for all pairs of
    models, as any of them could have been the best by chance."""

    a: str
    b: str
    metric: str
    delta: float
    ci95: tuple[float, float]
    p: float
    p_holm: float
    effect_size: float | None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return vars(self) | {"ci95": list(self.ci95)}


@dataclass(frozen=True)
class Evaluation:
    """A whole comparison: how it was made, and how every model did, in the order asked for.

    ``failures``: the names of models that could not be tried, each with the sentence that says why.
    """

    split: Split
    seed: int
    horizon: str
    models: tuple[Judged, ...]
    comparisons: tuple[Compared, ...]
    failures: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys evaluate --json``."""
        train = self.split.train
        return {
            "protocol": self.split.protocol,
            "notes": list(self.split.notes),
            "horizon": self.horizon,
            "seed": self.seed,
            "users": self.split.people,
            "test_interactions": self.split.test.height,
            "train_interactions": train.interaction_count,
            "train_users": train.user_count,
            "train_items": train.item_count,
            "catalogue_items": train.items.height,
            "models": [model.to_json() for model in self.models],
            "comparisons": [entry.to_json() for entry in self.comparisons],
            "failures": [{"name": name, "message": message} for name, message in self.failures],
        }


def model_names(wanted: str | None, split: Split) -> tuple[str, ...]:
    """The models of a list such as ``deep,ease``; all that the data allows where none is given.

    Raises ``UserError`` (exit 2) for a name that does not exist, or a model of ratings where there are none.
    """
    known = classics()
    names = {DEEP, *known}
    if wanted is None:
        return (DEEP, *reversed(classics_for(split.train)))
    chosen = tuple(dict.fromkeys(ALIASES.get(name.strip(), name.strip()) for name in wanted.split(",") if name.strip()))
    for name in chosen:
        if name not in names:
            raise UserError("evaluate.unknown_model", ExitCode.USAGE, name=name, names=", ".join((DEEP, *known)))
        if name != DEEP and known[name].needs_ratings and not split.train.explicit:
            raise UserError("evaluate.needs_ratings", ExitCode.USAGE, name=name)
    return chosen


def compare(
    split: Split,
    requests: Sequence[ContenderRequest],
    own_lists: Mapping[str, pl.DataFrame],
    folder: Path,
    tell: Tell,
) -> Evaluation:
    """Try the models one after the other in child processes, and judge them beside ``own_lists`` (name → lists).

    ``folder``: an empty folder for what the processes share; every model's lists are in ``NAME.parquet`` there
    afterwards. ``tell`` gets the model's name, the step and the share done. A model that fails is left out and told;
    raises ``UserError`` where there is nothing to judge then.
    """
    with told_apart(folder):
        write_split(split, folder)
    judge = Judge(split)
    tried: list[tuple[str, Figures, ContenderResult | None, Cost | None]] = []
    failed: list[str] = []
    failures: list[UserError] = []
    for request in requests:
        try:
            result, cost = try_contender(folder, request, _telling(tell, request.name))
        except UserError as error:
            failures.append(error)
            failed.append(request.name)
            continue
        tried.append((request.name, judge.figures(pl.read_parquet(folder / f"{request.name}.parquet")), result, cost))
    tried += [(name, judge.figures(lists), None, None) for name, lists in own_lists.items()]
    if failures and not tried:
        raise failures[0]
    intervals = _intervals([figures for _, figures, _, _ in tried], requests[0].seed if requests else 0)
    models = tuple(
        Judged(name, figures, ci95, result, cost)
        for (name, figures, result, cost), ci95 in zip(tried, intervals, strict=True)
    )
    seed, horizon = (requests[0].seed, requests[0].horizon) if requests else (0, "next")
    told = tuple((name, str(error)) for name, error in zip(failed, failures, strict=True))
    return Evaluation(split, seed, horizon, models, _comparisons(models, seed), told)


def _telling(tell: Tell, name: str) -> Callable[[str, float], None]:
    return lambda step, share: tell(name, step, share)


def _intervals(figures: Sequence[Figures], seed: int) -> list[dict[str, tuple[float, float]]]:
    """The 95 % interval of every mean over people, by model."""
    if not figures:
        return []
    metrics = list(figures[0].scores)
    table = np.column_stack([each.scores[name] for each in figures for name in metrics])
    means = own_means(table, seed=seed)
    ends = [(each.low, each.high) for each in means]
    return [dict(zip(metrics, ends[place * len(metrics) :], strict=False)) for place in range(len(figures))]


def _comparisons(models: Sequence[Judged], seed: int) -> tuple[Compared, ...]:
    """The deep model, or without it the best in NDCG@10, against every other model."""
    if len(models) < 2:
        return ()
    names = [model.name for model in models]
    best = max(range(len(models)), key=lambda place: models[place].figures.means[COMPARED[0]] or 0.0)
    first = names.index(DEEP) if DEEP in names else best
    others = [place for place in range(len(models)) if place != first]
    pairs = [(first, other) for other in others]
    # Picked by what it is compared in, the best is far from some other by chance: with seven models that are alike,
    # Holm over its six comparisons calls one of them real in 11 % of studies, Holm over all pairs in at most 5 %.
    also = [] if DEEP in names else list(combinations(others, 2))
    result = []
    for metric in COMPARED:
        table = np.column_stack([model.figures.scores[metric] for model in models])
        found = paired_differences(table, [*pairs, *also], seed=seed)
        adjusted = holm([one.p for one in found])
        result += [
            Compared(
                names[first], names[other], metric, one.delta, (one.low, one.high), one.p, float(p), one.effect_size
            )
            for other, one, p in zip(others, found, adjusted, strict=False)
        ]
    return tuple(result)
