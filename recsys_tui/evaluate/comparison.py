"""Models compared on one split: each tried in its own process, judged alike, and told apart from chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.memory import processors
from recsys_tui.evaluate.classics import classics, classics_for
from recsys_tui.evaluate.contender import (
    ANSWERING,
    DEEP,
    FITTING,
    TRAINED,
    TUNING,
    ContenderRequest,
    ContenderResult,
)
from recsys_tui.evaluate.contender_process import Cost
from recsys_tui.evaluate.differences import Segment
from recsys_tui.evaluate.groups import Group, groups_of
from recsys_tui.evaluate.judge import Figures, Judge, over_seeds
from recsys_tui.evaluate.lanes import in_lanes
from recsys_tui.evaluate.protocols import Split
from recsys_tui.evaluate.satisfaction import Satisfaction, satisfactions
from recsys_tui.evaluate.segments import segments_of
from recsys_tui.evaluate.significance import holm, own_means, paired_differences
from recsys_tui.evaluate.split_folder import write_split
from recsys_tui.evaluate.taken_pairs import TakenPairs
from recsys_tui.evaluate.trials import Tell, Trials, Tried
from recsys_tui.evaluate.verdicts import losses, overfitting, popularity_bias
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import told_apart
from recsys_tui.training.job import PRIVATE
from recsys_tui.training.memory import models_at_once

COMPARED = ("ndcg@10", "hr@10", "recall@20")
ALIASES = {"neighbours": "knn"}


@dataclass(frozen=True)
class Judged:
    """One model of a comparison: its figures, and for models that were tried here what they did and cost.

    ``satisfied``: how well liked were the finds. ``by_seed``: NDCG@10 with each seed, where there were several.
    """

    name: str
    figures: Figures
    ci95: dict[str, tuple[float, float]]
    result: ContenderResult | None
    cost: Cost | None
    satisfied: Satisfaction | None = None
    by_seed: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The entry of this model in the document of ``recsys evaluate --json``."""
        figures, result, cost = self.figures, self.result, self.cost
        without_list, seen_shown, repeated = figures.told_faults(CrowdGate())
        document: dict[str, Any] = {
            "name": self.name,
            "metrics": figures.means,
            "ci95": {name: list(ends) for name, ends in self.ci95.items()},
            "users_without_list": without_list,
            "seen_items_shown": seen_shown,
            "repeated_items": repeated,
            "satisfaction": None if self.satisfied is None else self.satisfied.to_json(),
        }
        if len(self.by_seed) > 1:
            document["seeds"] = {
                "ndcg@10": list(self.by_seed),
                "mean": float(np.mean(self.by_seed)),
                "deviation": float(np.std(self.by_seed, ddof=1)),
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
                "epochs": result.epochs,
            }
            document |= {"privacy": result.privacy} if result.privacy else {}
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

    ``failures``: the names of models that could not be tried, each with the sentence that says why. ``segments``: the
    models by groups. ``verdicts``: see :mod:`.verdicts`. ``groups`` and ``pairs``: what
    was held out, and how it is parted.
    ``windows``: the same models in each of several windows in time, as documents.
    """

    split: Split
    seed: int
    horizon: str
    models: tuple[Judged, ...]
    comparisons: tuple[Compared, ...]
    failures: tuple[tuple[str, str], ...] = ()
    segments: tuple[Segment, ...] = ()
    verdicts: dict[str, Any] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    pairs: TakenPairs | None = None
    windows: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys evaluate --json``."""
        train = self.split.train
        people, actions = self.split.totals or (train.user_count, train.interaction_count)
        return ({"windows": list(self.windows)} if self.windows else {}) | {
            "protocol": self.split.protocol,
            "notes": list(self.split.notes),
            "horizon": self.horizon,
            "seed": self.seed,
            "users": self.split.people,
            "test_interactions": self.split.held_out,
            "train_interactions": actions,
            "train_users": people,
            "train_items": train.item_count,
            "catalogue_items": train.items.height,
            "models": [model.to_json() for model in self.models],
            "comparisons": [entry.to_json() for entry in self.comparisons],
            "segments": [segment.told() for segment in self.segments],
            "verdicts": self.verdicts,
            "failures": [{"name": name, "message": message} for name, message in self.failures],
        }


def model_names(wanted: str | None, split: Split, private: bool = False) -> tuple[str, ...]:
    """The models of a list such as ``deep,ease``; all that the data allows where none is given.

    ``private``: with the private model, for which it was said what it promises. Raises ``UserError`` (exit 2) for a
    name that does not exist, a model of ratings where there are none, or the private model without a promise.
    """
    known = classics()
    names = {DEEP, PRIVATE, *known}
    if wanted is None:
        return (DEEP, *([PRIVATE] if private else []), *reversed(classics_for(split.train)))
    chosen = tuple(dict.fromkeys(ALIASES.get(name.strip(), name.strip()) for name in wanted.split(",") if name.strip()))
    for name in chosen:
        if name not in names:
            every = ", ".join((DEEP, PRIVATE, *known))
            raise UserError("evaluate.unknown_model", ExitCode.USAGE, name=name, names=every)
        if name == PRIVATE and not private:
            raise UserError("private.say_epsilon", ExitCode.USAGE)
        if name not in TRAINED and known[name].needs_ratings and not split.train.explicit:
            raise UserError("evaluate.needs_ratings", ExitCode.USAGE, name=name)
    return (*chosen, PRIVATE) if private and PRIVATE not in chosen else chosen


def compare(
    split: Split,
    requests: Sequence[ContenderRequest],
    own_lists: Mapping[str, pl.DataFrame],
    folder: Path,
    tell: Tell,
    seeds: int = 1,
    at_once: int | None = None,
) -> Evaluation:
    """Try the models in child processes, and judge them beside ``own_lists`` (name → lists).

    ``folder``: an empty folder for what the processes share; every model's lists are in ``NAME.parquet`` there
    afterwards. ``tell`` gets the model's name, the step and the share done, last ``done``. ``at_once``: how many models
    are tried at a time, by default as :func:`~recsys_tui.training.memory.models_at_once` says. ``seeds``: how many
    seeds, from the request's on, a model that depends on them is tried with; its scores are each person's mean over
    them, its lists and costs those of the first. A model that fails is left out and told; raises ``UserError`` where
    there is nothing to judge then.
    """
    with told_apart(folder):
        write_split(split, folder)
    judge = Judge(split)
    lanes = _at_once(split.train) if at_once is None else at_once
    trials = Trials(judge, folder, tell, seeds)
    outcomes = in_lanes([partial(trials.of, request) for request in requests], lanes, trials.children)
    tried = [each for each in outcomes if isinstance(each, Tried)]
    failures = [each for each in outcomes if isinstance(each, UserError)]
    failed = [request.name for request, each in zip(requests, outcomes, strict=True) if isinstance(each, UserError)]
    tried += [Tried(name, (judge.figures(lists).of_crowds(CrowdGate()),)) for name, lists in own_lists.items()]
    if failures and not tried:
        raise failures[0]
    seed, horizon = (requests[0].seed, requests[0].horizon) if requests else (0, "next")
    figures = [over_seeds(each.runs) for each in tried]
    models = tuple(
        Judged(
            each.name,
            one,
            ci95,
            each.result,
            each.cost,
            satisfied,
            tuple(float(run.scores[COMPARED[0]].mean()) for run in each.runs),
        )
        for each, one, ci95, satisfied in zip(
            tried,
            figures,
            intervals_of(figures, seed),
            satisfactions([one.ranks for one in figures], judge.pairs, seed),
            strict=True,
        )
    )
    told = tuple((name, str(error)) for name, error in zip(failed, failures, strict=True))
    comparisons = comparisons_of(models, seed)
    groups = groups_of(split, judge)
    first = models[first_of(models)].name
    others = [(first, model.name) for model in models if model.name != first]
    segments = segments_of(groups, judge.pairs, {model.name: model.figures for model in models}, others, seed)
    verdicts = _verdicts(models, comparisons, segments, judge, seed)
    return Evaluation(split, seed, horizon, models, comparisons, told, segments, verdicts, tuple(groups), judge.pairs)


def _at_once(train: Dataset) -> int:
    return models_at_once(train.user_count, train.item_count, train.interaction_count, processors())


def _verdicts(
    models: Sequence[Judged],
    comparisons: Sequence[Compared],
    segments: Sequence[Segment],
    judge: Judge,
    seed: int,
) -> dict[str, Any]:
    """Overfitting, popularity bias and losses of the deep model, or without it of the best."""
    model = models[first_of(models)]
    result = model.result
    overall = [(one.a, one.b, one.metric, one.delta, one.ci95) for one in comparisons]
    return {
        "model": model.name,
        "overfitting": None if result is None else overfitting(result.epochs),
        "popularity_bias": popularity_bias(
            model.figures.popularity, judge.popularity_before(), judge.popularity_taken(), seed, judge.most_popular
        ),
        "losses": losses(model.name, overall, segments),
    }


def intervals_of(figures: Sequence[Figures], seed: int) -> list[dict[str, tuple[float, float]]]:
    """The 95 % interval of every mean over people, by model."""
    if not figures:
        return []
    metrics = list(figures[0].scores)
    table = np.column_stack([each.scores[name] for each in figures for name in metrics])
    means = own_means(table, seed=seed)
    ends = [(each.low, each.high) for each in means]
    return [dict(zip(metrics, ends[place * len(metrics) :], strict=False)) for place in range(len(figures))]


def first_of(models: Sequence[Judged]) -> int:
    """The place of the model that the others are held against: the deep model, or without it the best in NDCG@10."""
    names = [model.name for model in models]
    if DEEP in names:
        return names.index(DEEP)
    return max(range(len(models)), key=lambda place: models[place].figures.means[COMPARED[0]] or 0.0)


def comparisons_of(models: Sequence[Judged], seed: int) -> tuple[Compared, ...]:
    """The deep model, or without it the best in NDCG@10, against every other model."""
    if len(models) < 2:
        return ()
    names = [model.name for model in models]
    first = first_of(models)
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
