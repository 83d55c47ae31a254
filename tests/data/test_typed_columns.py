"""Item tables of typed formats: lists, arrays, bytes and durations are understood or passed over, and stop nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Action, Dataset, Mapping
from recsys_tui.data.load import load_dataset

EVENTS = "userId,itemId\n" + "".join(f"{user},{item}\n" for user in "abc" for item in (1, 2, 3, 4))
ROWS = ((0.5, 1.0, 0.25, -1.0), (0.0, 2.0, 0.5, 1.0), (1.0, 1.5, 0.0, 0.75), (0.125, 0.0, 1.0, 2.0))


def beside(folder: Path, column: pl.Series, name: str = "items.parquet") -> Dataset:
    """Data whose items, 1 to 4, are described by a table with this one column."""
    (folder / "events.csv").write_text(EVENTS, encoding="utf-8")
    pl.DataFrame({"itemId": ["1", "2", "3", "4"], "title": ["A", "B", "C", "D"], column.name: column}).write_parquet(
        folder / name
    )
    return load_dataset(folder / "events.csv")


def passed_over(dataset: Dataset) -> list[tuple[int, Action, str]]:
    return [(one.count, one.action, one.message) for one in dataset.findings if one.code == "columns_unusable"]


@pytest.mark.parametrize("dtype", [pl.List(pl.Float64), pl.List(pl.Float32), pl.Array(pl.Float32, 4)])
def test_lists_of_numbers_of_one_length_are_vectors(tmp_path: Path, dtype: pl.DataType) -> None:
    dataset = beside(tmp_path, pl.Series("vector", ROWS, dtype=dtype))
    assert [tuple(row) for row in dataset.items["vector"].to_list()] == list(ROWS)
    assert passed_over(dataset) == []


def test_whole_numbers_are_vectors_where_they_are_called_so(tmp_path: Path) -> None:
    whole: Sequence[list[int]] = [[1, 0, 0, 2], [0, 1, 0, 2], [3, 0, 1, 0], [0, 0, 1, 1]]
    dataset = beside(tmp_path, pl.Series("embedding", whole, dtype=pl.List(pl.Int8)))
    assert dataset.items["vector"].to_list() == [[float(one) for one in row] for row in whole]


def test_vectors_of_json_lines(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    lines = [json.dumps({"itemId": str(place), "vector": row}) for place, row in enumerate(ROWS, 1)]
    (tmp_path / "items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert [tuple(row) for row in load_dataset(tmp_path).items["vector"].to_list()] == list(ROWS)


@pytest.mark.parametrize("dtype", [pl.List(pl.String), pl.List(pl.Categorical)])
def test_lists_of_words_are_attributes(tmp_path: Path, dtype: pl.DataType) -> None:
    played = [["ann", "bob"], ["bob"], [], None]
    dataset = beside(tmp_path, pl.Series("actors", played, dtype=dtype))
    assert dataset.items["attribute.actors"].to_list() == played


def test_lists_of_whole_numbers_are_attributes_as_separated_ones_are(tmp_path: Path) -> None:
    dataset = beside(tmp_path, pl.Series("sizes", [[38, 39], [39], [40, 41], []], dtype=pl.List(pl.Int64)))
    assert dataset.items["attribute.sizes"].to_list() == [["38", "39"], ["39"], ["40", "41"], []]


def test_durations_are_seconds_and_bytes_may_be_text(tmp_path: Path) -> None:
    lengths = pl.Series("length", [timedelta(minutes=90), timedelta(seconds=90.5), timedelta(minutes=90), None])
    assert beside(tmp_path, lengths).items["attribute.length"].to_list() == [5400.0, 90.5, 5400.0, None]
    colours = pl.Series("colour", [b"red", b"blue", b"red", b"blue"])
    assert beside(tmp_path, colours).items["attribute.colour"].to_list() == ["red", "blue", "red", "blue"]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("odd", [b"\xff\xd8\xff", b"\x00\xfe", None, b"a"]),
        pl.Series("odd", [[], [], None, []], dtype=pl.List(pl.Null)),
        pl.Series("odd", [[0.5, 1.0], [0.5, 2.0], [1.0, 0.5], None], dtype=pl.Array(pl.Float64, 2)),
        pl.Series("odd", [[0.5], [0.5, 2.0, 1.0, 4.0], [], None], dtype=pl.List(pl.Float64)),
        pl.Series("odd", [[[0.5]], [[1.0]], [], None], dtype=pl.List(pl.List(pl.Float64))),
        pl.Series("odd", [[b"a"], [b"b"], [], None], dtype=pl.List(pl.Binary)),
        pl.Series("odd", [[timedelta(1)], [], [], None], dtype=pl.List(pl.Duration)),
        pl.Series("odd", [{"a": 1}, {"a": 2}, None, {"a": 3}]),
        pl.Series("odd", [date(2001, 2, 3), date(2002, 2, 3), None, date(2001, 2, 3)]),
        pl.Series("year", [[date(2001, 2, 3)], [], None, []], dtype=pl.List(pl.Date)),
    ],
)
def test_what_makes_no_sense_is_passed_over_and_said(tmp_path: Path, column: pl.Series) -> None:
    dataset = beside(tmp_path, column)
    assert dataset.items.columns == ["id", "count", "title"]
    [(count, action, message)] = passed_over(dataset)
    assert (count, action) == (1, Action.IGNORED)
    assert message.startswith("1 column of items.parquet was passed over")
    assert message.endswith(f": {column.name}.")


def test_vectors_that_are_named_may_lie_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    vectors = tmp_path / "vectors.parquet"
    pl.DataFrame({"itemId": ["1", "2", "3", "4"], "v": pl.Series(ROWS, dtype=pl.List(pl.Float64))}).write_parquet(
        vectors
    )
    dataset = load_dataset(tmp_path / "events.csv", Mapping(vectors=vectors))
    assert [tuple(row) for row in dataset.items["vector"].to_list()] == list(ROWS)


def test_bytes_that_are_text_name_people(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    pl.DataFrame({"user_id": [b"a", b"b", b"a"], "item_id": ["1", "1", "2"]}).write_parquet(path)
    dataset = load_dataset(path)
    assert (dataset.user_count, dataset.item_count) == (2, 2)


def test_durations_of_people_and_among_the_interactions_stop_nothing(tmp_path: Path) -> None:
    ages = pl.Series([timedelta(days=9_000), timedelta(days=9_001), timedelta(days=9_000)])
    pl.DataFrame({"userId": ["a", "b", "c"], "age": ages}).write_parquet(tmp_path / "users.parquet")
    pl.DataFrame(
        {"userId": ["a", "b", "c"], "itemId": ["1", "2", "1"], "age": ages, "price": ages, "title": ages}
    ).write_parquet(tmp_path / "ratings.parquet")
    dataset = load_dataset(tmp_path / "ratings.parquet")
    assert dataset.users["age"].to_list() == ["777600000.0", "777686400.0", "777600000.0"]


def test_lists_where_people_or_tags_are_expected_stop_nothing(tmp_path: Path) -> None:
    listed = pl.Series([["b"], ["a", "c"], []], dtype=pl.List(pl.String))
    pl.DataFrame({"userId": ["a", "b", "c"], "friends": listed, "age": listed}).write_parquet(
        tmp_path / "users.parquet"
    )
    pl.DataFrame({"userId": ["a", "b", "c"], "itemId": ["1", "2", "3"], "tag": listed}).write_parquet(
        tmp_path / "tags.parquet"
    )
    pl.DataFrame(
        {"userId": ["a", "b", "c"], "itemId": ["1", "2", "1"], "rating": listed, "age": listed, "event": listed}
    ).write_parquet(tmp_path / "ratings.parquet")
    assert load_dataset(tmp_path / "ratings.parquet").user_count == 3
