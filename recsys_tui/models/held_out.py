"""Held-out lists for the interaction and the deep model: experts see the older part, lists are built on the newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from recsys_tui.data.histories import Flags, Histories, Longs
from recsys_tui.data.sparse_rows import SparseRows

NEWEST_HELD_OUT = 5
SHORTEST_HISTORY = 3
VALIDATION_SHARE = 0.15
FEWEST_VALIDATION = 500
FOLDS = 3
LEAST_LIKED = 0.7
LATER_CUTS = (0.76, 0.80, 0.84, 0.88, 0.92)
FEWEST_TARGETS_KEPT = 100
TARGETS_IN_ALL = 20_000_000


@dataclass(frozen=True)
class HeldOut:
    """``older``: what the experts are fitted on (everyone). ``lists``: histories at some later moments.

    ``targets`` (padded with -1, shape (lists, most targets)) is what each took then: the next item for the horizon
    ``next``; for ``later`` everything after the cut, in random order, for the weeks to come are no queue. ``people``
    (lists,) says whose list it is. ``validation`` (lists,) marks the lists that the choosing is done on: of each of its
    people only the newest moment, so that every person counts once.

    Where there are many people, 15 % of them (with a bound) are kept apart from all learning for it, and have no other
    list. Where there are few, everybody's newest list is asked, and ``folds`` (lists,) says which third of the people
    the list's person is left out with.
    """

    older: Histories
    lists: Histories
    targets: Longs
    people: Longs
    validation: Flags
    folds: Longs | None = None

    @property
    def apart(self) -> Flags:
        """The lists that nothing may be learned from, shape (lists,)."""
        return self.validation if self.folds is None else np.zeros_like(self.validation)

    def with_peers(self, older: Histories, peers: Mapping[str, SparseRows]) -> HeldOut:
        """The same lists with what everyone's peers had done at each moment.

        ``peers`` may be empty (without times nobody knows who did what first): then what ``older`` says of them.
        """
        peers = peers or {name: rows.take(self.people) for name, rows in older.peers.items()}
        return replace(self, older=older, lists=replace(self.lists, peers=peers))


def hold_out(histories: Histories, horizon: str, has_dates: bool, most_lists: int, seed: int) -> HeldOut:
    """Cut the histories for a horizon, at most ``most_lists`` training lists from randomly chosen people.

    ``next``: each person's newest actions (up to 5, at most a third of the history) are held out one by one.
    ``later``: cut at the 76 % quantile of time (of each person's own actions where there are no dates); lists at it
    and at four later cuts, the targets being all that follows. What people disliked is no target (see
    :func:`liked_actions`).
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(histories))
    if horizon == "next":
        older_lengths, people, lengths, stops = _next_moments(histories, order)
    else:
        older_lengths, people, lengths, stops = _later_moments(histories, order, has_dates)
    liked = liked_actions(histories)
    before = np.concatenate([[0], np.cumsum(liked)])
    first = histories.indptr[people]
    with_target = before[first + stops] > before[first + lengths]
    people, lengths, stops = people[with_target], lengths[with_target], stops[with_target]
    able = order[np.isin(order, people)]
    few = int(np.ceil(VALIDATION_SHARE * len(able))) < FEWEST_VALIDATION
    chosen = able if few else able[len(able) - int(np.ceil(VALIDATION_SHARE * len(able))) :]
    for_validation = np.isin(people, chosen)
    # The newest moment of a person has the longest history; of people who are kept apart only that one stays.
    newest = np.zeros(len(histories), np.int64)
    np.maximum.at(newest, people, lengths)
    for_training = np.ones(len(people), np.bool_) if few else ~for_validation
    for_validation &= lengths == newest[people]
    for_training &= np.cumsum(for_training) <= most_lists
    if few:
        for_validation &= for_training
    else:
        for_validation &= np.cumsum(for_validation) <= max(FEWEST_VALIDATION, most_lists // 4)
    keep = for_training | for_validation
    rank = np.empty(len(histories), np.int64)
    rank[order] = np.arange(len(histories))
    folds = rank[people[keep]] % FOLDS if few else None
    people, lengths, stops, validation = people[keep], lengths[keep], stops[keep], for_validation[keep]
    return HeldOut(
        histories.prefixes(range(len(histories)), older_lengths),
        histories.prefixes(people, lengths),
        _targets(histories, liked, people, lengths, stops, random),
        people,
        validation,
        folds,
    )


def _next_moments(histories: Histories, order: Longs) -> tuple[Longs, Longs, Longs, Longs]:
    total = histories.lengths
    held = np.minimum(NEWEST_HELD_OUT, total // SHORTEST_HISTORY)
    people = np.repeat(order, held[order])
    step = np.arange(len(people)) - np.repeat(np.cumsum(held[order]) - held[order], held[order])
    lengths = total[people] - 1 - step
    return total - held, people, lengths, lengths + 1


def _later_moments(histories: Histories, order: Longs, has_dates: bool) -> tuple[Longs, Longs, Longs, Longs]:
    total = histories.lengths
    if has_dates and histories.times is not None and len(histories.times):
        edges = np.quantile(histories.times, LATER_CUTS)
        cut_lengths = [
            np.bincount(histories.owners, histories.times < edge, minlength=len(histories)).astype(np.int64)
            for edge in edges
        ]
    else:
        cut_lengths = [np.floor(total * share).astype(np.int64) for share in LATER_CUTS]
    people, lengths = [], []
    for at_cut in cut_lengths:
        able = order[(at_cut[order] >= 1) & (total[order] > at_cut[order])]
        people.append(able)
        lengths.append(at_cut[able])
    all_people, all_lengths = np.concatenate(people), np.concatenate(lengths)
    rank = np.empty(len(histories), np.int64)
    rank[order] = np.arange(len(histories))
    sorted_lists = np.lexsort((-all_lengths, rank[all_people]))
    all_people, all_lengths = all_people[sorted_lists], all_lengths[sorted_lists]
    # Who did nothing between two cuts has the same list at both: once is enough.
    fresh = np.ones(len(all_people), np.bool_)
    fresh[1:] = (all_people[1:] != all_people[:-1]) | (all_lengths[1:] != all_lengths[:-1])
    all_people, all_lengths = all_people[fresh], all_lengths[fresh]
    return cut_lengths[0], all_people, all_lengths, total[all_people]


def liked_actions(histories: Histories) -> Flags:
    """Which actions may be targets, shape (actions,): where people rate, none that they rated far below their own mean.

    Far is one standard deviation: a weight below .7. What people disliked is then among what is not to be shown.
    """
    if histories.ratings is None:
        return np.ones(len(histories.items), np.bool_)
    return np.asarray(histories.weights) >= LEAST_LIKED


def _targets(
    histories: Histories, liked: Flags, people: Longs, lengths: Longs, stops: Longs, random: np.random.Generator
) -> Longs:
    """What is liked of what follows each moment, in random order so that a first few stand for all; bounded."""
    most = int(min((stops - lengths).max(initial=1), max(FEWEST_TARGETS_KEPT, TARGETS_IN_ALL // max(1, len(people)))))
    result = np.full((len(people), most), -1, np.int64)
    for row, (first, length, stop) in enumerate(zip(histories.indptr[people], lengths, stops, strict=True)):
        stretch = slice(first + length, first + stop)
        following = histories.items[stretch][liked[stretch]]
        shuffled = following if len(following) == 1 else random.permutation(following)
        result[row, : min(most, len(shuffled))] = shuffled[:most]
    return result
