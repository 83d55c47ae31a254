"""Histories and users before a model is trained: every event, straight from the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.dataset_history import check_known, history_of, known_user, users_of


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Ben took 11 twice; Ann took one item."""
    lines = ["ben,11,3,1000000000", "ben,12,5,1000000500", "ben,11,1,1000001000", "ann,12,4,1000000200"]
    (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *lines]))
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n11,Fog (1999),Crime|Drama\n12,Sun (2001),Comedy\n")
    return load_dataset(tmp_path)


def test_every_event_is_there_newest_first(dataset: Dataset):
    history = history_of(dataset, "ben")
    assert [(entry.item, entry.rating) for entry in history] == [("11", 1), ("12", 5), ("11", 3)]
    assert history[0].time == 1_000_001_000_000
    assert history[1].title == "Sun (2001)"
    assert history[2].categories == ("Crime", "Drama")


def test_an_unknown_person_is_told_with_the_nearest(dataset: Dataset):
    with pytest.raises(UserError, match="ben") as caught:
        history_of(dataset, "benn")
    assert caught.value.exit_code == ExitCode.NOT_FOUND


def test_users_come_with_their_figures(dataset: Dataset):
    rows = {row["id"]: row for row in users_of(dataset, None).iter_rows(named=True)}
    assert (rows["ben"]["count"], rows["ben"]["mean_rating"], rows["ben"]["last"]) == (3, 3.0, 1_000_001_000_000)
    assert rows["ann"]["cluster"] is None
    clustered = users_of(dataset, np.array([4, 2], np.int16))
    assert clustered["cluster"].to_list() == [4, 2]
    assert users_of(dataset, np.array([1], np.int16))["cluster"].to_list() == [None, None]


def test_without_ratings_and_times_there_are_none(tmp_path: Path):
    (tmp_path / "pairs.csv").write_text("user,item\nu,a\nv,b\n")
    dataset = load_dataset(tmp_path / "pairs.csv")
    (entry,) = history_of(dataset, "u")
    assert (entry.item, entry.title, entry.categories, entry.rating, entry.time) == ("a", None, (), None, None)
    assert users_of(dataset, None)["mean_rating"].to_list() == [None, None]


def test_the_figures_of_users_are_those_of_their_rows(tmp_path: Path):
    """Against grouping, on ratings of which some are missing and a person who gave none."""
    random = np.random.default_rng(0)
    lines = [
        f"{user},{item},{'' if user == 7 or random.random() < 0.3 else random.integers(1, 6)},{random.integers(10**9)}"
        for user in range(40)
        for item in range(random.integers(1, 9))
    ]
    random.shuffle(lines)
    (tmp_path / "ratings.csv").write_text("\n".join(["user,item,rating,timestamp", *lines]))
    dataset = load_dataset(tmp_path / "ratings.csv")
    grouped = dataset.interactions.group_by("user").agg(
        pl.col("time").max(), pl.col("rating").mean(), pl.len().alias("count")
    )
    expected = {row["user"]: row for row in grouped.iter_rows(named=True)}
    found = users_of(dataset, None)
    assert found["id"].to_list() == dataset.users["id"].to_list()
    assert found.height == len(expected) == 40
    for row in found.iter_rows(named=True):
        of_user = expected[row["code"]]
        assert (row["count"], row["last"]) == (of_user["count"], of_user["time"])
        assert row["mean_rating"] == (None if of_user["rating"] is None else pytest.approx(of_user["rating"]))
    assert found.filter(id="7")["mean_rating"].to_list() == [None]
    assert [found.schema[name] for name in ("code", "count", "cluster", "last", "mean_rating")] == [
        pl.UInt32, pl.UInt32, pl.Int16, pl.Int64, pl.Float32,
    ]  # fmt: skip


def test_many_are_looked_up_at_once(dataset: Dataset):
    check_known(dataset, users=("ben", "ann.0"), items=("12", "11"))
    assert known_user(dataset, "ann.0") == "ann"
    with pytest.raises(UserError, match="'eve'"):
        check_known(dataset, users=("ben", "eve", "adam"))
    with pytest.raises(UserError, match="'13'"):
        check_known(dataset, items=("12", "13"))


def test_who_took_back_everything_is_in_no_group(dataset: Dataset):
    """Nor in one of a number of its own, such as -1."""
    found = users_of(dataset, np.array([-1, 4], np.int16))
    assert dict(found.select("id", "cluster").iter_rows()) == {"ann": None, "ben": 4}
