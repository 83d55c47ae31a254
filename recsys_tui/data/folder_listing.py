"""The files of a folder that could hold tables, by their names alone."""

from __future__ import annotations

import re
from pathlib import Path

SUFFIXES = frozenset((
    ".csv", ".tsv", ".txt", ".dat", ".data", ".tab", ".psv", ".edges", ".item", ".inter", ".user", ".net", ".parquet",
    ".pq", ".json", ".jsonl", ".ndjson", ".arrow", ".arrows", ".feather", ".ipc", ".gz", ".zst", ".bz2", ".xz",
))  # fmt: skip
NO_DATA = ("readme", "license", "licence", "changelog", "requirements", "truth")
_PARTITION = re.compile(r"^[^=]+=[^=]*$")


def stem(path: Path) -> str:
    """File name without endings, in lower case: ``Ratings.csv.gz`` → ``ratings``; ``u.item`` stays whole."""
    name = path.name.lower()
    return name if name.startswith("u.") else name.split(".")[0]


def data_files(folder: Path) -> list[Path]:
    """The files of a folder that could hold a table, by name; hidden files and documents are passed over."""
    found = []
    for path in sorted(folder.iterdir()):
        named = path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "_"))
        if named and path.is_file() and not stem(path).startswith(NO_DATA):
            found.append(path)
    return found


def would_be_read(path: Path, folder: Path) -> bool:
    """Whether a file, if it were there, would be among the tables of a folder: in it, or in its ``key=value`` ones."""
    if folder not in path.parents or path.suffix.lower() not in SUFFIXES:
        return False
    return all(_PARTITION.match(name) for name in path.relative_to(folder).parts[:-1])


def tables_in(folder: Path) -> list[Path]:
    """The files of a folder that could hold a table, else those in its folders named ``key=value``."""
    files = data_files(folder)
    if files:
        return files
    partitions = sorted(path for path in folder.iterdir() if path.is_dir() and _PARTITION.match(path.name))
    return sorted(path for part in partitions for path in _below(part))


def _below(folder: Path) -> list[Path]:
    files = data_files(folder)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and _PARTITION.match(path.name):
            files += _below(path)
    return files
