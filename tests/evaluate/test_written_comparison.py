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
from recsys_tui.output.writers import escape_ids
from recsys_tui.store.exports import Exports


def written_lists(tmp_path: Path) -> dict[str, pl.DataFrame]:
    """What a comparison of data with formulas in ids and in names of events leaves, by name."""
    kinds = ("=cmd()", "view", "buy")
    rows = [f"=u{n % 20},-i{(n * 7 + n // 20) % 23},{kinds[n % 3]},{1_600_000_000 + n * 977}" for n in range(140)]
    (tmp_path / "events.csv").write_text("user,item,event,time\n" + "\n".join(rows) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "last", seed=0)
    lists = pl.DataFrame({"user": ["=u1"], "item": ["-i2"], "rank": [1]})
    write_comparison(cut, {"mine": lists}, tmp_path / "lists")
    return {path.stem: pl.read_csv(path, infer_schema_length=0) for path in (tmp_path / "lists").glob("*.csv")}


def test_names_of_events_are_no_formulas_and_ids_stay_as_they_are(tmp_path: Path):
    written = written_lists(tmp_path)
    assert set(written["train"]["event"]) == {"'=cmd()", "view", "buy"}
    for table in written.values():
        assert {user[:2] for user in table["user"]} == {"=u"}
        assert {item[:2] for item in table["item"]} == {"-i"}
    assert set(written["train"]["user"]) == {f"=u{n}" for n in range(20)}


def test_asked_for_ids_are_no_formulas_either(tmp_path: Path):
    try:
        escape_ids()
        written = written_lists(tmp_path)
    finally:
        escape_ids(False)
    assert set(written) == {"train", "test", "mine"}
    for table in written.values():
        assert {user[:3] for user in table["user"]} == {"'=u"}
        assert {item[:3] for item in table["item"]} == {"'-i"}
    assert set(written["train"]["event"]) == {"'=cmd()", "view", "buy"}


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
