"""What every output says, as sums over the unknowns of a world: read from the figures shown, counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from math import gcd

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.cleaning import REPEATS
from recsys_tui.data.dataset import TimeKind
from recsys_tui.data.histogram_cells import Bar
from recsys_tui.data.histories import Histories
from recsys_tui.recommend.answers import Cluster
from recsys_tui.recommend.cluster_comparison import compare_clusters
from recsys_tui.recommend.cluster_page import ClusterFigures
from recsys_tui.recommend.explanations.peers import cluster_taste
from recsys_tui.recommend.item_index import ItemIndex
from recsys_tui.recommend.item_page import item_page
from recsys_tui.recommend.told_ratings import told_to_somebody_new
from recsys_tui.recommend.why_alike import why_alike
from tests.trust.crowd_claims import Chosen, Unknowns, Vector, anything
from tests.trust.crowd_findings import findings
from tests.trust.crowd_lists import (
    lists_by_popularity,
    lists_by_traits,
    lists_of_late,
    look_at_lifts_by_basket,
    neighbours_by_taste,
    whole_audience,
)
from tests.trust.crowd_world import GATE, Cell, World

FORMS = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d"}


def everything_told(world: World, unknown: Unknowns) -> dict[str, list[Vector]]:
    """Every output by name, with what its figures are sums of. Fails where a figure is not what it says."""
    items = [str(item) for item in world.dataset.items["id"].to_list()]
    told = {
        "overview": [*_overview(world, unknown), *findings(world, unknown)],
        "picker": list(_picker(world, unknown)),
    }
    told["popular"] = list(lists_by_popularity(world, unknown, items))
    told["recent"] = list(lists_of_late(world, unknown, items))
    told |= lists_by_traits(world, unknown, items)
    look_at_lifts_by_basket(world, unknown)
    figures = ClusterFigures(world.recommender.model, has_dates=world.dataset.time_kind is TimeKind.TIME, gate=GATE)
    count = len(figures.takers.told)
    sizes = [cluster.size for cluster in world.recommender.clusters()]
    told["clusters"] = list(_clusters(world, unknown))
    told |= dict(_expected(world, unknown, items))
    for item in items:
        told[f"page of {item}"] = list(_item(world, unknown, item))
        told[f"alike {item}"] = list(_alike(world, unknown, item, items))
        told[f"neighbours of {item}"] = list(neighbours_by_taste(world, unknown, item))
        told[f"audience of {item}"] = list(whole_audience(world, unknown, item))
        told[f"reasons with {item}"] = list(_tastes(world, unknown, item, sizes))
    for cluster in range(count):
        told[f"page of group {cluster}"] = list(_cluster(world, unknown, figures, cluster))
    for a, b in combinations(range(count), 2):
        told[f"groups {a} and {b}"] = list(_contrast(unknown, figures, a, b))
    return told | _whole_files(told)


def _whole_files(told: dict[str, list[Vector]]) -> dict[str, list[Vector]]:
    """What one command writes at once: lists of everybody, among them people of whom one attribute is known or none,
    and what is like each item."""
    files = {"recommend --all": ("list of ", "popular"), "similar --all": ("neighbours of ",)}
    return {
        name: [vector for output, vectors in told.items() if output.startswith(parts) for vector in vectors]
        for name, parts in files.items()
    }


def _bars(
    bars: Sequence[Bar],
    count: Callable[[Chosen], Vector],
    unknown: Unknowns,
    of: Callable[[int], Chosen],
    alike: Chosen,
) -> Iterator[Vector]:
    for place, bar in enumerate(bars):
        if bar.count is None:
            continue
        cell = of(place)
        vector = count(lambda row, cell=cell: cell(row) and alike(row))
        assert bar.count == unknown.value(vector), bar
        yield vector


def _some_bars(bars: Sequence[Bar], unknown: Unknowns, of: Callable[[int], Chosen], alike: Chosen) -> Iterator[Vector]:
    """The same of all rows, or of all first rows."""
    try:
        yield from list(_bars(bars, unknown.rows, unknown, of, alike))
    except AssertionError:
        yield from _first_bars(bars, unknown, of, alike)


def _first_bars(bars: Sequence[Bar], unknown: Unknowns, of: Callable[[int], Chosen], alike: Chosen) -> Iterator[Vector]:
    yield from _bars(bars, unknown.first_rows, unknown, of, alike)


def _periods(bars: Sequence[Bar]) -> Callable[[int], Chosen]:
    """When each period is, by its label and the next."""
    starts = [datetime.strptime(bar.label, FORMS[len(bar.label)]).replace(tzinfo=UTC).timestamp() for bar in bars]
    ends = [*starts[1:], float("inf")]
    return lambda place: lambda row: starts[place] <= row[4] < ends[place]


def _level(bars: Sequence[Bar]) -> Callable[[int], Chosen]:
    return lambda place: lambda row: row[2] is not None and f"{row[2]:g}" == bars[place].label


def _overview(world: World, unknown: Unknowns) -> Iterator[Vector]:
    found = world.overview
    assert (found.users, found.interactions) == (len(world.clusters), len(world.rows))
    yield from _bars(found.ratings, unknown.first_rows, unknown, _level(found.ratings), anything)
    yield from _some_bars(found.periods, unknown, _periods(found.periods), anything)
    yield from _bars(
        found.events, unknown.rows, unknown, lambda place: lambda row: row[3] == found.events[place].label, anything
    )
    lengths = Counter(user for user, _ in world.rows).values()
    if found.longest_history is not None:
        assert sum(length >= found.longest_history for length in lengths) >= GATE.minimum
    assert (found.median_history is None) == (len(lengths) < GATE.minimum)
    uncounted = world.dataset.interactions.filter(pl.Series(~world.session.cells.counted(GATE)))["item"].unique()
    few = {str(item) for item in world.dataset.items["id"].gather(uncounted)}
    counted = Counter(cell for _, cell in unknown.firsts if cell[1] in few)
    counted.update(cell for _, cell in world.rows if cell[1] not in few)
    counts = Counter[str]()
    for cell, rows in counted.items():
        counts[cell[1]] += rows
    top = sorted(counts.values(), reverse=True)[: max(1, round(0.1 * len(counts)))]
    if found.top_items_share is not None and list(counts.values()).count(top[-1]) == 1:
        assert found.top_items_share == pytest.approx(sum(top) / sum(counts.values()))
        best = [item for item in counts if counts[item] >= top[-1]]
        yield unknown.rows(lambda row: row[1] in best and row[1] not in few) + unknown.first_rows(
            lambda row: row[1] in best and row[1] in few
        )


def _picker(world: World, unknown: Unknowns) -> Iterator[Vector]:
    model = world.recommender.model
    told = world.session.cells.told_items(GATE)
    index = ItemIndex(model.catalogue, model.people.histories.item_counts(), told)
    untold = index.rows.filter(pl.col("people").is_null() | (pl.col("people") == 0))
    few = [row for row in untold.iter_rows(named=True) if unknown.value(unknown.takers(row["id"])) < GATE.minimum]
    for empty in (True, False):  # the order of those that few people took says nothing of how few
        alike = [row["title"] or row["id"] for row in few if (row["people"] is None) != empty]
        assert alike == sorted(alike)
    for row in index.rows.iter_rows(named=True):
        if row["people"]:
            assert row["people"] == unknown.value(unknown.takers(row["id"]))
            yield unknown.takers(row["id"])


def _item(world: World, unknown: Unknowns, item: str) -> Iterator[Vector]:
    page = item_page(world.session, item, GATE)
    of_item: Chosen = lambda row: row[1] == item  # noqa: E731
    # As many actions as people say nothing of what else was done with it, but where it is told that nothing repeats.
    maybe_once = page.actions == page.people and any(one.code == REPEATS for one in world.dataset.findings)
    every = not maybe_once and page.actions == unknown.value(unknown.rows(of_item))
    count = unknown.rows if every else unknown.first_rows
    if page.actions is not None and page.people is not None:
        assert page.actions == unknown.value(count(of_item))
        assert page.people == unknown.value(unknown.takers(item))
        yield from (count(of_item), unknown.takers(item))
    if page.taken and page.actions is None:  # axes and bars that are the same whoever took it, and whenever
        beside = unknown.value(unknown.takers(item)) >= GATE.minimum
        for bars, cells in (
            (page.ratings[::-1], world.session.cells.ratings),
            (page.periods, world.session.cells.periods),
        ):
            assert bars == tuple(Bar(label, None, beside) for label in (cells.labels if cells else ()))
    if page.mean_rating is not None:
        yield _of_mean(world, unknown, page.mean_rating, of_item, unknown.first_rows)
    yield from _bars(page.ratings, unknown.first_rows, unknown, _level(page.ratings), of_item)
    # Where all bars in time are of first rows, whoever cannot tell that this item was done with once cannot read more.
    bars = _some_bars if every or world.session.cells.counted_in_time(GATE) is None else _first_bars
    yield from bars(page.periods, unknown, _periods(page.periods), of_item)
    for liking in page.clusters:
        yield from _share(unknown, item, liking.cluster, liking.size, liking.share, liking.at_least)
        if liking.size is not None:
            yield unknown.people(liking.cluster)


def _of_mean(world: World, unknown: Unknowns, mean: float, chosen: Chosen, count: Callable[[Chosen], Vector]) -> Vector:
    """A mean says that what its ratings are above it sums to nothing."""
    vector = np.zeros(len(unknown.true))
    for level in {cell[2] for _, cell in world.rows if cell[2] is not None}:
        vector += (level - mean) * count(lambda row, level=level: row[2] == level and chosen(row))
    assert unknown.value(vector) == pytest.approx(0, abs=1e-4)
    return vector


def _expected(world: World, unknown: Unknowns, items: Sequence[str]) -> Iterator[tuple[str, list[Vector]]]:
    """What somebody new, or who rated nothing, is told to expect of each item: the mean of all first ratings, or what
    may tell that of the item beside it. An item whose page tells no mean tells none here, nor by a like of it."""
    model = world.recommender.model
    codes = [model.catalogue.ids.index(item) or 0 for item in items]
    nothing = Histories.of_one([], len(model.catalogue))
    told = [told_to_somebody_new(model, nothing, code, GATE) for code in codes]
    if model.ratings is None or np.isnan(told).all():
        return
    mean = float(np.float32(model.ratings.mean))
    exact = float(np.mean([cell[2] for _, cell in unknown.firsts if cell[2] is not None]))
    assert mean == pytest.approx(exact, rel=1e-6)
    of_all = _of_mean(world, unknown, exact, anything, unknown.first_rows)
    for item, code, rating in zip(items, codes, told, strict=True):
        of_item: Chosen = lambda row, i=item: row[1] == i  # noqa: E731
        given = [cell[2] for _, cell in unknown.firsts if of_item(cell) and cell[2] is not None]
        if len(given) < GATE.minimum or item_page(world.session, item, GATE).mean_rating is None:
            assert rating == mean
            like = np.array([model.ratings.of_like()], np.float32)
            liked = replace(Histories.of_one([code], len(model.catalogue)), ratings=like)
            assert [told_to_somebody_new(model, liked, other, GATE) for other in codes] == told
            yield f"expected of {item}", [of_all]
        else:
            of_its_own = _of_mean(world, unknown, float(np.mean(given)), of_item, unknown.first_rows)
            yield f"expected of {item}", [of_all, of_its_own]


def _share(
    unknown: Unknowns, item: str, cluster: int, size: int | None, share: float | None, at_least: bool
) -> Iterator[Vector]:
    """The share of a group that has an item, and by its lift everybody who has it."""
    if share is None:
        return
    here = unknown.takers(item, cluster)
    people, count = unknown.value(here), share * (size or 0)
    assert (count < people) if at_least else (count == pytest.approx(people))
    assert people >= GATE.minimum
    yield unknown.takers(item)
    if not at_least:
        yield here


def _clusters(world: World, unknown: Unknowns) -> Iterator[Vector]:
    for cluster in world.recommender.clusters():
        if cluster.size is None:
            assert (cluster.cohesion, cluster.top_items, cluster.top_terms) == (None, (), ())
            continue
        size = unknown.people(cluster.id)
        assert cluster.size == unknown.value(size)
        yield size
        for item, _, lift in cluster.top_items:
            here, everyone = unknown.takers(item, cluster.id), unknown.takers(item)
            yield everyone
            exact = unknown.value(here) / cluster.size / (unknown.value(everyone) / len(world.clusters))
            assert lift <= exact * (1 + 1e-6)
            if lift == pytest.approx(exact, rel=1e-6):
                yield here
        yield from _terms(world, unknown, cluster)


def _terms(world: World, unknown: Unknowns, cluster: Cluster) -> Iterator[Vector]:
    """Lifts of terms, (c / a) / (n / N), for whoever knows how many have a term and how many actions there are: they
    know c / a then, and with it a, how many actions there are in a group, but where that is as one to two."""
    inside: Chosen = lambda row: row[0] == cluster.id  # noqa: E731
    actions, all_actions = unknown.value(unknown.first_rows(inside)), unknown.value(unknown.first_rows(anything))
    for term, lift in cluster.top_terms:
        with_term: Chosen = lambda row, t=term: _term(world, row, t)  # noqa: E731
        everyone = unknown.first_rows(with_term)
        here = unknown.first_rows(lambda row, has=with_term: inside(row) and has(row))
        assert unknown.value(here) == pytest.approx(lift * actions / all_actions * unknown.value(everyone))
        yield everyone
        counted = int(unknown.value(here))
        known = int(actions) // gcd(counted, int(actions)) >= GATE.minimum
        yield here if known else here - counted / actions * unknown.first_rows(inside)


def _cluster(world: World, unknown: Unknowns, figures: ClusterFigures, cluster: int) -> Iterator[Vector]:
    page = figures.page(cluster)
    if page.people is None:
        assert (page.items, page.terms, page.habits, page.activity, page.members.height) == ((), (), None, None, 0)
        return
    assert page.people == unknown.value(unknown.people(cluster))
    yield unknown.people(cluster)
    for entry in page.items:
        yield from _share(unknown, entry.id, cluster, page.people, entry.share, entry.at_least)
    inside: Chosen = lambda row: row[0] == cluster  # noqa: E731
    for entry in page.terms:
        for side, share in ((inside, entry.share), (anything, entry.share / entry.lift)):
            with_term = unknown.first_rows(lambda row, s=side, t=entry.id: s(row) and _term(world, row, t))
            yield with_term - share * unknown.first_rows(side)
            assert unknown.value(with_term) == pytest.approx(share * unknown.value(unknown.first_rows(side)))
    if page.habits is not None:
        habits = page.habits
        yield _of_mean(world, unknown, habits.mean, inside, unknown.first_rows)
        if habits.mean_overall is not None:
            yield _of_mean(world, unknown, habits.mean_overall, anything, unknown.first_rows)
        yield from _cells(habits.shares, habits.shares_overall, unknown, inside, lambda place: (
            lambda row: row[2] == habits.levels[place]))  # fmt: skip
    activity = page.activity
    if activity is None:
        return
    starts = [start / 1_000 for start in activity.starts]
    ends = [*starts[1:], float("inf")]
    yield from _cells(activity.shares, activity.shares_overall, unknown, inside, lambda place: (
        lambda row: starts[place] <= row[4] < ends[place]))  # fmt: skip
    if activity.recent is not None:
        times = np.array([cell[4] for _, cell in unknown.firsts])
        newest = float(np.quantile(times * 1_000, 0.9)) / 1_000
        for side, share in ((inside, activity.recent), (anything, activity.recent_overall)):
            late = unknown.first_rows(lambda row, s=side: s(row) and row[4] > newest)
            yield late - (share or 0.0) * unknown.first_rows(side)


def _term(world: World, row: Cell, term: str) -> bool:
    return term.casefold() in world.genres[row[1]].casefold().split("|")


def _cells(
    shares: Sequence[float | None],
    overall: Sequence[float | None],
    unknown: Unknowns,
    inside: Chosen,
    of: Callable[[int], Chosen],
) -> Iterator[Vector]:
    """Cells of a group and of everybody, each a share of all that are told."""
    for side, told in ((inside, shares), (anything, overall)):
        vectors = {
            place: unknown.first_rows(lambda row, s=side, p=place: s(row) and of(p)(row))
            for place, share in enumerate(told)
            if share is not None
        }
        whole = sum(vectors.values(), np.zeros(len(unknown.true)))
        for place, vector in vectors.items():
            yield vector - (told[place] or 0.0) * whole
            assert unknown.value(vector) == pytest.approx((told[place] or 0.0) * unknown.value(whole))


def _contrast(unknown: Unknowns, figures: ClusterFigures, a: int, b: int) -> Iterator[Vector]:
    found = compare_clusters(figures, a, b)
    assert (found.closeness is None) == (not figures.takers.told[[a, b]].all())
    for entry in (*found.both, *found.more_a, *found.more_b):
        for cluster, share in ((a, entry.share_a), (b, entry.share_b)):
            if share is None:
                continue
            here = unknown.value(unknown.takers(entry.item, cluster))
            size = unknown.value(unknown.people(cluster))
            assert share * size <= here * (1 + 1e-9)
            if share * size == pytest.approx(here):
                yield unknown.takers(entry.item, cluster)


def _tastes(world: World, unknown: Unknowns, item: str, sizes: Sequence[int | None]) -> Iterator[Vector]:
    model = world.recommender.model
    code = model.catalogue.ids.index(item)
    assert code is not None
    for cluster, size in enumerate(sizes):
        found = cluster_taste(model, cluster, "", code, GATE)
        assert found.size == size
        yield from _share(unknown, item, cluster, size, found.share, False)


def _alike(world: World, unknown: Unknowns, item: str, items: Sequence[str]) -> Iterator[Vector]:
    model = world.recommender.model
    codes = {name: model.catalogue.ids.index(name) or 0 for name in items}
    others = [name for name in items if name != item]
    found = why_alike(model.people.histories, model.experts.content, codes[item], [codes[one] for one in others], GATE)
    for other, entry in zip(others, found, strict=True):
        if entry.people is not None:
            both = unknown.both(item, other)
            assert entry.people == unknown.value(both)
            yield both
