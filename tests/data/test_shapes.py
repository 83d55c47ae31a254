"""Files that are no table of rows: lists, baskets, matrices, parts of a table, comments before the data."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import polars as pl
import pytest
import zstandard

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.data.readers.raw_table import RawTable
from recsys_tui.data.wide_matrix import unpivoted
from recsys_tui.output.errors import UserError


def opened(tmp_path: Path, text: str | bytes, name: str = "data.txt") -> Dataset:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_dataset(path)


def pairs(dataset: Dataset) -> list[tuple[str, str]]:
    users, items = dataset.users["id"].to_list(), dataset.items["id"].to_list()
    return [(users[user], items[item]) for user, item in dataset.interactions.sort("row").select("user", "item").rows()]


def codes(dataset: Dataset) -> dict[str, int]:
    return {entry.code: entry.count for entry in dataset.findings}


def test_adjacency_lists(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "0 5 7 9\n1 5\n2 7 9 5 11\n3 2 4\n")
    assert pairs(dataset) == [
        ("0", "5"), ("0", "7"), ("0", "9"), ("1", "5"), ("2", "7"), ("2", "9"), ("2", "5"), ("2", "11"), ("3", "2"),
        ("3", "4"),
    ]  # fmt: skip
    assert codes(dataset)["adjacency_lists"] == 4


def test_somebody_with_an_empty_list_is_nobody(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "0 5 7 9\n1\n2 7 9 5 11\n3 2 4\n")
    assert dataset.user_count == 3
    assert codes(dataset)["empty_lists"] == 1


def test_baskets_of_words(tmp_path: Path) -> None:
    dataset = opened(
        tmp_path, "whole milk,bread\nbread,butter,jam\nwhole milk\nbread,butter,jam,tea\n", "groceries.csv"
    )
    assert pairs(dataset)[:2] == [("1", "whole milk"), ("1", "bread")]
    assert (dataset.user_count, dataset.item_count, dataset.interaction_count) == (4, 5, 10)
    assert codes(dataset)["basket_lines"] == 4


def test_running_text_is_no_list(tmp_path: Path) -> None:
    text = "It was late.\nNobody came, and the lamp went out.\nThen, at last, a knock!\nWho is it?\nIt was the wind.\n"
    with pytest.raises(UserError) as refused:
        opened(tmp_path, text)
    assert refused.value.exit_code == 2


def test_a_wide_matrix_with_names(tmp_path: Path) -> None:
    text = "user,Alpha,Beta,Gamma,Delta,Eps,Zeta\nann,5,,3,,1,\nbob,,4,,2,,5\ncyd,1,,,,,2\n"
    dataset = opened(tmp_path, text, "matrix.csv")
    assert pairs(dataset) == [
        ("ann", "Alpha"), ("ann", "Gamma"), ("ann", "Eps"), ("bob", "Beta"), ("bob", "Delta"), ("bob", "Zeta"),
        ("cyd", "Alpha"), ("cyd", "Zeta"),
    ]  # fmt: skip
    assert dataset.interactions.sort("row")["rating"].to_list() == [5, 3, 1, 4, 2, 5, 1, 2]
    assert codes(dataset)["wide_matrix"] == 8


def test_jester_counts_first_and_writes_99_for_none(tmp_path: Path) -> None:
    rows = ["3,-7.82,8.79,99,99,4.51,99,99", "2,99,99,1.25,-9.9,99,99,99", "4,0.5,99,99,2.25,-3.75,99,8.1"]
    dataset = opened(tmp_path, "\n".join(rows) + "\n", "jester.csv")
    assert dataset.users["id"].to_list() == ["1", "2", "3"]
    assert dataset.interaction_count == 3 + 2 + 4
    assert dataset.interactions["rating"].max() == pytest.approx(8.79, abs=1e-5)


def test_a_matrix_of_mere_features_stays_a_table(tmp_path: Path) -> None:
    text = "user,item,f1,f2,f3,f4,f5\n" + "".join(f"{n % 4},{n % 3},{n},,{n % 2},,1\n" for n in range(12))
    assert opened(tmp_path, text).interaction_count == 12


def test_parts_in_partition_folders(tmp_path: Path) -> None:
    for year in (2020, 2021):
        folder = tmp_path / "data" / f"year={year}"
        folder.mkdir(parents=True)
        frame = pl.DataFrame({"user": ["a", "b"], "item": ["x", "y"], "timestamp": [year * 10**6] * 2})
        frame.write_parquet(folder / "part-0.parquet")
    dataset = load_dataset(tmp_path / "data")
    assert dataset.interaction_count == 4
    assert codes(dataset)["parts"] == 2


def test_numbered_parts_without_a_header(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"part-{number:05d}").with_suffix(".csv").write_text(f"a{number},x,5\nb{number},y,4\n")
    assert load_dataset(tmp_path).user_count == 6


def test_the_training_part_of_a_benchmark_split(tmp_path: Path) -> None:
    header = "user_id:token\titem_id:token\n"
    for name, rows in (("train", "1\t2\n1\t3\n2\t2\n"), ("valid", "1\t4\n"), ("test", "2\t4\n")):
        (tmp_path / f"shop.{name}.inter").write_text(header + rows)
    dataset = load_dataset(tmp_path)
    assert dataset.interaction_count == 3
    assert codes(dataset)["only_training_opened"] == 2


def test_comments_before_an_edge_list(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "# Directed graph\n# FromNodeId\tToNodeId\n30\t1412\n30\t3352\n3\t28\n", "graph.txt")
    assert dataset.interaction_count == 3
    assert codes(dataset)["comment_lines"] == 2


def test_the_line_by_which_spreadsheets_name_the_separator(tmp_path: Path) -> None:
    assert opened(tmp_path, "sep=;\nuser;item\na;x\nb;y\n", "excel.csv").users["id"].to_list() == ["a", "b"]


def test_sessions_stand_for_people_where_nobody_is_named(tmp_path: Path) -> None:
    text = "session_id,item_id,timestamp\n" + "".join(f"s{n % 3},i{n % 4},{10**9 + n}\n" for n in range(12))
    dataset = opened(tmp_path, text)
    assert {choice.role: choice.column for choice in dataset.columns} == {
        "user": "session_id", "item": "item_id", "time": "timestamp",
    }  # fmt: skip


def test_titles_stand_for_items_where_there_are_no_ids(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "用户,电影名,评分\n张三,红楼梦,5\n李四,三国演义,4\n张三,三国演义,3\n", "评分.csv")
    assert dataset.items["id"].to_list() == ["三国演义", "红楼梦"]


def test_a_cut_zstd_file_is_told(tmp_path: Path) -> None:
    whole = zstandard.ZstdCompressor().compress(
        b"user,item\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(9_000))
    )
    with pytest.raises(UserError) as refused:
        opened(tmp_path, whole[:-7], "cut.csv.zst")
    assert refused.value.message_id == "data.damaged_file"


def test_zstd_frames_one_after_the_other(tmp_path: Path) -> None:
    squeeze = zstandard.ZstdCompressor().compress
    assert opened(tmp_path, squeeze(b"user,item\na,x\n") + squeeze(b"b,y\n"), "two.zst").interaction_count == 2


def test_json_lines_that_are_none_are_left_out_and_told(tmp_path: Path) -> None:
    good = "".join(f'{{"user": "u{n % 3}", "item": {n % 4}}}\n' for n in range(8))
    dataset = opened(tmp_path, good + "oops\n", "log.jsonl")
    assert dataset.interaction_count == 8
    assert codes(dataset)["bad_lines"] == 1


def test_big_json_numbers_keep_their_digits(tmp_path: Path) -> None:
    text = (
        '{"user": 12345678901234567890123, "item": "a"}\n{"user": 7, "item": "b"}\nnot json\n{"user": 7, "item": "a"}\n'
    )
    assert opened(tmp_path, text, "log.jsonl").users["id"].to_list() == ["7", "12345678901234567890123"]


def test_json_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        opened(tmp_path, "[]", "empty.json")
    assert refused.value.message_id == "data.no_records"


def test_the_mapping_names_a_quantity_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("user,item,n\na,x,3\nb,y,1\n")
    dataset = load_dataset(path, Mapping(quantity="n"))
    assert dataset.interactions.sort("row")["strength"].to_list() == [2.0, 1.0]


def test_of_a_matrix_of_fractions_not_each_kind_is_kept() -> None:
    """Of a table with half a million of them, say, each as an object of its own."""
    count, numbers = 20_000, pl.int_range(600_000, eager=True)
    cells = pl.select(pl.when(numbers % 3 != 0).then(numbers * 0.00007)).to_series()
    columns = [cells.slice(place * count, count).alias(f"c{place}") for place in range(30)]
    frame = pl.DataFrame([pl.select(pl.format("u{}", numbers.head(count))).to_series().alias("who"), *columns])
    tracemalloc.start()
    table = unpivoted(RawTable(frame, True, "CSV"))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert table.frame.columns == ["user", "item", "rating"]
    assert held < 5_000_000
