"""Rows whose ids would not fit in memory as codes are refused once it is known how many different ones there are."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data import coding_memory, memory
from recsys_tui.data.coding_memory import check_can_code
from recsys_tui.data.load import load_dataset
from recsys_tui.data.memory import SETTING
from recsys_tui.output.errors import ExitCode, UserError

ROWS = 100_000
PATH = Path("events.csv")


def table(users: int, letters: int = 0) -> pl.DataFrame:
    """So many different people among the rows, of numbers or of texts of so many letters; ten items."""
    codes = pl.int_range(ROWS, eager=True)
    people = codes % users
    return pl.DataFrame({"user": people.cast(pl.String).str.zfill(letters) if letters else people, "item": codes % 10})


def least(frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> int:
    """The least memory with which the rows are let in."""
    low, high = 0, 1_000_000_000
    while high - low > 1:
        middle = (low + high) // 2
        monkeypatch.setenv(SETTING, str(middle))
        try:
            check_can_code(PATH, frame)
            high = middle
        except UserError:
            low = middle
    return high


def test_it_takes_so_much_a_row_and_so_much_a_different_id(monkeypatch: pytest.MonkeyPatch):
    few, many, long = (least(frame, monkeypatch) for frame in (table(1_000), table(ROWS), table(ROWS, letters=40)))
    assert few == pytest.approx(50 * ROWS + 65 * 1_010, rel=0.02)
    assert many == pytest.approx(115 * ROWS, rel=0.03)
    assert long == pytest.approx((115 + 3 * 40) * ROWS, rel=0.03)


def test_under_a_limit_of_addresses_three_times_as_much(monkeypatch: pytest.MonkeyPatch):
    plain = least(table(ROWS), monkeypatch)
    monkeypatch.setattr(coding_memory, "addresses_are_limited", lambda: True)
    assert least(table(ROWS), monkeypatch) == pytest.approx(3 * plain, rel=1e-3)


def test_ids_that_are_no_numbers_and_no_texts_count_as_all_different(monkeypatch: pytest.MonkeyPatch):
    frame = table(10).with_columns(pl.col("user").cast(pl.Decimal(10, 2)))
    assert least(frame, monkeypatch) == pytest.approx(115 * ROWS, rel=0.01)


def test_data_is_refused_in_one_sentence_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "events.csv"
    pl.DataFrame({"user": range(20_000), "item": range(20_000)}).write_csv(path)
    monkeypatch.setattr(memory, "READING", 0)
    monkeypatch.setenv(SETTING, "2000000")  # the text fits, 180 bytes a row do not
    with pytest.raises(UserError, match=r"events\.csv takes about .* and 2\.0 MB are free") as refused:
        load_dataset(path)
    assert refused.value.exit_code == ExitCode.FAILED


@pytest.mark.parametrize("kind", [pl.Float64, pl.Categorical, pl.Enum([str(code) for code in range(10)])])
def test_ids_of_other_kinds_are_counted_as_what_they_stand_for(monkeypatch: pytest.MonkeyPatch, kind: pl.DataType):
    frame = table(10).with_columns(pl.col("user").cast(pl.Float64 if kind == pl.Float64 else pl.String).cast(kind))
    assert least(frame, monkeypatch) == pytest.approx(50 * ROWS + 65 * 20, rel=0.01)
