"""What a comparison leaves for other tools: the split and everybody's lists as CSV files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recsys_tui.data.dataset import EVENT, ID, ITEM, QUANTITY, RATING, TIME, USER, Dataset
from recsys_tui.evaluate.protocols import Split
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import make_private_folder, told_apart, write_bytes

TRAIN, HISTORY, TEST = "train.csv", "history.csv", "test.csv"


def check_folder(folder: Path, source: Path) -> None:
    """Raise ``UserError`` (exit 2) for a folder that cannot be one, or that is or holds the data itself."""
    if folder.exists() and not folder.is_dir():
        raise UserError("evaluate.lists_need_a_folder", ExitCode.USAGE, path=folder)
    resolved, data = folder.resolve(), source.resolve()
    if resolved in (data, data.parent) or data in resolved.parents:
        raise UserError("evaluate.lists_beside_data", ExitCode.USAGE, path=folder)


def write_comparison(split: Split, lists: dict[str, pl.DataFrame], folder: Path) -> None:
    """Write ``train.csv``, ``test.csv``, ``NAME.csv`` for every model's lists, and where models are asked about people
    whom they have not learned from, those people's events as ``history.csv``. Each file appears whole.

    Raises ``UserError`` (exit 1) where that fails.
    """
    with told_apart(folder):
        make_private_folder(folder)
    _write(_events(split.train), folder / TRAIN)
    if split.asked is not split.train:
        _write(_events(split.asked), folder / HISTORY)
    _write(split.test, folder / TEST)
    for name, table in lists.items():
        _write(table, folder / f"{name}.csv")


def _events(dataset: Dataset) -> pl.DataFrame:
    """Every event by ids, with what else is known of it."""
    table = dataset.interactions
    more = [name for name in (RATING, TIME, EVENT, QUANTITY) if name in table.columns]
    return pl.DataFrame(
        [
            dataset.users[ID].gather(table[USER]).alias(USER),
            dataset.items[ID].gather(table[ITEM]).alias(ITEM),
            *(table[name] for name in more),
        ]
    )


def _write(table: pl.DataFrame, path: Path) -> None:
    write_bytes(path, table.write_csv().encode())
