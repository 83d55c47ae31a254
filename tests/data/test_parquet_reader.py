"""Parquet: types stay, nested columns are left out, damage is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.load import load_dataset
from recsys_tui.data.readers import read_table
from recsys_tui.output.errors import UserError


def test_types_stay_and_structs_go(tmp_path: Path) -> None:
    path = tmp_path / "anything.bin"
    pl.DataFrame({"user": [1, 2], "extra": [{"a": 1}, {"a": 2}], "tags": [["x"], []]}).write_parquet(path)
    frame = read_table(path).frame
    assert frame.schema == {"user": pl.Int64, "tags": pl.List(pl.String)}


def test_native_datetimes_are_times(tmp_path: Path) -> None:
    path = tmp_path / "clicks.parquet"
    when = [datetime(2020, 1, 1), datetime(2020, 1, 2)]
    pl.DataFrame({"user": ["a", "a"], "item": ["x", "y"], "clicked": when}).write_parquet(path)
    dataset = load_dataset(path)
    assert dataset.interactions["time"].to_list() == [1_577_836_800_000, 1_577_923_200_000]


def test_zoned_datetimes_are_instants(tmp_path: Path) -> None:
    path = tmp_path / "clicks.parquet"
    noon_in_utc = pl.Series([datetime(2020, 1, 1, 12)]).dt.replace_time_zone("UTC")
    tokyo = noon_in_utc.dt.convert_time_zone("Asia/Tokyo")
    pl.DataFrame({"user": ["a"], "item": ["x"], "time": tokyo}).write_parquet(path)
    assert load_dataset(path).interactions["time"].to_list() == [1_577_880_000_000]


def test_float_ids_are_shortened_and_told(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pl.DataFrame({"user": [13085.0, None, 7.0], "item": [1, 2, 3]}).write_parquet(path)
    dataset = load_dataset(path)
    assert dataset.users["id"].to_list() == ["7", "13085"]
    counts = {entry.code: entry.count for entry in dataset.findings}
    assert counts["ids_shortened"] == 2
    assert counts["no_user"] == 1


@pytest.mark.parametrize("content", [b"hello", b"PAR1", b"PAR1" + bytes(200) + b"PAR1"])
def test_damage_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(content)
    with pytest.raises(UserError) as refused:
        read_table(path)
    assert refused.value.message_id == "data.damaged_file"
    assert "(it is cut short, or what is in it is not as Parquet has it)" in str(refused.value)


def test_damage_in_the_middle_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    pl.DataFrame({"user": range(10_000), "item": range(10_000)}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[100:2_000] = bytes(range(256)) * 7 + bytes(108)
    path.write_bytes(content)
    with pytest.raises(UserError) as refused:
        read_table(path)
    assert refused.value.message_id == "data.damaged_file"
