"""Data read as if it had never named somebody: every table is that of files without their lines."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.forgotten import NOBODY, Forgotten, mark_of
from recsys_tui.data.load import load_dataset

KEY = os.urandom(32)


def films(folder: Path, without: str = "") -> Path:
    """People who rate and tag films, with what is known of them and of the films, and who their friends are."""
    folder.mkdir()
    dice, names = random.Random(5), [f"{number:03}u" for number in range(40)]
    files = {
        "ratings.csv": [
            f"{who},f{dice.randrange(25)},{dice.randint(1, 5)},{1_600_000_000 + n}"
            for n, who in enumerate(dice.choices(names, k=600))
        ],
        "tags.csv": [
            f"{dice.choice(names[:4])},f{dice.randrange(25)},{dice.choice('abcdefg')}g,1600000000" for _ in range(300)
        ],
        "movies.csv": [f"f{number},Film {number} (1999),Drama|War" for number in range(26)],
        "users.csv": [f"{who},{dice.choice('FM')}" for who in (*names, "silent1u", "silent2u")],
        "friends.csv": [f"{who},{dice.choice(names)}" for who in names for _ in range(3)],
    }
    heads = {
        "ratings.csv": "userId,movieId,rating,timestamp",
        "tags.csv": "userId,movieId,tag,timestamp",
        "movies.csv": "movieId,title,genres",
        "users.csv": "userId,gender",
        "friends.csv": "userId,friendId",
    }
    for name, rows in files.items():
        kept = [row for row in rows if not without or without not in row.split(",")]
        (folder / name).write_text("\n".join([heads[name], *kept]) + "\n")
    return folder


@pytest.mark.parametrize("who", ["002u", "039u", "silent1u"])
def test_every_table_is_that_of_files_without_the_person(tmp_path: Path, who: str):
    whole, without = films(tmp_path / "whole"), films(tmp_path / "without", who)
    left = load_dataset(whole, forgotten=Forgotten(KEY, frozenset({mark_of(KEY, who)})))
    expected = load_dataset(without)
    plain = load_dataset(whole)
    for name in ("interactions", "items", "users", "links", "silent"):
        assert_frame_equal(getattr(left, name), getattr(expected, name))
    assert {"tags", "title"} <= set(left.items.columns)
    changed = [name for name in ("items", "users", "silent") if not getattr(plain, name).equals(getattr(left, name))]
    assert changed  # it does matter
    # What else was noticed is that of the files without the person, beside how many are left out.
    said = [(entry.code, entry.count) for entry in left.findings]
    assert ("forgotten", 1) in said
    assert [entry for entry in said if entry[0] != "forgotten"] == [(e.code, e.count) for e in expected.findings]
    assert left.columns == expected.columns


def test_nobody_forgotten_is_no_difference(tmp_path: Path):
    folder = films(tmp_path / "films")
    assert load_dataset(folder, forgotten=Forgotten()).findings == load_dataset(folder).findings


def described_by_id(folder: Path, head: str, rows: str) -> Path:
    folder.mkdir()
    events = "".join(f"{who},{what}\n" for who in range(1, 21) for what in range(1, 21) if (who * what) % 3 != 1)
    (folder / "interactions.csv").write_text(f"id,{head}\n{events}")
    (folder / "items.csv").write_text(f"id,title\n{rows}")
    return folder


def test_an_item_of_the_same_number_keeps_its_description_where_both_columns_are_called_alike(tmp_path: Path):
    rows = "".join(f"{number},Film {number}\n" for number in range(1, 21))
    data = described_by_id(tmp_path / "data", "film", rows)
    gone = Forgotten(KEY, frozenset({mark_of(KEY, "7")}), frozenset({"id"}))
    left = load_dataset(data, Mapping(user="id", item="film"), forgotten=gone)
    assert "7" not in left.users["id"]
    assert left.items.filter(id="7")["title"].to_list() == ["Film 7"]


def test_a_description_does_not_bring_people_back_who_are_read_as_items(tmp_path: Path):
    rows = "".join(f"{number},Person {number}\n" for number in range(1, 21))
    data = described_by_id(tmp_path / "data", "film", rows)
    gone = Forgotten(KEY, frozenset({mark_of(KEY, "7")}), frozenset({"id"}))
    left = load_dataset(data, Mapping(user="film", item="id"), forgotten=gone)
    assert "8" in left.items["id"]
    assert "7" not in left.items["id"]
    assert "Person 7" not in left.items["title"]


@pytest.mark.parametrize("given", [False, True])
def test_a_description_of_items_names_nobody_in_a_column_of_people(tmp_path: Path, given: bool):
    data = tmp_path / "data"
    data.mkdir()
    events = "".join(f"p{who},{what}\n" for who in range(1, 21) for what in range(1, 21) if (who * what) % 3 != 1)
    (data / "interactions.csv").write_text(f"author,film\n{events}")
    described = data / "items.csv"
    described.write_text("film,title,author\n" + "".join(f"{n},Film {n},p{n}\n" for n in range(1, 21)))
    gone = Forgotten(KEY, frozenset({mark_of(KEY, "p7")}), frozenset({"author"}))
    mapping = Mapping(user="author", item="film", items=described if given else None)
    left = load_dataset(data / "interactions.csv", mapping, forgotten=gone)
    assert not any("p7" in left.items[name].to_list() for name in left.items.columns)
    assert "Film 8" in left.items["title"]


def test_people_who_name_each_other_and_items_that_name_people_name_nobody_forgotten(tmp_path: Path):
    """By most of what stands in a column: a word that is somebody's id too, and numbers, stay what they are."""
    people = [f"u{number}" for number in range(30)]
    rows = [f"{who},i{number % 7},{number}" for number, who in enumerate(people * 4)]
    (tmp_path / "ratings.csv").write_text("user,item,time\n" + "\n".join([*rows, "Rome,i1,1", "Rome,i2,2", "31,i1,1"]))
    users = [f"{who},{people[number - 1]},{('Rome', 'Oslo')[number % 2]},{number}" for number, who in enumerate(people)]
    (tmp_path / "users.csv").write_text("user,partner,town,age\n" + "\n".join([*users, "x,Rome,Rome,31"]))
    items = [f"i{number},Title {number},{people[number]}" for number in range(7)]
    (tmp_path / "items.csv").write_text("item,title,author\n" + "\n".join(items))
    marks = frozenset(mark_of(KEY, who) for who in ("u3", "Rome", "31"))
    found = load_dataset(tmp_path, forgotten=Forgotten(KEY, marks))
    assert "u4" in found.users["id"]
    of_people = {name: set(found.users[name].drop_nulls()) for name in ("partner", "town", "age")}
    assert of_people["town"] == {"Rome", "Oslo"}
    assert of_people["partner"] == set(people) - {"u3", "u2"}  # who alone named u2 is u3
    assert "4" in of_people["age"]
    assert set(found.items["attribute.author"].drop_nulls()) == {*people[:7]} - {"u3"}


ALIKE = ("x\u2060", "x\u200b", "x\u200e")


@pytest.mark.parametrize("plain", [False, True])
def test_who_is_told_apart_from_alike_ids_stays_so_when_one_is_forgotten_or_comes(tmp_path: Path, plain: bool):
    """Else somebody would get the id of who was forgotten, and these another one, by which they were back."""
    data, alike = tmp_path / "data.csv", (*ALIKE, "x") if plain else ALIKE

    def rows(people: Iterable[str]) -> str:
        return "".join(
            f"{user},{f'only-{ALIKE.index(user)}' if user in ALIKE else n}\n" for user in people for n in range(5)
        )

    def taken(gone: Forgotten) -> dict[str, str]:
        found = load_dataset(data, forgotten=gone)
        pairs = found.interactions.with_columns(
            found.users["id"].gather(found.interactions["user"]).alias("id"),
            found.items["id"].gather(found.interactions["item"]).alias("of"),
        )
        return {user: of for user, of in pairs.select("id", "of").iter_rows() if of.startswith("only-")}

    data.write_text("user,item\n" + rows((*alike, "y", "z")))
    before = taken(NOBODY)
    assert sorted(before.values()) == ["only-0", "only-1", "only-2"]
    for who in before:
        data.write_text("user,item\n" + rows((*alike, "y", "z")))
        gone = Forgotten(KEY, frozenset({mark_of(KEY, who)}))
        left = {user: of for user, of in before.items() if user != who}
        assert taken(gone) == left
        data.write_text("user,item\n" + rows(("x\u2066", *alike, "x\u200f", "x", "y", "z")))
        assert taken(gone) == left


def test_who_was_told_apart_stays_out_where_all_who_were_alike_are_gone(tmp_path: Path):
    """Else they would be shown by the id that was one of those, and be back."""
    data, people = tmp_path / "data.csv", ("y", "z", "w")

    def rows(people: Iterable[str]) -> str:
        return "user,item\n" + "".join(f"{user},i{n}\n" for user in people for n in range(5))

    data.write_text(rows(("x", "x\u200b", *people)))
    apart = next(user for user in load_dataset(data).users["id"] if user.startswith("x~"))
    gone = Forgotten(KEY, frozenset({mark_of(KEY, apart)}))
    assert set(load_dataset(data, forgotten=gone).users["id"]) == {"x", *people}
    data.write_text(rows(("x\u200b", *people)))
    assert set(load_dataset(data, forgotten=gone).users["id"]) == set(people)
    data.write_text(rows(("x\u200e", *people)))
    assert set(load_dataset(data, forgotten=gone).users["id"]) == {"x", *people}
