"""What is held out to judge models by: who is asked about, what they took, and what the models may learn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, ITEM, RATING, ROW, STRENGTH, TIME, USER, Dataset, TimeKind
from recsys_tui.data.histories import Flags
from recsys_tui.data.merged_pairs import NET, merged_pairs
from recsys_tui.data.subset import known_before, subset
from recsys_tui.evaluate.training_totals import told_held_out, training_totals
from recsys_tui.output.crowd_counts import crowds_among
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say

LAST, TEMPORAL, RANDOM, USERS, OWN, WINDOWS = "last", "temporal", "random", "users", "own", "windows"
PROTOCOLS = (LAST, TEMPORAL, RANDOM, USERS)
# Horizon for which a protocol is the fair question: the next item, or the set of what follows.
HORIZON_OF = {LAST: "next", TEMPORAL: "later", RANDOM: "later", USERS: "next", WINDOWS: "later"}
TEMPORAL_SHARE = 0.1
WINDOW_COUNT = 3
RANDOM_SHARE = 0.2
USERS_SHARE = 0.1
SHORTEST_HISTORY = 3
ENOUGH_PEOPLE = 200


def fewest_people() -> int:
    """How many people a comparison has to be about at least, as all its figures are of them."""
    return CrowdGate().minimum


@dataclass(frozen=True)
class Split:
    """A dataset cut in two for judging.

    ``train``: what models may learn from. ``asked``: the people asked about, with the histories that they have when
    they are asked; the training set itself, but for people whom no model has seen. ``test``: one row a pair that was
    held out, columns ``user`` and ``item`` (ids) and, where there are any, ``rating``, ``time`` and ``strength`` (of
    all events of the pair together); every user in it is in ``asked``. ``notes``: what the protocol says and cannot
    say, in sentences. ``totals``: people and actions of the training set, as they are told; None where it is all data.
    ``told_pairs``: how many pairs were held out, as that is told; None for as many as there are.
    """

    protocol: str
    train: Dataset
    asked: Dataset
    test: pl.DataFrame
    notes: tuple[str, ...]
    totals: tuple[int, int] | None = None
    told_pairs: int | None = None

    @property
    def people(self) -> int:
        """How many people are asked about."""
        return int(self.test[USER].n_unique())

    @property
    def held_out(self) -> int:
        """How many pairs were held out, as it may be told."""
        return self.test.height if self.told_pairs is None else self.told_pairs


def split(dataset: Dataset, protocol: str | None, seed: int) -> Split:
    """Cut a dataset by a protocol, or by the most honest one that it allows where ``protocol`` is None.

    Each pair of a user and an item counts once, at its first event, and is held out with all its events.

    - ``last``: the newest pair of everyone who has at least three; nothing that came after it is learned from.
    - ``temporal``: every pair that began at or after one moment for all, chosen so that the newest tenth is held out;
      pairs of one moment stay together.
    - ``random``: a fifth of the pairs, at least one, of everyone who has at least three.
    - ``users``: a tenth of the people who have at least three pairs, in whole crowds, are kept from the models; of each
      the newest pair is held out (without times or order: a random one). There have to be as many others as make a
      crowd, of those who have three pairs, too: ``last`` asks about all of these, and would tell of a few more.

    Raises ``UserError`` (exit 2) where the data does not allow the protocol.
    """
    return _with_totals(_most_honest(dataset, seed) if protocol is None else _CUTS[protocol](dataset, seed), dataset)


def _with_totals(cut: Split, dataset: Dataset) -> Split:
    return replace(cut, totals=training_totals(dataset, cut.train, cut.test, CrowdGate()))


def _most_honest(dataset: Dataset, seed: int) -> Split:
    """The cut in time where it is about enough people, else the last pairs, else, without any order, random ones."""
    if dataset.time_kind is TimeKind.NONE:
        chosen = _random(dataset, seed)
        return _with_note(chosen, say("evaluate.chosen_random"))
    if dataset.time_kind is TimeKind.TIME:
        try:
            cut = _temporal(dataset, seed)
        except UserError:  # about so few people that their number is not told
            return _with_note(_last(dataset, seed), say("evaluate.chosen_last_of_few", fewest=fewest_people()))
        if cut.people >= ENOUGH_PEOPLE:
            return _with_note(cut, say("evaluate.chosen_temporal"))
        return _with_note(_last(dataset, seed), say("evaluate.chosen_last", people=cut.people, enough=ENOUGH_PEOPLE))
    return _with_note(_last(dataset, seed), say("evaluate.chosen_last_without_dates"))


def _with_note(cut: Split, note: str) -> Split:
    return replace(cut, notes=(note, *cut.notes))


def _last(dataset: Dataset, _seed: int) -> Split:
    if dataset.time_kind is TimeKind.NONE:
        raise UserError("evaluate.no_order", ExitCode.USAGE, protocol=LAST)
    pairs = _placed_pairs(dataset)
    newest = _newest(pairs)
    return _cut(dataset, LAST, pairs, newest, (say("evaluate.says_last"),))


def _temporal(dataset: Dataset, _seed: int) -> Split:
    if dataset.time_kind is not TimeKind.TIME:
        raise UserError("evaluate.no_dates", ExitCode.USAGE, protocol=TEMPORAL)
    pairs = _placed_pairs(dataset)
    _enough(pairs[USER].unique().to_numpy(), TEMPORAL)
    moment = _moment(np.sort(pairs[TIME].to_numpy()), TEMPORAL_SHARE)
    keep = dataset.interactions[TIME].to_numpy() < moment
    held = pairs[TIME].to_numpy() >= moment
    known, notes = _known_before(dataset, moment)
    return _cut(known, TEMPORAL, pairs, held, (say("evaluate.says_temporal"), *notes), keep)


def _moment(times: NDArray[np.int64], share: float) -> int:
    """From which moment on a share of all pairs, by their sorted ``times``, is held out.

    All of one moment stays on one side: the side that leaves what is held out nearest to the share.
    """
    moment = times[min(len(times) - 1, int(len(times) * (1 - share)))]
    first, behind = np.searchsorted(times, moment, "left"), np.searchsorted(times, moment, "right")
    wanted = share * len(times)
    if behind < len(times) and abs(len(times) - behind - wanted) < abs(len(times) - first - wanted):
        moment = times[behind]
    return int(moment)


def _known_before(dataset: Dataset, moment: int) -> tuple[Dataset, list[str]]:
    """The dataset with what could be known of items before a moment, and what there is to say about that."""
    items, undated = known_before(dataset.items, moment)
    notes = [say("evaluate.undated_tags")] if undated else []
    if dataset.links.height:
        notes.append(say("evaluate.undated_links"))
    return replace(dataset, items=items), notes


def window_splits(dataset: Dataset, count: int = WINDOW_COUNT) -> list[Split]:
    """Cuts in time one after another, oldest first, each as ``temporal``: the newest ``count`` tenths of the pairs, of
    which models see all that came before and are asked about one tenth at a time. The last is what ``temporal`` holds
    out: of two that begin at different moments the difference would be what a few did between.

    Windows about fewer than ten people are left out. Raises ``UserError`` (exit 2) without dates, or where fewer than
    two windows are left.
    """
    if dataset.time_kind is not TimeKind.TIME:
        raise UserError("evaluate.no_dates", ExitCode.USAGE, protocol=WINDOWS)
    pairs = _placed_pairs(dataset)
    _enough(pairs[USER].unique().to_numpy(), WINDOWS)
    began = pairs[TIME].to_numpy()
    times = np.sort(began)
    starts = [_moment(times, TEMPORAL_SHARE * back) for back in range(count, 0, -1)]
    found = []
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        held = (began >= start) & (began < end) if end is not None else began >= start
        if not held.any():
            continue
        keep = dataset.interactions[TIME].to_numpy() < start
        try:
            known, notes = _known_before(dataset, start)
            found.append(_cut(known, TEMPORAL, pairs, held, (say("evaluate.says_windows", count=count), *notes), keep))
        except UserError:  # about so few people that their number is not told
            continue
    if len(found) < 2:
        raise UserError("evaluate.too_few_people", ExitCode.USAGE, protocol=WINDOWS, fewest=fewest_people())
    return [_with_totals(cut, dataset) for cut in found]


def _random(dataset: Dataset, seed: int) -> Split:
    pairs = _placed_pairs(dataset)
    random = np.random.default_rng(seed)
    users = pairs[USER].to_numpy()
    lengths = np.bincount(users)
    drawn = random.random(len(users))
    place = np.empty(len(users), np.int64)
    order = np.lexsort((drawn, users))
    place[order] = np.arange(len(users)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    count = np.where(lengths >= SHORTEST_HISTORY, np.maximum(1, np.floor(RANDOM_SHARE * lengths)), 0)
    held = place < count[users]
    notes = [say("evaluate.says_random")]
    if dataset.time_kind is not TimeKind.NONE:
        notes.append(say("evaluate.leaks_random"))
    return _cut(dataset, RANDOM, pairs, held, tuple(notes))


def _users(dataset: Dataset, seed: int) -> Split:
    pairs = _placed_pairs(dataset)
    random = np.random.default_rng(seed)
    users = pairs[USER].to_numpy()
    able = np.flatnonzero(np.bincount(users, minlength=dataset.user_count) >= SHORTEST_HISTORY)
    crowds = max(1, round(USERS_SHARE * len(able) / fewest_people()))
    chosen = crowds_among(able, random, fewest_people())[:crowds].ravel()
    _enough(chosen, USERS)
    learned_from, not_chosen = len(np.unique(users)) - len(chosen), len(able) - len(chosen)
    if learned_from < fewest_people() or 0 < not_chosen < fewest_people():
        raise UserError("evaluate.too_few_others", ExitCode.USAGE, protocol=USERS, fewest=fewest_people())
    if dataset.time_kind is TimeKind.NONE:
        held = np.zeros(len(users), np.bool_)
        first = np.searchsorted(users, chosen)
        count = np.searchsorted(users, chosen, "right") - first
        held[first + np.floor(random.random(len(chosen)) * count).astype(np.int64)] = True
    else:
        held = _newest(pairs) & np.isin(users, chosen)
    whose = np.isin(dataset.interactions[USER].to_numpy(), chosen)
    train = subset(dataset, ~whose)
    asked = subset(dataset, whose & _before(dataset, pairs, held), train.items[ID])
    notes = (say("evaluate.says_users", people=f"{len(chosen):,}"),)
    return Split(USERS, train, asked, _test_rows(dataset, pairs.filter(pl.Series(held)), asked), notes)


_CUTS: dict[str, Callable[[Dataset, int], Split]] = {
    LAST: _last,
    TEMPORAL: _temporal,
    RANDOM: _random,
    USERS: _users,
}


def _placed_pairs(dataset: Dataset) -> pl.DataFrame:
    """The merged pairs, sorted by user and time, each with the ``place`` of its first event in the table of events."""
    pairs = merged_pairs(dataset).taken
    places = dataset.interactions.select(ROW).with_row_index("place")
    return pairs.join(places, on=ROW, how="left", maintain_order="left")


def _newest(pairs: pl.DataFrame) -> Flags:
    """Whether a pair is the newest of somebody who has enough, shape (pairs,)."""
    users = pairs[USER].to_numpy()
    newest = np.ones(len(users), np.bool_)
    newest[:-1] = users[1:] != users[:-1]
    newest &= np.bincount(users)[users] >= SHORTEST_HISTORY
    return newest


def _before(dataset: Dataset, pairs: pl.DataFrame, held: Flags) -> Flags:
    """Which events may be known: of people with held-out pairs in an order those before the first such pair, and in
    any case none of a held-out pair, shape (events,)."""
    table = dataset.interactions
    out = pairs.filter(pl.Series(held))
    known: Flags = ~_of_pairs(table, out)
    if dataset.time_kind is not TimeKind.NONE:
        first = np.full(dataset.user_count, table.height, np.int64)
        np.minimum.at(first, out[USER].to_numpy(), out["place"].to_numpy().astype(np.int64))
        known &= np.arange(table.height) < first[table[USER].to_numpy()]
    return known


def _of_pairs(table: pl.DataFrame, pairs: pl.DataFrame) -> Flags:
    marked = table.select(USER, ITEM).join(
        pairs.select(USER, ITEM, pl.lit(True).alias("held")), on=[USER, ITEM], how="left", maintain_order="left"
    )
    result: Flags = marked["held"].fill_null(False).to_numpy()
    return result


def _cut(
    dataset: Dataset, protocol: str, pairs: pl.DataFrame, held: Flags, notes: tuple[str, ...], keep: Flags | None = None
) -> Split:
    """A split by pairs; ``keep`` (events,): what may be learned from, where it is not all but the held-out pairs."""
    if keep is None:
        of_order = protocol == LAST
        keep = (
            _before(dataset, pairs, held)
            if of_order
            else ~_of_pairs(dataset.interactions, pairs.filter(pl.Series(held)))
        )
    train = subset(dataset, keep)
    out = pairs.filter(pl.Series(held))
    test = _test_rows(dataset, out, train)
    _enough(test[USER].unique().to_numpy(), protocol)
    return Split(protocol, train, train, test, notes, told_pairs=told_held_out(out, test, CrowdGate()))


def _test_rows(dataset: Dataset, out: pl.DataFrame, asked: Dataset) -> pl.DataFrame:
    """The held-out pairs of people who have a history when they are asked, by ids."""
    columns = [
        pl.Series(USER, dataset.users[ID].gather(out[USER])),
        pl.Series(ITEM, dataset.items[ID].gather(out[ITEM])),
        *(out[name] for name in (RATING, TIME) if name in out.columns),
        *([out[NET].alias(STRENGTH)] if STRENGTH in dataset.interactions.columns else []),
    ]
    return pl.DataFrame(columns).filter(pl.col(USER).is_in(asked.users[ID].implode()))


def _enough(people: NDArray[np.generic], protocol: str) -> None:
    if len(people) < fewest_people():
        raise UserError("evaluate.too_few_people", ExitCode.USAGE, protocol=protocol, fewest=fewest_people())
