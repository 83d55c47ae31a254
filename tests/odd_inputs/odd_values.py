"""Sound files of odd values (ids, ratings, times, quantities, names of columns): how each is written, how it opens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import polars as pl

from tests.odd_inputs.corpus import CLICKS, SOUND, Build, Case, bad, frame, odd, text

NOT_FOUND = None  # a finding that must not be there


def table(column: str, values: Iterable[object]) -> Build:
    """Twenty rows or more of seven people and five items with one more column."""
    rows = "".join(f'{n % 7},{n % 5},"{value}"\n' for n, value in enumerate(values))
    return text(f"user,item,{column}\n{rows}")


def columns(**values: object) -> Build:
    """Parquet of a few users and items with more columns."""
    return frame(pl.DataFrame({"user": ["a", "b", "a", "b"], "item": ["x", "y", "y", "x"], **values}))


def records(*lines: str) -> Build:
    """JSON lines."""
    return text("\n".join(lines) + "\n", "data.jsonl")


EPOCH = [10**9 + n for n in range(20)]
COUNTS = {"users": 7, "items": 5, "events": 20}
FAR = pl.Series([2**62, 0, -(2**62), 1]).cast(pl.Datetime("us"))

IDS = (
    odd("ids equal but for blanks", text("user,item\n1,a\n 1,a \n1 ,b\n"), 3, 3, 3),
    odd("ids equal but for capitals", text("user,item\nA,x\na,X\n"), 2, 2, 2),
    odd("ids of two ways to write an accent", text("user,item\n\u00e9,x\ne\u0301,x\n"), 2, 1, 2),
    odd("ids with signs", text("user,item\n+1,x\n1,y\n-0,x\n0,y\n"), 4, 2, 4),
    odd("ids of which one is a decimal", text("user,item\n1.0,x\n1,y\n2,x\n"), 3, 2, 3),
    odd("ids in two notations", text("user,item\n1e5,x\n100000,y\n"), 2, 2, 2),
    odd("words for nothing among ids", text("user,item\nNULL,x\nN/A,z\na,null\nb,x\n"), 1, 1, 1, no_user=2, no_item=1),
    odd("ids written from right to left", text("user,item\n\u05d0\u05d1,\u0627\u0628\nb,y\n"), 2, 2, 2),
    odd("ids that invisible letters tell apart", text("user,item\na\u200b,x\na,y\n\u200b,x\n"), 3, 2, 3),
    odd(
        "numbers of JSON beyond 64 bits", records(f'{{"user": {10**29}, "item": 2}}', '{"user": 2, "item": 3}'), 2, 2, 2
    ),
    odd("truth values as ids", records('{"user": true, "item": 1}', '{"user": false, "item": 1}'), 2, 1, 2),
    odd("half a letter of JSON", records('{"user": "a\\ud800", "item": 2}', '{"user": "b", "item": 3}'), 2, 2, 2),
    odd(
        "half a letter of JSON beside a line that is no record",
        records('{"user": "a\\ud800", "item": 2}', "false", '{"user": "b", "item": 3}'),
        2,
        2,
        2,
        bad_lines=1,
    ),
    odd("NUL in JSON", records('{"user": "a\\u0000\\u001b[31m", "item": 2}', '{"user": "b", "item": 3}'), 2, 2, 2),
    odd(
        "the largest and smallest numbers of 64 bits",
        frame(pl.DataFrame({"user": pl.Series([2**64 - 1, 0], dtype=pl.UInt64), "item": [-(2**63), 2**63 - 1]})),
        2,
        2,
        2,
    ),
    odd("ids that are no numbers", columns(user=[1.0, float("nan"), float("inf"), 2.0]), 2, 1, 2, no_user=2),
    odd("ids of decimals that are whole", columns(user=[Decimal(n) for n in (1, 2, 1, 3)]), 3, 2, 4),
    odd("ids beyond what decimals hold exactly", columns(user=[1e20, 2e20, 1e20, 3e20]), 3, 2, 4),
    bad("fractions as ids", columns(user=[1.5, 2.5, 1.5, 3.25]), "no_column_for"),
    bad("an id of five million letters", text("user,item\n" + "u" * 5_000_000 + ",x\nb,y\n"), "no_column_for"),
)

NAMES = (
    odd(
        "escapes in the names of columns", frame(CLICKS.rename({"user": "user\x1b[31m", "item": "it\x07em\n"})), 2, 2, 3
    ),
    odd("names of columns that escapes tell apart", columns(**{"user\x07": ["p", "q", "r", "s"]}), 2, 2, 4),
    odd(
        "names of JSON that escapes tell apart",
        records('{"user": "a", "user\\u0007": "c", "item": 2}', '{"user": "b", "user\\u0007": "d", "item": 3}'),
        2,
        2,
        2,
    ),
    odd(
        "two names of JSON that are empty",
        records('{"": 1, "\\u0007": 3, "user": "a", "item": 2}', '{"": 1, "\\u0007": 3, "user": "b", "item": 3}'),
        2,
        2,
        2,
    ),
    odd(
        "names of columns like those that repeated names get",
        text("user,user,user (2),item\na,b,c,d\ne,f,g,h\n"),
        2,
        2,
        2,
        duplicate_headers=1,
    ),
    odd(
        "half a letter of JSON in a name",
        records('{"user": "a", "item": 2, "\\ud800": 1}', "false", '{"user": "b", "item": 3}'),
        2,
        2,
        2,
        bad_lines=1,
    ),
    odd("a name of a hundred thousand letters", text("user," + "i" * 100_000 + "\na,b\nc,d\n"), 2, 2, 2),
    odd("two columns that differ by capitals", text("User,user,item\na,b,c\nd,e,f\n"), 2, 2, 2),
)

NUMBERS = (
    odd("ratings in percent", table("rating", [f"{n * 5}%" for n in range(20)]), **COUNTS, column_unfit=20),
    odd("ratings in words", table("rating", ["good", "bad"] * 10), **COUNTS, column_unfit=20),
    odd("ratings in stars", table("rating", ["***", "*"] * 10), **COUNTS, column_unfit=20),
    odd(
        "ratings beyond all numbers", table("rating", ["1e400", "-inf"] * 4 + [3] * 12), **COUNTS, unparsable_ratings=8
    ),
    odd("negative ratings", table("rating", [-1, 1] * 10), **COUNTS, column_unfit=NOT_FOUND),
    odd("ratings close to nothing", table("rating", ["1e-320", "5"] * 10), **COUNTS, unparsable_ratings=NOT_FOUND),
    odd(
        "not a number in JSON",
        records('{"user": 1, "item": 2, "rating": NaN}', '{"user": 2, "item": 2, "rating": 3}'),
        2,
        1,
        2,
        unparsable_ratings=1,
    ),
    odd("ratings that are lists", columns(rating=[[1.0]] * 4), 2, 2, 4),
    odd(
        "quantities without end",
        table("quantity", ["inf", "-inf", "nan", "1e308", "-1e308"] + [2] * 15),
        **COUNTS,
        unparsable_quantities=5,
        counts_against=NOT_FOUND,
    ),
    odd("prices without end", table("price", ["inf", "nan", 4, 5] * 5), **COUNTS),
    odd("thousands with commas", table("quantity", [f"{n + 1},000" for n in range(20)]), **COUNTS),
    odd(
        "blanks behind the separators",
        text(SOUND.replace(",", ", ")),
        7,
        5,
        50,
        column_unfit=NOT_FOUND,
        no_time=NOT_FOUND,
        unparsable_ratings=NOT_FOUND,
    ),
)

TIMES = (
    odd("times without end", table("timestamp", ["inf"] * 20), **COUNTS, no_time=20),
    odd("a few times without end", table("timestamp", [*EPOCH[:18], "inf", "-inf"]), 7, 5, 18, unparsable_times=2),
    odd(
        "dates with blanks around",
        table("date", [f" 2024-01-{n + 1:02d} " for n in range(20)]),
        **COUNTS,
        no_time=NOT_FOUND,
    ),
    odd("times with blanks around", table("timestamp", [f" {n} " for n in EPOCH]), **COUNTS, no_time=NOT_FOUND),
    odd("times in nanoseconds", table("timestamp", [n * 10**9 for n in EPOCH]), **COUNTS, no_time=NOT_FOUND),
    odd("times with fractions", table("timestamp", [n + 0.25 for n in EPOCH]), **COUNTS, no_time=NOT_FOUND),
    odd("times in words", table("timestamp", ["yesterday"] * 20), **COUNTS, no_time=20),
    odd("times of day alone", table("time", ["12:30"] * 20), **COUNTS, no_time=20),
    odd("years", table("timestamp", [1990 + n for n in range(20)]), **COUNTS, order_only=20),
    odd("one time for all", table("timestamp", [0] * 20), **COUNTS, order_only=20),
    odd(
        "dates of the years 1 and 9999", table("date", ["9999-12-31", "0001-01-01"] * 10), 7, 5, 10, unparsable_times=10
    ),
    odd(
        "dates and numbers by turns",
        table("timestamp", ["2024-01-01", 1_700_000_000] * 10),
        7,
        5,
        10,
        unparsable_times=10,
    ),
    odd(
        "dates of which each contradicts the last",
        table("date", ["25/12/2024", "12/25/2024"] * 10),
        **COUNTS,
        no_time=20,
    ),
    odd("a second too many", table("date", ["2016-12-31T23:59:60"] * 20), **COUNTS),
    odd(
        "zones by turns",
        table("date", ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00"] * 10),
        **COUNTS,
        no_time=NOT_FOUND,
    ),
    odd(
        "a time of JSON beyond 64 bits",
        records(*(f'{{"user": {n % 2}, "item": {n}, "time": {10**23 if n == 2 else 10**9 + n}}}' for n in range(4))),
        2,
        3,
        3,
        unparsable_times=1,
    ),
    odd("dates beyond the calendar", columns(time=FAR), 1, 2, 2, unparsable_times=2),
    odd("lengths of time as times", columns(time=[timedelta(seconds=n) for n in range(4)]), 2, 2, 4, no_time=4),
    odd("times of day as times", columns(time=[time(1, 2, n) for n in range(4)]), 2, 2, 4, no_time=4),
    odd("records as times", columns(time=[{"a": 1}] * 4), 2, 2, 4, no_time=4),
    odd("nothing as times", columns(time=[None] * 4, rating=[None] * 4), 2, 2, 4, no_time=4),
    odd(
        "zones of Parquet",
        columns(
            time=pl.Series([datetime(2024, 1, n, tzinfo=UTC) for n in (1, 2, 3)] + [None]).dt.convert_time_zone(
                "America/New_York"
            )
        ),
        2,
        2,
        3,
        unparsable_times=1,
    ),
    odd("times of thirty digits", table("timestamp", [10**30 + n for n in range(20)]), **COUNTS, column_unfit=20),
)

EVENTS = (
    odd("escapes in events", table("event", ["view", "\x1b[31mview", "buy", "view "] * 5), **COUNTS),
    odd("four hundred kinds of events", table("event", [f"e{n}" for n in range(400)]), 7, 5, 400),
)

CASES: tuple[Case, ...] = IDS + NAMES + NUMBERS + TIMES + EVENTS
