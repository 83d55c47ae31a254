"""The files that a comparison leaves: to be joined by their ids, and harmless in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.protocols import split
from recsys_tui.evaluate.written_comparison import write_comparison
from recsys_tui.output.errors import UserError
from recsys_tui.store.exports import Exports


def test_names_of_events_are_no_formulas_and_ids_stay_as_they_are(tmp_path: Path):
    kinds = ("=cmd()", "view", "buy")
    rows = [f"=u{n % 20},i{(n * 7 + n // 20) % 23},{kinds[n % 3]},{1_600_000_000 + n * 977}" for n in range(140)]
    (tmp_path / "events.csv").write_text("user,item,event,time\n" + "\n".join(rows) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "last", seed=0)
    write_comparison(cut, {}, tmp_path / "lists")
    written = pl.read_csv(tmp_path / "lists" / "train.csv", infer_schema_length=0)
    assert set(written["event"]) == {"'=cmd()", "view", "buy"}
    assert set(written["user"]) == {f"=u{n}" for n in range(20)}


def test_what_was_written_before_a_file_could_not_be_is_noted(tmp_path: Path):
    """Else nobody who is forgotten would be looked for in it."""
    rows = [f"u{n % 20},i{(n * 7 + n // 20) % 23},{1_600_000_000 + n * 977}" for n in range(140)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "last", seed=0)
    (tmp_path / "w").mkdir()
    (tmp_path / "lists" / "test.csv").mkdir(parents=True)
    exports = Exports(tmp_path / "w")
    with pytest.raises(UserError):
        write_comparison(cut, {}, tmp_path / "lists", exports.write)
    assert tmp_path / "lists" / "train.csv" in {export.path for export in exports.read()}
