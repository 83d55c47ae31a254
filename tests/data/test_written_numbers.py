"""Numbers with decimal commas and marked thousands, read by the column as a whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.load import load_dataset
from recsys_tui.data.written_numbers import as_numbers, finite_numbers


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (["4,5", "3", None, "-2,25"], [4.5, 3.0, None, -2.25]),
        (["1,200", "3", "-1,000,000.5"], [1200.0, 3.0, -1000000.5]),
        (["1.234,50", "7,1", "12"], [1234.5, 7.1, 12.0]),
        (["1,200", "4,5"], [1.2, 4.5]),
        ([" 4.5 ", "x"], [4.5, None]),
        (["1,2,3", "4,5"], [None, None]),
        (["a,5", "4,5", "6"], [None, None, 6.0]),
        (["3.500", "4,5"], [3.5, 4.5]),
        (["1e3", "4,5"], [1000.0, 4.5]),
    ],
)
def test_the_reading_that_fits_every_comma(written: list[str | None], numbers: list[float | None]):
    assert as_numbers(pl.Series("n", written, pl.String)).to_list() == numbers


def test_numbers_without_end_are_none():
    assert finite_numbers(pl.Series("n", ["inf", "2,5", "nan"])).to_list() == [None, 2.5, None]


def test_ratings_and_prices_with_a_decimal_comma(tmp_path: Path):
    rows = [f"u{n % 9};i{n % 7};{n % 4 + 1},5;{n % 7},99 €;Thing {n % 7}" for n in range(63)]
    (tmp_path / "stars.csv").write_text("user;item;rating;price;title\n" + "\n".join(rows) + "\n", encoding="utf-8")
    dataset = load_dataset(tmp_path / "stars.csv")
    assert dataset.explicit
    assert sorted(dataset.interactions["rating"].unique()) == [1.5, 2.5, 3.5, 4.5]
    prices = dict(dataset.items.select("id", "price").iter_rows())
    assert prices["i3"] == pytest.approx(3.99)
