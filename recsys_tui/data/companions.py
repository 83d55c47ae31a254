"""The files beside the interactions that describe their items and their people, and everything left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from recsys_tui.data.cleaning import finding
from recsys_tui.data.column_roles import name_rank, plain
from recsys_tui.data.column_words import ITEM, TAGS, VECTORS
from recsys_tui.data.dataset import ATTRIBUTE_PREFIX, TAGS_SINCE, TIME, VECTOR, Action, ColumnChoice, Finding
from recsys_tui.data.folder_files import MOST_FILES, SAMPLE_ROWS, is_tag_log
from recsys_tui.data.folder_listing import data_files, stem
from recsys_tui.data.forgotten import NOBODY, Forgotten
from recsys_tui.data.further_columns import MOST_ATTRIBUTES
from recsys_tui.data.id_codes import id_texts, shown_in
from recsys_tui.data.item_table import (
    ItemAttributes,
    ItemColumns,
    columns_within,
    commonest,
    item_attributes,
    item_columns,
    names_interactions,
)
from recsys_tui.data.item_vectors import given_vectors
from recsys_tui.data.movielens import genre_flag_names, user_column_names
from recsys_tui.data.readers import RawTable, read_table
from recsys_tui.data.times import epoch_like, to_milliseconds
from recsys_tui.data.user_table import USER_STEMS, links_of, user_attributes
from recsys_tui.data.written_numbers import durations_as_seconds
from recsys_tui.output.crowd_counts import without_small_rest
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_series, neutral_text

ITEM_STEMS = (
    "movies", "items", "products", "articles", "films", "books", "artists", "songs", "tracks", "games", "creators",
    "catalog", "catalogue", "metadata", "meta", "item", "u.item",
)  # fmt: skip
TAG_VALUES = ("tagvalue", "tagname", "tag", "name", "value")
COMPANION_KINDS = ("items", "users", "links")
ATTRIBUTE = "attribute"
BY_NAME = 0.9
LARGEST_SIBLING = 2_000_000_000
MOST_TAGS = 20
MOST_NAMED = 8


@dataclass
class Companions:
    """The tables found, of items the first one first, with the files they came from, and what was noticed.

    ``forgotten``: whom to leave out. ``known``: all ids of the interactions; ``changed_ids``: how those are shown that
    are not as they are written.
    """

    items: list[tuple[Path, pl.DataFrame]] = field(default_factory=list)
    users: list[tuple[Path, pl.DataFrame]] = field(default_factory=list)
    links: list[tuple[Path, pl.DataFrame]] = field(default_factory=list)
    vectors: pl.DataFrame | None = None
    also_read: list[Path] = field(default_factory=list)
    choices: list[ColumnChoice] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    forgotten: Forgotten = NOBODY
    changed_ids: Mapping[str, str] = field(default_factory=dict)
    known: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))

    @property
    def files(self) -> list[Path]:
        """Every file that something was taken from."""
        return [path for path, _ in (*self.items, *self.users, *self.links)] + self.also_read

    def add_items(self, path: Path, said: ItemAttributes, item_ids: pl.Series) -> None:
        """Take a table of items, and say how many it describes and how many of its texts were neutralised."""
        attributes = said.table
        matched = int(attributes["id"].is_in(item_ids.implode()).sum())
        fields = ", ".join(
            name.removeprefix(ATTRIBUTE_PREFIX) for name in attributes.columns if name not in ("id", TAGS_SINCE)
        )
        file = neutral_text(path.name)
        self.items.append((path, attributes))
        self.choose(file, said.used)
        self.findings.append(finding("items_described", matched, Action.USED, file=file, fields=fields))
        if said.changed:
            self.findings.append(finding("texts_neutralised", said.changed, Action.CHANGED, file=file))
        if said.left_out:
            about = {"file": file, "names": _listed(said.left_out), "most": MOST_ATTRIBUTES}
            self.findings.append(finding("columns_beyond", len(said.left_out), Action.IGNORED, **about))
        if said.unusable:
            about = {"file": file, "names": _listed([neutral_text(name) for name in said.unusable])}
            self.findings.append(finding("columns_unusable", len(said.unusable), Action.IGNORED, **about))

    def add_users(self, path: Path, attributes: pl.DataFrame, left_out: Sequence[str], user_ids: pl.Series) -> None:
        """Take attributes of people, and say how many they describe and which columns were left out."""
        matched = int(attributes["id"].is_in(user_ids.implode()).sum())
        fields = ", ".join(name for name in attributes.columns if name != "id")
        file = neutral_text(path.name)
        if fields:
            self.choose(file, {ATTRIBUTE: fields})
            self.users.append((path, attributes))
            gate, people = CrowdGate(), len(user_ids)
            told = max(min(gate.minimum, people), without_small_rest(matched, people, gate)) if matched else 0
            self.findings.append(finding("users_described", told, Action.USED, file=file, fields=fields))
        if left_out:
            names = ", ".join(left_out)
            self.findings.append(finding("attributes_left_out", len(left_out), Action.IGNORED, file=file, names=names))

    def leave_out(self, forgotten: Forgotten, people_are_items: bool, user_ids: pl.Series) -> None:
        """Leave people who are forgotten out of what was found, as items too where these are people, and where other
        people or items name them."""
        users = [(path, forgotten.people_without(table)) for path, table in self.users]
        self.users = [(path, forgotten.references_without(table, user_ids)) for path, table in users]
        self.items = [(path, forgotten.references_without(table, user_ids)) for path, table in self.items]
        if people_are_items:
            self.items = [
                (path, forgotten.texts_without(forgotten.people_without(table))) for path, table in self.items
            ]
            self.vectors = None if self.vectors is None else forgotten.people_without(self.vectors)

    def choose(self, file: str, used: Mapping[str, str]) -> None:
        """Say which columns of a file were taken as what (role → column)."""
        why = say("data.why_described", file=file)
        self.choices += [ColumnChoice(role, f"{file}: {column}", why, BY_NAME) for role, column in used.items()]

    def add_links(self, path: Path, links: pl.DataFrame, unknown: int) -> None:
        """Take links between people, and say how many rows named somebody without interactions."""
        file = neutral_text(path.name)
        self.links.append((path, links))
        self.findings.append(finding("links", links.height, Action.USED, file=file))
        if unknown:
            self.findings.append(finding("links_unknown", unknown, Action.IGNORED, file=file))


def find_companions(
    result: Companions,
    interactions: Sequence[Path],
    item_column: str,
    item_ids: pl.Series,
    user_ids: pl.Series,
    wanted: Collection[str] = COMPANION_KINDS,
) -> None:
    """Take what files beside the interactions say of items or people; every other file is left alone, and said so.

    ``wanted``: the kinds to look for (``items``, ``users``, ``links``).
    """
    ignored = []
    try:
        siblings = [path for path in data_files(interactions[0].parent) if path not in interactions][:MOST_FILES]
    except OSError:
        return
    for path in sorted(siblings, key=lambda one: stem(one) not in ITEM_STEMS):
        if not _take(result, path, siblings, item_column, item_ids, user_ids, wanted):
            ignored.append(path)
    names = [neutral_text(path.name) for path in ignored if path not in result.also_read]
    if names:
        result.findings.append(finding("files_ignored", len(names), Action.IGNORED, names=_listed(names)))


def _named(path: Path, table: RawTable) -> RawTable:
    """The table with the names that its columns are known by, where the file itself has none."""
    return replace(table, frame=table.frame.rename(user_column_names(path), strict=False))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")


def _take(
    result: Companions,
    path: Path,
    siblings: list[Path],
    item_column: str,
    item_ids: pl.Series,
    user_ids: pl.Series,
    wanted: Collection[str],
) -> bool:
    """Take what a file says, if it is one of the kinds that say something."""
    try:
        if path.stat().st_size > LARGEST_SIBLING:
            return False
        sample = _read(path, result, SAMPLE_ROWS)
        if is_tag_log(sample) and "items" in wanted:
            tags = _tags(result.forgotten.table_without(_read(path, result)), item_ids, siblings, result)
            if tags is not None:
                result.add_items(path, tags, item_ids)
            return tags is not None
        if names_interactions(sample):
            return False
        # A sample may miss the known ids: decide on the whole file.
        table = result.forgotten.table_without(sample if sample.frame.height < SAMPLE_ROWS else _read(path, result))
        links = links_of(table, user_ids) if "links" in wanted else None
        if links is not None:
            result.add_links(path, *links)
            return True
        named_users = stem(path) in USER_STEMS or path.suffix == ".user"
        people = user_attributes(_named(path, table), user_ids, named_users) if "users" in wanted else None
        if people is not None:
            result.add_users(path, *people, user_ids)
            return True
        described = _described(path, table, item_column, item_ids, result.forgotten) if "items" in wanted else None
    except (UserError, OSError):
        return False
    if described is not None:
        result.add_items(path, described, item_ids)
    return described is not None


def _described(
    path: Path, table: RawTable, item_column: str, item_ids: pl.Series, forgotten: Forgotten
) -> ItemAttributes | None:
    called_so = stem(path) in ITEM_STEMS
    if not table.has_names and not called_so:
        return None
    columns = item_columns(table, item_ids)
    if columns is None or not _same_id(table, columns, item_column) or not (columns.describes or called_so):
        return None
    said = item_attributes(forgotten.items_without(table, columns.id), columns, genre_flag_names(path))
    return said if said.table.width > 1 else None


def _same_id(table: RawTable, columns: ItemColumns, item_column: str) -> bool:
    """Whether the id column is named as ids of items are (numbers match too easily to be believed alone)."""
    if not table.has_names:
        return True
    return plain(columns.id) in ("id", plain(item_column)) or name_rank(columns.id, ITEM) is not None


def _tags(table: RawTable, item_ids: pl.Series, siblings: list[Path], result: Companions) -> ItemAttributes | None:
    """The commonest tags of each item, and since when, from rows of (user, item, tag); tags may be ids that a file
    beside it names."""
    names = table.frame.columns
    item = next((name for name in names if name_rank(name, ITEM) is not None), None)
    tag = next((name for name in names if name_rank(name, TAGS) is not None), None)
    if item is None or tag is None or table.frame[tag].dtype.is_nested():
        return None
    values = table.frame[tag].cast(pl.String)
    if plain(tag) == "tagid":
        values = _named_tags(values, siblings, result)
    text, changed = neutral_series(values)
    rows = pl.DataFrame(
        {"id": id_texts(table.frame[item]), TAGS: text.str.to_lowercase(), TAGS_SINCE: _times(table.frame)}
    ).drop_nulls(["id", TAGS])
    counted = rows.group_by("id", TAGS).agg(pl.len(), pl.col(TAGS_SINCE).min())
    counted = counted.sort("id", "len", TAGS, descending=[False, True, False])
    listed = counted.group_by("id", maintain_order=True).agg(pl.col(TAGS, TAGS_SINCE).head(MOST_TAGS))
    if not listed["id"].is_in(item_ids.implode()).any():
        return None
    return ItemAttributes(listed, changed, {TAGS: tag})


def _times(frame: pl.DataFrame) -> pl.Series:
    """When each row was written, epoch milliseconds; null where no column says so."""
    name = next((name for name in frame.columns if name_rank(name, TIME) is not None and epoch_like(frame[name])), None)
    return pl.Series(TAGS_SINCE, [None] * frame.height, pl.Int64) if name is None else to_milliseconds(frame[name])


def _named_tags(ids: pl.Series, siblings: list[Path], result: Companions) -> pl.Series:
    """Words for ids of tags, from a file with just these two columns; the ids themselves where there is none."""
    for path in siblings:
        try:
            table = _read(path, result)
        except (UserError, OSError):
            continue
        said = {plain(name): name for name in table.frame.columns} if table.has_names else {}
        word = next((said[value] for value in TAG_VALUES if value in said), None)
        if "tagid" not in said or word is None or names_interactions(table) or table.frame[word].dtype.is_nested():
            continue
        known = table.frame.select(pl.col(said["tagid"]).cast(pl.String), pl.col(word).cast(pl.String)).drop_nulls()
        known = known.unique(said["tagid"], keep="first")
        result.also_read.append(path)
        return ids.replace_strict(known.to_series(0), known.to_series(1), default=None)
    return ids


def given_items(path: Path, item_ids: pl.Series, result: Companions) -> None:
    """Take the item file that the person named. Raises ``UserError`` (exit 2) where it describes none of the items."""
    table = _given(path, result)
    columns = item_columns(table, item_ids)
    if columns is None:
        raise UserError("data.items_do_not_match", path=neutral_text(str(path)))
    table = result.forgotten.items_without(table, columns.id)
    result.add_items(path, item_attributes(table, columns, genre_flag_names(path)), item_ids)


def given_users(path: Path, user_ids: pl.Series, result: Companions) -> None:
    """Take the user file that the person named. Raises ``UserError`` (exit 2) where it describes none of the people."""
    people = user_attributes(_named(path, _given(path, result)), user_ids, named_users=True)
    if people is None:
        raise UserError("data.users_do_not_match", path=neutral_text(str(path)))
    result.add_users(path, *people, user_ids)


def given_links(path: Path, user_ids: pl.Series, result: Companions) -> None:
    """Take the links that the person named. Raises ``UserError`` (exit 2) where they link none of the people."""
    links = links_of(result.forgotten.table_without(_given(path, result)), user_ids, given=True)
    if links is None:
        raise UserError("data.links_do_not_match", path=neutral_text(str(path)))
    result.add_links(path, *links)


def _given(path: Path, result: Companions) -> RawTable:
    if not path.exists():
        raise UserError("data.no_such_path", path=neutral_text(str(path)))
    return _read(path, result)


def _read(path: Path, result: Companions, rows: int | None = None) -> RawTable:
    table = read_table(path, rows)
    written: dict[str, str] = {}
    frame = shown_in(durations_as_seconds(table.frame), result.changed_ids, result.known, written)
    return replace(table, frame=frame, written=written)


def given_vectors_of(path: Path, item_ids: pl.Series, result: Companions) -> None:
    """Take the ready-made vectors that the person named, of the items that are known by now.

    The rows of an ``.npy`` are those of the first item file that was taken. Raises ``UserError`` (exit 2).
    """
    rows_of = result.items[0][1]["id"] if result.items else None
    result.vectors = given_vectors(path, item_ids, rows_of)
    length = int(result.vectors.schema[VECTOR].shape[0])  # type: ignore[attr-defined]  # an Array by construction
    matched = int(result.vectors["id"].is_in(item_ids.implode()).sum())
    file = neutral_text(path.name)
    result.also_read.append(path)
    result.choose(file, {VECTORS: str(length)})
    result.findings.append(finding("vectors", matched, Action.USED, file=file, length=length))


def described_within(
    path: Path, table: RawTable, taken: Mapping[str, str], item_ids: pl.Series, result: Companions
) -> tuple[str, ...]:
    """Take what the interactions' own file says about the items; ``taken``: roles and columns of the interactions.

    Returns the columns that it is made of, and those of which it is told that nothing can be made.
    """
    table = replace(table, frame=durations_as_seconds(table.frame))
    columns = columns_within(table, taken[ITEM], list(taken.values()))
    if columns is None:
        return ()
    said = item_attributes(commonest(table, columns), columns, {})
    known = said.table.filter(said.table["id"].is_in(item_ids.implode()))
    result.add_items(path, replace(said, table=known), item_ids)
    return (*columns.used.values(), *said.unusable)
