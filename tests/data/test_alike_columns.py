"""Rows that come later and are written otherwise: units of time, forms of dates, ids that became floats."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.alike_columns import alike, comparable
from recsys_tui.data.dataset import ITEM, Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import UserError

SECONDS = 1_000_000_000
FIRST = "user,item,rating,timestamp\n" + "".join(
    f"{n % 4 + 1},{n % 5 + 101},{n % 5 + 1},{SECONDS + n}\n" for n in range(20)
)


def merged(tmp_path: Path, first: str, later: str | pl.DataFrame) -> Dataset:
    data, more = tmp_path / "data" / "first.csv", tmp_path / "more.csv"
    data.parent.mkdir()
    data.write_text(first)
    if isinstance(later, str):
        more.write_text(later)
    else:
        more = more.with_suffix(".parquet")
        later.write_parquet(more)
    return load_dataset(data, added=[more])


def last(dataset: Dataset) -> tuple[str, str, int]:
    row = dataset.interactions.sort("row").row(-1, named=True)
    return dataset.users["id"][row["user"]], dataset.items["id"][row["item"]], row["time"]


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("1000009000123", 1_000_009_000_123),
        ("1000009000123456", 1_000_009_000_123),
        ("1000009000.0", 1_000_009_000_000),
        ("2001-09-09T04:16:40Z", 1_000_009_000_000),
        ("09.09.2001 04:16:40", 1_000_009_000_000),
    ],
)
def test_times_in_another_unit_or_form(tmp_path: Path, written: str, milliseconds: int) -> None:
    dataset = merged(tmp_path, FIRST, f"user,item,rating,timestamp\n9,101,3,{written}\n")
    assert last(dataset) == ("9", "101", milliseconds)
    assert dataset.interaction_count == 21


def dated(days: list[str]) -> str:
    return "user,item,date\n" + "".join(f"u{n % 3},i{n},{day}\n" for n, day in enumerate(days))


def day(year: int, month: int, of_month: int) -> int:
    return round(datetime(year, month, of_month, tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("days", "later", "expected"),
    [
        ([f"{n}/02/2024" for n in range(13, 19)], "2024-04-03", day(2024, 4, 3)),
        ([f"2024-02-{n}" for n in range(13, 19)], "04/23/2024", day(2024, 4, 23)),
        ([f"02/{n}/2024" for n in range(13, 19)], "03/04/2024", day(2024, 3, 4)),
        (["04/03/2024", "01/01/2024", "02/05/2024"], "04/23/2024", day(2024, 4, 23)),
    ],
)
def test_dates_of_either_file_are_read_in_its_own_way(
    tmp_path: Path, days: list[str], later: str, expected: int
) -> None:
    dataset = merged(tmp_path, dated(days), f"user,item,date\nz,q,{later}\n")
    assert dataset.interaction_count == len(days) + 1
    assert last(dataset) == ("z", "q", expected)


def test_dates_and_an_order_do_not_mix(tmp_path: Path) -> None:
    ordered = "user,item,position\n" + "".join(f"u{n // 5},i{n % 5},{n % 5}\n" for n in range(20))
    with pytest.raises(UserError) as refused:
        merged(tmp_path, ordered, "user,item,time\nu1,q,2024-01-01\n")
    assert (refused.value.message_id, refused.value.exit_code) == ("data.added_no_order", 2)
    (tmp_path / "other").mkdir()
    with pytest.raises(UserError) as refused:
        merged(tmp_path / "other", FIRST, "user,item,rating,timestamp\n9,101,3,1\n")
    assert (refused.value.message_id, refused.value.exit_code) == ("data.added_no_dates", 2)


def test_ids_that_became_floats_are_the_same_people(tmp_path: Path) -> None:
    floats = pl.read_csv(FIRST.encode()).cast(pl.Float64)
    assert merged(tmp_path, FIRST, floats).interaction_count == 20
    (tmp_path / "other").mkdir()
    text = FIRST.replace("\n1,", "\n1.0,").replace("\n2,", "\n2.0,").replace("\n3,", "\n3.0,").replace("\n4,", "\n4.0,")
    dataset = merged(tmp_path / "other", text, f"user,item,rating,timestamp\n1,101,3,{SECONDS + 99}\n")
    assert dataset.users["id"].to_list() == ["1", "2", "3", "4"]


def test_an_id_with_a_point_among_others_stays_as_it_is(tmp_path: Path) -> None:
    versions, later = pl.Series("item", ["1.0", "1.1", "2.0"]), pl.Series("item", ["7.0"])
    assert alike(ITEM, versions, later, Mapping(), tmp_path)[1].to_list() == ["7.0"]


def test_equal_numbers_are_the_same_row(tmp_path: Path) -> None:
    first = "user,item,rating\na,x,5\na,y,4\nb,x,3\n"
    again = pl.DataFrame({"user": ["a", "a"], "item": ["x", "y"], "rating": [5.0, 4.5]})
    assert merged(tmp_path, first, again).interaction_count == 4
    assert comparable(pl.Series(["4", " 4.0", "4.50", "x", None])).to_list() == ["4", "4", "4.5", "x", None]
    assert comparable(pl.Series([2**60 + 1])).to_list() == [str(2**60 + 1)]
