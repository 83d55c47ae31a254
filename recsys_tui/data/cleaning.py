"""Cleaning the interactions: every rule says how often it applied, what was done, and why."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field

import polars as pl

from recsys_tui.data.dataset import (
    BASKET,
    EVENT,
    ITEM,
    QUANTITY,
    RATING,
    ROW,
    STRENGTH,
    TIME,
    USER,
    Action,
    Finding,
    Mapping,
    TimeKind,
)
from recsys_tui.data.event_sorting import sorted_events
from recsys_tui.data.event_strength import given_strengths, strengths_of, with_strength
from recsys_tui.data.id_codes import code_ids
from recsys_tui.data.pair_keys import distinct_pairs, pair_keys, repeated_rows
from recsys_tui.data.times import to_milliseconds, to_order, written_dates
from recsys_tui.data.written_dates import DAY_FIRST, MONTH_FIRST, DateOrder
from recsys_tui.data.written_numbers import as_numbers
from recsys_tui.output.crowd_gate import smallest_crowd
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_series

MOST_RATING_STEPS = 21
LARGEST_RATING = 10.0
LARGEST_QUANTITY = 1e15
LARGEST_SCALE = 100.0
MOST_DATES = 200_000
MOST_EVENT_NAME = 80
AGAINST, NOTHING, REPEATS, CANCELLED = "counts_against", "counts_nothing", "repeated_pairs", "cancellations"
AGAIN, KINDS = "repeat_consumption", "event_weights"
FINEST_SHARE = 0.01
ENOUGH_FOR_SHARE = 500  # rows, so that a share in steps of ten of them is not far off


@dataclass
class CleanInteractions:
    """The encoded table (sorted by user, time, row), the ids behind its codes, and what was found on the way."""

    table: pl.DataFrame
    user_ids: pl.Series
    item_ids: pl.Series
    explicit: bool
    weights: dict[str, float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def finding(code: str, count: int, action: Action, **fields: object) -> Finding:
    """A finding with the sentence ``data.finding_<code>``."""
    return Finding(code, count, action, say(f"data.finding_{code}", count=f"{count:,}", **fields))


def in_tens(rows: int) -> int:
    """A number of rows as the next multiple of ten (of the people who are enough)."""
    tens = smallest_crowd()
    return -(-rows // tens) * tens


def told_against(events: int) -> Finding:
    """How many events count against their items, in whole tens: the exact number would be that of a kind of event of
    which a bar tells none."""
    return finding(AGAINST, in_tens(events), Action.USED)


def told_nothing(events: int) -> Finding:
    """How many events count neither for nor against their items, in whole tens, for the same reason."""
    return finding(NOTHING, in_tens(events), Action.KEPT)


def events_for_nothing(table: pl.DataFrame) -> int:
    """How many events count neither for nor against their items: of no units, or of a kind that weighs nothing."""
    return int((table[STRENGTH] == 0).sum()) if STRENGTH in table.columns else 0


def told_cancelled(rows: int) -> Finding:
    """How many rows are cancelled, which count against their items: in whole tens as well."""
    return finding(CANCELLED, in_tens(rows), Action.USED)


def may_repeat(findings: Iterable[Finding]) -> bool:
    """Whether it is told in tens how many events repeat a pair, even where none does: that none does would tell too."""
    return any(entry.code in (AGAINST, NOTHING) for entry in findings)


def told_repeats(events: int, findings: Iterable[Finding]) -> Finding:
    """How many events repeat a pair of a person and an item; in whole tens, and ten at least, where ``findings`` say
    that events count against their items, or for nothing: beside the exact number, what lists count would tell how few
    people took something back, or took nothing of it."""
    if not may_repeat(findings):
        return finding(REPEATS, events, Action.KEPT)
    most = in_tens(max(1, events))
    return Finding(REPEATS, most, Action.KEPT, say("data.finding_repeated_at_most", count=f"{most:,}"))


def told_repeat_share(share: float, rows: int, findings: Iterable[Finding]) -> float:
    """The share of events that take something again, of all ``rows``; in steps of ten rows, and of no less than one in
    a hundred, where it may be of some of them alone: as it is, it would tell how many these are, of which a bar may
    tell none, and of how many pairs."""
    if not _of_some_rows(findings):
        return share
    step = max(FINEST_SHARE, smallest_crowd() / max(1, rows))
    return min(1.0, round(round(share / step) * step, 6))


def told_again(events: int, share: float, rows: int, findings: Iterable[Finding]) -> Finding:
    """How many events take something again, and their share; both as :func:`told_repeat_share` has it."""
    findings = list(findings)
    said = f"{told_repeat_share(share, rows, findings):.0%}"
    if not _of_some_rows(findings):
        return finding(AGAIN, events, Action.USED, share=said)
    most = in_tens(events)
    said = say("data.again_about", share=said) if rows >= ENOUGH_FOR_SHARE else ""
    return Finding(AGAIN, most, Action.USED, say("data.finding_again_at_most", count=f"{most:,}", share=said))


def _of_some_rows(findings: Iterable[Finding]) -> bool:
    """Whether what is taken again is counted among some rows: those of one kind, or that count for their items."""
    return any(entry.code in (AGAINST, NOTHING, KINDS) for entry in findings)


def clean_interactions(
    frame: pl.DataFrame, columns: dict[str, str], time_kind: TimeKind, mapping: Mapping | None = None
) -> CleanInteractions:
    """Encode and clean a raw table.

    ``columns`` maps roles to column names. Removed: rows without user or item, rows whose time does not parse, exact
    duplicates (the first stays). Kept: rows whose rating does not parse (as interactions without one), repeated
    pairs (every event counts). Users and items that lose all their rows are not coded.
    """
    return clean_encoded(encode_interactions(frame, columns, time_kind, mapping), mapping)


@dataclass
class EncodedInteractions:
    """Every row of a file as numbers, before any is left out; the file's own columns are not needed any more.

    ``changed_ids``: how ids are shown that are not as they are written, as
    :class:`~recsys_tui.data.id_codes.CodedIds` has it.
    """

    table: pl.DataFrame
    user_ids: pl.Series
    item_ids: pl.Series
    findings: list[Finding]
    changed_ids: Mapped[str, str] = field(default_factory=dict)


def encode_interactions(
    frame: pl.DataFrame,
    columns: dict[str, str],
    time_kind: TimeKind,
    mapping: Mapping | None = None,
    named: Mapped[str, Mapped[str, str]] | None = None,
) -> EncodedInteractions:
    """Ids as codes, times as milliseconds or positions, ratings and quantities as numbers; null where unreadable.

    ``named``: how ids of a column are shown that are alike to others which were left out.
    """
    findings: list[Finding] = []
    mapping, named = mapping or Mapping(), named or {}
    users, items = (code_ids(frame[columns[role]], named.get(columns[role], {})) for role in (USER, ITEM))
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
        times = frame[columns[TIME]]
        dates = _date_order(times, mapping, findings) if time_kind is TimeKind.TIME else None
        converted = to_milliseconds(times, dates) if time_kind is TimeKind.TIME else to_order(times)
        table = table.with_columns(converted.alias(TIME))
    if EVENT in columns:
        table = table.with_columns(_events(frame[columns[EVENT]]).alias(EVENT))
    if QUANTITY in columns:
        table = table.with_columns(_quantities(frame[columns[QUANTITY]], findings))
    if BASKET in columns:
        baskets = frame[columns[BASKET]].cast(pl.String)
        table = table.with_columns(baskets.rank("dense").cast(pl.UInt32).alias(BASKET))
        findings += _cancellations(baskets, table)
    return EncodedInteractions(table, users.ids, items.ids, findings, {**items.changed, **users.changed})


def clean_encoded(encoded: EncodedInteractions, mapping: Mapping | None = None) -> CleanInteractions:
    """The second half of :func:`clean_interactions`."""
    mapping = mapping or Mapping()
    findings, table = encoded.findings, encoded.table
    encoded.table = table.clear()
    table = _without_missing(table, findings)
    if RATING in table.columns:
        table = _with_readable_ratings(table, findings)
    table = _without_duplicates(table, findings)
    explicit = _is_scale(table)
    if RATING in table.columns and QUANTITY not in table.columns and _are_counts(table[RATING]):
        findings.append(finding("ratings_are_counts", table[RATING].count(), Action.USED))
        table = table.rename({RATING: QUANTITY})
    weights = strengths_of(_names_of_events(table), given_strengths(mapping.weights))
    table = _told_strength(with_strength(table, weights), weights, findings)
    if mapping.core:
        table = _core(table, mapping.core, findings)
    table = sorted_events(table)
    table, user_ids, item_ids = _dense(table, encoded.user_ids, encoded.item_ids)
    repeats = table.height - distinct_pairs(pair_keys(table))
    if repeats or may_repeat(findings):
        findings.append(told_repeats(repeats, findings))
    return CleanInteractions(table, user_ids, item_ids, explicit, weights, findings)


def _date_order(times: pl.Series, mapping: Mapping, findings: list[Finding]) -> DateOrder | None:
    """Which of day and month comes first in dates made of numbers, for the column as a whole."""
    given: DateOrder | None = {DAY_FIRST: DAY_FIRST, MONTH_FIRST: MONTH_FIRST}.get(mapping.dates or "")  # type: ignore[call-overload]
    if times.dtype != pl.String:
        return given
    read = written_dates(times.drop_nulls().head(MOST_DATES), given)
    if read.order is not None and given is None:
        code = f"{'dates' if read.sure else 'dates_unsure'}_{read.order.replace('-', '_')}"
        findings.append(finding(code, times.count(), Action.USED))
    return read.order


def _events(values: pl.Series) -> pl.Series:
    """Names of events, neutralised and short enough to show; missing ones stay missing."""
    text = values.cast(pl.String).str.strip_chars().str.slice(0, MOST_EVENT_NAME)
    kinds = text.unique().drop_nulls()
    shown = neutral_series(kinds)[0]
    return text.replace_strict(kinds, shown, default=None, return_dtype=pl.String) if kinds.len() else text


def _names_of_events(table: pl.DataFrame) -> list[str]:
    return table[EVENT].drop_nulls().unique().sort().to_list() if EVENT in table.columns else []


def _quantities(values: pl.Series, findings: list[Finding]) -> pl.Series:
    """Quantities as Float32; null, which counts as one unit, where there is none to be read."""
    numbers = as_numbers(values)
    numbers = pl.select(pl.when(numbers.abs() <= LARGEST_QUANTITY).then(numbers)).to_series()
    unread = numbers.null_count() - values.null_count()
    if unread:
        findings.append(finding("unparsable_quantities", unread, Action.KEPT))
    return numbers.cast(pl.Float32).alias(QUANTITY)


def _are_counts(ratings: pl.Series) -> bool:
    """Whether numbers called ratings are counts of something: whole, none below 1, the largest beyond any scale."""
    known = ratings.drop_nulls()
    if not known.len():
        return False
    low, high = float(str(known.min())), float(str(known.max()))
    return low >= 1 and high > LARGEST_SCALE and bool((known == known.round(0)).all())


def _cancellations(baskets: pl.Series, table: pl.DataFrame) -> list[Finding]:
    """Baskets whose number begins with a C among numbers that do not, the usual mark of a cancelled invoice."""
    marked = baskets.str.contains(r"^[Cc]\d+$")
    count = int(marked.sum())
    if QUANTITY not in table.columns or not count or count > baskets.len() / 2:
        return []
    negative = int((marked & (table[QUANTITY] < 0)).sum())
    return [told_cancelled(count)] if negative > count / 2 else []


def _told_strength(table: pl.DataFrame, weights: dict[str, float], findings: list[Finding]) -> pl.DataFrame:
    if weights:
        listed = ", ".join(f"{name} {weights[name]:g}" for name in sorted(weights, key=lambda name: -weights[name]))
        findings.append(finding(KINDS, table[EVENT].count(), Action.USED, weights=listed))
    if QUANTITY in table.columns:
        findings.append(finding("quantities", table[QUANTITY].count(), Action.USED))
    if STRENGTH in table.columns:
        against = int((table[STRENGTH] < 0).sum())
        if against:
            findings.append(told_against(against))
        if nothing := events_for_nothing(table):
            findings.append(told_nothing(nothing))
    return table


def _core(table: pl.DataFrame, core: int, findings: list[Finding]) -> pl.DataFrame:
    """Keep, again and again, people and items with at least ``core`` different partners (iterative k-core)."""
    before = table.height
    while table.height:
        kept = table
        for role, other in ((USER, ITEM), (ITEM, USER)):
            kept = kept.filter(pl.col(other).n_unique().over(role) >= core)
        if kept.height == table.height:
            break
        table = kept
    findings.append(finding("core", before - table.height, Action.REMOVED, core=core))
    return table


def _with_readable_ratings(table: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    table = table.with_columns(pl.when(pl.col(RATING).is_finite()).then(pl.col(RATING)).alias(RATING))
    missing = table[RATING].null_count()
    if missing:
        findings.append(finding("unparsable_ratings", missing, Action.KEPT))
    return table


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
    repeated = table.filter(pl.Series(repeated_rows(pair_keys(table))))
    if not repeated.height:
        return table
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
