"""Lists for many people at a time: everyone, or those who are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recsys_tui.models.experts import people_at_once
from recsys_tui.recommend.list_building import Asked, build_lists
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.ranking import resolve_model_name
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.recommender import Recommender


def lists_for(
    recommender: Recommender,
    k: int,
    model: str,
    users: Sequence[str] | None,
    options: ListOptions,
    progress: Callable[[float], None] | None,
    feedback: Mapping[str, Verdicts],
) -> pl.DataFrame:
    """Lists of everyone (``users`` None), or of the named users in their order.

    Columns user, item, rank (from 1), score. ``feedback``: what people said of items the model knows, which counts in
    their lists as it does in :meth:`Recommender.recommend`. Raises ``UserError`` as that does.
    """
    import polars as pl

    name = resolve_model_name(model)
    named = None if users is None else list(dict.fromkeys(users))
    silent = set() if named is None else recommender.silent_among(named)
    if named is None and feedback:
        named = [user for user in recommender.model.people.ids.to_list() if user is not None]
    alone = {user for user in named or () if user in silent or user in feedback}
    together = None if named is None else [user for user in named if user not in alone]
    lists = _in_batches(recommender, k, name, together, options, progress)
    if named is None or not alone:
        return lists
    parts = [lists]
    for user in sorted(alone):
        said = feedback.get(user, Verdicts())
        answer = recommender.recommend(user, k, model, said.liked, said.disliked, options=options)
        rows = [(user, entry.item, entry.rank, entry.score) for entry in answer.items]
        parts.append(pl.DataFrame(rows, schema=lists.schema, orient="row"))
    places = {user: place for place, user in enumerate(named)}
    order = pl.col("user").replace_strict(places, return_dtype=pl.UInt32)
    return pl.concat(parts).sort(order, maintain_order=True)


def _in_batches(
    recommender: Recommender,
    k: int,
    name: str,
    users: Sequence[str] | None,
    options: ListOptions,
    progress: Callable[[float], None] | None,
) -> pl.DataFrame:
    """Lists of people as they stand in the data, as many at a time as memory allows."""
    import polars as pl

    people, catalogue = recommender.model.people, recommender.model.catalogue
    codes = np.arange(len(people.histories)) if users is None else recommender.user_codes(users)
    selection = recommender.select(options)
    ids = np.array(people.ids.to_list(), dtype=object)
    items = np.array(catalogue.ids.to_list(), dtype=object)
    widened = replace(recommender.model, experts=recommender.model.experts.for_many())
    size = people_at_once(people.histories.item_count)
    frames = []
    for start in range(0, len(codes), size):
        chosen = codes[start : start + size]
        batch = people.histories.prefixes(chosen, people.histories.lengths[chosen])
        served, _ = recommender.served(name, batch)
        asked = Asked(batch, chosen, [batch.items_of(row) for row in range(len(batch))])
        ranked = build_lists(widened, asked, k, served, options, selection)
        rows, places = np.nonzero(ranked.items >= 0)
        frames.append(
            pl.DataFrame(
                {
                    "user": pl.Series(ids[chosen[rows]].tolist(), dtype=pl.String),
                    "item": pl.Series(items[ranked.items[rows, places]].tolist(), dtype=pl.String),
                    "rank": pl.Series(places + 1, dtype=pl.UInt32),
                    "score": pl.Series(ranked.scores[rows, places], dtype=pl.Float32),
                }
            )
        )
        if progress is not None:
            progress((start + len(chosen)) / len(codes))
    schema = {"user": pl.String, "item": pl.String, "rank": pl.UInt32, "score": pl.Float32}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
