"""Whatever way a table is written, the same interactions are read back."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset

NAMES = ("user", "item", "rating", "timestamp")
# Ids as people have them; the first letter keeps them from being words for nothing.
ids = st.text("aBé0129-_.", min_size=1, max_size=6).map(lambda text: "k" + text) | st.integers(0, 300).map(str)
rows = st.tuples(ids, ids, st.sampled_from(["1", "2.5", "4", "5"]), st.integers(10**9, 10**9 + 50).map(str))
tables = st.lists(rows, min_size=1, max_size=25)


def told(dataset: Dataset) -> list[tuple[str, str, float, int]]:
    """The interactions by their ids, in the order of the file."""
    table = dataset.interactions.sort("row")
    users, items = dataset.users["id"].to_list(), dataset.items["id"].to_list()
    return [(users[row["user"]], items[row["item"]], row["rating"], row["time"]) for row in table.iter_rows(named=True)]


def expected(table: list[tuple[str, str, str, str]]) -> list[tuple[str, str, float, int]]:
    distinct = list(dict.fromkeys(table))
    return [(user, item, float(rating), 1_000 * int(time)) for user, item, rating, time in distinct]


def opened(content: bytes, name: str) -> Dataset:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return load_dataset(path)


@settings(max_examples=120, deadline=None)
@given(
    tables,
    st.sampled_from([",", "\t", ";", "|", "::"]),
    st.permutations(range(4)),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
def test_delimited_with_a_header(
    table: list[tuple[str, str, str, str]],
    separator: str,
    order: list[int],
    encoding: str,
    line_end: str,
    zipped: bool,
    quoted: bool,
) -> None:
    shuffled = [[row[place] for place in order] for row in [NAMES, *table]]
    if separator == "::":
        text = "".join(separator.join(row) + line_end for row in shuffled)
    else:
        buffer = io.StringIO(newline="")
        quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        csv.writer(buffer, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows(shuffled)
        text = buffer.getvalue()
    content = text.encode(encoding)
    dataset = opened(gzip.compress(content) if zipped else content, "table.txt")
    assert dataset.rows_read == len(table)
    assert told(dataset) == expected(table)


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from([",", "\t", ";", "|", "::"]))
def test_delimited_without_a_header(table: list[tuple[str, str, str, str]], separator: str) -> None:
    text = "".join(separator.join(row) + "\n" for row in table)
    dataset = opened(text.encode(), "table.dat")
    assert told(dataset) == expected(table)


@settings(max_examples=40, deadline=None)
@given(tables, st.permutations(NAMES), st.booleans())
def test_parquet(table: list[tuple[str, str, str, str]], order: list[str], typed: bool) -> None:
    frame = pl.DataFrame(table, schema=list(NAMES), orient="row")
    if typed:
        frame = frame.with_columns(pl.col("rating").cast(pl.Float32), pl.col("timestamp").cast(pl.Int64))
    buffer = io.BytesIO()
    frame.select(order).write_parquet(buffer)
    dataset = opened(buffer.getvalue(), "table.parquet")
    assert told(dataset) == expected(table)
