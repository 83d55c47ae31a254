"""Lines of any length: ``user item item …`` (adjacency lists), or the items of one basket each."""

from __future__ import annotations

import polars as pl

from recsys_tui.output.messages import say

ADJACENCY, BASKETS = "adjacency_lists", "basket_lines"


def read_lists(text: bytes, separator: str) -> tuple[pl.DataFrame, str, int]:
    """One row an item, in the order of the text; columns ``column 1`` (whose list) and ``column 2`` (item).

    Where the first fields of all lines differ they name the people (``adjacency_lists``), as in the files that come
    with graph-based recommenders; where they repeat, each line is a basket of its own, named by its number from 1
    (``basket_lines``). Also returns which of the two it was, and how many lists were empty, of which nothing is left.
    """
    owner, item = say("data.column_number", number=1), say("data.column_number", number=2)
    lines = pl.Series("line", text.decode("utf-8", "replace").split("\n")).str.strip_chars()
    lines = lines.filter(lines != "")
    if separator == " ":
        lines = lines.str.replace_all(r"\s+", " ")
    fields = lines.str.split(separator).list.eval(pl.element().str.strip_chars())
    first = fields.list.first()
    if first.n_unique() == first.len():
        frame = pl.DataFrame({owner: first, item: fields.list.slice(1)})
        code = ADJACENCY
    else:
        numbers = pl.Series(range(1, lines.len() + 1), dtype=pl.UInt32).cast(pl.String)
        frame = pl.DataFrame({owner: numbers, item: fields})
        code = BASKETS
    empty = int((frame[item].list.len() == 0).sum())
    return frame.filter(pl.col(item).list.len() > 0).explode(item), code, empty
