"""The invented crowd: as many as asked for, the same bytes for the same seed, and what is planted can be found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import TimeKind
from recsys_tui.data.load import load_dataset
from recsys_tui.data.synthetic.crowd import (
    EVENTS_FILE,
    FEWEST,
    FIRST_SECOND,
    FOLLOWS,
    ITEMS_FILE,
    MOST_SHARE,
    SECONDS,
    Crowd,
    Size,
    album_table,
    make_crowd,
    write_crowd,
)
from recsys_tui.data.synthetic.crowd_words import GENRES
from recsys_tui.output.errors import UserError

SMALL = Size(2_000, 4_800, 20_000)


@pytest.fixture(scope="module")
def small() -> Crowd:
    return make_crowd(SMALL, 5)


def test_there_are_as_many_as_asked_for(small: Crowd):
    counts = np.bincount(small.users)
    assert len(small.users) == SMALL.events
    assert len(counts) == SMALL.users
    assert counts.min() >= FEWEST
    assert counts.max() <= SMALL.items // MOST_SHARE
    assert 0 <= small.items.min() <= small.items.max() < SMALL.items
    assert FIRST_SECOND <= small.seconds.min() <= small.seconds.max() < FIRST_SECOND + SECONDS


def test_events_come_in_the_order_of_time_and_nobody_hears_an_album_twice(small: Crowd):
    assert (np.diff(small.seconds) >= 0).all()
    assert len(np.unique(small.users * SMALL.items + small.items)) == SMALL.events


def test_activity_and_popularity_have_long_tails(small: Crowd):
    activity, popularity = np.bincount(small.users), np.sort(np.bincount(small.items))[::-1]
    assert activity.max() > 5 * np.median(activity)
    assert popularity[: SMALL.items // 10].sum() > 0.25 * SMALL.events


def test_half_of_what_people_hear_is_of_their_main_genre(small: Crowd):
    genres = (small.places % len(GENRES))[small.items]
    main = (small.tastes[small.users, 0] == genres).mean()
    assert 0.45 < main < 0.6
    assert (genres[:, None] == small.tastes[small.users]).any(axis=1).mean() > 0.75
    assert all(len(set(three)) == 3 for three in small.tastes.tolist())


def test_albums_follow_upon_one_another(small: Crowd):
    order = np.argsort(small.users, kind="stable")
    owners, places = small.users[order], small.places[small.items[order]]
    of_one = owners[1:] == owners[:-1]
    follows = (places[1:] == (places[:-1] + len(GENRES)) % SMALL.items)[of_one]
    assert follows.mean() > 0.6 * FOLLOWS


@pytest.mark.parametrize("size", [(10, 480, 19), (10, 480, 601), (10, 4 * len(GENRES) - 1, 30), (0, 480, 0)], ids=str)
def test_sizes_that_do_not_go_together_are_told(size: tuple[int, int, int]):
    with pytest.raises(UserError, match="No crowd can be made"):
        Size(*size)


def test_a_crowd_at_its_bounds_is_made():
    for size in (Size(10, 480, 20), Size(10, 480, 600), Size(1, 4 * len(GENRES), 2)):
        assert len(make_crowd(size).users) == size.events


def test_titles_are_all_different_and_genres_those_of_the_places(small: Crowd):
    table = album_table(np.arange(20_000), 1)
    assert table["title"].n_unique() == 20_000
    own = album_table(small.places, 5)
    assert own["genres"].str.split("|").list.first().to_list() == [
        GENRES[place % len(GENRES)] for place in small.places
    ]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path):
    size = {"users": 500, "items": 120, "events": 3_000}
    written = []
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_crowd(tmp_path / folder, seed, size)
        written.append([(tmp_path / folder / name).read_bytes() for name in (EVENTS_FILE, ITEMS_FILE)])
    assert written[0] == written[1]
    assert written[0][0] != written[2][0]
    assert written[0][1] != written[2][1]


@pytest.mark.parametrize("name", ["crowd[1]", "caf\udce9", "a*b?"])
def test_it_is_written_whatever_the_name_of_its_folder_looks_like(tmp_path: Path, name: str):
    """As a pattern of names, or as no text at all."""
    write_crowd(tmp_path / name, 1, {"users": 500, "items": 120, "events": 3_000})
    assert load_dataset(tmp_path / name).interaction_count == 3_000


def test_the_files_are_read_as_what_they_are(tmp_path: Path):
    write_crowd(tmp_path / "crowd", 3, {"users": 800, "items": 240, "events": 8_000})
    dataset = load_dataset(tmp_path / "crowd")
    assert (dataset.user_count, dataset.items.height, dataset.interaction_count) == (800, 240, 8_000)
    assert dataset.time_kind is TimeKind.TIME
    assert not dataset.repeats
    assert not dataset.explicit
    assert {"title", "categories", "year"} <= set(dataset.items.columns)
    events = pl.read_parquet(tmp_path / "crowd" / EVENTS_FILE)
    assert dataset.users["count"].sum() == events.height
