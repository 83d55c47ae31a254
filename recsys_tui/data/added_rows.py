"""Rows that came after the data: files of new interactions, read as the data is, each row once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from recsys_tui.data.alike_columns import alike, comparable
from recsys_tui.data.cleaning import finding
from recsys_tui.data.column_detection import GIVEN_ROLES, detect_columns
from recsys_tui.data.dataset import ITEM, NO_COLUMN, TIME, USER, Action, Finding
from recsys_tui.data.dataset import Mapping as ColumnMapping
from recsys_tui.data.forgotten import NOBODY, Forgotten
from recsys_tui.data.readers import RawTable, read_table
from recsys_tui.data.wide_matrix import unpivoted
from recsys_tui.output.errors import UserError


def with_added(
    table: RawTable,
    columns: Mapping[str, str],
    mapping: ColumnMapping,
    added: Sequence[Path],
    forgotten: Forgotten = NOBODY,
    people: Collection[str] = (),
) -> tuple[RawTable, list[Finding]]:
    """The table with the rows of the added files behind its own, as far as it does not have them already.

    ``columns``: roles and columns of the table. The columns of an added file are found anew, so that their order and
    names may differ; every role the file lacks is empty. A row that an earlier file has as often as this one is not
    added again. Rows of people who are ``forgotten``, by the columns ``people``, are left out. Raises ``UserError``
    (exit 2) for a file that cannot be read or understood.
    """
    findings: list[Finding] = []
    for path in added:
        more = aligned_rows(path, table.frame, columns, mapping)
        more = forgotten.rows_without(more, [name for name in people if name in more.columns])
        more, whole = _alike(more, table.frame, columns, mapping, path)
        fresh = _not_there_yet(more, whole, columns)
        findings.append(finding("rows_added", fresh.height, Action.USED))
        if fresh.height < more.height:
            findings.append(finding("rows_added_before", more.height - fresh.height, Action.IGNORED))
        table = replace(table, frame=pl.concat([whole, fresh], how="diagonal_relaxed"))
    return table, findings


def aligned_rows(path: Path, frame: pl.DataFrame, columns: Mapping[str, str], mapping: ColumnMapping) -> pl.DataFrame:
    """An added file with the columns of the data: those that play a role, and those of the same name."""
    named = [
        name
        for role in GIVEN_ROLES
        if (name := getattr(mapping, role)) not in (None, NO_COLUMN) and not name.isdecimal()
    ]
    table = unpivoted(read_table(path, named=named))
    if not table.has_names and table.frame.width == frame.width:
        # Rows cut from the data's own file, or written in its order of columns.
        table = replace(
            table, frame=table.frame.rename(dict(zip(table.frame.columns, frame.columns, strict=True))), has_names=True
        )
    known: dict[str, Any] = {
        role: None for role in GIVEN_ROLES if getattr(mapping, role) not in (None, *table.frame.columns)
    }
    # What the data calls a column is the best guess of what the added rows call it.
    same = {role: name for role, name in columns.items() if role in GIVEN_ROLES and name in table.frame.columns}
    choices = detect_columns(table, replace(mapping, **(known | same)))
    found = {choice.role: choice.column for choice in choices}
    if TIME in columns and TIME not in found and table.frame.height:
        raise UserError("data.added_without_time", path=path)
    parts = {columns[role]: table.frame[column] for role, column in found.items() if role in columns}
    shared = [name for name in table.frame.columns if name in frame.columns and name not in parts]
    taken = set(found.values())
    parts |= {name: table.frame[name] for name in shared if name not in taken}
    return pl.DataFrame([column.alias(name) for name, column in parts.items()])


def _alike(
    more: pl.DataFrame, frame: pl.DataFrame, columns: Mapping[str, str], mapping: ColumnMapping, path: Path
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with their common columns alike."""
    roles = {column: role for role, column in columns.items()}
    for name in more.columns:
        left, right = alike(roles.get(name), frame[name], more[name], mapping, path)
        frame, more = frame.with_columns(left.alias(name)), more.with_columns(right.alias(name))
    return more, frame


def _not_there_yet(more: pl.DataFrame, frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The rows of ``more`` that ``frame`` does not have, or has fewer times: a row may well occur twice."""
    compared = {name: role for role, name in columns.items() if name in more.columns}
    number = pl.int_range(pl.len()).over(*compared).alias("\x00number")
    user = pl.col(columns[USER]).cast(pl.String, strict=False)
    people = more.select(user).to_series().unique()
    frame = frame.filter(user.is_in(people.implode(), nulls_equal=True))  # rows of others cannot be the same
    there = _keys(frame, compared).with_columns(number)
    keys = _keys(more, compared).with_columns(number).with_row_index("\x00row")
    fresh = keys.join(there, on=[*compared, "\x00number"], how="anti", nulls_equal=True)["\x00row"].sort()
    return more[fresh]


def _keys(frame: pl.DataFrame, compared: Mapping[str, str]) -> pl.DataFrame:
    """What tells rows apart, as texts; an id is compared as it is written, everything else by its value."""
    ids = (USER, ITEM)
    return pl.DataFrame(
        {
            name: frame[name].cast(pl.String, strict=False) if role in ids else comparable(frame[name])
            for name, role in compared.items()
        }
    )
