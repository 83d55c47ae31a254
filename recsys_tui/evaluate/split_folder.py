"""A split on disk, for the processes that try the models: encoded tables, as the workspace stores them."""

from __future__ import annotations

from pathlib import Path

from recsys_tui.data.dataset import Dataset
from recsys_tui.evaluate.protocols import Split
from recsys_tui.store.atomic_files import make_private_folder, read_json, write_json
from recsys_tui.store.dataset_files import describe, read_dataset, write_tables
from recsys_tui.store.parquet_file import read_parquet, write_parquet

TRAIN, ASKED, TEST, NOTES = "train", "asked", "test.parquet", "split.json"
TABLES = "tables.json"


def write_split(split: Split, folder: Path) -> None:
    """Write a split into a folder that exists."""
    _write_dataset(split.train, folder / TRAIN)
    if split.asked is not split.train:
        _write_dataset(split.asked, folder / ASKED)
    write_parquet(split.test, folder / TEST)
    write_json(folder / NOTES, {"protocol": split.protocol, "notes": list(split.notes), "told_pairs": split.told_pairs})


def read_split(folder: Path) -> Split:
    """The split of :func:`write_split`. Raises ``OSError`` where it is gone."""
    train = _read_dataset(folder / TRAIN)
    asked = _read_dataset(folder / ASKED) if (folder / ASKED).is_dir() else train
    said = read_json(folder / NOTES) or {}
    told = said.get("told_pairs")
    return Split(said["protocol"], train, asked, read_parquet(folder / TEST), tuple(said["notes"]), told_pairs=told)


def _write_dataset(dataset: Dataset, folder: Path) -> None:
    make_private_folder(folder)
    write_tables(dataset, folder)
    write_json(folder / TABLES, describe(dataset))


def _read_dataset(folder: Path) -> Dataset:
    return read_dataset(folder, read_json(folder / TABLES) or {})
