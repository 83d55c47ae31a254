"""Which file of a folder holds the interactions, and which files beside them describe the items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from recsys_tui.data.cleaning import finding
from recsys_tui.data.column_roles import name_rank, plain
from recsys_tui.data.column_words import ITEM, TAGS
from recsys_tui.data.dataset import Action, Finding
from recsys_tui.data.id_codes import id_texts
from recsys_tui.data.item_table import (
    ItemColumns,
    columns_within,
    item_attributes,
    item_columns,
    names_interactions,
)
from recsys_tui.data.movielens import INTERACTIONS, genre_flag_names
from recsys_tui.data.readers import RawTable, read_table
from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text

SUFFIXES = frozenset((".csv", ".tsv", ".txt", ".dat", ".data", ".item", ".parquet", ".pq", ".gz"))
NO_DATA = ("readme", "license", "licence", "changelog", "requirements")
INTERACTION_STEMS = (
    "ratings", "interactions", "events", "clicks", "train", "training", "views", "purchases", "transactions", "orders",
    "plays", "listens", "reviews", "behaviors", "logs", "data",
)  # fmt: skip
ITEM_STEMS = (
    "movies", "items", "products", "articles", "films", "books", "artists", "songs", "tracks", "games", "catalog",
    "catalogue", "metadata", "meta", "item", "u.item",
)  # fmt: skip
HELD_OUT_STEMS = ("valid", "validation", "val", "dev", "test", "holdout")
TRAIN_STEMS = ("train", "training")
MOST_FILES = 60
SAMPLE_ROWS = 2_000
LARGEST_SIBLING = 2_000_000_000
MOST_TAGS = 20


@dataclass
class Companions:
    """The item tables found, first one first, with the files they came from, and what was noticed."""

    tables: list[tuple[Path, pl.DataFrame]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, path: Path, attributes: pl.DataFrame, changed: int, item_ids: pl.Series) -> None:
        """Take a table of items, and say how many it describes and how many of its texts were neutralised."""
        matched = int(attributes["id"].is_in(item_ids.implode()).sum())
        fields = ", ".join(name for name in attributes.columns if name != "id")
        file = neutral_text(path.name)
        self.tables.append((path, attributes))
        self.findings.append(finding("items_described", matched, Action.USED, file=file, fields=fields))
        if changed:
            self.findings.append(finding("texts_neutralised", changed, Action.CHANGED, file=file))


def stem(path: Path) -> str:
    """File name without endings, in lower case: ``Ratings.csv.gz`` → ``ratings``; ``u.item`` stays whole."""
    name = path.name.lower()
    return name if name.startswith("u.") else name.split(".")[0]


def data_files(folder: Path) -> list[Path]:
    """The files of a folder that could hold a table, by name; hidden files and documents are passed over."""
    found = []
    for path in sorted(folder.iterdir()):
        named = path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        if named and path.is_file() and not stem(path).startswith(NO_DATA):
            found.append(path)
    return found


def interactions_in(folder: Path) -> tuple[Path, list[Finding]]:
    """The file of a folder that holds the interactions.

    MovieLens names first, then a file whose header names users and items, then a known file name. Where there are
    training and held-out files the training file is taken. Raises ``UserError`` (exit 2) where none or several fit.
    """
    try:
        files = data_files(folder)
    except PermissionError as error:
        raise UserError("data.no_permission", path=folder) from error
    for name in INTERACTIONS:
        if (folder / name) in files:
            return folder / name, []
    training = [path for path in files if stem(path) in TRAIN_STEMS]
    held_out = [path for path in files if stem(path) in HELD_OUT_STEMS]
    if len(training) == 1 and held_out:
        names = ", ".join(neutral_text(path.name) for path in held_out)
        return training[0], [
            finding(
                "only_training_opened",
                len(held_out),
                Action.IGNORED,
                file=neutral_text(training[0].name),
                names=names,
            )
        ]
    scored = sorted(_scored(files[:MOST_FILES]), key=lambda entry: -entry[0])
    if not scored:
        raise UserError("data.no_interactions_in_folder", path=folder)
    best = [path for score, path in scored if score == scored[0][0]]
    if len(best) > 1:
        names = ", ".join(neutral_text(path.name) for path in best[:6])
        raise UserError("data.several_interactions_in_folder", path=folder, names=names)
    return best[0], []


def _scored(files: list[Path]) -> Iterator[tuple[int, Path]]:
    """2 for a header that names users and items, 1 for a telling file name; files with neither are left out."""
    for path in files:
        try:
            table = read_table(path, SAMPLE_ROWS)
        except UserError:
            continue
        named = names_interactions(table)
        told = stem(path) in INTERACTION_STEMS
        single = len(files) == 1
        if named or told or single:
            yield 2 * named + told, path


def find_companions(interactions: Path, item_column: str, item_ids: pl.Series) -> Companions:
    """Files beside the interactions that describe their items; every other file is left alone, and said so."""
    result = Companions()
    ignored = []
    try:
        siblings = [path for path in data_files(interactions.parent) if path != interactions]
    except OSError:
        return result
    for path in sorted(siblings[:MOST_FILES], key=lambda one: stem(one) not in ITEM_STEMS):
        described = _described(path, item_column, item_ids)
        if described is None:
            ignored.append(neutral_text(path.name))
            continue
        result.add(path, *described, item_ids)
    if ignored:
        result.findings.append(finding("files_ignored", len(ignored), Action.IGNORED, names=", ".join(ignored[:8])))
    return result


def _described(path: Path, item_column: str, item_ids: pl.Series) -> tuple[pl.DataFrame, int] | None:
    """What a file says about the items, or None where it is no such file."""
    try:
        if path.stat().st_size > LARGEST_SIBLING:
            return None
        sample = read_table(path, SAMPLE_ROWS)
        if stem(path) == "tags" or _is_tag_log(sample):
            return _tags(read_table(path), item_ids)
        if names_interactions(sample) or (not sample.has_names and stem(path) not in ITEM_STEMS):
            return None
        # A sample may miss the known ids: decide on the whole file.
        table = read_table(path)
        columns = item_columns(table, item_ids)
    except (UserError, OSError):
        return None
    if columns is None or not columns.describes or not _same_id(table, columns, item_column):
        return None
    return item_attributes(table, columns, genre_flag_names(path))


def _same_id(table: RawTable, columns: ItemColumns, item_column: str) -> bool:
    """Whether the id column is named as ids of items are (numbers match too easily to be believed alone)."""
    if not table.has_names:
        return True
    return plain(columns.id) in ("id", plain(item_column)) or name_rank(columns.id, ITEM) is not None


def _is_tag_log(table: RawTable) -> bool:
    return names_interactions(table) and any(name_rank(name, TAGS) is not None for name in table.frame.columns)


def _tags(table: RawTable, item_ids: pl.Series) -> tuple[pl.DataFrame, int] | None:
    """The commonest tags of each item, from rows of (user, item, tag)."""
    from recsys_tui.output.neutralise import neutral_series

    names = table.frame.columns
    item = next((name for name in names if name_rank(name, ITEM) is not None), None)
    tag = next((name for name in names if name_rank(name, TAGS) is not None), None)
    if item is None or tag is None:
        return None
    text, changed = neutral_series(table.frame[tag].cast(pl.String))
    rows = pl.DataFrame({"id": id_texts(table.frame[item]), TAGS: text.str.to_lowercase()}).drop_nulls()
    counted = rows.group_by("id", TAGS).len().sort("id", "len", TAGS, descending=[False, True, False])
    listed = counted.group_by("id", maintain_order=True).agg(pl.col(TAGS).head(MOST_TAGS))
    if not listed["id"].is_in(item_ids.implode()).any():
        return None
    return listed, changed


def given_items(path: Path, item_ids: pl.Series) -> Companions:
    """The item file that the person named. Raises ``UserError`` (exit 2) where it describes no items of the data."""
    if not path.exists():
        raise UserError("data.no_such_path", path=neutral_text(str(path)))
    table = read_table(path)
    columns = item_columns(table, item_ids)
    if columns is None:
        raise UserError("data.items_do_not_match", path=neutral_text(str(path)))
    attributes, changed = item_attributes(table, columns, genre_flag_names(path))
    result = Companions()
    result.add(path, attributes, changed, item_ids)
    return result


def described_within(path: Path, table: RawTable, taken: Mapping[str, str], item_ids: pl.Series) -> Companions:
    """What the interactions' own file says about the items; ``taken``: roles and columns of the interactions."""
    result = Companions()
    columns = columns_within(table, taken[ITEM], list(taken.values()))
    if columns is None:
        return result
    telling = [name for name in (columns.title, columns.text, columns.categories, columns.tags) if name is not None]
    frame = table.frame.filter(pl.any_horizontal(pl.col(telling).is_not_null()))
    once = replace(table, frame=frame.unique(columns.id, keep="first", maintain_order=True))
    attributes, changed = item_attributes(once, columns, {})
    result.add(path, attributes.filter(attributes["id"].is_in(item_ids.implode())), changed, item_ids)
    return result
