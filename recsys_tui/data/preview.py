"""The first rows of some data and what detection makes of its columns, for somebody who decides about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from recsys_tui.data.column_detection import GIVEN_ROLES, SAMPLE_ROWS, detect_columns
from recsys_tui.data.dataset import ITEM, NO_COLUMN, USER, ColumnChoice, Mapping
from recsys_tui.data.folder_files import interactions_in
from recsys_tui.data.forgotten import NOBODY, Forgotten
from recsys_tui.data.load import people_columns
from recsys_tui.data.locate import locate
from recsys_tui.data.readers import RawTable, read_table
from recsys_tui.data.wide_matrix import unpivoted
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id

LONGEST_TEXT = 200
UNSURE = 0.5
# Stands for a column that is missing, so that the others are found; no file has such a name.
_STAND_IN = "\x00stand-in"


@dataclass(frozen=True)
class Preview:
    """A look at some data under a mapping.

    ``columns``: names as a mapping may give them. ``rows``: the first rows, each one text a column, neutralised, empty
    where nothing is. ``choices``: what plays which role, as far as it can be said; where several columns fit about
    equally, the first of them, with a confidence of at most 0.5. ``error``: why the data would not open like this
    (its ``message_id`` tells what it is about), ``problem`` its sentence. ``unsure``: the roles it was about.
    ``files``: the parts of the table of interactions, of which the rows are the first.
    """

    path: Path
    name: str
    format: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: Mapping
    choices: tuple[ColumnChoice, ...]
    unsure: tuple[str, ...]
    error: UserError | None
    files: tuple[Path, ...]
    _table: RawTable = field(repr=False, compare=False)

    @property
    def problem(self) -> str | None:
        """Why the data would not open like this, in one sentence; None where it would."""
        return None if self.error is None else str(self.error)

    def under(self, mapping: Mapping) -> Preview:
        """The same rows under another mapping. Nothing is read again."""
        choices, unsure, error = _choices(self._table, mapping)
        return replace(self, mapping=mapping, choices=choices, unsure=unsure, error=error)

    def given(self, column: str) -> str:
        """What to give a mapping for a column: its name, or its number from 1 where the file names none.

        ``none`` stands for no column and is given as it is.
        """
        if column == NO_COLUMN:
            return column
        return column if self._table.has_names else str(self.columns.index(column) + 1)


def preview(
    data: str | Path,
    mapping: Mapping | None = None,
    rows: int = 20,
    sample: int = SAMPLE_ROWS,
    forgotten: Forgotten = NOBODY,
) -> Preview:
    """Read the first rows of a file, a folder or a bundled dataset, and choose columns as :func:`load_dataset` would.

    Detection sees the first ``sample`` rows only. Rows of people who are ``forgotten`` are left out. Raises
    ``UserError`` (exit 2) where the data cannot be read at all; columns that cannot be told apart are no error here.
    """
    mapping = mapping or Mapping()
    source = locate(data)
    paths = interactions_in(source.path)[0] if source.path.is_dir() else [source.path]
    table = _sample(paths[0], mapping, sample)
    choices, unsure, error = _choices(table, mapping)
    columns = {choice.role: choice.column for choice in choices}
    if forgotten and USER in columns:
        people = people_columns(table.frame, columns) if ITEM in columns else (columns[USER],)
        table = replace(table, frame=forgotten.rows_without(table.frame, people))
    frame = table.frame
    shown = tuple(tuple(_text(value) for value in row) for row in frame.head(rows).iter_rows())
    names = tuple(frame.columns)
    return Preview(
        source.path, source.name, table.format, names, shown, mapping, choices, unsure, error, tuple(paths), table
    )


def _sample(path: Path, mapping: Mapping, rows: int) -> RawTable:
    """About the first ``rows``; a mapping that names columns which are not there is no reason not to show them."""
    given = (getattr(mapping, role) for role in GIVEN_ROLES)
    named = frozenset(name for name in given if name not in (None, NO_COLUMN) and not name.isdecimal())
    return unpivoted(read_table(path, rows, named))


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = ", ".join(_text(part) for part in value) if isinstance(value, list) else str(value)
    return neutral_id(text[: 2 * LONGEST_TEXT])[:LONGEST_TEXT]


def _choices(table: RawTable, mapping: Mapping) -> tuple[tuple[ColumnChoice, ...], tuple[str, ...], UserError | None]:
    """What detection chooses, the roles it could not decide, and the first error it ended with.

    Each error is put aside and detection asked again: for several likely columns with the first of them, for a
    missing column with a stand-in, for a wrong word of the mapping without it.
    """
    first: UserError | None = None
    proposed: dict[str, ColumnChoice] = {}
    missing: list[str] = []
    for _ in range(2 * len(GIVEN_ROLES)):
        try:
            found = detect_columns(table, mapping)
        except UserError as error:
            first = first or error
            option = str(error.fields.get("option") or error.fields.get("second"))
            role = option.removeprefix("--").removesuffix("-col")
            if role not in GIVEN_ROLES:
                break
            if error.message_id == "data.ambiguous":
                column = str(error.fields["example"])
                why = say("data.why_one_of_several", columns=error.fields["columns"])
                proposed[role] = ColumnChoice(role, column, why, UNSURE)
                mapping = _with(mapping, role, column)
            elif error.message_id == "data.no_column_for":
                missing.append(role)
                table = replace(table, frame=_with_stand_in(table.frame, role))
                mapping = _with(mapping, role, _STAND_IN + role)
            else:
                mapping = _with(mapping, role, None)
        else:
            chosen = tuple(proposed.get(entry.role, entry) for entry in found if entry.role not in missing)
            return chosen, (*proposed, *missing), first
    return tuple(proposed.values()), (*proposed, *missing), first


def _with(mapping: Mapping, role: str, column: str | None) -> Mapping:
    return replace(mapping, **{role: column})  # type: ignore[arg-type]  # the columns' fields are texts or None


def _with_stand_in(frame: pl.DataFrame, role: str) -> pl.DataFrame:
    return frame.with_columns(pl.int_range(frame.height).cast(pl.String).alias(_STAND_IN + role))
