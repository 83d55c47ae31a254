"""Which users match what is typed: part of an id, and tokens for cluster, activity and taste. Vectorised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recsys_tui.tui.filters.tokens import Token, tokens_of

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.user_tastes import UserTastes

_CLUSTER = re.compile(r"^c(\d+)$")
HEAVY, LIGHT = "heavy", "light"
HEAVY_QUANTILE, LIGHT_QUANTILE = 0.9, 0.25
LEANING, LIKED = ("genre", "category"), ("liked",)


def asks_for_tastes(text: str) -> bool:
    """Whether a text asks for what :class:`UserTastes` knows."""
    return any(token.compare == ":" and token.field in LEANING + LIKED and token.value for token in tokens_of(text))


def matching_users(users: pl.DataFrame, text: str, tastes: UserTastes | None = None) -> pl.Series:
    """Positions (UInt32) of the matching rows of a users frame: the id itself first, then ids that begin with it.

    Words are joined by "and": ``c3`` is a cluster, ``heavy`` and ``light`` are the tenth with most and the quarter
    with fewest actions, ``genre:comedy`` are those who lean to it and ``liked:"alien"`` those who liked an item of that
    name (see :class:`UserTastes`; without ``tastes`` these two let everyone in); anything else is part of an id, in
    either case of letters.
    """
    import polars as pl

    tests = []
    wanted = ""
    clustered = users["cluster"].null_count() < users.height
    for token in tokens_of(text):
        word = token.written
        found = _CLUSTER.match(word)
        if found and clustered:
            tests.append(pl.col("cluster") == int(found.group(1)))
        elif word == HEAVY:
            tests.append(pl.col("count") >= users["count"].quantile(HEAVY_QUANTILE))
        elif word == LIGHT:
            tests.append(pl.col("count") <= users["count"].quantile(LIGHT_QUANTILE))
        elif token.compare == ":" and token.field in LEANING + LIKED:
            if token.value and tastes is not None:
                tests.append(_of_taste(token, tastes, users["code"]))
        else:
            wanted = word
            tests.append(_lowered(pl.col("id"), word).str.contains(word, literal=True))
    rows = users.lazy().select("id", "count", "cluster").with_row_index("place")
    if tests:
        rows = rows.filter(pl.all_horizontal(tests))
    places = rows.select("place", "id").collect()
    if not wanted:
        return places["place"]
    ids = places.select(_lowered(pl.col("id"), wanted))["id"]
    begins, same = ids.str.starts_with(wanted), ids == wanted
    rows_found = places["place"]
    return pl.concat([rows_found.filter(same), rows_found.filter(begins & ~same), rows_found.filter(~begins)])


def why_nobody(users: pl.DataFrame, text: str, tastes: UserTastes | None) -> str | None:
    """The id of the sentence that says why a text matches nobody, where that lies in what is known of the data."""
    for token in tokens_of(text):
        if _CLUSTER.match(token.written) and users["cluster"].null_count() == users.height:
            return "tui.no_groups_yet"
        if token.compare == ":" and token.field not in LEANING + LIKED:
            return "tui.unknown_token"
        if token.field in LEANING and tastes is not None and not tastes.has_categories:
            return "tui.no_categories"
    return None


def _of_taste(token: Token, tastes: UserTastes, codes: pl.Series) -> pl.Expr:
    import polars as pl

    flags = tastes.leaning_to(token.value) if token.field in LEANING else tastes.who_liked(token.value)
    return pl.lit(pl.Series(flags).gather(codes))


def _lowered(ids: pl.Expr, word: str) -> pl.Expr:
    """Ids in lower case, or as they are where ``word`` has no case: lowering a million ids takes longer than looking
    through them."""
    return ids if word.upper() == word.lower() else ids.str.to_lowercase()
