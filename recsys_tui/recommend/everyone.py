"""Lists for many people at a time: everyone, or those who are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.models.experts import people_at_once
from recsys_tui.recommend.list_building import Asked, build_lists
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.ranking import resolve_model_name
from recsys_tui.store.verdicts import Verdicts

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.answers import Recommendations
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
    """Lists of everyone (``users`` None), those of the user file who did nothing last, or of the named users in order.

    Columns user, item, rank (from 1), score, history: how many items of the person the list was made from, 0 for the
    popular list of somebody who has none. ``feedback``: what people said of items the model knows, which counts in
    their lists as it does in :meth:`Recommender.recommend`. Raises ``UserError`` as that does.
    """
    import polars as pl

    name, people = resolve_model_name(model), recommender.model.people
    if users is None:
        acting = [user for user in people.ids.to_list() if user is not None]
        idlers = recommender.silent_people()
        silent = set(idlers)
        if recommender.is_tagged:  # the order of ids would tell whose tags they are
            acting.sort()
            idlers.sort()
        named = [*acting, *idlers]
    else:
        named = list(dict.fromkeys(recommender.user_names(users)))
        silent = recommender.silent_among(named)
    alone = {user for user in named if user in feedback}
    known = recommender.user_codes([user for user in named if user not in silent and user not in alone])
    idle = people.histories.lengths[known] == 0
    parts = [_in_batches(recommender, k, name, known[~idle], options, progress)]
    if idle.any():
        parts.append(_in_batches(recommender, k, name, known[idle], options, None))
    parts.append(_of_silent(recommender, k, model, [user for user in named if user in silent - alone], options))
    for user in sorted(alone):
        said = feedback[user]
        answer = recommender.recommend(user, k, model, said.liked, said.disliked, options=options)
        parts.append(_listed([user], answer))
    lists = [part for part in parts if part.height]
    if len(lists) < 2:
        return lists[0] if lists else parts[0]
    places = pl.DataFrame({"user": named, "place": range(len(named))}, schema={"user": pl.String, "place": pl.UInt32})
    whole = pl.concat(lists).join(places, on="user", how="left", maintain_order="left")
    return whole.sort("place", maintain_order=True).drop("place")


def _of_silent(
    recommender: Recommender, k: int, model: str, users: Sequence[str], options: ListOptions
) -> pl.DataFrame:
    """Lists of people who did nothing: one for all of whom the same is known."""
    import polars as pl

    attributes = recommender.model.attributes
    if attributes is None or not users:
        return pl.DataFrame(schema=_schema())
    places = {user: place for place, user in enumerate(attributes.silent.to_list())}
    alike: dict[tuple[int, ...], list[str]] = {}
    for user in users:
        alike.setdefault(tuple(attributes.silent_codes[places[user]].tolist()), []).append(user)
    return pl.concat(
        [_listed(group, recommender.recommend(group[0], k, model, options=options)) for group in alike.values()]
    )


def _listed(users: Sequence[str], answer: Recommendations) -> pl.DataFrame:
    """The same list for each of some people."""
    import polars as pl

    rows = [(entry.item, entry.rank, entry.score, answer.history) for entry in answer.items]
    own = pl.DataFrame(rows, schema={name: kind for name, kind in _schema().items() if name != "user"}, orient="row")
    return pl.DataFrame({"user": users}, schema={"user": pl.String}).join(own, how="cross").select(*_schema())


def _in_batches(
    recommender: Recommender,
    k: int,
    name: str,
    codes: NDArray[Any],
    options: ListOptions,
    progress: Callable[[float], None] | None,
) -> pl.DataFrame:
    """Lists of people (codes) as they stand in the data, as many at a time as memory allows.

    All of them have a history, or none has.
    """
    import polars as pl

    people, catalogue = recommender.model.people, recommender.model.catalogue
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
                    "history": pl.Series(batch.lengths[rows], dtype=pl.UInt32),
                }
            )
        )
        if progress is not None:
            progress((start + len(chosen)) / len(codes))
    return pl.concat(frames) if frames else pl.DataFrame(schema=_schema())


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"user": pl.String, "item": pl.String, "rank": pl.UInt32, "score": pl.Float32, "history": pl.UInt32}
