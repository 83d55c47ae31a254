"""Parquet that holds far more than its size lets one expect is refused before it is read, and passed over where it only
lies beside the data."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.load import load_dataset
from recsys_tui.data.memory import SETTING
from recsys_tui.data.readers.parquet_footer import unpacked_bytes
from recsys_tui.data.readers.registry import read_table
from recsys_tui.output.errors import ExitCode, UserError

ROWS = 200
PAIRS = {"user": [f"u{n % 7}" for n in range(ROWS)], "item": [f"i{n % 5}" for n in range(ROWS)]}
HUGE = {
    "texts": pl.Series([f"{n} {'a' * 1_000_000}" for n in range(ROWS)]),
    "one text": pl.Series(["a" * 1_000_000] * ROWS),
    "lists": pl.Series([[0] * 100_000] * ROWS),
}


def huge(path: Path, kind: str) -> None:
    pl.DataFrame(PAIRS | {"more": HUGE[kind]}).write_parquet(path, row_group_size=50)
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("kind", HUGE)
def test_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str):
    path = tmp_path / "data.parquet"
    huge(path, kind)
    packed = tmp_path / "data.parquet.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    monkeypatch.setenv(SETTING, "100000000")
    for file in (path, packed):
        with pytest.raises(UserError, match=r"takes about .* and 100.0 MB are free") as refused:
            read_table(file)
        assert refused.value.exit_code == ExitCode.FAILED
    monkeypatch.setenv(SETTING, "1000000000")
    assert read_table(path).frame.height == ROWS


@pytest.mark.parametrize("kind", HUGE)
def test_it_does_not_keep_what_lies_beside_it_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
):
    huge(tmp_path / "other.parquet", kind)
    pl.DataFrame(PAIRS).write_csv(tmp_path / "data.csv")
    monkeypatch.setenv(SETTING, "210000000")
    dataset = load_dataset(tmp_path / "data.csv")
    assert dataset.user_count == 7
    assert [entry.code for entry in dataset.findings].count("files_ignored") == 1


def test_of_the_first_rows_only_what_they_take_counts():
    file = io.BytesIO()
    pl.DataFrame({"a": range(1_000), "b": range(1_000)}).write_parquet(file, row_group_size=100)
    whole = unpacked_bytes(file)
    assert whole >= 16_000
    assert [round(unpacked_bytes(file, rows) / whole, 3) for rows in (1_000, 250, 1)] == [1, 0.25, 0.001]


def test_an_end_that_is_spoilt_says_nothing_or_something():
    file = io.BytesIO()
    pl.DataFrame(PAIRS).write_parquet(file)
    whole, chance = file.getvalue(), random.Random(5)
    for _ in range(2_000):
        spoilt = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            spoilt[chance.randrange(len(whole) // 2, len(whole))] = chance.randrange(256)
        assert unpacked_bytes(io.BytesIO(spoilt)) >= 0
    for size in (0, 3, 8, 12, len(whole) - 1):
        assert unpacked_bytes(io.BytesIO(whole[:size])) >= 0
