"""A table that a person takes away: as CSV, JSON, Parquet or Markdown."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys_tui.output.markdown import markdown_table
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Recommendations

CSV, JSON, PARQUET = "csv", "json", "parquet"
KINDS = (CSV, JSON, PARQUET)
# Columns of ids stay text, whatever they look like.
IDS = ("id", "user", "item")
_NUMBER = re.compile(r"[+\-−]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d+)?")
_NUMERIC = re.compile(r"[+\-−]?[\d.,]*\d\s?%?")


@dataclass(frozen=True)
class TakenTable:
    """``columns`` have different names; ``rows`` hold texts, numbers or None. ``text_columns``: of words, which a
    spreadsheet must not run as formulas. ``document``: what its JSON is, where that is more than its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    text_columns: tuple[str, ...]
    document: Mapping[str, Any] | None = None

    def as_csv(self) -> str:
        """One CSV table. The minus of its numbers is the one that programs read."""
        numeric = [self._may_be_numbers(name) for name in self.columns]
        rows = [
            [
                cell.replace("−", "-") if number and isinstance(cell, str) else cell
                for cell, number in zip(row, numeric, strict=True)
            ]
            for row in self.rows
        ]
        return csv_table(self.columns, rows, self.text_columns)

    def as_markdown(self) -> str:
        """One Markdown table, its numbers flush right."""
        cells = [["" if cell is None else str(cell) for cell in row] for row in self.rows]
        numbers = [place for place, name in enumerate(self.columns) if name not in self.text_columns]
        return markdown_table(self.columns, cells, numbers)

    def as_bytes(self, kind: str) -> bytes:
        """The contents of a file of a kind."""
        if kind == PARQUET:
            import polars as pl

            buffer = io.BytesIO()
            named = {name: [row[place] for row in self._values()] for place, name in enumerate(self.columns)}
            pl.DataFrame({name: pl.Series(name, values, strict=False) for name, values in named.items()}).write_parquet(
                buffer
            )
            return buffer.getvalue()
        if kind == CSV:
            return self.as_csv().encode()
        document = self.document
        rows = [dict(zip(self.columns, row, strict=True)) for row in self._values()]
        return (json_document(rows if document is None else document) + "\n").encode()

    def people(self, items_too: bool = False) -> tuple[str, ...]:
        """Who stands in its columns of people; ``items_too``: and in those of items, which in a graph are people."""
        from recsys_tui.store.field_scan import Sought

        sought = Sought((), people_are_items=items_too)
        places = [place for place, name in enumerate(self.columns) if sought.counts_in(name)]
        cells = (row[place] for row in self.rows for place in places)
        return tuple(dict.fromkeys(str(cell) for cell in cells if cell is not None))

    def _values(self) -> list[list[object]]:
        """The rows, with numbers where a whole column is written as numbers."""
        columns = [
            _numbers([row[place] for row in self.rows]) if self._may_be_numbers(name) else [r[place] for r in self.rows]
            for place, name in enumerate(self.columns)
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def _may_be_numbers(self, name: str) -> bool:
        return name not in self.text_columns and name.casefold() not in IDS


def _numbers(values: list[object]) -> list[object]:
    """Texts as the numbers they are, if all that are not empty are; else the values as they were."""
    found: list[object] = []
    for value in values:
        if not isinstance(value, str):
            found.append(value)
        elif not value.strip():
            found.append(None)
        elif _NUMBER.fullmatch(value.strip()):
            plain = value.strip().replace(",", "").replace("−", "-")
            found.append(float(plain) if "." in plain else int(plain))
        else:
            return values
    kinds = {type(value) for value in found if value is not None}
    return [None if value is None else float(str(value)) for value in found] if kinds == {int, float} else found


def table_of_screen(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> TakenTable:
    """A table as it is shown. Columns without a title get one, and those of the same title different ones; what has
    neither title nor content is left out."""
    kept = [place for place, name in enumerate(headers) if name.strip() or any(row[place].strip() for row in rows)]
    headers, rows = [headers[place] for place in kept], [[row[place] for place in kept] for row in rows]
    columns: list[str] = []
    for place, header in enumerate(headers, 1):
        name = header.strip() or f"column{place}"
        columns.append(name if name not in columns else f"{name}{place}")
    words = [
        name
        for place, name in enumerate(columns)
        if name.casefold() not in IDS and not all(_NUMERIC.fullmatch(str(row[place]).strip() or "0") for row in rows)
    ]
    return TakenTable(tuple(columns), tuple(tuple(row) for row in rows), tuple(words))


def table_of_list(answer: Recommendations) -> TakenTable:
    """One person's list, as ``recsys recommend`` writes it."""
    columns, rows = answer.table()
    return TakenTable(columns, rows, ("title",), answer.to_json())
