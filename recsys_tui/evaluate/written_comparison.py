"""What a comparison leaves for other tools: the split and everybody's lists as CSV files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from recsys_tui.data.dataset import EVENT, ID, ITEM, QUANTITY, RATING, TIME, USER, Dataset
from recsys_tui.evaluate.protocols import Split
from recsys_tui.evaluate.reporting.html_report import html_report
from recsys_tui.evaluate.reporting.markdown_report import markdown_report
from recsys_tui.evaluate.reporting.sections import report_of
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.writers import ids_are_escaped, json_document, no_formula
from recsys_tui.store.atomic_files import check_access, make_private_folder, told_apart, without_links, write_bytes

TRAIN, HISTORY, TEST = "train.csv", "history.csv", "test.csv"
JSON, MARKDOWN, HTML = ".json", ".md", ".html"
REPORT_SUFFIXES = (JSON, MARKDOWN, HTML)


def check_folder(folder: Path, read: Iterable[Path]) -> None:
    """Refuse, before any work, a folder that cannot be one, and one that is or holds a file that is ``read``.

    Raises ``UserError``: exit 2, or 1 where nothing may be written there.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError("evaluate.lists_need_a_folder", ExitCode.USAGE, path=folder)
    resolved = without_links(folder)
    for source in (path.resolve() for path in read):
        if resolved in (source, source.parent) or source in resolved.parents:
            raise UserError("evaluate.lists_beside_data", ExitCode.USAGE, path=folder, data=source.name)
    check_access(folder, folder)


def check_report(report: Path, read: Iterable[Path]) -> None:
    """Refuse, before any work, a report of another kind than ``REPORT_SUFFIXES``, that cannot be written, or that is a
    file ``read``.

    Raises ``UserError``: exit 2, or 1 where nothing may be written there.
    """
    if report.suffix.lower() not in REPORT_SUFFIXES or report.is_dir():
        raise UserError("evaluate.report_kind", ExitCode.USAGE, path=report)
    resolved = without_links(report)
    for source in (path.resolve() for path in read):
        if resolved == source or source in resolved.parents:
            raise UserError("evaluate.report_is_data", ExitCode.USAGE, path=report)
    check_access(report.absolute().parent, report)


def write_report(report: Path, document: Mapping[str, Any], data: str) -> None:
    """Write the figures as JSON, Markdown or one HTML page, by the ending of the name; the file appears whole.

    ``document``: that of ``recsys evaluate --json``; ``data``: what the data is called. Raises ``UserError`` (exit 1)
    where that fails.
    """
    kind = report.suffix.lower()
    if kind == JSON:
        text = json_document(document)
    else:
        told = report_of(document, data, datetime.now(UTC).date().isoformat())
        text = markdown_report(told) if kind == MARKDOWN else html_report(told)
    write_bytes(report, text.encode("utf-8", "replace"))


def write_comparison(
    split: Split,
    lists: dict[str, pl.DataFrame],
    folder: Path,
    write: Callable[[Path, bytes], bool | None] = write_bytes,
) -> bool:
    """Write ``train.csv``, ``test.csv``, ``NAME.csv`` for every model's lists, and where models are asked about people
    whom they have not learned from, those people's events as ``history.csv``. Each file appears whole.

    ``write`` writes each, and says whether it is noted; returns whether none is not. Raises ``UserError`` (exit 1)
    where that fails.
    """
    with told_apart(folder):
        make_private_folder(folder)
    tables = {TRAIN: _events(split.train), TEST: split.test}
    if split.asked is not split.train:
        tables[HISTORY] = _events(split.asked)
    tables |= {f"{name}.csv": table for name, table in lists.items()}
    tagged = split.train.pseudonyms is not None  # then the order of ids would tell whose tags they are
    noted = True
    for name, table in tables.items():
        written = table.sort(USER, maintain_order=True) if tagged else table
        noted &= write(folder / name, _content(written)) is not False
    return noted


def _events(dataset: Dataset) -> pl.DataFrame:
    """Every event by ids, with what else is known of it."""
    table = dataset.interactions
    more = [name for name in (RATING, TIME, EVENT, QUANTITY) if name in table.columns]
    if EVENT in more:  # text, which no spreadsheet is to run
        table = table.with_columns(_harmless(table[EVENT].cast(pl.String)))
    return pl.DataFrame(
        [
            dataset.users[ID].gather(table[USER]).alias(USER),
            dataset.items[ID].gather(table[ITEM]).alias(ITEM),
            *(table[name] for name in more),
        ]
    )


def _harmless(names: pl.Series) -> pl.Series:
    distinct = names.drop_nulls().unique().to_list()
    return names.replace(distinct, [no_formula(name) for name in distinct])


def _content(table: pl.DataFrame) -> bytes:
    """A table as it is written; ids as they are, that they can be joined, unless it is for a spreadsheet."""
    if ids_are_escaped():
        table = table.with_columns(_harmless(table[name]) for name in (USER, ITEM))
    return table.write_csv().encode()
