"""Fields that have no end: refused in one sentence, before a minute is spent on what is said of their columns."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.readers.field_sizes import MOST_FIELD, check_text
from recsys_tui.data.readers.registry import read_table
from recsys_tui.output.errors import ExitCode, UserError

ROWS = b"user,item,rating\na,b,3\nc,d,4\n"


@pytest.mark.parametrize(
    "field",
    [b"0" * 2 * MOST_FIELD, b"1.1" * MOST_FIELD, b"1:" * MOST_FIELD, b'"' + b"1 2\n" * MOST_FIELD + b'"'],
    ids=["digits", "versions", "colons", "quoted"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_field_without_end_is_refused(tmp_path: Path, field: bytes, packed: bool):
    path, text = tmp_path / "data.csv", ROWS + b"e,f," + field + b"\n"
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    with pytest.raises(UserError, match="10,000,000 characters") as refused:
        read_table(path)
    assert refused.value.exit_code == ExitCode.USAGE


def test_what_is_packed_is_not_unpacked_to_its_end_for_a_field_without_one(tmp_path: Path):
    """The end of the file is damage, which nobody comes to see."""
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(ROWS + b"e,f," + b"0" * 3 * MOST_FIELD, 1)[:-100])
    with pytest.raises(UserError, match="10,000,000 characters"):
        read_table(path)


@pytest.mark.parametrize("rows", [ROWS, ROWS + b'"a, b","c",1\n'])
def test_a_quote_that_nothing_closes_is_refused_before_lines_are_looked_at(
    tmp_path: Path, rows: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("polars.read_csv", None)
    path = tmp_path / "data.csv"
    path.write_bytes(rows + b'"e,f,5\n' + b"g,h,2\n" * (MOST_FIELD // 5))
    with pytest.raises(UserError, match="10,000,000 characters"):
        read_table(path)


@pytest.mark.parametrize("last", [b'"a, b",c,1\n', b'a b,"c,",1\n', b'5" disk,c,1\n', b'a,"c, ""d"" "\n'])
def test_quotes_far_from_the_end_of_a_long_file_are_read(tmp_path: Path, last: bytes):
    path = tmp_path / "data.csv"
    path.write_bytes(ROWS + last + b"g,h,2\n" * (MOST_FIELD // 5))
    assert read_table(path).frame.height == 2 + 1 + MOST_FIELD // 5


@pytest.mark.parametrize(
    ("name", "packed"), [("data.json", False), ("data.parquet", False), ("data.parquet", True), ("data.arrow", True)]
)
def test_other_formats_have_none_either(tmp_path: Path, name: str, packed: bool):
    """Packed by the format itself, the file is far smaller than the field."""
    path, row = tmp_path / name, {"user": "a", "item": "b c" * MOST_FIELD}
    if name.endswith("json"):
        path.write_text(json.dumps([row]))
    elif name.endswith("arrow"):
        pl.DataFrame([row]).write_ipc(path, compression="zstd")
    else:
        pl.DataFrame([row]).write_parquet(path, compression="zstd" if packed else "uncompressed")
    with pytest.raises(UserError, match="10,000,000 characters"):
        read_table(path)


def test_a_long_line_of_many_fields_and_a_picture_are_read(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_bytes(ROWS + b"e,f,3," + b"x" * 5_000_000 + b"\n")
    assert read_table(path).frame.height == 3
    check_text(b"1 " * 2 * MOST_FIELD, path)


def test_a_large_table_of_numbers_alone_is_read(tmp_path: Path):
    path, numbers = tmp_path / "data.parquet", range(700_000)
    pl.DataFrame({"user": numbers, "item": numbers}).write_parquet(path, compression="uncompressed")
    assert path.stat().st_size > MOST_FIELD
    assert read_table(path).frame.height == len(numbers)
