"""Without times the file's order counts, unless it is plainly the order of something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset


def opened(tmp_path: Path, header: str, rows: list[str]) -> Dataset:
    path = tmp_path / "data.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return load_dataset(path)


def found(dataset: Dataset) -> set[str]:
    return {entry.code for entry in dataset.findings}


def test_rows_in_the_order_of_events_stay(tmp_path: Path) -> None:
    order = [3, 9, 1, 7, 2, 8]
    dataset = opened(tmp_path, "user,item", [f"u{user},i{item}" for user in range(5) for item in order])
    assert dataset.interactions["row"].to_list() == list(range(30))


@pytest.mark.parametrize("column", ["item", "quantity", "rating"])
@pytest.mark.parametrize("falling", [False, True])
def test_rows_sorted_by_something_else_are_shuffled(tmp_path: Path, column: str, falling: bool) -> None:
    values = sorted(range(1, 9), reverse=falling)
    rows = []
    for user in range(6):
        for place, value in enumerate(values):
            item = value if column == "item" else (7 * place + user) % 8
            rows.append(f"u{user},i{item},{value * (100 if column == 'quantity' else 0.5)}")
    header = f"user,item,{'other' if column == 'item' else column}"
    dataset = opened(tmp_path, header, rows)
    assert f"sorted_by_{column}" in found(dataset)
    assert dataset.interactions["user"].is_sorted()
    first = dataset.interactions.group_by("user", maintain_order=True).agg("row")["row"].to_list()
    assert all(sorted(part) == list(range(8 * user, 8 * user + 8)) for user, part in enumerate(first))
    assert sum(part == sorted(part) for part in first) < 3
    again = opened(tmp_path, header, rows)
    assert again.interactions.equals(dataset.interactions)


def test_rows_with_times_keep_to_them(tmp_path: Path) -> None:
    rows = [f"u{user},i{item},{10**9 + 60 * item}" for user in range(5) for item in range(8)]
    assert opened(tmp_path, "user,item,timestamp", rows).interactions["time"].to_list()[:2] == [10**12, 10**12 + 60_000]
