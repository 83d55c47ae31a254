"""Roles of columns: from names and contents, with a reason and a confidence; what the person says counts first."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Action, Dataset, Mapping, TimeKind
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError


def opened(folder: Path, text: str, mapping: Mapping | None = None) -> Dataset:
    path = folder / "some.csv"
    path.write_text(text, encoding="utf-8")
    return load_dataset(path, mapping)


def roles(dataset: Dataset) -> dict[str, str]:
    return {choice.role: choice.column for choice in dataset.columns}


def refused(folder: Path, text: str, mapping: Mapping | None = None) -> UserError:
    with pytest.raises(UserError) as error:
        opened(folder, text, mapping)
    assert error.value.exit_code is ExitCode.USAGE
    return error.value


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("userId,movieId,rating,timestamp", ("userId", "movieId", "rating", "timestamp")),
        ("timestamp,rating,item,user", ("user", "item", "rating", "timestamp")),
        ("User-ID,ISBN,Score,Date", ("User-ID", "ISBN", "Score", "Date")),
        ("visitor_id,product_id,stars,created_at", ("visitor_id", "product_id", "stars", "created_at")),
        ("用户ID,商品ID,评分,时间", ("用户ID", "商品ID", "评分", "时间")),
    ],
)
def test_names_tell_roles(tmp_path: Path, header: str, expected: tuple[str, ...]) -> None:
    user, item, rating, time = expected
    cell = {user: "u{}", item: "i{}", rating: "{}", time: "100000000{}"}
    lines = [",".join(cell[name].format(row) for name in header.split(",")) for row in range(1, 6)]
    dataset = opened(tmp_path, "\n".join([header, *lines]) + "\n")
    assert roles(dataset) == {"user": user, "item": item, "rating": rating, "time": time}
    assert dataset.users["id"].to_list() == ["u1", "u2", "u3", "u4", "u5"]
    for choice in dataset.columns:
        assert 0 < choice.confidence <= 1
        assert choice.column in choice.why


def test_contents_tell_roles_without_names(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "".join(f"7{n},9{n},{n % 5 + 1},99999900{n}\n" for n in range(10)))
    assert roles(dataset) == {"user": "column 1", "item": "column 2", "rating": "column 3", "time": "column 4"}
    assert dataset.time_kind is TimeKind.TIME
    assert all(choice.confidence < 0.95 for choice in dataset.columns)


def test_two_columns_are_user_and_item(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "1,2\n1,3\n2,3\n")
    assert roles(dataset) == {"user": "column 1", "item": "column 2"}
    assert dataset.time_kind is TimeKind.NONE
    assert "no_time" in {entry.code for entry in dataset.findings}


def test_times_may_stand_in_the_third_column(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "1,2,1000000000\n1,3,1000000100\n")
    assert roles(dataset) == {"user": "column 1", "item": "column 2", "time": "column 3"}


def test_counting_from_zero_for_each_person_is_an_order(tmp_path: Path) -> None:
    lines = "".join(f"u{user},i{(user + 3 * place) % 11},{place}\n" for user in range(5) for place in range(4))
    for text in (lines, "user,item,whatever\n" + lines, "user,item,position\n" + lines):
        dataset = opened(tmp_path, text)
        assert dataset.time_kind is TimeKind.ORDER
        assert "rating" not in roles(dataset)
        assert dataset.interactions["time"].to_list() == [0, 1, 2, 3] * 5
        findings = {entry.code: entry for entry in dataset.findings}
        assert findings["order_only"].count == 20
        assert "recency" in findings["order_only"].message


def test_ratings_that_do_not_count_are_no_order(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "1,2,0\n1,3,0\n1,4,1\n2,2,2\n2,3,0\n")
    assert roles(dataset)["rating"] == "column 3"
    assert dataset.time_kind is TimeKind.NONE


def test_events_are_found(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "user,item,event_type\n1,2,view\n1,3,cart\n2,3,view\n")
    assert roles(dataset)["event"] == "event_type"
    assert sorted(dataset.interactions["event"].to_list()) == ["cart", "view", "view"]


def test_the_person_counts_first(tmp_path: Path) -> None:
    text = "user,item,buyer,rating\n1,2,9,5\n1,3,8,4\n"
    dataset = opened(tmp_path, text, Mapping(user="BUYER", rating="2", item="1"))
    assert roles(dataset) == {"user": "buyer", "item": "user", "rating": "item"}
    assert {choice.confidence for choice in dataset.columns} == {1.0}


def test_numbers_name_columns_without_a_header(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "1,2,3\n4,5,3\n7,8,1\n", Mapping(user="2", item="column 1"))
    assert roles(dataset)["user"] == "column 2"
    assert dataset.users["id"].to_list() == ["2", "5", "8"]
    assert dataset.items["id"].to_list() == ["1", "4", "7"]


def test_two_likely_users_are_a_question(tmp_path: Path) -> None:
    error = refused(tmp_path, "user,customer,item\n1,5,2\n1,6,3\n2,5,3\n")
    assert error.message_id == "data.ambiguous"
    assert "user, customer" in str(error)
    assert "--user-col" in str(error)


def test_an_id_and_its_name_are_no_question(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "user,customer,item\n1,ann,2\n1,ann,3\n2,bob,3\n")
    assert roles(dataset)["user"] == "user"


def test_unknown_names_are_a_question(tmp_path: Path) -> None:
    error = refused(tmp_path, "alpha,beta,gamma\n1,2,77\n3,4,78\n5,6,79\n")
    assert error.message_id == "data.ambiguous"
    assert "alpha, beta, gamma" in str(error)


@pytest.mark.parametrize("wanted", ["nobody", "0", "5", "-1", "²", "9" * 5000])
def test_a_column_that_is_not_there(tmp_path: Path, wanted: str) -> None:
    error = refused(tmp_path, "user,item\n1,2\n1,3\n", Mapping(user=wanted))
    assert error.message_id == "data.no_such_column"
    assert "user, item" in str(error)


def test_one_column_for_two_roles(tmp_path: Path) -> None:
    error = refused(tmp_path, "user,item\n1,2\n1,3\n", Mapping(user="user", item="1"))
    assert error.message_id == "data.same_column"


@pytest.mark.parametrize(
    ("role", "column", "message"),
    [
        ("rating", "item_id", "data.column_of_another_role"),
        ("time", "user_id", "data.column_of_another_role"),
        ("rating", "mood", "data.no_numbers"),
        ("quantity", "mood", "data.no_numbers"),
    ],
)
def test_a_given_column_that_cannot_be_it(tmp_path: Path, role: str, column: str, message: str) -> None:
    text = "user_id,item_id,mood,stars\n1,2,glad,5\n1,3,sad,\n2,3,glad,4\n"
    error = refused(tmp_path, text, Mapping(**{role: column}))
    assert error.message_id == message
    assert f"--{role}-col" in str(error)


def test_a_given_column_of_ratings_may_have_gaps(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "user_id,item_id,stars\n1,2,5\n1,3,\n2,3,\n2,2,\n", Mapping(rating="stars"))
    assert sorted(dataset.interactions["rating"].to_list(), key=str) == [5.0, None, None, None]


def test_a_given_time_that_is_none(tmp_path: Path) -> None:
    error = refused(tmp_path, "user,item,mood\n1,2,glad\n1,3,sad\n", Mapping(time="mood"))
    assert error.message_id == "data.time_unreadable"


def test_names_that_the_contents_belie(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "user,item,rating,time\n1,2,good,late\n1,3,bad,soon\n")
    assert roles(dataset) == {"user": "user", "item": "item"}
    ignored = [entry.message for entry in dataset.findings if entry.code == "column_unfit"]
    assert len(ignored) == 2
    assert "rating" in ignored[0]
    assert "time" in ignored[1]


def test_a_bare_item_column_is_asked_for(tmp_path: Path) -> None:
    error = refused(tmp_path, "user,rating\n1,2.5\n1,3.5\n")
    assert error.message_id == "data.no_column_for"
    assert "--item-col" in str(error)


def ignored(dataset: Dataset) -> dict[str, str]:
    """What is said of columns that are left out, by its code."""
    return {entry.code: entry.message for entry in dataset.findings if entry.action is Action.IGNORED}


def test_a_column_that_may_be_ratings_is_told_with_its_option(tmp_path: Path) -> None:
    """Marks with a decimal comma under a name that nobody foresaw."""
    marks = ("1,5", "2", "2,5", "5,5")
    rows = [f"k{n % 6};v{n % 7};{marks[n % 4]};2024-03-{n + 1:02d}" for n in range(28)]
    text = "\n".join(["Kdo;Co;Známka;Kdy", *rows]) + "\n"
    dataset = opened(tmp_path, text)
    assert roles(dataset) == {"user": "Kdo", "item": "Co", "time": "Kdy"}
    said = ignored(dataset)
    assert set(said) == {"perhaps_ratings"}
    assert "--rating-col Známka " in said["perhaps_ratings"]
    rated = opened(tmp_path, text, Mapping(rating="Známka"))
    assert not ignored(rated)
    assert set(rated.interactions["rating"].to_list()) == {1.5, 2.0, 2.5, 5.5}
    assert set(ignored(opened(tmp_path, text, Mapping(rating="none")))) == {"columns_unused"}


@pytest.mark.parametrize(
    ("header", "cells", "unused"),
    [
        ("mood", ("glad", "sad"), "mood"),
        ("fresh", ("0", "1"), "fresh"),
        ("age", ("21", "34", "55"), "age"),
        ("my marks,your marks", ("1,3", "2,2", "3,1"), "my marks, your marks"),
    ],
)
def test_every_column_without_a_role_is_told(tmp_path: Path, header: str, cells: tuple[str, ...], unused: str) -> None:
    rows = [f"u{n % 5},i{n % 7},{cells[n % len(cells)]}" for n in range(35)]
    said = ignored(opened(tmp_path, "\n".join([f"user_id,item_id,{header}", *rows]) + "\n"))
    assert set(said) == {"columns_unused"}
    assert f": {unused};" in said["columns_unused"]


def test_a_name_with_blanks_is_quoted_in_its_option(tmp_path: Path) -> None:
    rows = [f"u{n % 5},i{n % 7},{n % 4}" for n in range(35)]
    said = ignored(opened(tmp_path, "\n".join(["user_id,item_id,how nice", *rows]) + "\n"))
    assert "--rating-col 'how nice' " in said["perhaps_ratings"]


def test_a_column_is_told_once(tmp_path: Path) -> None:
    """What describes items or people, what a rating or a time is named but is none, and what else there is."""
    rows = [f"u{n % 5},i{n % 7},good,late,Thing {n % 7},f,x{n}" for n in range(35)]
    header = "user_id,item_id,rating,time,title,gender,note"
    dataset = opened(tmp_path, "\n".join([header, *rows]) + "\n")
    messages = [entry.message for entry in dataset.findings if entry.action is Action.IGNORED]
    for name in ("rating", "time", "note"):
        assert sum(f"column {name} " in message or f": {name};" in message for message in messages) == 1
    (unused,) = (message for message in messages if "plays no role" in message)
    assert ": note;" in unused


@pytest.mark.parametrize("role", ["user", "item", "rating", "time", "event", "quantity", "basket"])
@pytest.mark.parametrize("value", [["a", "b"], [1.0, 2.5]])
def test_a_column_of_lists_that_is_given_a_role_is_refused(tmp_path: Path, role: str, value: list[object]) -> None:
    path = tmp_path / "events.jsonl"
    rows = ({"user": f"u{n % 5}", "item": f"i{n % 7}", "many": value} for n in range(35))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(UserError) as error:
        load_dataset(path, Mapping(**{role: "many"}))
    assert error.value.exit_code is ExitCode.USAGE
    assert f"--{role}-col" in str(error.value)


@pytest.mark.parametrize("role", ["user", "item", "event", "basket"])
def test_a_column_of_durations_that_is_given_as_ids_is_refused(tmp_path: Path, role: str) -> None:
    path = tmp_path / "events.parquet"
    rows = {"user": [f"u{n % 5}" for n in range(35)], "item": [f"i{n % 7}" for n in range(35)]}
    watched = pl.Series("watched", [timedelta(seconds=n) for n in range(35)])
    pl.DataFrame(rows).with_columns(watched).write_parquet(path)
    with pytest.raises(UserError) as error:
        load_dataset(path, Mapping(**{role: "watched"}))
    assert error.value.message_id == "data.durations_given"
    assert f"--{role}-col" in str(error.value)
