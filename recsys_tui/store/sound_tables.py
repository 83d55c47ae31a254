"""Whether stored tables are those of a dataset: columns of the kinds they have, codes that point to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import (
    BASKET,
    COUNT,
    FRIEND,
    ID,
    ITEM,
    QUANTITY,
    RATING,
    ROW,
    STRENGTH,
    TIME,
    USER,
)
from recsys_tui.output.messages import say
from recsys_tui.store.damage import DamagedFileError

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.dataset import Dataset

WHOLE, NUMBERS, TEXT = "whole", "numbers", "text"
OF_ROWS = {USER: WHOLE, ITEM: WHOLE, ROW: WHOLE}
MORE_OF_ROWS = {TIME: WHOLE, BASKET: WHOLE, RATING: NUMBERS, QUANTITY: NUMBERS, STRENGTH: NUMBERS}
OF_ENTRIES, OF_LINKS = {ID: TEXT, COUNT: WHOLE}, {USER: WHOLE, FRIEND: WHOLE}


def check_tables(dataset: Dataset) -> None:
    """Raise ``DamagedFileError``, or an error of Polars, where tables are none of a dataset."""
    rows, items, users, links = dataset.interactions, dataset.items, dataset.users, dataset.links
    for table, kinds in ((rows, OF_ROWS), (items, OF_ENTRIES), (users, OF_ENTRIES), (links, OF_LINKS)):
        _check_kinds(table, kinds)
        if any(table[name].null_count() for name in kinds):
            raise _no_dataset()
    _check_kinds(rows, {name: kind for name, kind in MORE_OF_ROWS.items() if name in rows.columns})
    for codes, table in ((rows[USER], users), (rows[ITEM], items), (links[USER], users), (links[FRIEND], users)):
        lowest, highest = codes.min(), codes.max()
        if isinstance(lowest, int) and isinstance(highest, int) and not 0 <= lowest <= highest < table.height:
            raise _no_dataset()


def _check_kinds(table: pl.DataFrame, kinds: Mapping[str, str]) -> None:
    import polars as pl

    for name, kind in kinds.items():
        dtype = table[name].dtype
        fits = {WHOLE: dtype.is_integer(), NUMBERS: dtype.is_float(), TEXT: dtype == pl.String}
        if not fits[kind]:
            raise _no_dataset()


def _no_dataset() -> DamagedFileError:
    return DamagedFileError(say("store.no_dataset_described"))
