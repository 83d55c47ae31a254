"""Histories and the list of users straight from a dataset, for the time before a model is trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import CATEGORIES, COUNT, ID, ITEM, RATING, TIME, TITLE, USER, Dataset
from recsys_tui.models.trained_model import catalogue_of
from recsys_tui.recommend.answers import HistoryItem
from recsys_tui.recommend.item_selection import select_items
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.nearest_ids import SPREADSHEET_ENDING, not_found


def check_known(dataset: Dataset, users: Sequence[str] = (), items: Sequence[str] = ()) -> None:
    """Raise ``UserError`` (exit 3) for the first user or item that is not in the data."""
    user_ids, item_ids = dataset.users[ID], dataset.items[ID]
    known = set(user_ids) if users else set()
    if users and dataset.silent is not None:
        known |= set(dataset.silent[ID])
    for user in users:
        if user not in known and user.removesuffix(SPREADSHEET_ENDING) not in known:
            raise not_found("models.no_such_user", user, user_ids.to_list())
    known = set(item_ids) if items else set()
    for item in items:
        if item not in known:
            raise not_found("models.no_such_item", item, item_ids.to_list())


def known_user(dataset: Dataset, user: str) -> str:
    """The id by which the data knows a user. Raises ``UserError`` (exit 3) for one who is not in it."""
    check_known(dataset, users=(user,))
    known = dataset.users[ID].index_of(user) is not None
    return (
        user if known or dataset.users[ID].index_of(plain := user.removesuffix(SPREADSHEET_ENDING)) is None else plain
    )


def check_options(dataset: Dataset, options: ListOptions) -> None:
    """Raise ``UserError`` where the options of a list name items or fields that are not in the data."""
    select_items(catalogue_of(dataset), dataset.items[COUNT].to_numpy, options)


def history_of(dataset: Dataset, user: str) -> tuple[HistoryItem, ...]:
    """Every event of a person, newest first. Raises ``UserError`` (exit 3) for an unknown user."""
    check_known(dataset, users=(user,))
    ids = dataset.users[ID]
    code = ids.index_of(user)
    if code is None:
        code = ids.index_of(user.removesuffix(SPREADSHEET_ENDING))
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
    table = dataset.interactions
    last = pl.col(TIME).max() if TIME in table.columns else pl.lit(None, pl.Int64)
    rating = pl.col(RATING).mean() if RATING in table.columns else pl.lit(None, pl.Float32)
    per_user = table.lazy().group_by(USER).agg(last.alias("last"), rating.cast(pl.Float32).alias("mean_rating"))
    figures = per_user.sort(USER).collect()
    fitting = clusters is not None and len(clusters) == dataset.user_count
    column = (
        pl.Series("cluster", clusters, pl.Int16) if fitting else pl.Series("cluster", [None] * figures.height, pl.Int16)
    )
    return pl.DataFrame(
        [
            figures[USER].alias("code"),
            dataset.users[ID],
            dataset.users[COUNT],
            column,
            figures["last"],
            figures["mean_rating"],
        ]
    )
