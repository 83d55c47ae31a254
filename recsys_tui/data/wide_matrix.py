"""A matrix of people and items, one row a person and one column an item, as rows of (user, item, rating)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from recsys_tui.data.column_roles import name_rank
from recsys_tui.data.column_words import INTERACTION_ROLES, ITEM, RATING, USER
from recsys_tui.data.dataset import Action
from recsys_tui.data.readers.raw_table import RawTable, reading_finding
from recsys_tui.data.written_numbers import as_numbers
from recsys_tui.output.messages import say

FEWEST_ITEMS = 6
NONE = 99.0
MOST_KINDS = 250
AT_ONCE = 256  # columns
ENOUGH_NONE = 0.05
BOUNDS = (-20.0, 100.0)
NO_NUMBER = 0.02
_WHO, _ROW = "\x00who", "\x00row"  # names no file has: control characters are removed from those


def unpivoted(table: RawTable) -> RawTable:
    """The table itself, or its cells as rows ``user``, ``item``, ``rating`` where it is a wide matrix.

    It is one if every column but the first holds numbers of one small scale, some of them missing (empty, or 99 as
    in Jester), and no header names an interaction's columns. The first column names the people; where it counts the
    cells of its row (Jester) or is a cell itself, people are named by the number of their row, from 1.
    """
    frame = table.frame
    if frame.width < FEWEST_ITEMS + 1 or (table.has_names and _names_a_table(frame.columns)):
        return table
    # A look at some rows first: most tables are none.
    if _cells(frame.head(1_000)) is None:
        return table
    cells = _cells(frame)
    if cells is None:
        return table
    first = frame.columns[0]
    counts = pl.sum_horizontal(pl.col(name).is_not_null() for name in cells.columns if name != first)
    numbers = as_numbers(frame[first])
    counted = bool((numbers == cells.select(counts).to_series()).all()) if numbers.null_count() == 0 else False
    distinct = frame[first].n_unique() == frame.height and frame[first].null_count() == 0
    people = frame[first].cast(pl.String) if distinct and not counted else _row_numbers(frame.height)
    items = [name for name in cells.columns if name != first or not (distinct or counted)]
    if first in items:
        cells = cells.with_columns(_known(numbers).alias(first))
    long = (
        cells.select(people.alias(_WHO), *items)
        .with_row_index(_ROW)
        .unpivot(items, index=[_ROW, _WHO], variable_name=ITEM, value_name=RATING)
        .drop_nulls(RATING)
        .sort(_ROW, maintain_order=True)
        .select(pl.col(_WHO).alias(USER), ITEM, RATING)
    )
    finding = reading_finding("wide_matrix", long.height, Action.USED)
    described = say("data.format_wide", format=table.format)
    return replace(table, frame=long, has_names=True, format=described, findings=(*table.findings, finding))


def _names_a_table(names: list[str]) -> bool:
    """Whether at least two roles of an interaction are named."""
    return sum(any(name_rank(name, role) is not None for name in names) for role in INTERACTION_ROLES) >= 2


def _row_numbers(height: int) -> pl.Series:
    return pl.Series(range(1, height + 1), dtype=pl.UInt32).cast(pl.String)


def _known(numbers: pl.Series) -> pl.Series:
    return pl.select(pl.when(numbers != NONE).then(numbers)).to_series()


def _cells(frame: pl.DataFrame) -> pl.DataFrame | None:
    """All columns, those but the first as numbers with null for none, or None where this is no matrix."""
    first, *others = frame.get_columns()
    columns, known, total, fractions = [first], 0, 0, False
    kinds: set[float] = set()  # as long as all are tenths, of which the bounds leave few
    for start in range(0, len(others), AT_ONCE):
        block = others[start : start + AT_ONCE]
        numbers = _numbers(block)
        if numbers is None:
            return None
        cells = _known(numbers)
        some = cells.drop_nulls()
        if some.len():
            low, high = float(str(some.min())), float(str(some.max()))
            if low < BOUNDS[0] or high > BOUNDS[1]:
                return None
            fractions = fractions or bool((some != some.round(1)).any())
            kinds |= set() if fractions else set(some.unique().to_list())
        columns += [cells.slice(place * frame.height, frame.height).alias(one.name) for place, one in enumerate(block)]
        known, total = known + some.len(), total + cells.len()
    sparse = total and known <= (1 - ENOUGH_NONE) * total
    if not sparse or not known or (len(kinds) > MOST_KINDS and not fractions):
        return None
    return pl.DataFrame(columns)


def _numbers(block: Sequence[pl.Series]) -> pl.Series | None:
    """Columns as numbers, one after another in one series, or None where one of them holds no numbers.

    Of tens of thousands of columns each takes longer by itself than all of their cells together.
    """
    kinds = {column.dtype for column in block}
    if len(kinds) == 1 and (kinds == {pl.String} or block[0].dtype.is_numeric()):
        stacked = _stripped(pl.concat([column.alias("") for column in block]))
        numbers = stacked.cast(pl.Float64, strict=False)
        if numbers.null_count() == _empty(stacked):
            return numbers
    parts = []
    for column in block:
        if isinstance(column.dtype, pl.List | pl.Array) or column.dtype.is_temporal() or column.dtype == pl.Boolean:
            return None
        values = _stripped(column.alias(""))
        numbers = as_numbers(values)
        if numbers.null_count() - _empty(values) > NO_NUMBER * values.len():
            return None
        parts.append(numbers)
    return pl.concat(parts)


def _stripped(values: pl.Series) -> pl.Series:
    return values.str.strip_chars() if values.dtype == pl.String else values


def _empty(values: pl.Series) -> int:
    """How many values of stripped ones are none."""
    return values.null_count() + (int((values == "").sum()) if values.dtype == pl.String else 0)
