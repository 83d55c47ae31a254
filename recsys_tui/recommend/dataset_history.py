"""Histories and the list of users straight from a dataset, for the time before a model is trained."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import CATEGORIES, COUNT, ID, ITEM, RATING, TIME, TITLE, USER, Dataset
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import HistoryItem
from recsys_tui.recommend.nearest_ids import nearest_ids


def history_of(dataset: Dataset, user: str) -> tuple[HistoryItem, ...]:
    """Every event of a person, newest first. Raises ``UserError`` (exit 3) for an unknown user."""
    ids = dataset.users[ID]
    code = ids.index_of(user)
    if code is None:
        near = nearest_ids(user, ids.to_list())
        nearest = say("models.nearest", ids=", ".join(near)) if near else ""
        raise UserError("models.no_such_user", ExitCode.NOT_FOUND, id=user, nearest=nearest)
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
