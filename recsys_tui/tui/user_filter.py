"""Which users match what is typed: part of an id, and tokens for cluster and activity. Vectorised over the frame."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_CLUSTER = re.compile(r"^c(\d+)$")
HEAVY, LIGHT = "heavy", "light"
HEAVY_QUANTILE, LIGHT_QUANTILE = 0.9, 0.25


def matching_users(users: pl.DataFrame, text: str) -> pl.Series:
    """Positions (UInt32) of the matching rows of a users frame: the id itself first, then ids that begin with it.

    Words are joined by "and": ``c3`` is a cluster, ``heavy`` and ``light`` are the tenth with most and the quarter
    with fewest actions; anything else is part of an id, in either case of letters.
    """
    import polars as pl

    tests = []
    wanted = ""
    clustered = users["cluster"].null_count() < users.height
    for word in text.lower().split():
        found = _CLUSTER.match(word)
        if found and clustered:
            tests.append(pl.col("cluster") == int(found.group(1)))
        elif word == HEAVY:
            tests.append(pl.col("count") >= users["count"].quantile(HEAVY_QUANTILE))
        elif word == LIGHT:
            tests.append(pl.col("count") <= users["count"].quantile(LIGHT_QUANTILE))
        else:
            wanted = word
            tests.append(pl.col("id").str.to_lowercase().str.contains(word, literal=True))
    rows = users.lazy().select("id", "count", "cluster").with_row_index("place")
    if tests:
        rows = rows.filter(pl.all_horizontal(tests))
    places = rows.select("place", "id").collect()
    if not wanted:
        return places["place"]
    lowered = places["id"].str.to_lowercase()
    order = pl.select(pl.when(lowered == wanted).then(0).when(lowered.str.starts_with(wanted)).then(1).otherwise(2))
    return places.with_columns(order.to_series().alias("order")).sort("order", maintain_order=True)["place"]
