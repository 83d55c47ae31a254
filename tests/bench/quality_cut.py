"""A dataset cut into files as a person would have them: what to learn from, texts of items, and what is hidden.

Repeated pairs keep their first event, in the order of the rows of the source; ties in time are broken by that order
too. ``last``: the newest pair of everyone who has at least three. ``temporal``: the newest tenth of all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from recsys_tui.data.bundled import bundled_names
from recsys_tui.data.dataset import (
    CATEGORIES,
    ID,
    ITEM,
    RATING,
    ROW,
    STRENGTH,
    TIME,
    TITLE,
    USER,
    Dataset,
    Mapping,
    TimeKind,
)
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.own_files import own_split
from recsys_tui.evaluate.protocols import LAST, SHORTEST_HISTORY, TEMPORAL, Split
from recsys_tui.output.errors import ExitCode, UserError

CUTS = (LAST, TEMPORAL)
# Data that has no texts of its own, and where those of the same items are.
TEXTS_OF = {"ml-1m-sequences": "ml-1m/movies.dat"}
TRAIN, ITEMS, TEST = "train.csv", "items.csv", "test.csv"
TIMESTAMP, GENRES = "timestamp", "genres"


@dataclass(frozen=True)
class CutFiles:
    """The files of a cut; ``items`` is None where the data has no texts. What is hidden lies in a folder of its own."""

    protocol: str
    train: Path
    items: Path | None
    test: Path

    def as_split(self) -> Split:
        """The cut as the judge and the classics take it, read back from the files."""
        train = load_dataset(self.train, Mapping(items=self.items, siblings=False))
        return replace(own_split(train, self.test), protocol=self.protocol)


def named_dataset(name: str, data: Path) -> Dataset:
    """A bundled dataset, or one in the folder of real data. Raises ``UserError`` where it cannot be read."""
    if name in bundled_names():
        return load_dataset(name)
    texts = TEXTS_OF.get(name)
    return load_dataset(data / name, Mapping(items=data / texts if texts else None))


def write_cut(dataset: Dataset, protocol: str, folder: Path) -> CutFiles:
    """Cut by ``last`` or ``temporal`` and write the files into a folder that exists.

    Raises ``UserError`` (exit 2) where the data does not allow the protocol.
    """
    train, test = cut_pairs(dataset, protocol)
    files = CutFiles(protocol, folder / TRAIN, folder / ITEMS, folder / "hidden" / TEST)
    files.test.parent.mkdir()
    train.write_csv(files.train)
    test.write_csv(files.test)
    texts = _texts(_without_taken_back(dataset))
    if texts is None:
        return replace(files, items=None)
    texts.write_csv(folder / ITEMS)
    return files


def cut_pairs(dataset: Dataset, protocol: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is learned from (``user``, ``item``, ``rating`` where there are any, ``timestamp``), in the order of the
    source, and what is hidden (``user``, ``item``)."""
    if dataset.time_kind is TimeKind.NONE:
        raise UserError("evaluate.no_order", ExitCode.USAGE, protocol=protocol)
    if protocol == TEMPORAL and dataset.time_kind is not TimeKind.TIME:
        raise UserError("evaluate.no_dates", ExitCode.USAGE, protocol=protocol)
    pairs = _first_events(dataset)
    if protocol == TEMPORAL:
        pairs = pairs.sort(TIMESTAMP, ROW)
        edge = len(pairs) * 9 // 10
        train, test = pairs[:edge], pairs[edge:]
    else:
        pairs = pairs.sort(USER, TIMESTAMP, ROW)
        newest = (pl.int_range(pl.len()).over(USER) == pl.len().over(USER) - 1) & (
            pl.len().over(USER) >= SHORTEST_HISTORY
        )
        pairs = pairs.with_columns(newest.alias("held"))
        train, test = pairs.filter(~pl.col("held")).drop("held"), pairs.filter(pl.col("held"))
    return train.sort(ROW).drop(ROW), test.select(USER, ITEM)


def _taken(dataset: Dataset) -> pl.DataFrame:
    """The events without those that count against an item, such as what was brought back."""
    table = dataset.interactions
    return table.filter(pl.col(STRENGTH) > 0) if STRENGTH in table.columns else table


def _without_taken_back(dataset: Dataset) -> pl.DataFrame:
    """The items without those that have events, of which none says that somebody took it."""
    never = set(dataset.interactions[ITEM].unique()) - set(_taken(dataset)[ITEM].unique())
    return dataset.items.filter(~pl.int_range(pl.len()).is_in(sorted(never)))


def _first_events(dataset: Dataset) -> pl.DataFrame:
    """The first row of each pair by ids."""
    table = _taken(dataset).sort(ROW).unique([USER, ITEM], keep="first", maintain_order=True)
    times = table[TIME]
    if dataset.time_kind is TimeKind.TIME and (times % 1000 == 0).all():
        times = times // 1000
    columns = [dataset.users[ID].gather(table[USER]).alias(USER), dataset.items[ID].gather(table[ITEM]).alias(ITEM)]
    if RATING in table.columns:
        columns.append(table[RATING])
    return pl.DataFrame([*columns, times.alias(TIMESTAMP), table[ROW]])


def _texts(items: pl.DataFrame) -> pl.DataFrame | None:
    """Titles and categories of the items that have any; None where no item has."""
    known = [name for name in (TITLE, CATEGORIES) if name in items.columns]
    if not known:
        return None
    texts = items.select(pl.col(ID).alias(ITEM), *known)
    if CATEGORIES in known:
        texts = texts.with_columns(pl.col(CATEGORIES).list.join("|")).rename({CATEGORIES: GENRES})
    return texts.filter(pl.any_horizontal(pl.exclude(ITEM).is_not_null()))
