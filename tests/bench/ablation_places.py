"""Where variants are compared, fixed before anything was measured: who is asked, with what history, for which items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, ITEM, USER
from recsys_tui.data.histories import Flags, Histories, Ints, Longs
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.evaluate.list_making import asked_codes, people_asked
from recsys_tui.evaluate.protocols import LAST, TEMPORAL, Split
from recsys_tui.evaluate.ranking_metrics import found, ranking_metrics
from tests.bench.ablation_signals import DEPTH, Moments

FEW_ACTIONS = 5
RARE_EVENTS = 5
# Name → what the README calls it.
PLACES = {
    "everyone": "everyone",
    "few_actions": "asked with their newest 1-5 actions",
    "with_few_actions": "who have 1-5 actions",
    "rare_items": "items with fewer than 5 events, ranked among themselves",
    "of_rare_items": "items with fewer than 5 events, among all",
}
# What the claims about stages rest on, by protocol; the other places are for information.
PRIMARY = {LAST: ("few_actions",), TEMPORAL: ("rare_items", "everyone")}


@dataclass(frozen=True)
class Question:
    """Lists are made for ``moments``, and judged by what was taken: ``truth`` has a row for each moment."""

    moments: Moments
    truth: SparseRows


@dataclass(frozen=True)
class Place:
    """Some of the moments of a question, perhaps with a narrower truth: ``rows`` (n,) and ``truth`` (a row each)."""

    question: str
    rows: Longs
    truth: SparseRows


@dataclass(frozen=True)
class Trial:
    """All that a split is tested by."""

    questions: Mapping[str, Question]
    places: Mapping[str, Place]


def trial_of(split: Split, events: Longs) -> Trial:
    """The questions and places of a split; ``events`` (items,) of the training part. People without history are not
    asked. Places where nobody is are left out."""
    people = people_asked(split.asked)
    chosen = asked_codes(split.test, split.asked)
    chosen = chosen[people.histories.lengths[chosen] > 0]
    histories = people.histories.prefixes(chosen, people.histories.lengths[chosen])
    truth = _truth(split, chosen)
    barred = np.ones((1, histories.item_count), np.bool_)
    ruled_out = []
    for row, code in enumerate(chosen):
        barred[:] = True
        people.ruled_out(np.array([code]), barred)
        ruled_out.extend((row, item) for item in np.flatnonzero(~barred[0]))
    out = np.array(ruled_out, np.int64).reshape(-1, 2)
    everyone = Question(Moments(histories, None, out), truth)
    whole = np.arange(len(chosen))
    questions, places = {"everyone": everyone}, {"everyone": Place("everyone", whole, truth)}
    few = np.flatnonzero(histories.lengths <= FEW_ACTIONS)
    places["with_few_actions"] = Place("everyone", few, truth.take(few))
    rare = events < RARE_EVENTS
    rare_truth = _only(truth, rare)
    takers = np.flatnonzero(np.diff(rare_truth.indptr))
    places["of_rare_items"] = Place("everyone", takers, rare_truth.take(takers))
    if split.protocol == LAST:
        # How much of the history is kept follows from the row, not from chance: 1, 2, … 5, 1, 2, … What is hidden from
        # the model is not in its lists either.
        shortened = newest(histories, 1 + whole % FEW_ACTIONS)
        known = np.column_stack([histories.owners, histories.items])
        questions["few_actions"] = Question(Moments(shortened, None, np.concatenate([out, known])), truth)
        places["few_actions"] = Place("few_actions", whole, truth)
    else:
        asked = histories.prefixes(takers, histories.lengths[takers])
        kept = np.isin(out[:, 0], takers)
        moved = np.column_stack([np.searchsorted(takers, out[kept, 0]), out[kept, 1]])
        questions["rare_items"] = Question(Moments(asked, rare, moved), rare_truth.take(takers))
        places["rare_items"] = Place("rare_items", np.arange(len(takers)), rare_truth.take(takers))
    return Trial(questions, {name: place for name, place in places.items() if len(place.rows)})


def judge(lists: Mapping[str, Ints], test: Trial) -> dict[str, NDArray[np.float64]]:
    """NDCG@10 of each person at every place; ``lists``: question → codes (moments, 10)."""
    scores = {}
    for name, place in test.places.items():
        shown = lists[place.question][place.rows]
        history = test.questions[place.question].moments.histories
        kept = history.prefixes(place.rows, history.lengths[place.rows])
        hits = found(shown, place.truth, kept)
        scores[name] = ranking_metrics(hits, np.diff(place.truth.indptr), DEPTH)["ndcg"]
    return scores


def newest(histories: Histories, counts: Longs) -> Histories:
    """The newest ``counts[j]`` actions of each person, or all where there are fewer."""
    keep = histories.lags < np.repeat(counts, histories.lengths)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(histories.owners[keep], minlength=len(histories)))])
    return replace(
        histories,
        indptr=indptr.astype(np.int64),
        items=histories.items[keep],
        times=None if histories.times is None else histories.times[keep],
        weights=histories.weights[keep],
        ratings=None if histories.ratings is None else histories.ratings[keep],
    )


def _truth(split: Split, chosen: Longs) -> SparseRows:
    """What each of the chosen people took, as codes of the training catalogue; items that it lacks can be no hit."""
    users = {text: row for row, text in enumerate(split.asked.users[ID].gather(chosen).to_list())}
    codes = {text: code for code, text in enumerate(split.train.items[ID].to_list())}
    table = split.test
    owners = np.array([users.get(text, -1) for text in table[USER].to_list()], np.int64)
    items = np.array([codes.get(text, len(codes)) for text in table[ITEM].to_list()], np.int64)
    order = np.argsort(owners, kind="stable")[int((owners < 0).sum()) :]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owners[order], minlength=len(chosen)))]).astype(np.int64)
    return SparseRows(indptr, items[order].astype(np.int32), np.ones(len(order), np.float32))


def _only(truth: SparseRows, wanted: Flags) -> SparseRows:
    """The rows with their wanted items alone."""
    keep = np.append(wanted, False)[np.minimum(truth.items, len(wanted))]
    owners = np.repeat(np.arange(len(truth)), np.diff(truth.indptr))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owners[keep], minlength=len(truth)))]).astype(np.int64)
    return SparseRows(indptr, truth.items[keep], truth.values[keep])
