"""The first row that counts of each person and item: as training knows it, without merging what nobody did twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data import merged_pairs as merging
from recsys_tui.data.dataset import RATING, ROW, STRENGTH, USER, Dataset, Mapping
from recsys_tui.data.histogram_cells import first_rows
from recsys_tui.data.load import load_dataset
from recsys_tui.data.pair_keys import pair_keys

ROWS = 3_000


def read(folder: Path, *, ratings: bool, events: bool, people: int = 60) -> Dataset:
    """A log in which many did the same again, some rows without a rating, some events taking others back."""
    random = np.random.default_rng(3)
    columns = {
        "user_id": random.integers(1, people, ROWS),
        "item_id": random.integers(1, 80, ROWS),
        "timestamp": random.integers(1_500_000_000, 1_560_000_000, ROWS),
    }
    frame = pl.DataFrame(columns)
    if ratings:
        frame = frame.with_columns(pl.Series("rating", random.integers(1, 6, ROWS)).cast(pl.Float64))
        frame = frame.with_columns(pl.when(pl.col("item_id") % 3 != 0).then("rating"))
    if events:
        frame = frame.with_columns(pl.Series("event_type", random.choice(["view", "purchase", "refund"], ROWS)))
    path = folder / "log.csv"
    frame.write_csv(path)
    return load_dataset(path, Mapping())


@pytest.mark.parametrize("ratings", [False, True])
@pytest.mark.parametrize("events", [False, True])
def test_the_first_rows_are_those_that_training_knows(tmp_path: Path, ratings: bool, events: bool) -> None:
    dataset = read(tmp_path, ratings=ratings, events=events)
    table, taken = dataset.interactions, merging.merged_pairs(dataset).taken
    assert (STRENGTH in table.columns) == events
    assert (RATING in table.columns) == ratings
    once, rated = first_rows(dataset, pair_keys(table))
    assert once is not None
    assert 0 < once.sum() < table.height
    assert table[ROW].filter(pl.Series(once)).to_list() == taken[ROW].to_list()
    assert rated[USER].to_list() == taken[USER].to_list()
    if ratings:
        assert rated[RATING].to_list() == taken[RATING].to_list()


@pytest.mark.parametrize("ratings", [False, True])
def test_an_overview_merges_no_more_than_was_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ratings: bool
) -> None:
    """Merging all rows took a second copy of the data, and as long as reading it, for one row that came twice."""
    dataset = read(tmp_path, ratings=ratings, events=False, people=4_000)
    table = dataset.interactions
    repeated = int((table.group_by("user", "item").len()["len"] > 1).sum())
    assert 0 < repeated < 100
    merged: list[int] = []
    merge = merging.merged_pairs

    def counted(some: Dataset) -> merging.MergedPairs:
        merged.append(some.interactions.height)
        return merge(some)

    monkeypatch.setattr(merging, "merged_pairs", counted)
    once, _ = first_rows(dataset, pair_keys(table))
    assert once is not None
    assert sum(merged) <= 3 * repeated
