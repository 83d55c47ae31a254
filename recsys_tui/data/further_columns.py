"""The columns of an item file that play no role of their own but say something: languages, colours, lengths, makers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from recsys_tui.data.column_roles import name_rank, plain
from recsys_tui.data.column_words import BRAND, CATEGORIES, TAGS
from recsys_tui.data.dataset import ATTRIBUTE_PREFIX
from recsys_tui.data.written_numbers import finite_numbers
from recsys_tui.output.neutralise import neutral_series, neutral_text

MOST_ATTRIBUTES = 30
MOST_VALUES = 20_000  # different values of one attribute
LARGEST_SHARE_OF_VALUES = 0.5  # different values to items: more is free text, or an id
LONGEST_TYPICAL = 40  # characters
ENOUGH_NUMBERS = 0.95
ENOUGH_LISTS = 0.05
SAMPLE = 20_000
WORDS = (pl.String, pl.Categorical, pl.Boolean)
MARKS = ("|", ";", " > ", ", ")
NOTHING = ("", "unknown", "nan", "null", "none", "n/a", "na", "-", r"\n")
# Names that end like this lead to something else: other tables, pictures, pages.
POINTERS = (
    "id", "ids", "url", "urls", "uri", "link", "links", "href", "image", "images", "img", "picture", "pictureurl",
    "photo", "photos", "thumbnail", "icon", "path", "file", "filename", "slug", "hash", "uuid", "guid", "sku", "isbn",
    "isbn13", "ean", "upc", "asin", "barcode", "index", "编号", "链接", "图片",
)  # fmt: skip
_ADDRESS = r"^(?:[a-zA-Z]+://|www\.|/[\w.-]+/)"


def further_attributes(frame: pl.DataFrame, names: Sequence[str]) -> tuple[dict[str, pl.Series], int, list[str]]:
    """What the columns ``names`` say of the items, at most 30 of them, by ``attribute.<column>``.

    A column of numbers becomes Float64, separated values (``|``, ``;``, ``>``, ``,``) and lists a list of texts, other
    text of few different values text. Left out are ids, addresses of pages and pictures, free text, and what is the
    same for every item. Returns the columns, the number of values that were neutralised, and the names of the columns
    that were left out although they say something, since there were 30 before them.
    """
    result: dict[str, pl.Series] = {}
    changed, beyond = 0, []
    for name in names:
        if _points_elsewhere(name):
            continue
        said = _said(name, frame[name])
        if said is None:
            continue
        key = ATTRIBUTE_PREFIX + (neutral_text(name) or "?")
        if key in result:
            continue
        if len(result) == MOST_ATTRIBUTES:
            beyond.append(neutral_text(name))
            continue
        result[key], touched = said
        changed += touched
    return result, changed, beyond


def can_say(dtype: pl.DataType) -> bool:
    """Whether values of a type can become attributes: texts, numbers, yes and no, and lists of texts or whole numbers.

    Dates and times cannot, nor can lists of other numbers, which are vectors where they are of one length.
    """
    if isinstance(dtype, pl.List | pl.Array):
        inner = dtype.inner
        return isinstance(inner, pl.DataType) and can_say(inner) and not (inner.is_nested() or inner.is_float())
    return dtype.is_numeric() or dtype in WORDS or isinstance(dtype, pl.Enum) or dtype == pl.Null


def _points_elsewhere(name: str) -> bool:
    said = plain(name)
    words = name.replace("-", "_").replace(" ", "_").lower().split("_")
    return said in POINTERS or words[-1] in POINTERS or name.endswith(("Id", "ID", "Url", "URL"))


def _said(name: str, values: pl.Series) -> tuple[pl.Series, int] | None:
    if values.dtype.is_numeric():
        return _numbers(finite_numbers(values))
    if values.dtype == pl.Boolean:
        values = values.cast(pl.String)
    if not can_say(values.dtype):
        return None
    if isinstance(values.dtype, pl.List | pl.Array):
        listed, touched = neutral_lists(values.cast(pl.List(pl.String)))
        return _listed(listed, touched)
    text, touched = neutral_series(values.cast(pl.String))
    text = _without_nothing(text)
    known = text.drop_nulls()
    if not known.len() or _share(known.head(SAMPLE).str.contains(_ADDRESS)) > 1 - ENOUGH_NUMBERS:
        return None
    numbers = finite_numbers(text)
    if numbers.len() - numbers.null_count() >= ENOUGH_NUMBERS * known.len():
        return _numbers(numbers)
    return _texts(name, text, known, touched)


def _numbers(values: pl.Series) -> tuple[pl.Series, int] | None:
    known = values.drop_nulls()
    kinds = known.n_unique()
    if kinds < 2:
        return None
    if kinds == known.len() and kinds > 2 and bool((known == known.round()).all()):
        low, high = float(str(known.min())), float(str(known.max()))
        # Whole numbers that never repeat, in order or without gaps, number the rows.
        if known.is_sorted() or high - low < 2 * kinds:
            return None
    return values, 0


def _texts(name: str, text: pl.Series, known: pl.Series, touched: int) -> tuple[pl.Series, int] | None:
    sample = known.head(SAMPLE)
    # Names of makers and of kinds are no free text, however many there are.
    named = any(name_rank(name, role) is not None for role in (BRAND, CATEGORIES, TAGS))
    typical = sample.str.len_chars().median()
    # "Alder, Inc." is one maker.
    marks = [one for one in MARKS if "," not in one or name_rank(name, BRAND) is None]
    mark = next((one for one in marks if _share(sample.str.contains(one, literal=True)) > ENOUGH_LISTS), None)
    if mark is not None:
        parts = sample.str.split(mark).list.eval(pl.element().str.strip_chars())
        found = parts.explode().drop_nulls()
        if found.n_unique() <= LARGEST_SHARE_OF_VALUES * found.len():
            listed = text.str.split(mark).list.eval(pl.element().str.strip_chars())
            return _listed(listed, touched)
    if not isinstance(typical, float | int) or typical > LONGEST_TYPICAL:
        return None
    kinds = known.n_unique()
    if kinds < 2 or kinds > MOST_VALUES or (kinds > LARGEST_SHARE_OF_VALUES * known.len() and not named):
        return None
    return text, touched


def _listed(values: pl.Series, touched: int) -> tuple[pl.Series, int] | None:
    nothing = list(NOTHING)
    kept = values.list.eval(pl.element().filter(~pl.element().str.to_lowercase().is_in(nothing)))
    kinds = kept.explode().drop_nulls().n_unique()
    return (kept, touched) if 2 <= kinds <= MOST_VALUES else None


def neutral_lists(values: pl.Series) -> tuple[pl.Series, int]:
    """Neutralise the texts of a column of lists; returns the new column and how many texts changed."""
    rows = pl.DataFrame({"row": pl.int_range(values.len(), eager=True), "part": values}).explode("part")
    rows = rows.filter(pl.col("part").is_not_null())
    parts, touched = neutral_series(rows["part"])
    if not touched:
        return values, 0
    grouped = rows.with_columns(parts.alias("part")).group_by("row", maintain_order=True).agg("part")
    whole = pl.DataFrame({"row": pl.int_range(values.len(), eager=True)}).join(grouped, on="row", how="left")
    return whole["part"].alias(values.name), touched


def _without_nothing(text: pl.Series) -> pl.Series:
    missing = text.str.to_lowercase().is_in(list(NOTHING))
    return pl.select(pl.when(~missing).then(text)).to_series()


def _share(flags: pl.Series) -> float:
    share = flags.mean()
    return float(share) if isinstance(share, float | int) else 0.0
