"""Histories and the list of users straight from a dataset, for the time before a model is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import CATEGORIES, COUNT, ID, ITEM, RATING, TIME, TITLE, USER, Dataset
from recsys_tui.data.tagged_dataset import tagged_as_in
from recsys_tui.recommend.answers import HistoryItem
from recsys_tui.recommend.given_values import encodable
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.nearest_ids import SPREADSHEET_ENDING, not_found


def check_known(dataset: Dataset, users: Sequence[str] = (), items: Sequence[str] = ()) -> None:
    """Raise ``UserError`` (exit 3) for the first user or item that is not in the data.

    Under pseudonyms people may be named by their id or their tag.
    """
    user_ids, item_ids = dataset.users[ID], dataset.items[ID]
    if users:
        everybody = user_ids if dataset.silent is None else pl.concat([user_ids, dataset.silent[ID]])
        named = pl.Series(map(encodable, users), dtype=pl.String)
        plain = named.str.strip_suffix(SPREADSHEET_ENDING)
        known = [tagged_as_in(texts, dataset, everybody).is_in(everybody.implode()) for texts in (named, plain)]
        unknown = named.filter(~(known[0] | known[1]))
        if unknown.len():
            raise not_found("models.no_such_user", str(unknown[0]), user_ids.to_list())
    if items:
        named = pl.Series(map(encodable, items), dtype=pl.String)
        found = tagged_as_in(named, dataset, item_ids) if dataset.shared_ids else named
        unknown = named.filter(~found.is_in(item_ids.implode()))
        if unknown.len():
            raise not_found("models.no_such_item", str(unknown[0]), item_ids.to_list())


def known_user(dataset: Dataset, user: str) -> str:
    """The id by which the data knows a user. Raises ``UserError`` (exit 3) for one who is not in it."""
    check_known(dataset, users=(user,))
    tables = [dataset.users[ID]] if dataset.silent is None else [dataset.users[ID], dataset.silent[ID]]
    forms = (user, user.removesuffix(SPREADSHEET_ENDING))
    tags = dataset.pseudonyms
    for form in forms if tags is None else (*forms, *map(tags.of, forms)):
        if any(ids.index_of(form) is not None for ids in tables):
            return form
    return user


def known_item(dataset: Dataset, item: str) -> str:
    """The id by which the data knows an item. Raises ``UserError`` (exit 3) for one that is not in it."""
    check_known(dataset, items=(item,))
    tags = dataset.pseudonyms
    return item if tags is None or dataset.items[ID].index_of(item) is not None else tags.of(item)


def check_options(dataset: Dataset, options: ListOptions) -> None:
    """Raise ``UserError`` where the options of a list name items or fields that are not in the data."""
    from recsys_tui.models.trained_model import catalogue_of
    from recsys_tui.recommend.item_selection import select_items

    catalogue = catalogue_of(dataset)
    if dataset.pseudonyms is not None and dataset.shared_ids:
        known = dataset.items[ID]

        def shown(items: Sequence[str]) -> tuple[str, ...]:
            return tuple(tagged_as_in(pl.Series(items, dtype=pl.String), dataset, known).to_list())

        only = None if options.only is None else shown(options.only)
        options = replace(options, only=only, exclude=shown(options.exclude), pin=shown(options.pin))
    select_items(catalogue, dataset.items[COUNT].to_numpy, options)


def history_of(dataset: Dataset, user: str) -> tuple[HistoryItem, ...]:
    """Every event of a person, newest first. Raises ``UserError`` (exit 3) for an unknown user."""
    code = dataset.users[ID].index_of(known_user(dataset, user))
    rows = dataset.interactions.filter(pl.col(USER) == code).reverse()
    items = dataset.items.with_row_index(ITEM)
    known = [column for column in (TITLE, CATEGORIES) if column in items.columns]
    joined = rows.join(items.select(ITEM, ID, *known), on=ITEM, how="left", maintain_order="left")
    return tuple(
        HistoryItem(
            item=row[ID],
            title=row.get(TITLE),
            categories=tuple(row.get(CATEGORIES) or ()),
            rating=row.get(RATING),
            time=row.get(TIME),
        )
        for row in joined.iter_rows(named=True)
    )


def titles_of(dataset: Dataset, items: Sequence[str]) -> dict[str, str | None]:
    """Titles by id; None for items that have none, or that are not in the data."""
    if TITLE not in dataset.items.columns:
        return dict.fromkeys(items)
    rows = dataset.items.filter(pl.col(ID).is_in(list(items))).select(ID, TITLE).iter_rows()
    return dict.fromkeys(items) | {str(item): title for item, title in rows}


def users_of(dataset: Dataset, clusters: NDArray[np.int16] | None) -> pl.DataFrame:
    """One row a user: code, id, count, cluster, last, mean_rating; null where the data or the model has none."""
    return with_clusters(user_figures(dataset), clusters)


def user_figures(dataset: Dataset) -> pl.DataFrame:
    """What the data alone says of each user, in the columns of :func:`users_of`; the cluster is null.

    Rows lie sorted by user and time, so that nothing needs to be grouped.
    """
    table, counts = dataset.interactions, dataset.users[COUNT]
    ends = np.cumsum(counts.to_numpy(), dtype=np.int64)
    last: pl.Expr | pl.Series = pl.lit(None, pl.Int64)
    mean: pl.Expr | pl.Series = pl.lit(None, pl.Float32)
    if TIME in table.columns and table.height:
        last = table[TIME].gather(ends - 1)
    if RATING in table.columns and table.height:
        starts = np.concatenate([[0], ends[:-1]])
        sums = np.add.reduceat(table[RATING].fill_null(0).to_numpy().astype(np.float64), starts)
        rated = np.add.reduceat(table[RATING].is_not_null().to_numpy().astype(np.int64), starts)
        means = np.divide(sums, rated, out=np.full(len(sums), np.nan), where=rated > 0)
        mean = pl.Series(means).fill_nan(None).cast(pl.Float32)
    figures = dataset.users.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("code"), ID, COUNT)
    whole = figures.with_columns(pl.lit(None, pl.Int16).alias("cluster"), last.alias("last"), mean.alias("mean_rating"))
    return whole if dataset.pseudonyms is None else whole.sort(ID)  # the order of ids would tell whose tags they are


def with_clusters(figures: pl.DataFrame, clusters: NDArray[np.int16] | None) -> pl.DataFrame:
    """The same rows with the cluster of each user, if it is a model of just these users that knows them; none of those
    who took back all they had."""
    if clusters is None or len(clusters) != figures.height:
        return figures
    of_users = pl.Series("cluster", clusters, pl.Int16).gather(figures["code"])
    return figures.with_columns(pl.select(pl.when(of_users >= 0).then(of_users).alias("cluster")).to_series())
