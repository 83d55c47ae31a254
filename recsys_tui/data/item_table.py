"""What is known about items: titles, texts, categories, tags, years, prices and whatever else the files beside say."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from recsys_tui.data.column_roles import name_rank, plain
from recsys_tui.data.column_words import (
    ATTRIBUTES,
    BRAND,
    CATEGORIES,
    ITEM,
    PRICE,
    TAGS,
    TEXT,
    TITLE,
    USER,
    VECTORS,
    YEAR,
)
from recsys_tui.data.dataset import ATTRIBUTE_PREFIX, VECTOR
from recsys_tui.data.further_columns import can_say, further_attributes, neutral_lists
from recsys_tui.data.id_codes import id_texts
from recsys_tui.data.item_vectors import vectors_of
from recsys_tui.data.readers import RawTable
from recsys_tui.data.written_numbers import as_numbers
from recsys_tui.output.neutralise import neutral_series

NO_CATEGORY = frozenset(("(no genres listed)", "unknown", ""))
FLAG_COLUMNS = 5
ENOUGH_MATCHES = 0.5
MOST_SAID = 2.0  # descriptions an item …
ENOUGH_SAID = 0.8  # … if the commonest of each makes up most rows: a few renamed items do no harm
SHORT_TEXT = 60
_YEAR_IN_TITLE = r"\((\d{4})\)\s*$"
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
LIST_SEPARATORS = ("|", ";", " > ", ", ")


@dataclass(frozen=True)
class ItemColumns:
    """Roles of the columns of an item file; ``flags``: columns of 0 and 1 that each stand for a category.

    ``further``: the other columns, where they have names; what they say becomes attributes.
    """

    id: str
    title: str | None
    text: str | None
    categories: str | None
    tags: str | None
    year: str | None
    brand: str | None = None
    price: str | None = None
    flags: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    @property
    def describes(self) -> bool:
        """Whether there is anything but ids."""
        return any((self.title, self.text, self.categories, self.tags, self.brand, self.flags))

    @property
    def used(self) -> dict[str, str]:
        """Role → column of everything that was found."""
        roles = {TITLE: self.title, TEXT: self.text, CATEGORIES: self.categories, TAGS: self.tags, YEAR: self.year}
        if self.flags:
            roles[CATEGORIES] = f"{self.flags[0]} … {self.flags[-1]}"
        return {role: name for role, name in (roles | {BRAND: self.brand, PRICE: self.price}).items() if name}


def item_columns(table: RawTable, known_ids: pl.Series) -> ItemColumns | None:
    """Roles of the columns of a file of items, or None where it is none: no column of mostly known, unrepeated ids."""
    frame = table.frame
    id_column = _id_column(frame, known_ids)
    if id_column is None or names_interactions(table):
        return None
    rest = [name for name in frame.columns if name != id_column]
    chosen = _roles_by_names(frame, rest) if table.has_names else {}
    flags = tuple(name for name in rest if name not in chosen.values() and _is_flag(frame[name]))
    if len(flags) < FLAG_COLUMNS:
        flags = ()
    if not table.has_names:
        chosen = _roles_by_contents(frame, [name for name in rest if name not in flags])
    found = _item_columns(id_column, chosen, flags)
    spoken_for = {*chosen.values(), *flags}
    return replace(found, further=tuple(name for name in rest if name not in spoken_for)) if table.has_names else found


def columns_within(table: RawTable, item_column: str, taken: Collection[str]) -> ItemColumns | None:
    """Columns of the interactions themselves that describe the item: named so, and saying one thing of nearly each."""
    if not table.has_names:
        return None
    frame = table.frame
    named = _roles_by_names(frame, [name for name in frame.columns if name not in taken])
    items = frame[item_column].n_unique()
    chosen = {}
    for role, name in named.items():
        if isinstance(frame[name].dtype, pl.List | pl.Array):
            continue
        said = _said(frame, item_column, name).group_by(item_column).agg(
            pl.len().alias("kinds"), pl.col("len").max().alias("most"), pl.col("len").sum().alias("all")
        ).select(pl.all().exclude(item_column).sum()).collect()  # fmt: skip
        kinds, most, rows = said.row(0)
        # A price changes; what a thing is does not.
        if rows and (role == PRICE or (kinds <= MOST_SAID * items and most >= ENOUGH_SAID * rows)):
            chosen[role] = name
    columns = _item_columns(item_column, chosen)
    return columns if columns.describes else None


def _said(frame: pl.DataFrame, item_column: str, name: str) -> pl.LazyFrame:
    """How often each value of a column goes with each item."""
    return frame.lazy().select(item_column, name).drop_nulls().group_by(item_column, name).len()


def commonest(table: RawTable, columns: ItemColumns) -> RawTable:
    """One row an item with the value that most of its rows have in each column that describes it (ties: the first)."""
    result = table.frame.lazy().select(columns.id).drop_nulls().unique(maintain_order=True)
    for name in replace(columns, flags=()).used.values():
        most = _said(table.frame, columns.id, name).sort("len", name, descending=[True, False])
        result = result.join(most.unique(columns.id, keep="first").drop("len"), on=columns.id, how="left")
    return replace(table, frame=result.collect())


def _roles_by_names(frame: pl.DataFrame, names: list[str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for role in (TITLE, TEXT, CATEGORIES, TAGS, YEAR, BRAND, PRICE):
        ranked = [(rank, name) for name in names if (rank := name_rank(name, role)) is not None]
        if role in (YEAR, PRICE):  # several of them are none
            ranked = [(rank, name) for rank, name in ranked if not frame[name].dtype.is_nested()]
        if ranked:
            chosen[role] = min(ranked)[1]
    if TITLE not in chosen and TEXT in chosen and _is_short(frame[chosen[TEXT]]):
        chosen[TITLE] = chosen.pop(TEXT)
    return chosen


def _is_short(values: pl.Series) -> bool:
    """Whether a description is as short as a title."""
    if values.dtype != pl.String:
        return False
    typical = values.drop_nulls().head(10_000).str.len_chars().median()
    return isinstance(typical, float | int) and typical <= SHORT_TEXT


def _item_columns(id_column: str, chosen: dict[str, str], flags: tuple[str, ...] = ()) -> ItemColumns:
    title, text, categories, tags, year = (chosen.get(role) for role in (TITLE, TEXT, CATEGORIES, TAGS, YEAR))
    return ItemColumns(id_column, title, text, categories, tags, year, chosen.get(BRAND), chosen.get(PRICE), flags)


def names_interactions(table: RawTable) -> bool:
    """Whether the header of a file names both users and items."""
    names = table.frame.columns if table.has_names else []
    return all(any(name_rank(name, role) is not None for name in names) for role in (USER, ITEM))


def _id_column(frame: pl.DataFrame, known_ids: pl.Series) -> str | None:
    """The column most of whose values are known item ids (or that holds most known ids), each once."""
    best: tuple[float, str] | None = None
    for place, name in enumerate(frame.columns):
        if isinstance(frame[name].dtype, pl.List | pl.Array):
            continue
        values = id_texts(frame[name]).drop_nulls()
        if not values.len() or values.n_unique() < 0.9 * values.len():
            continue
        matched = int(values.is_in(known_ids.implode()).sum())
        share = max(matched / values.len(), matched / max(1, known_ids.len()))
        likely = share + (0.2 if name_rank(name, ITEM) is not None or plain(name) == "id" else 0) - 0.01 * place
        if share >= ENOUGH_MATCHES and (best is None or likely > best[0]):
            best = (likely, name)
    return best[1] if best else None


def _is_flag(values: pl.Series) -> bool:
    if values.dtype.is_nested():
        return False
    kinds = set(values.cast(pl.String).unique().to_list())
    return bool(kinds) and kinds <= {"0", "1"}


def _roles_by_contents(frame: pl.DataFrame, names: list[str]) -> dict[str, str]:
    """Title: the first column of text that hardly repeats. Categories: lists with ``|`` of few different parts."""
    chosen: dict[str, str] = {}
    for name in names:
        values = frame[name].drop_nulls()
        if values.dtype != pl.String or not values.len():
            continue
        listed = values.str.contains("|", literal=True).mean()
        parts = values.str.split("|").explode().n_unique()
        if CATEGORIES not in chosen and isinstance(listed, float) and listed > 0.05 and parts < 0.2 * values.len() + 50:
            chosen[CATEGORIES] = name
        elif TITLE not in chosen and values.n_unique() > 0.5 * values.len() and _reads_like_titles(values):
            chosen[TITLE] = name
    return chosen


def _reads_like_titles(values: pl.Series) -> bool:
    """Mostly words (a title may be a number), and no addresses."""
    words = float(str(values.str.contains(r"\p{L}{2}").mean()))
    addresses = float(str(values.str.contains(r"^[a-z]+://").mean()))
    return words > 0.9 and addresses < 0.1


@dataclass(frozen=True)
class ItemAttributes:
    """What a file says of items: ``table`` with ``id`` and, where found, title, text, categories, tags, year, price and
    ``attribute.<column>`` and ``vector``; the first row of an id counts.

    ``changed``: how many texts were neutralised. ``used``: role → column of what was taken. ``left_out``: columns that
    say something, but were beyond the bound. ``unusable``: columns of values of which nothing can be made.
    """

    table: pl.DataFrame
    changed: int
    used: dict[str, str]
    left_out: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()


def item_attributes(table: RawTable, columns: ItemColumns, flag_names: dict[str, str]) -> ItemAttributes:
    """Take what a file says of items. ``flag_names`` names flag columns."""
    frame = table.frame
    result = {"id": id_texts(frame[columns.id])}
    changed = 0
    used = columns.used
    for role, name in ((TITLE, columns.title), (TEXT, columns.text)):
        if name is not None:
            values = frame[name]
            if isinstance(values.dtype, pl.List | pl.Array):
                values = values.cast(pl.List(pl.String)).list.join(" ")
            text, touched = neutral_series(values.cast(pl.String).replace(table.written))
            changed += touched
            result[role] = pl.select(pl.when(text != "").then(text)).to_series()
    for role, name in ((CATEGORIES, columns.categories), (TAGS, columns.tags)):
        if name is not None:
            result[role], touched = _lists(frame[name])
            changed += touched
    if columns.price is not None:
        text = frame[columns.price].cast(pl.String).str.replace_all(r"[^0-9.,\-]", "")
        result[PRICE] = as_numbers(text).cast(pl.Float32)
    if columns.flags:
        result[CATEGORIES] = _from_flags(frame, columns.flags, flag_names)
    year = _years(frame, columns, result.get(TITLE))
    if year is not None:
        result[YEAR] = year
    # Makers and authors are attributes like others: what they make has them in common.
    maker = [columns.brand] if columns.brand is not None else []
    further = list(columns.further)
    for name in further:
        vectors = vectors_of(frame[name])
        if vectors is not None:
            result[VECTOR], used[VECTORS] = vectors, name
            further.remove(name)
            break
    attributes, touched, left_out = further_attributes(frame, [*maker, *further])
    changed += touched
    result |= attributes
    names = [name.removeprefix(ATTRIBUTE_PREFIX) for name in attributes]
    if others := [name for name in names if name not in maker]:
        used[ATTRIBUTES] = ", ".join(others)
    described = pl.DataFrame(result).filter(pl.col("id").is_not_null() & (pl.col("id") != ""))
    described = described.unique("id", keep="first", maintain_order=True)
    unusable = tuple(name for name in further if not can_say(frame[name].dtype))
    return ItemAttributes(described, changed, used, tuple(left_out), (*table.unusable, *unusable))


def _lists(values: pl.Series) -> tuple[pl.Series, int]:
    if isinstance(values.dtype, pl.List | pl.Array):
        listed, changed = neutral_lists(values.cast(pl.List(pl.String)))
        return listed.list.eval(pl.element().filter(~pl.element().is_in(list(NO_CATEGORY)))), changed
    text, changed = neutral_series(values.cast(pl.String).fill_null(""))
    shares = [float(str(text.str.contains(mark, literal=True).mean())) for mark in LIST_SEPARATORS]
    mark = next((one for one, share in zip(LIST_SEPARATORS, shares, strict=True) if share > 0.01), LIST_SEPARATORS[0])
    parts = text.str.split(mark).list.eval(pl.element().str.strip_chars())
    return parts.list.eval(pl.element().filter(~pl.element().is_in(list(NO_CATEGORY)))), changed


def _from_flags(frame: pl.DataFrame, flags: tuple[str, ...], names: dict[str, str]) -> pl.Series:
    shown = [names.get(flag, flag) for flag in flags]
    parts = [
        pl.when(pl.col(flag).cast(pl.String) == "1").then(pl.lit(name))
        for flag, name in zip(flags, shown, strict=True)
        if name.lower() not in NO_CATEGORY
    ]
    return frame.select(pl.concat_list(parts).list.drop_nulls().alias(CATEGORIES)).to_series()


def _years(frame: pl.DataFrame, columns: ItemColumns, titles: pl.Series | None) -> pl.Series | None:
    if columns.year is not None:
        values = frame[columns.year].cast(pl.String)
        return values.str.extract(_YEAR.pattern.replace("(?<!\\d)", "").replace("(?!\\d)", ""), 1).cast(pl.Int32)
    if titles is not None:
        found = titles.str.extract(_YEAR_IN_TITLE, 1).cast(pl.Int32, strict=False)
        if found.null_count() < 0.5 * found.len():
            return found
    return None
