"""Models compared in several time windows one after another, and pooled over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, TIME, USER
from recsys_tui.data.histogram_cells import DAY
from recsys_tui.evaluate.comparison import (
    Evaluation,
    Judged,
    compare,
    comparisons_of,
    first_of,
    intervals_of,
)
from recsys_tui.evaluate.contender import ContenderRequest
from recsys_tui.evaluate.groups import Group
from recsys_tui.evaluate.judge import Figures, fewest_at_fault
from recsys_tui.evaluate.list_making import asked_codes
from recsys_tui.evaluate.protocols import WINDOWS, Split
from recsys_tui.evaluate.satisfaction import satisfactions
from recsys_tui.evaluate.taken_pairs import TakenPairs
from recsys_tui.evaluate.told_groups import told_groups
from recsys_tui.evaluate.trials import Tell
from recsys_tui.evaluate.verdicts import losses
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import make_private_folder


def compare_windows(
    splits: Sequence[Split],
    requests: Sequence[ContenderRequest],
    folder: Path,
    tell: Tell,
    seeds: int = 1,
    at_once: int | None = None,
) -> Evaluation:
    """Compare the models in every window, oldest first, and pool: a person's score is the mean over the windows in
    which the person is asked about, so that everybody counts once. Only models that could be tried in all windows are
    pooled. Raises ``UserError`` where no model is left.
    """
    found = []
    for number, cut in enumerate(splits, start=1):
        own = folder / str(number)
        make_private_folder(own)

        def telling(name: str, step: str, share: float, number: int = number) -> None:
            tell(say("evaluate.of_window", name=name, number=number, count=len(splits)), step, share)

        found.append(compare(cut, requests, {}, own, telling, seeds, at_once))
    return pooled(found)


def pooled(evaluations: Sequence[Evaluation]) -> Evaluation:
    """One evaluation of the windows' evaluations, oldest first."""
    newest = evaluations[-1]
    users = [_users(each.split) for each in evaluations]
    everybody = {user: row for row, user in enumerate(dict.fromkeys(user for window in users for user in window))}
    rows = [np.array([everybody[user] for user in window], np.int64) for window in users]
    by_name = [{model.name: model for model in each.models} for each in evaluations]
    names = [name for name in by_name[-1] if all(name in window for window in by_name)]
    failures = tuple(dict.fromkeys(one for each in evaluations for one in each.failures))
    if not names:
        raise UserError("evaluate.contender_said", ExitCode.FAILED, sentence=failures[0][1])
    pairs = _pairs([each.pairs for each in evaluations if each.pairs is not None], rows, len(everybody))
    figures = [_figures([window[name].figures for window in by_name], rows, len(everybody)) for name in names]
    models = tuple(
        Judged(
            name,
            of,
            ci95,
            by_name[-1][name].result,
            by_name[-1][name].cost,
            satisfied,
            tuple(np.mean([window[name].by_seed for window in by_name], axis=0).tolist()),
        )
        for name, of, ci95, satisfied in zip(
            names,
            figures,
            intervals_of(figures, newest.seed),
            satisfactions([of.ranks for of in figures], pairs, newest.seed),
            strict=True,
        )
    )
    comparisons = comparisons_of(models, newest.seed)
    first = models[first_of(models)].name
    overall = [(one.a, one.b, one.metric, one.delta, one.ci95) for one in comparisons]
    told = newest.verdicts["overfitting"] if newest.verdicts.get("model") == first else None
    verdicts = {
        "model": first,
        "overfitting": told,
        "popularity_bias": None,
        "losses": losses(first, overall, ()),
    }
    test = pl.concat([each.split.test for each in evaluations])
    windows = [
        _window(each, names) for each, told in zip(evaluations, _told(rows, len(everybody)), strict=True) if told
    ]
    notes = newest.split.notes
    if len(windows) < len(evaluations):
        notes = (*notes, say("evaluate.windows_kept_back", people=CrowdGate().minimum))
    pairs_told = sum(each.split.held_out for each in evaluations)
    split = replace(newest.split, protocol=WINDOWS, test=test, notes=notes, told_pairs=pairs_told)
    return Evaluation(
        split, newest.seed, newest.horizon, models, comparisons, failures, (), verdicts, (), None,
        tuple(windows),
    )  # fmt: skip


def _users(split: Split) -> list[str]:
    return list(split.asked.users[ID].gather(asked_codes(split.test, split.asked)).to_list())


def _told(rows: Sequence[NDArray[np.int64]], people: int) -> list[bool]:
    """Which windows may be told of beside all together. ``rows``: who is asked about in each.

    Whoever is in one window alone counts with the same figure in it and in the whole, so that the windows less the
    whole are of those who are in several: where these are a few, the smallest window is kept back. It is not the
    newest, of which a cut in time (``temporal``) tells too; that one and the whole differ by all of the others.
    """
    who = np.concatenate(rows)
    within = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    groups = [Group(WINDOWS, str(number), within == number) for number in range(len(rows))]
    pairs = TakenPairs(people, who, np.zeros(len(who), np.int64))
    return told_groups(groups, pairs, CrowdGate(), {len(rows) - 1})


def _window(evaluation: Evaluation, names: Sequence[str]) -> dict[str, Any]:
    """A window in the document: its days, whom it is about, and each model's NDCG@10 there.

    By its first day as many people had taken something as are enough, and from its last day on as many did; None for
    both where these are not days that as many lie between and beyond, as :meth:`Group.ends` has it.
    """
    days = evaluation.split.test[TIME].to_numpy() // DAY
    owners = evaluation.split.test[USER].rank("dense").to_numpy().astype(np.int64) - 1
    before = int(days.min()) - 1
    first, last = Group(WINDOWS, WINDOWS, np.ones(len(days), np.bool_), days - before).ends(owners, CrowdGate().minimum)
    start, end = (_day((before + each) * DAY) if each else None for each in (first, last))
    chosen = [model for model in evaluation.models if model.name in names]
    return {
        "start": start,
        "end": end,
        "users": evaluation.split.people,
        "test_interactions": evaluation.split.held_out,
        "ndcg@10": {model.name: model.figures.means["ndcg@10"] for model in chosen},
        "ci95": {model.name: list(model.ci95["ndcg@10"]) for model in chosen},
    }


def _day(milliseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).date().isoformat()


def _figures(windows: Sequence[Figures], rows: Sequence[NDArray[np.int64]], people: int) -> Figures:
    """Each person's mean over the windows; of all lists together the mean of the windows' figures."""
    shown = {name: [each for of in windows if (each := of.shown[name]) is not None] for name in windows[0].shown}
    return Figures(
        {name: _mean_by_person([of.scores[name] for of in windows], rows, people) for name in windows[0].scores},
        {name: float(np.mean(each)) if len(each) == len(windows) else None for name, each in shown.items()},
        sum(of.without_list for of in windows),
        sum(of.seen_shown for of in windows),
        sum(of.repeated for of in windows),
        np.concatenate([of.ranks for of in windows], axis=1),
        at_fault=fewest_at_fault(windows),
    )


def _mean_by_person(
    values: Sequence[NDArray[np.float64]], rows: Sequence[NDArray[np.int64]], people: int
) -> NDArray[np.float64]:
    where, what = np.concatenate(rows), np.concatenate(values)
    result: NDArray[np.float64] = np.bincount(where, what, minlength=people) / np.bincount(where, minlength=people)
    return result


def _pairs(windows: Sequence[TakenPairs], rows: Sequence[NDArray[np.int64]], people: int) -> TakenPairs:
    """The held-out pairs of all windows, by the rows that people have among everybody."""
    worth = [each.worth for each in windows if each.worth is not None]
    return TakenPairs(
        people,
        np.concatenate([of[each.owners] for each, of in zip(windows, rows, strict=True)]),
        np.concatenate([each.items for each in windows]),
        np.concatenate(worth) if len(worth) == len(windows) else None,
        windows[0].kind,
    )
