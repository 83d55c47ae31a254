"""Rows that come later: whatever their format and order of columns, each once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import UserError

FIRST = "user,item,rating,timestamp\na,x,5,1000000000\na,y,4,1000000001\nb,x,3,1000000002\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "first.csv"
    path.parent.mkdir()
    path.write_text(FIRST)
    return path


def written(tmp_path: Path, text: str, name: str = "more.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def told(dataset: Dataset) -> list[tuple[str, str, float, int]]:
    users, items = dataset.users["id"].to_list(), dataset.items["id"].to_list()
    rows = dataset.interactions.sort("row").iter_rows(named=True)
    return [(users[row["user"]], items[row["item"]], row["rating"], row["time"] // 1000) for row in rows]


def found(dataset: Dataset) -> dict[str, int]:
    return {entry.code: entry.count for entry in dataset.findings}


def test_columns_in_another_order_under_other_names(data: Path, tmp_path: Path) -> None:
    more = written(tmp_path, "时间;评分;商品;用户ID\n1000000009;2;z;c\n")
    dataset = load_dataset(data, added=[more])
    assert told(dataset)[-1] == ("c", "z", 2.0, 1_000_000_009)
    assert dataset.rows_read == 4
    assert more in dataset.files


def test_what_is_there_already_changes_nothing(data: Path, tmp_path: Path) -> None:
    more = written(tmp_path, FIRST + "b,y,1,1000000007\n")
    dataset = load_dataset(data, added=[more, more])
    assert dataset.interaction_count == 4
    assert found(dataset)["rows_added"] == 0  # of the second time
    assert [entry.count for entry in dataset.findings if entry.code == "rows_added_before"] == [3, 4]


def test_without_times_a_row_may_occur_twice_but_not_thrice(tmp_path: Path) -> None:
    data = written(tmp_path, "user,item\na,x\nb,y\n", "views.csv")
    folder = tmp_path / "later"
    folder.mkdir()
    dataset = load_dataset(data, added=[written(folder, "user,item\na,x\na,x\n")])
    assert dataset.interaction_count == 3


def test_dates_beside_seconds(data: Path, tmp_path: Path) -> None:
    more = written(tmp_path, "user,item,rating,timestamp\nc,x,5,2001-09-09T01:46:45\n")
    assert told(load_dataset(data, added=[more]))[-1] == ("c", "x", 5.0, 1_000_000_005)


def test_a_parquet_file_behind_a_text(data: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.parquet"
    pl.DataFrame({"item": ["q"], "user": ["b"], "timestamp": [1_000_000_011], "rating": [4]}).write_parquet(more)
    assert told(load_dataset(data, added=[more]))[-1] == ("b", "q", 4.0, 1_000_000_011)


def test_rows_that_make_no_sense_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load_dataset(data, added=[written(tmp_path, "colour,weight\nred,1.5\nblue,2.5\n")])
    assert refused.value.exit_code == 2


def test_rows_without_a_header_are_in_the_order_of_the_data(tmp_path: Path) -> None:
    data = written(tmp_path, "userID\tartistID\tweight\n2\t51\t13883\n3\t52\t7\n", "plays.tsv")
    folder = tmp_path / "later"
    folder.mkdir()
    dataset = load_dataset(data, added=[written(folder, "2\t51\t99999\n", "more.tsv")])
    assert dataset.interactions["quantity"].sort().to_list() == [7, 13_883, 99_999]
