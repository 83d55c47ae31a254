"""Ids as dense codes: assigned in the natural order of the ids, so that they do not depend on the order of rows."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType

import numpy as np
import polars as pl

from recsys_tui.output.neutralise import neutral_id, neutral_series

WIDEST_TABLE = 50_000_000
MISSING_WORDS = ("", "nan", "null", "none", "\\n", "n/a", "#n/a")
_DECIMAL = r"^\d+\.0$"
# Integers that NumPy has too. Wider ones are coded as texts.
NUMPY_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
BEYOND_INT64 = 2.0**63
NO_TEXT = "?"  # how an id is shown of which nothing is left
APART = 6  # hexadecimal digits that keep ids apart
ALL_NAMED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CodedIds:
    """``ids`` (String, one a code), ``codes`` (UInt32, one a row; null where the id is missing).

    ``shortened``: ids were a whole column of spreadsheet floats (``13085.0``). ``neutralised``: ids that lost control
    characters. ``kept_apart``: ids that would have become equal by that. ``changed``: how ids of both kinds, and what
    they would have become equal to, are shown, by how they are written.
    """

    ids: pl.Series
    codes: pl.Series
    shortened: bool
    neutralised: int
    kept_apart: int
    changed: Mapping[str, str] = field(default_factory=dict)


def code_ids(values: pl.Series, named: Mapping[str, str] = ALL_NAMED) -> CodedIds:
    """Encode a column of ids of any type. ``named``: how some are shown that are alike to others, which are left out of
    the column (``changed`` of all of them)."""
    shortened = False
    if values.dtype.is_float():
        shortened = _whole(values)
        values = values.cast(pl.Int64 if shortened else pl.String, strict=False)
    if values.dtype in NUMPY_INTEGERS:
        return _code_integers(values, shortened)
    if values.dtype != pl.String:
        values = values.cast(pl.String, strict=False)
    distinct = values.unique().drop_nulls()
    distinct = distinct.filter(~distinct.str.strip_chars().str.to_lowercase().is_in(MISSING_WORDS))
    if distinct.len() and distinct.str.contains(_DECIMAL).all():
        shortened = True
        values, distinct = values.str.strip_suffix(".0"), distinct.str.strip_suffix(".0")
    ordered = natural_order(distinct)
    codes = values.cast(pl.Enum(ordered), strict=False).to_physical().cast(pl.UInt32)
    neutral, count = neutral_series(ordered, ids=True)
    if not count:
        return CodedIds(neutral.alias("id"), codes, shortened, 0, 0)
    shown, apart = _kept_apart(ordered, neutral)
    shown = shown if not named else ordered.replace_strict(named, default=shown, return_dtype=pl.String)
    other = (ordered != shown) | neutral.replace("", NO_TEXT).is_duplicated()
    changed = dict(zip(ordered.filter(other), shown.filter(other), strict=True))
    return CodedIds(shown.alias("id"), codes, shortened, count, apart, changed)


def id_texts(values: pl.Series) -> pl.Series:
    """A column of ids as texts, shortened and neutralised as :func:`code_ids` does: for joins with its ids."""
    text = written_ids(values)
    if values.dtype.is_numeric():
        return text
    distinct = text.unique().drop_nulls()
    if not neutral_series(distinct, ids=True)[1]:
        return text
    distinct = natural_order(distinct.filter(distinct != ""))
    shown, _ = _kept_apart(distinct, neutral_series(distinct, ids=True)[0])
    return text.replace(distinct, shown)


def alike_ids(values: pl.Series) -> Mapping[str, str]:
    """How the ids of a column are shown that hold control characters, or are alike to such ones, by how they are
    written; none of most columns."""
    if values.dtype != pl.String or not neutral_series(values.unique().drop_nulls(), ids=True)[1]:
        return ALL_NAMED
    return code_ids(values).changed


def apart_names(values: pl.Series) -> pl.Series:
    """How texts are shown that hold control characters wherever others are alike to them; null for all other texts."""
    neutral, _ = neutral_series(values, ids=True)
    bases = zip(values.to_list(), neutral.replace("", NO_TEXT).to_list(), strict=True)
    names = [None if text in (None, base) else _apart(text, base, ()) for text, base in bases]
    return pl.Series(values.name, names, pl.String)


def shown_in(
    frame: pl.DataFrame, changed: Mapping[str, str], known: pl.Series, written: dict[str, str] | None = None
) -> pl.DataFrame:
    """A table beside the interactions with their ids as they are shown: ``changed``, as :class:`CodedIds` has it.

    What would be shown as one of all the ``known`` ids, and is another, is kept apart as those are. An id without
    control characters is the one that is written with them in the interactions alone. ``written`` takes how what was
    changed is written.
    """
    columns, all_known = [], set[str]()
    for name in [name for name, kind in frame.schema.items() if kind == pl.String]:
        if not (changed or neutral_series(frame[name], ids=True)[1]):
            continue
        values = frame[name].unique().drop_nulls()
        neutral, _ = neutral_series(values, ids=True)
        here = values.is_in(list(changed))
        shown = {text: changed[text] for text in values.filter(here).to_list()}
        alike = neutral.is_in([*shown.values()]) | ((values != neutral) & neutral.is_in(known.implode()))
        mistaken = natural_order(values.filter(alike & ~here)).to_list()
        if mistaken:
            all_known = all_known or set(known.to_list())
            taken = all_known | {*shown.values(), *values.to_list()}
            for text in mistaken:
                shown[text] = _apart(text, neutral_id(text) or NO_TEXT, taken)
                taken.add(shown[text])
        columns.append(frame[name].replace(shown))
        if written is not None:
            written |= {new: text for text, new in shown.items() if new != text}
    return frame.with_columns(columns)


def written_ids(values: pl.Series) -> pl.Series:
    """A column of ids as texts as they were written, but for whole spreadsheet floats, which are shortened."""
    if values.dtype.is_float() and _whole(values):
        values = values.cast(pl.Int64, strict=False)
    text = values.cast(pl.String, strict=False)
    known = text.drop_nulls()
    return text.str.strip_suffix(".0") if known.len() and known.str.contains(_DECIMAL).all() else text


def natural_order(ids: pl.Series) -> pl.Series:
    """Distinct ids in their natural order: numbers by value, before texts in code point order."""
    frame = pl.DataFrame({"id": ids})
    number = pl.col("id").cast(pl.Int64, strict=False)
    return frame.sort(number, pl.col("id"), nulls_last=True)["id"]


def _whole(values: pl.Series) -> bool:
    known = values.drop_nulls().drop_nans()
    known = known.filter(known.is_finite())
    return bool((known == known.round(0)).all() and (known.abs() < BEYOND_INT64).all())


def _code_integers(values: pl.Series, shortened: bool) -> CodedIds:
    known = values.drop_nulls()
    if not known.len():
        return CodedIds(
            pl.Series("id", [], pl.String), pl.Series(values.name, [None] * values.len(), pl.UInt32), False, 0, 0
        )
    low, high = int(str(known.min())), int(str(known.max()))
    filled = values.fill_null(low).to_numpy()
    if high - low < WIDEST_TABLE:
        there = np.zeros(high - low + 1, np.bool_)
        there[known.to_numpy() - low] = True
        ids = np.flatnonzero(there) + low
        codes = (np.cumsum(there) - 1)[filled - low]
    else:
        ids = np.unique(known.to_numpy())
        codes = np.searchsorted(ids, filled)
    coded = pl.Series(values.name, codes.astype(np.uint32))
    if values.null_count():
        coded = pl.select(pl.when(values.is_not_null()).then(coded)).to_series()
    return CodedIds(pl.Series("id", ids).cast(pl.String), coded, shortened, 0, 0)


def _kept_apart(written: pl.Series, neutral: pl.Series) -> tuple[pl.Series, int]:
    """Tell ids apart that became equal (or empty) by neutralising, so that different people stay different, and how
    many that were. By how they are written alone, so that who comes or goes changes none of the others, but for one
    that is alike to nothing else before or after."""
    bases = neutral.replace("", NO_TEXT)
    alike = bases.is_duplicated() & (written != bases)
    taken, names = set(bases.to_list()), []
    for text, base in zip(written.filter(alike), bases.filter(alike), strict=True):
        names.append(_apart(text, base, taken))
        taken.add(names[-1])
    return bases.scatter(alike.arg_true(), pl.Series(names, dtype=pl.String)).alias("id"), len(names)


def _apart(written: str, base: str, taken: Container[str]) -> str:
    """An id that is told apart from others which are shown as ``base``: by the first digits of a checksum (BLAKE2b), by
    more of them where it would be one of those that are ``taken``."""
    digits = blake2b(written.encode("utf-8", "surrogatepass")).hexdigest()
    names = (f"{base}~{digits[:length]}" for length in range(APART, len(digits)))
    return next(name for name in names if name not in taken)
