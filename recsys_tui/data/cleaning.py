"""Cleaning the interactions: every rule says how often it applied, what was done, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from recsys_tui.data.dataset import EVENT, ITEM, RATING, ROW, TIME, USER, Action, Finding, TimeKind
from recsys_tui.data.id_codes import code_ids
from recsys_tui.data.times import as_numbers, to_milliseconds, to_order
from recsys_tui.output.messages import say

MOST_RATING_STEPS = 21
LARGEST_RATING = 10.0


@dataclass
class CleanInteractions:
    """The encoded table (sorted by user, time, row), the ids behind its codes, and what was found on the way."""

    table: pl.DataFrame
    user_ids: pl.Series
    item_ids: pl.Series
    explicit: bool
    findings: list[Finding] = field(default_factory=list)


def finding(code: str, count: int, action: Action, **fields: object) -> Finding:
    """A finding with the sentence ``data.finding_<code>``."""
    return Finding(code, count, action, say(f"data.finding_{code}", count=f"{count:,}", **fields))


def clean_interactions(frame: pl.DataFrame, columns: dict[str, str], time_kind: TimeKind) -> CleanInteractions:
    """Encode and clean a raw table.

    ``columns`` maps roles to column names. Removed: rows without user or item, rows whose time does not parse, exact
    duplicates (the first stays). Kept: rows whose rating does not parse (as interactions without one), repeated
    pairs (every event counts). Users and items that lose all their rows are not coded.
    """
    findings: list[Finding] = []
    users, items = code_ids(frame[columns[USER]]), code_ids(frame[columns[ITEM]])
    for role, coded in ((USER, users), (ITEM, items)):
        word = say(f"data.role_{role}")
        if coded.shortened:
            findings.append(finding("ids_shortened", coded.ids.len(), Action.CHANGED, role=word))
        if coded.neutralised:
            findings.append(finding("ids_neutralised", coded.neutralised, Action.CHANGED, role=word))
        if coded.kept_apart:
            findings.append(finding("ids_kept_apart", coded.kept_apart, Action.CHANGED, role=word))
    table = pl.DataFrame({USER: users.codes, ITEM: items.codes}).with_row_index(ROW)
    if RATING in columns:
        table = table.with_columns(as_numbers(frame[columns[RATING]]).cast(pl.Float32).alias(RATING))
    if TIME in columns and time_kind is not TimeKind.NONE:
        convert = to_milliseconds if time_kind is TimeKind.TIME else to_order
        table = table.with_columns(convert(frame[columns[TIME]]).alias(TIME))
    if EVENT in columns:
        table = table.with_columns(frame[columns[EVENT]].cast(pl.String).alias(EVENT))
    table = _without_missing(table, findings)
    if RATING in columns:
        table = _with_readable_ratings(table, findings)
    table = _without_duplicates(table, findings)
    order = [column for column in (USER, TIME, ROW) if column in table.columns]
    table = table.sort(order)
    table, user_ids, item_ids = _dense(table, users.ids, items.ids)
    repeats = table.height - _pairs(table).n_unique()
    if repeats:
        findings.append(finding("repeated_pairs", repeats, Action.KEPT))
    return CleanInteractions(table, user_ids, item_ids, _is_scale(table), findings)


def _with_readable_ratings(table: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    table = table.with_columns(pl.when(pl.col(RATING).is_finite()).then(pl.col(RATING)).alias(RATING))
    missing = table[RATING].null_count()
    if missing:
        findings.append(finding("unparsable_ratings", missing, Action.KEPT))
    return table


def _pairs(table: pl.DataFrame) -> pl.Series:
    """User and item of each row as one number: comparing pairs costs a third of the memory of comparing structs."""
    return table.select(pl.col(USER).cast(pl.UInt64) * 2**32 + pl.col(ITEM)).to_series()


def _without_missing(table: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    for role in (USER, ITEM, TIME):
        if role in table.columns and table[role].null_count():
            code = "unparsable_times" if role == TIME else f"no_{role}"
            findings.append(finding(code, table[role].null_count(), Action.REMOVED))
            table = table.filter(pl.col(role).is_not_null())
    return table


def _without_duplicates(table: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    columns = [column for column in table.columns if column != ROW]
    # Without a time two equal rows may be two events; with one they say the same thing twice.
    if TIME not in columns:
        return table
    # Most data repeats few pairs, so only those rows are compared in full.
    repeated = table.filter(_pairs(table).is_duplicated())
    first = repeated.unique(columns, keep="first", maintain_order=True)
    removed = repeated.height - first.height
    if removed:
        findings.append(finding("duplicates", removed, Action.REMOVED))
        table = table.join(repeated.join(first, on=ROW, how="anti"), on=ROW, how="anti", maintain_order="left")
    return table


def _dense(table: pl.DataFrame, user_ids: pl.Series, item_ids: pl.Series) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    """Codes without gaps where cleaning took all rows of a user or an item; the natural order stays."""
    result = []
    for role, ids in ((USER, user_ids), (ITEM, item_ids)):
        used = table[role].unique().sort()
        if used.len() < ids.len():
            places = pl.DataFrame({role: used}).with_row_index("dense")
            table = table.join(places, on=role, how="left", maintain_order="left").with_columns(
                pl.col("dense").cast(pl.UInt32).alias(role)
            )
            table = table.drop("dense")
        result.append(ids.gather(used) if used.len() < ids.len() else ids)
    return table, result[0], result[1]


def _is_scale(table: pl.DataFrame) -> bool:
    """Whether ratings are on a scale (few even steps up to 10), not counts of something."""
    if RATING not in table.columns:
        return False
    values = table[RATING].drop_nulls().unique()
    if not 2 <= values.len() <= MOST_RATING_STEPS or float(str(values.max())) > LARGEST_RATING:
        return False
    return bool((values * 2 == (values * 2).round(0)).all())
