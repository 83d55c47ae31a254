"""Everything about one item on one page: what it is, how it is rated, when it is taken, and by which groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from recsys_tui.data.dataset import (
    ATTRIBUTE_PREFIX,
    CATEGORIES,
    ID,
    PRICE,
    RATING,
    TAGS,
    TITLE,
    USER,
    YEAR,
)
from recsys_tui.data.histogram_cells import SPANS, Bar, Cells, HistogramCells
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.data.people_behind import Flags
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.taker_shares import ClusterTakers
from recsys_tui.recommend.dataset_history import known_item

if TYPE_CHECKING:
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session

# Periods are made longer until no more than this share of the actions lies in periods too few people stand behind.
MOST_HIDDEN = 0.25


@dataclass(frozen=True)
class ClusterLiking:
    """How a cluster takes an item: ``share`` of its people who took it, ``lift`` over the share among all people.

    Both are None where fewer than ten of its people did, or where they would tell of a few beside other figures; lower
    bounds with ``at_least``. ``size``: None where the cluster is too small to be told of.
    """

    cluster: int
    name: str
    size: int | None
    share: float | None
    lift: float | None
    at_least: bool = False


@dataclass(frozen=True)
class ItemPage:
    """One item. ``attributes``: (name, text) of whatever else the item files say.

    ``actions``, ``people`` and ``mean_rating`` are None where fewer than ten people stand behind them, or (``beside``)
    where they would tell of a few beside all people or all other items; so are single bars of ``ratings`` (highest
    first) and ``periods`` (oldest first, as fine as enough people allow; empty without dates). ``ratings`` and their
    mean are of the first rating that each person gave; ``actions`` and ``periods`` of the first thing that they did,
    where a few people did more (:meth:`~recsys_tui.data.histogram_cells.HistogramCells.counted`). Without ``actions``
    these are all that the data has, none with a count: which of them the few who took it are in would tell of these.
    ``taken``: whether anybody took it. ``clusters``: the highest lift first, then those without figures by size; empty
    before training.
    """

    item: str
    title: str | None
    categories: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    taken: bool
    beside: bool
    actions: int | None
    people: int | None
    mean_rating: float | None
    ratings: tuple[Bar, ...]
    periods: tuple[Bar, ...]
    clusters: tuple[ClusterLiking, ...]


def item_page(session: Session, item: str, gate: CrowdGate | None = None) -> ItemPage:
    """The page of an item, from the data and, for the clusters, from the model where one is trained.

    Raises ``UserError`` (exit 3) for an unknown item.
    """
    gate = gate or CrowdGate()
    dataset = session.dataset
    item = known_item(dataset, item)
    code = dataset.items[ID].index_of(item) or 0
    cells = session.cells
    here: Flags = cells.items.places == code
    of_item, rated = here & cells.counted(gate), here if cells.once is None else here[cells.once]
    known = dataset.items.row(code, named=True)
    recommender = session.recommender()
    rows = dataset.interactions.filter(pl.Series(of_item))
    # Who took it, as lists of items count them: one who sent it back, or saw it only, would be the difference.
    taken = merged_pairs(replace(dataset, interactions=dataset.interactions.filter(pl.Series(here)))).taken
    people = taken.height
    told = bool(cells.told_items(gate)[code]) and gate.open_for(people)
    beside = not told and gate.open_for(people)
    return ItemPage(
        item=item,
        title=known.get(TITLE),
        categories=tuple(entry for entry in known.get(CATEGORIES) or () if entry),
        attributes=_attributes(known),
        taken=rows.height > 0,
        beside=beside,
        actions=rows.height if told else None,
        people=people if told else None,
        mean_rating=_mean(taken, gate) if told and _mean_told(cells, rated, gate) else None,
        ratings=_ratings(cells, rated, gate) if told else _untold(cells.ratings, rows.height, beside)[::-1],
        periods=_periods(cells, of_item, gate) if told else _untold(cells.periods, rows.height, beside),
        clusters=() if recommender is None else likings(recommender, item, gate),
    )


def _attributes(known: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the item table says beside title and categories, as text; what is missing is left out."""
    named = {name: known.get(name) for name in (YEAR, PRICE, TAGS)}
    named |= {
        name.removeprefix(ATTRIBUTE_PREFIX): value for name, value in known.items() if name.startswith(ATTRIBUTE_PREFIX)
    }
    texts = {}
    for name, value in named.items():
        if isinstance(value, list):
            texts[name] = ", ".join(str(entry) for entry in value if entry)
        elif isinstance(value, float):
            texts[name] = _number(value)
        elif value is not None:
            texts[name] = str(value)
    return tuple((name, text) for name, text in texts.items() if text)


def _number(value: float) -> str:
    """A number as it was written: what was kept in half the digits is told with no more than these."""
    with np.errstate(over="ignore"):
        short = np.float32(value)
    return np.format_float_positional(short, trim="-") if float(short) == value else f"{value:.10g}"


def _mean(rows: pl.DataFrame, gate: CrowdGate) -> float | None:
    if RATING not in rows.columns:
        return None
    rated = rows.select(USER, RATING).drop_nulls()
    if not rated.height:
        return None
    return gate.pass_value(float(rated[RATING].cast(pl.Float64).sum()) / rated.height, rated[USER].n_unique())


def _mean_told(cells: HistogramCells, rated: Flags, gate: CrowdGate) -> bool:
    return cells.ratings is not None and cells.ratings.mean_told(gate, rated)


def _untold(cells: Cells | None, rows: int, beside: bool) -> tuple[Bar, ...]:
    """All bars that the data has, none of them with a count, and all alike; none of an item that nobody took."""
    return tuple(Bar(label, None, beside) for label in cells.labels) if cells is not None and rows else ()


def _ratings(cells: HistogramCells, rated: Flags, gate: CrowdGate) -> tuple[Bar, ...]:
    """The ratings that the item got, highest first."""
    if cells.ratings is None:
        return ()
    given = set(cells.ratings.placed.places[rated].tolist())
    bars = cells.ratings.bars(gate, rated)
    return tuple(bar for place, bar in enumerate(bars) if place in given)[::-1]


def _periods(cells: HistogramCells, of_item: Flags, gate: CrowdGate) -> tuple[Bar, ...]:
    """Activity in periods so long that most of it may be shown; the longest there are where none are long enough.

    Of an item that is all there is, those of all items: longer ones, less those, would be what is kept back of them.
    """
    bars: tuple[Bar, ...] = ()
    counted = cells.counted_in_time(gate)
    of_item = of_item if counted is None else of_item[counted]
    rows = int(of_item.sum())
    for span in (cells.span,) if rows == len(of_item) else SPANS[SPANS.index(cells.span) :]:
        periods = cells.coarser_periods(span, counted)
        longer = () if periods is None else _from_first_to_last(periods, gate, of_item)
        if bars and len(longer) < 2:
            break
        bars = longer
        if sum(bar.count or 0 for bar in bars) >= (1 - MOST_HIDDEN) * rows:
            break
    return bars


def _from_first_to_last(periods: Cells, gate: CrowdGate, of_item: Flags) -> tuple[Bar, ...]:
    """The bars from the first period in which something is to the last."""
    places = periods.placed.places[of_item]
    places = places[places >= 0]
    return periods.bars(gate, of_item)[int(places.min()) : int(places.max()) + 1] if len(places) else ()


def likings(recommender: Recommender, item: str, gate: CrowdGate | None = None) -> tuple[ClusterLiking, ...]:
    """Which clusters take an item; none of them where the model does not know it. The order is that of a page.

    Beside everyone who takes it, what is told of clusters leaves no few people over.
    """
    model, clusters = recommender.model, recommender.clusters()
    code = model.catalogue.ids.index(item)
    takers = ClusterTakers(model.people.histories, model.people.clusters, len(clusters), gate or CrowdGate())
    told = None if code is None else takers.shares_of_item(code)
    found = []
    for entry in clusters:
        share = 0.0 if told is None else float(told.share[entry.id])
        if told is None or not share:
            found.append(ClusterLiking(entry.id, entry.name, entry.size, None, None))
            continue
        lift, at_least = float(told.lift[entry.id]), bool(told.at_least[entry.id])
        found.append(ClusterLiking(entry.id, entry.name, entry.size, share, lift, at_least))
    return tuple(sorted(found, key=lambda one: (one.lift is None, -(one.lift or 0), -(one.size or 0), one.cluster)))
