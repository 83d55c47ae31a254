"""What every reader returns, and what every reader offers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from recsys_tui.data.dataset import Action, Finding
from recsys_tui.data.readers.file_content import FileContent
from recsys_tui.output.messages import say


@dataclass(frozen=True)
class RawTable:
    """A file as a table: text columns are strings exactly as in the file; typed formats keep their types.

    ``has_names``: whether the column names come from the file; otherwise they are ``column 1``, ``column 2``, …
    ``format`` describes in a few words what was read. ``frame`` has one row for each row of the file, in order.
    ``unusable`` names the columns of the file that are not in it, since nothing can be made of their values.
    ``written``: how ids are written that the frame has as they are shown, which a title may be alike to.
    """

    frame: pl.DataFrame
    has_names: bool
    format: str
    findings: tuple[Finding, ...] = ()
    unusable: tuple[str, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """A file format."""

    def claims(self, content: FileContent) -> bool:
        """Whether a file is of this format, by its name and its first bytes."""
        ...

    def read(self, content: FileContent, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:
        """Read the file, or about its first ``sample_rows`` rows. Raises ``UserError`` (exit 2) if it cannot be.

        ``named``: columns that the person named, for formats in which it is open whether there are names at all.
        """
        ...


def reading_finding(code: str, count: int, action: Action) -> Finding:
    """A finding with the sentence ``data.finding_<code>``."""
    return Finding(code, count, action, say(f"data.finding_{code}", count=f"{count:,}"))
