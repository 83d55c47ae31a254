"""Cleaning reports every rule, and its totals add up to the rows read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_tui.data.cleaning import clean_interactions
from recsys_tui.data.dataset import Action, Dataset, TimeKind
from recsys_tui.data.load import load_dataset

COLUMNS = {"user": "user", "item": "item", "rating": "rating", "time": "time"}
GOOD = "1000000000"


def loaded(folder: Path, *rows: str, header: str = "user,item,rating,timestamp") -> Dataset:
    path = folder / "ratings.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return load_dataset(path)


def counts(dataset: Dataset) -> dict[str, tuple[int, Action]]:
    return {entry.code: (entry.count, entry.action) for entry in dataset.findings}


def test_every_rule_counts(tmp_path: Path) -> None:
    dataset = loaded(
        tmp_path,
        f"a,x,5,{GOOD}",
        f"a,x,5,{GOOD}",  # the same again
        f"a,x,4,{GOOD}",  # the same pair, another rating
        f",x,5,{GOOD}",  # nobody
        f"a,,5,{GOOD}",  # nothing
        "b,x,5,whenever",  # no time
        f"b,y,fine,{GOOD}",  # no rating
    )
    assert dataset.rows_read == 7
    assert dataset.interaction_count == 3
    assert counts(dataset) == {
        "no_user": (1, Action.REMOVED),
        "no_item": (1, Action.REMOVED),
        "unparsable_times": (1, Action.REMOVED),
        "duplicates": (1, Action.REMOVED),
        "unparsable_ratings": (1, Action.KEPT),
        "repeated_pairs": (1, Action.KEPT),
    }
    assert dataset.users["id"].to_list() == ["a", "b"]
    assert dataset.users["count"].to_list() == [2, 1]
    assert dataset.items["id"].to_list() == ["x", "y"]


def test_of_duplicates_the_first_stays(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, f"a,x,5,{GOOD}", f"b,x,5,{GOOD}", f"a,x,5,{GOOD}")
    assert dataset.interactions["row"].to_list() == [0, 1]


def test_equal_rows_without_a_time_may_be_two_events(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, "a,x", "a,x", "a,y", header="user,item")
    assert dataset.interaction_count == 3
    assert counts(dataset)["repeated_pairs"] == (1, Action.KEPT)


def test_ties_in_time_keep_the_order_of_the_file(tmp_path: Path) -> None:
    """The ids run against the order of the file, so that sorting by them would show."""
    dataset = loaded(tmp_path, f"b,z,1,{GOOD}", f"b,y,2,{GOOD}", f"b,x,3,{GOOD}", "b,w,4,999999999", f"a,x,5,{GOOD}")
    table = dataset.interactions
    users, items = dataset.users["id"], dataset.items["id"]
    told = [(users[u], items[i]) for u, i in zip(table["user"].to_list(), table["item"].to_list(), strict=True)]
    assert told == [("a", "x"), ("b", "w"), ("b", "z"), ("b", "y"), ("b", "x")]


def test_people_who_lose_all_rows_are_not_coded(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, f"b,x,1,{GOOD}", "a,v,1,never", f"c,y,2,{GOOD}")
    assert dataset.users["id"].to_list() == ["b", "c"]
    assert dataset.items["id"].to_list() == ["x", "y"]
    assert sorted(dataset.interactions["user"].to_list()) == [0, 1]
    assert sorted(dataset.interactions["item"].to_list()) == [0, 1]


def test_types_of_the_table(tmp_path: Path) -> None:
    schema = loaded(tmp_path, f"a,x,5,{GOOD}").interactions.schema
    assert schema == {
        "row": pl.UInt32,
        "user": pl.UInt32,
        "item": pl.UInt32,
        "rating": pl.Float32,
        "time": pl.Int64,
    }


@pytest.mark.parametrize(
    ("ratings", "explicit"),
    [
        (["1", "2", "5"], True),
        (["0.5", "3.5", "5.0"], True),
        (["1", "10", "7"], True),
        (["1", "14", "352698"], False),
        (["0.1", "0.37", "0.9"], False),
        (["1", "1", "1"], False),
    ],
)
def test_a_scale_is_told_from_counts(tmp_path: Path, ratings: list[str], explicit: bool) -> None:
    rows = [f"a,i{place},{rating},{GOOD}" for place, rating in enumerate(ratings)]
    assert loaded(tmp_path, *rows).explicit is explicit


cells = st.sampled_from(["a", "b", "1", "02", "", "nan", "x\x07"])
rows = st.tuples(
    cells, cells, st.sampled_from(["1", "5", "?", ""]), st.sampled_from([GOOD, "1000000001", "soon", "", "9" * 18])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=30))
def test_totals_add_up_to_the_rows_read(table: list[tuple[str, str, str, str]]) -> None:
    frame = pl.DataFrame(table, schema=["user", "item", "rating", "time"], orient="row")
    clean = clean_interactions(frame, COLUMNS, TimeKind.TIME)
    removed = sum(entry.count for entry in clean.findings if entry.action is Action.REMOVED)
    assert clean.table.height + removed == len(table)
    # The same, counted by hand: distinct rows that name somebody and something at a readable time.
    kept = {
        row[:2] + ((row[2],) if row[2].isdigit() else ("",)) + row[3:]
        for row in table
        if row[0] not in ("", "nan") and row[1] not in ("", "nan") and row[3] in (GOOD, "1000000001")
    }
    readable = any(row[3] in (GOOD, "1000000001") for row in table)
    mostly = sum(row[3].isdigit() for row in table) > 0.5 * len(table)
    if readable and mostly and sum(row[3] == "9" * 18 for row in table) == 0:
        assert clean.table.height == len(kept)
