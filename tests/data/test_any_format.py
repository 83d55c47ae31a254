"""One table, written in every format, encoding and separator, with its columns renamed and shuffled, reads the same."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset
from recsys_tui.data.readers.registry import read_table

Row = tuple[str, str, str, str]
LATIN, CHINESE = "aBz09-_é", "张王李红楼梦水浒三国"
# Ids that no reader may change: letters first, so that none is a number, and none is a word for nothing.
latin_ids = st.text(LATIN, min_size=1, max_size=6).map(lambda text: "k" + text)
chinese_ids = st.text(CHINESE, min_size=1, max_size=4)
WAYS_TO_NAME = {
    "user": ("user", "userId", "customer_id", "visitorid", "reviewerID", "用户ID"),
    "item": ("item", "item_id", "ASIN", "StockCode", "movieId", "商品"),
    "rating": ("rating", "Score", "stars", "评分"),
    "time": ("timestamp", "event_time", "Date", "时间"),
}


@st.composite
def tables(draw: st.DrawFn, ids: st.SearchStrategy[str]) -> list[Row]:
    """At least two people and two items, so that no column is constant."""
    row = st.tuples(ids, ids, st.sampled_from(["1", "2.5", "4", "5"]), st.integers(10**9, 10**9 + 50).map(str))
    first: list[Row] = [("k1", "i1", "5", "1000000000"), ("k2", "i2", "3", "1000000007")]
    return first + draw(st.lists(row, min_size=1, max_size=20))


@st.composite
def layouts(draw: st.DrawFn, names: dict[str, tuple[str, ...]] = WAYS_TO_NAME) -> list[tuple[int, str]]:
    """Places of the columns in a shuffled order, each with a name for it."""
    named = [draw(st.sampled_from(choices)) for choices in names.values()]
    return [(place, named[place]) for place in draw(st.permutations(range(4)))]


def told(dataset: Dataset) -> list[tuple[str, str, float, int]]:
    """The interactions by their ids, in the order of the file."""
    table = dataset.interactions.sort("row")
    users, items = dataset.users["id"].to_list(), dataset.items["id"].to_list()
    return [(users[row["user"]], items[row["item"]], row["rating"], row["time"]) for row in table.iter_rows(named=True)]


def expected(table: list[Row]) -> list[tuple[str, str, float, int]]:
    return [(user, item, float(rating), 1_000 * int(time)) for user, item, rating, time in dict.fromkeys(table)]


def read_back(content: bytes, name: str) -> Dataset:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return load_dataset(path)


def as_text(table: list[Row], layout: list[tuple[int, str]], separator: str, line_end: str) -> str:
    rows = [[name for _, name in layout], *([row[place] for place, _ in layout] for row in table)]
    if separator in ("::", "  "):
        return "".join(separator.join(row) + line_end for row in rows)
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator=line_end).writerows(rows)
    return buffer.getvalue()


PLAIN: Callable[[bytes], bytes] = bytes
SQUEEZED: dict[str, Callable[[bytes], bytes]] = {
    "": PLAIN,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@settings(max_examples=150, deadline=None)
@given(
    tables(latin_ids),
    layouts(),
    st.sampled_from([",", "\t", ";", "|", "::", " ", "  "]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(sorted(SQUEEZED)),
)
def test_delimited_text(
    table: list[Row], layout: list[tuple[int, str]], separator: str, encoding: str, line_end: str, squeezed: str
) -> None:
    codec = {"utf-16-le": ("utf-16-le", b"\xff\xfe"), "utf-16-be": ("utf-16-be", b"\xfe\xff")}.get(encoding)
    text = as_text(table, layout, separator, line_end)
    content = codec[1] + text.encode(codec[0]) if codec else text.encode(encoding)
    dataset = read_back(SQUEEZED[squeezed](content), "table.txt" + squeezed)
    assert dataset.rows_read == len(table)
    assert told(dataset) == expected(table)


ASCII_NAMES = {role: tuple(name for name in names if name.isascii()) for role, names in WAYS_TO_NAME.items()}


@settings(max_examples=60, deadline=None)
@given(
    tables(latin_ids),
    layouts(ASCII_NAMES),
    st.sampled_from([",", "\t", ";", "|"]),
    st.sampled_from(["latin-1", "cp1252"]),
)
def test_western_encodings(table: list[Row], layout: list[tuple[int, str]], separator: str, encoding: str) -> None:
    dataset = read_back(as_text(table, layout, separator, "\n").encode(encoding), "table.csv")
    assert told(dataset) == expected(table)


@settings(max_examples=60, deadline=None)
@example(
    [("k1", "i1", "5", "1000000000"), ("k2", "i2", "3", "1000000007"), *[("浒", "浒", "1", "1000000000")] * 3],
    [(0, "user"), (1, "item"), (2, "rating"), (3, "timestamp")],
    ",",
    "gb18030",
)
@given(
    tables(chinese_ids), layouts(), st.sampled_from([",", "\t", ";"]), st.sampled_from(["gb18030", "utf-8", "utf-16"])
)
def test_chinese_encodings(table: list[Row], layout: list[tuple[int, str]], separator: str, encoding: str) -> None:
    # A character or two could be anything; a table of Chinese data has more, however often a rare one comes.
    table = [("张三", "红楼梦", "5", "1000000003"), ("李四", "水浒传", "4", "1000000009"), *table]
    dataset = read_back(as_text(table, layout, separator, "\r\n").encode(encoding), "table.csv")
    assert told(dataset) == expected(table)


@settings(max_examples=80, deadline=None)
@given(
    tables(latin_ids | chinese_ids),
    layouts(),
    st.sampled_from(["lines", "array", "indented", "columns", "within"]),
    st.sampled_from(sorted(SQUEEZED)),
    st.booleans(),
)
def test_json(table: list[Row], layout: list[tuple[int, str]], shape: str, squeezed: str, typed: bool) -> None:
    def value(place: int, text: str) -> object:
        return json.loads(text) if typed and place >= 2 else text

    records = [{name: value(place, row[place]) for place, name in layout} for row in table]
    document: object = records
    if shape == "columns":
        document = {name: [record[name] for record in records] for _, name in layout}
    elif shape == "within":
        document = {"source": "a shop", "rows": records}
    if shape == "lines":
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    else:
        text = json.dumps(document, ensure_ascii=False, indent=1 if shape == "indented" else None)
    dataset = read_back(SQUEEZED[squeezed](text.encode()), "table.json")
    assert told(dataset) == expected(table)


@settings(max_examples=60, deadline=None)
@given(tables(latin_ids | chinese_ids), layouts(), st.sampled_from(["parquet", "feather", "stream"]), st.booleans())
def test_columnar_files(table: list[Row], layout: list[tuple[int, str]], kind: str, typed: bool) -> None:
    frame = pl.DataFrame(table, schema=["0", "1", "2", "3"], orient="row")
    if typed:
        frame = frame.with_columns(pl.col("2").cast(pl.Float64), pl.col("3").cast(pl.Int64))
    frame = frame.select(pl.col(str(place)).alias(name) for place, name in layout)
    buffer = io.BytesIO()
    {"parquet": frame.write_parquet, "feather": frame.write_ipc, "stream": frame.write_ipc_stream}[kind](buffer)
    assert told(read_back(buffer.getvalue(), f"table.{kind}")) == expected(table)


@settings(max_examples=40, deadline=None)
@given(tables(latin_ids | chinese_ids), st.permutations(range(4)))
def test_recbole_atomic_files(table: list[Row], order: list[int]) -> None:
    fields = ("user_id:token", "item_id:token", "rating:float", "timestamp:float")
    lines = ["\t".join(fields[place] for place in order)]
    lines += ["\t".join(row[place] for place in order) for row in table]
    assert told(read_back("\n".join(lines).encode(), "some.inter")) == expected(table)


@settings(max_examples=30, deadline=None)
@given(tables(latin_ids), layouts(), st.integers(2, 4), st.sampled_from(["csv", "parquet"]))
def test_a_folder_of_parts(table: list[Row], layout: list[tuple[int, str]], parts: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        size = -(-len(table) // parts)
        for number in range(parts):
            some = table[number * size : (number + 1) * size] or table[:1]
            path = Path(folder) / f"part-{number:03d}.{kind}"
            if kind == "csv":
                path.write_text(as_text(some, layout, ",", "\n"))
            else:
                frame = pl.DataFrame(some, schema=["0", "1", "2", "3"], orient="row")
                frame.select(pl.col(str(place)).alias(name) for place, name in layout).write_parquet(path)
        dataset = load_dataset(folder)
        assert sorted(told(dataset)) == sorted(expected(table))
        assert len(dataset.files) == parts


@pytest.mark.parametrize("name", ["data[1]", "caf\udce9", "a*b?"])
def test_what_is_columnar_is_read_whatever_its_name_looks_like(tmp_path: Path, name: str):
    """As a pattern of names, or as no text at all."""
    table = pl.DataFrame({"user": ["a", "b"], "item": ["x", "y"]})
    for kind, write in (
        ("parquet", table.write_parquet),
        ("arrow", table.write_ipc),
        ("arrows", table.write_ipc_stream),
    ):
        path = tmp_path / f"{name}.{kind}"
        with path.open("wb") as stream:
            write(stream)
        assert read_table(path).frame.equals(table)
