"""A split and lists that somebody brings: read as they are meant, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.own_files import checked_own, list_names, own_split, read_lists
from recsys_tui.evaluate.protocols import Split
from recsys_tui.output.errors import ExitCode, UserError


@pytest.fixture
def train(tmp_path: Path) -> Dataset:
    rows = "".join(f"{n % 9 + 100}.0,P{n % 7},{n % 5 + 1},{1_600_000_000 + n}\n" for n in range(63))
    (tmp_path / "train.csv").write_text("customer,product,stars,when\n" + rows)
    return load_dataset(tmp_path / "train.csv", Mapping("customer", "product", "stars", "when", siblings=False))


def cut_with(train: Dataset, folder: Path, text: str) -> Split:
    (folder / "test.csv").write_text(text)
    return own_split(train, folder / "test.csv")


def refused(function: object, *arguments: object) -> str:
    with pytest.raises(UserError) as caught:
        function(*arguments)  # type: ignore[operator]
    assert caught.value.exit_code == ExitCode.USAGE
    return str(caught.value)


def test_columns_go_by_the_names_of_the_training_file(train: Dataset, tmp_path: Path):
    cut = cut_with(train, tmp_path, "stars,product,note,customer\n4,P1,x,100.0\n2,P2,y,101\n2,P2,y,101\n5,P1,z,999\n")
    assert cut.test.rows() == [("100", "P1", 4.0), ("101", "P2", 2.0)]
    assert cut.protocol == "own"
    assert any("1 person" in note for note in cut.notes)


def test_other_names_are_found_anew(train: Dataset, tmp_path: Path):
    assert cut_with(train, tmp_path, "user_id,item_id\n103,P4\n").test.rows() == [("103", "P4")]


def test_a_test_about_others_is_refused(train: Dataset, tmp_path: Path):
    assert "two parts of one split" in refused(cut_with, train, tmp_path, "customer,product\n7,P1\n8,P2\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user,item,rank\n100,P2,2\n100,P1,1\n101,P5,1\n", [("100", "P1", 1), ("100", "P2", 2), ("101", "P5", 1)]),
        ("User,Item,Score\n100.0,P2,0.5\n100.0,P1,1.5\n", [("100", "P1", 1), ("100", "P2", 2)]),
        ("item;user\nP3;100\nP1;100\n", [("100", "P3", 1), ("100", "P1", 2)]),
        ("rank,item,user\n10,P1,100\n9,P2,100\n", [("100", "P2", 1), ("100", "P1", 2)]),
    ],
)
def test_lists_in_the_order_that_they_say(
    train: Dataset, tmp_path: Path, text: str, expected: list[tuple[str, str, int]]
):
    cut = cut_with(train, tmp_path, "customer,product\n100,P6\n101,P6\n")
    (tmp_path / "mine.csv").write_text(text)
    assert read_lists(tmp_path / "mine.csv", cut).rows() == expected


def test_lists_as_parquet(train: Dataset, tmp_path: Path):
    cut = cut_with(train, tmp_path, "customer,product\n100,P6\n")
    frame = pl.DataFrame({"user": [100, 100], "item": ["P1", "P6"], "rank": [1, 2]})
    frame.write_parquet(tmp_path / "mine.parquet")
    assert read_lists(tmp_path / "mine.parquet", cut).rows() == [("100", "P1", 1), ("100", "P6", 2)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("who,what\n100,P1\n", "user, item and rank"),
        ("user,item,rank\n100,P1,first\n", "rank"),
        ("user,item,rank\n77,P1,1\n", "none of the people"),
    ],
)
def test_lists_that_cannot_be_judged_are_refused(train: Dataset, tmp_path: Path, text: str, says: str):
    cut = cut_with(train, tmp_path, "customer,product\n100,P6\n")
    (tmp_path / "mine.csv").write_text(text)
    assert says in refused(read_lists, tmp_path / "mine.csv", cut)


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([(n, "P99") for n in range(9)], "fewer than 10 people"),
        ([(n, f"P{n}") for n in range(12)], "nothing is held out"),
    ],
)
def test_a_split_that_can_tell_nothing_is_refused(tmp_path: Path, pairs: list[tuple[int, str]], says: str):
    assert says in refused(checked, tmp_path, pairs)


def test_pairs_of_both_parts_are_told(tmp_path: Path):
    fresh = [(n, f"P{n + 1}") for n in range(12)]
    assert not any("too" in note for note in checked(tmp_path, fresh).notes)
    assert any(note.startswith("2 of 14 pairs") for note in checked(tmp_path, [*fresh, (0, "P0"), (1, "P1")]).notes)


def checked(folder: Path, pairs: list[tuple[int, str]]) -> Split:
    """The split of twelve people, of whom person n learned from has item Pn, and of whom these ``pairs`` are asked."""
    learned = "".join(f"u{n},P{n},{1_600_000_000 + n}\n" for n in range(12))
    (folder / "mine.csv").write_text("user,item,time\n" + learned)
    (folder / "test.csv").write_text("user,item\n" + "".join(f"u{n},{item}\n" for n, item in pairs))
    cut = own_split(load_dataset(folder / "mine.csv", Mapping(siblings=False)), folder / "test.csv")
    return checked_own(cut, folder / "test.csv")


def test_names_of_lists_are_their_own(tmp_path: Path):
    paths = [Path("a/mine.csv"), Path("b/mine.parquet"), Path("c/Mine.csv"), Path("train.csv"), Path("other.csv")]
    named = list_names(paths, ["ease", "train"])
    assert list(named) == ["mine", "own-mine", "own-Mine-2", "own-train", "other"]
    assert list(named.values()) == paths


def test_ids_are_made_harmless_as_those_of_the_data(tmp_path: Path):
    learned = pl.DataFrame({"user": [f"u{n}\x1b[31m" for n in range(12)], "item": [f" p{n}\x07" for n in range(12)]})
    learned.write_parquet(tmp_path / "mine.parquet")
    asked = learned.with_columns(pl.col("item").reverse())
    asked.write_parquet(tmp_path / "test.parquet")
    asked.write_parquet(tmp_path / "lists.parquet")
    train = load_dataset(tmp_path / "mine.parquet", Mapping("user", "item", siblings=False))
    cut = own_split(train, tmp_path / "test.parquet")
    expected = {(f"u{n}", f" p{11 - n}") for n in range(12)}
    assert set(cut.test.select("user", "item").iter_rows()) == expected
    assert set(read_lists(tmp_path / "lists.parquet", cut).select("user", "item").iter_rows()) == expected
