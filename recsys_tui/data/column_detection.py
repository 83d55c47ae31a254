"""Which column is the user, the item, the rating, the time: from names and contents, with a reason and a confidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from recsys_tui.data.column_roles import name_rank, plain, same_family, who_and_whom
from recsys_tui.data.column_words import (
    ALL_NAMES,
    BASKET,
    EVENT,
    ITEM,
    ORDER,
    PRICE,
    QUANTITY,
    RATING,
    REVIEW,
    TIME,
    TITLE,
    USER,
)
from recsys_tui.data.dataset import NO_COLUMN, ColumnChoice, Mapping, TimeKind
from recsys_tui.data.event_strength import kind_of
from recsys_tui.data.readers import RawTable
from recsys_tui.data.readers.dialect import column_name
from recsys_tui.data.times import time_kind_of
from recsys_tui.data.written_numbers import as_numbers
from recsys_tui.output.digits import whole_number
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

SAMPLE_ROWS = 20_000
MOST_RATING_VALUES = 101
RATING_BOUNDS = (-10.0, 100.0)
MOST_EVENT_KINDS = 30
ENOUGH_NUMBERS = 0.5
KNOWN_EVENTS = 0.6
ROWS_TO_NUMBER = 20
COLUMNS_LOOKED_AT = 300
BY_NAME, BY_ORDER_OF_COLUMNS, BY_CONTENT = 0.95, 0.7, 0.8
GIVEN_ROLES = (USER, ITEM, RATING, TIME, EVENT, QUANTITY, BASKET)


@dataclass(frozen=True)
class ColumnFacts:
    """What the contents of a column allow: each flag says whether the role is possible."""

    name: str
    place: int
    can_be_id: bool
    mostly_numbers: bool
    can_be_rating: bool
    can_be_event: bool
    known_events: bool
    row_number: bool
    time_kind: TimeKind | None


def column_facts(frame: pl.DataFrame) -> list[ColumnFacts]:
    """Facts of every column, from up to 20,000 rows spread over the table.

    Of a table of very many columns, those beyond the first 300 whose names say nothing can play no role.
    """
    step = max(1, frame.height // SAMPLE_ROWS)
    sample = frame.gather_every(step).head(SAMPLE_ROWS)
    return [
        _facts(sample[name], place, step)
        if place < COLUMNS_LOOKED_AT or plain(name) in ALL_NAMES
        else ColumnFacts(name, place, False, False, False, False, False, False, None)
        for place, name in enumerate(frame.columns)
    ]


def _facts(values: pl.Series, place: int, step: int) -> ColumnFacts:
    known = values.drop_nulls()
    nested = values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object)
    if nested or not known.len():
        return ColumnFacts(values.name, place, False, False, False, False, False, False, None)
    kind = time_kind_of(values)
    temporal = values.dtype.is_temporal()
    numbers = pl.Series([], dtype=pl.Float64) if temporal else as_numbers(known).drop_nulls()
    numeric = numbers.len() > 0.9 * known.len()
    whole = numeric and bool((numbers == numbers.round(0)).all())
    distinct = known.n_unique()
    rating = numeric and distinct <= MOST_RATING_VALUES
    if rating:
        low, high = float(str(numbers.min())), float(str(numbers.max()))
        rating = RATING_BOUNDS[0] <= low and high <= RATING_BOUNDS[1]
    long_text = values.dtype == pl.String and float(str(known.str.len_chars().mean())) > 40
    can_be_id = not temporal and (whole or not numeric) and not long_text
    event = values.dtype in (pl.String, pl.Categorical) or isinstance(values.dtype, pl.Enum) or whole
    event = event and distinct <= MOST_EVENT_KINDS
    words = known.cast(pl.String).unique().to_list() if event and not numeric else []
    events = bool(words) and sum(kind_of(word) is not None for word in words) >= KNOWN_EVENTS * len(words)
    mostly = numbers.len() > ENOUGH_NUMBERS * known.len()
    numbered = whole and known.len() >= ROWS_TO_NUMBER and bool((numbers.diff().drop_nulls() == step).all())
    return ColumnFacts(values.name, place, can_be_id, mostly, rating, event, events, numbered, kind)


def detect_columns(table: RawTable, mapping: Mapping) -> tuple[ColumnChoice, ...]:
    """Choose the columns of a table of interactions.

    What the mapping says counts first, then names whose contents agree, then contents and the order of columns.
    Raises ``UserError`` (exit 2): a named column that is not there, no user or no item column, or two readings that
    are about equally likely (with the candidates and the option that decides).
    """
    facts = column_facts(table.frame)
    chosen = _given(table.frame.columns, mapping)
    _check_given(table, chosen)
    closed = closed_roles(mapping, table.frame.columns)
    if table.has_names:
        _who_and_whom(facts, chosen)
    for role in (USER, ITEM, TIME, RATING, EVENT, QUANTITY, BASKET, REVIEW, ORDER):
        if role not in chosen and role not in closed and not (role == ORDER and (TIME in chosen or TIME in closed)):
            found = _by_name(role, _free(facts, chosen), table.frame)
            if found is not None:
                chosen[role] = found
    if USER not in chosen and BASKET in chosen and table.has_names:
        basket = chosen.pop(BASKET)
        chosen[USER] = ColumnChoice(USER, basket.column, say("data.why_basket", column=basket.column), BY_CONTENT)
    if ITEM not in chosen and USER in chosen:
        titled = _by_name(TITLE, _free(facts, chosen), table.frame)
        if titled is not None:
            chosen[ITEM] = ColumnChoice(ITEM, titled.column, say("data.why_title", column=titled.column), BY_CONTENT)
    _by_contents(facts, chosen, table.has_names, closed)
    if ORDER in chosen:
        order = chosen.pop(ORDER)
        if TIME not in chosen:
            chosen[TIME] = ColumnChoice(TIME, order.column, order.why, order.confidence)
    return tuple(chosen.values())


def closed_roles(mapping: Mapping, columns: Sequence[str]) -> frozenset[str]:
    """The roles that no column is to play. A column named ``none`` is a column."""
    said = {role for role in GIVEN_ROLES if role not in (USER, ITEM) and getattr(mapping, role) == NO_COLUMN}
    return frozenset() if NO_COLUMN in columns else frozenset(said)


def _given(columns: list[str], mapping: Mapping) -> dict[str, ColumnChoice]:
    chosen: dict[str, ColumnChoice] = {}
    closed = closed_roles(mapping, columns)
    for role in GIVEN_ROLES:
        wanted = getattr(mapping, role)
        if wanted is not None and role not in closed:
            column = resolve_column(wanted, columns, role)
            twice = [other for other, choice in chosen.items() if choice.column == column]
            if twice:
                raise UserError(
                    "data.same_column", column=column, first=f"--{twice[0]}-col", second=f"--{role}-col"
                )  # fmt: skip
            chosen[role] = ColumnChoice(role, column, say("data.why_given"), 1.0)
    return chosen


def _check_given(table: RawTable, chosen: dict[str, ColumnChoice]) -> None:
    """Raise ``UserError`` (exit 2) for a column that cannot be what the person said: one that names the users or items
    while no other was given for those, one of ratings or quantities that holds no numbers, or one of lists or
    durations."""
    for role, choice in chosen.items():
        column = choice.column
        for other in (USER, ITEM):
            if table.has_names and other not in chosen and role not in (USER, ITEM) and name_rank(column, other) == 0:
                raise UserError(
                    "data.column_of_another_role", column=column, option=f"--{role}-col",
                    role=say(f"data.role_{other}"), instead=f"--{other}-col",
                )  # fmt: skip
        if role in (RATING, QUANTITY):
            values = table.frame[column].drop_nulls().head(SAMPLE_ROWS)
            values = values.filter(values.str.strip_chars() != "") if values.dtype == pl.String else values
            if as_numbers(values).drop_nulls().len() <= ENOUGH_NUMBERS * values.len() and values.len():
                raise UserError("data.no_numbers", column=column, option=f"--{role}-col", role=say(f"data.role_{role}"))
        elif role in (USER, ITEM, EVENT, BASKET) and (held := _no_single_values(table.frame[column].dtype)):
            raise UserError(held, column=column, option=f"--{role}-col", role=say(f"data.role_{role}"))


def _no_single_values(dtype: pl.DataType) -> str | None:
    """The sentence that says why a column names or groups nothing; None where it may."""
    if dtype.is_nested():
        return "data.lists_given"
    return "data.durations_given" if dtype == pl.Duration else None


def resolve_column(wanted: str, columns: list[str], role: str) -> str:
    """A column by its name (case does not matter) or its number from 1. Raises ``UserError`` (exit 2)."""
    for name in (wanted, column_name(wanted)):
        if name in columns:
            return name
    alike = [column for column in columns if column.lower() == wanted.lower()]
    if len(alike) == 1:
        return alike[0]
    number = whole_number(wanted)
    if number is not None and 1 <= number <= len(columns):
        return columns[number - 1]
    raise UserError("data.no_such_column", column=wanted, option=f"--{role}-col", columns=_listed(columns))


def _free(facts: Iterable[ColumnFacts], chosen: dict[str, ColumnChoice]) -> list[ColumnFacts]:
    taken = {choice.column for choice in chosen.values()}
    return [entry for entry in facts if entry.name not in taken]


def _possible(entry: ColumnFacts, role: str) -> bool:
    if role in (USER, ITEM):
        return entry.can_be_id
    if role == RATING:
        return entry.mostly_numbers  # its name says so already; contents alone would have to say more
    if role == TIME:
        return entry.time_kind is not None
    if role == ORDER:
        return entry.time_kind is TimeKind.ORDER
    if role in (QUANTITY, PRICE):
        return entry.mostly_numbers
    if role in (BASKET, TITLE, REVIEW):
        return True
    return entry.can_be_event


def _by_name(role: str, facts: list[ColumnFacts], frame: pl.DataFrame) -> ColumnChoice | None:
    ranked = sorted((rank, entry.place, entry) for entry in facts if (rank := name_rank(entry.name, role)) is not None)
    named = [entry for _, _, entry in ranked if _possible(entry, role)]
    if not named:
        return None
    best = named[0]
    for other in named[1:]:
        if role in (USER, ITEM) and not same_family(best.name, other.name, role) and not _paired(frame, best, other):
            raise UserError(
                "data.ambiguous", role=say(f"data.role_{role}"), columns=_listed([best.name, other.name]),
                option=f"--{role}-col", example=best.name,
            )  # fmt: skip
    return ColumnChoice(role, best.name, say("data.why_name", column=best.name), BY_NAME)


def _who_and_whom(facts: list[ColumnFacts], chosen: dict[str, ColumnChoice]) -> None:
    """Follower and followed, where the names of two columns say so and no other column is named as an item."""
    if USER in chosen or ITEM in chosen:
        return
    pair = who_and_whom([entry.name for entry in facts])
    if pair is None:
        return
    others = [entry.name for entry in facts if entry.name not in pair]
    if any(name_rank(name, ITEM) is not None for name in others):
        return
    for role, column in zip((USER, ITEM), pair, strict=True):
        chosen[role] = ColumnChoice(role, column, say("data.why_who_whom", who=pair[0], whom=pair[1]), BY_NAME)


def _paired(frame: pl.DataFrame, left: ColumnFacts, right: ColumnFacts) -> bool:
    """Whether two columns say the same thing: each value of one goes with one value of the other."""
    pairs = frame.select(left.name, right.name).head(SAMPLE_ROWS).unique()
    return pairs.height == pairs[left.name].n_unique() == pairs[right.name].n_unique()


def _by_contents(
    facts: list[ColumnFacts], chosen: dict[str, ColumnChoice], has_names: bool, closed: frozenset[str]
) -> None:
    """Fill the missing roles from contents and from the usual order: user, item, rating, time."""
    first = 0 if has_names and (USER in chosen or ITEM in chosen) else 2
    if TIME not in chosen and ORDER not in chosen and TIME not in closed:
        dates = [entry for entry in _free(facts, chosen) if entry.time_kind is TimeKind.TIME and entry.place >= first]
        if dates:
            chosen[TIME] = ColumnChoice(TIME, dates[-1].name, say("data.why_dates"), BY_CONTENT / len(dates))
    if EVENT not in chosen and EVENT not in closed:
        events = [entry for entry in _free(facts, chosen) if entry.known_events and entry.place >= first]
        if events:
            chosen[EVENT] = ColumnChoice(EVENT, events[0].name, say("data.why_events"), BY_CONTENT / len(events))
    if RATING not in chosen and not has_names and RATING not in closed:
        rated = [entry for entry in _free(facts, chosen) if entry.can_be_rating and entry.place >= first]
        if rated:
            chosen[RATING] = ColumnChoice(RATING, rated[0].name, say("data.why_rating"), BY_CONTENT / len(rated))
    missing = [role for role in (USER, ITEM) if role not in chosen]
    free = [entry for entry in _free(facts, chosen) if entry.can_be_id]
    if len(free) > len(missing):
        unnumbered = [entry for entry in free if not entry.row_number]
        free = unnumbered if len(unnumbered) >= len(missing) else free
    if len(free) < len(missing):
        raise UserError(
            "data.no_column_for", role=say(f"data.role_{missing[-1]}"), columns=_listed([f.name for f in facts]),
            option=f"--{missing[-1]}-col",
        )  # fmt: skip
    if missing and has_names and len(free) > len(missing):
        role = missing[0]
        raise UserError(
            "data.ambiguous", role=say(f"data.role_{role}"), columns=_listed([entry.name for entry in free]),
            option=f"--{role}-col", example=free[0].name,
        )  # fmt: skip
    for role, entry in zip(missing, free, strict=False):
        alone = len(missing) == 1
        why = say("data.why_only_one_left") if alone else say("data.why_order_of_columns")
        chosen[role] = ColumnChoice(role, entry.name, why, BY_CONTENT if alone else BY_ORDER_OF_COLUMNS)


def _listed(columns: list[str]) -> str:
    return ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
