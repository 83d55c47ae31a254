"""Which models are held against each other, and for how many comparisons their p values answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.comparison import compare
from recsys_tui.evaluate.judge import Judge
from recsys_tui.evaluate.protocols import split
from recsys_tui.evaluate.significance import paired_differences
from recsys_tui.output.errors import ExitCode, UserError


def test_the_best_answers_for_all_pairs_of_models(tmp_path: Path):
    rows = [f"u{n % 60},i{(n * 7 + n // 60) % 23},{1_600_000_000 + n * 977}" for n in range(420)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "last", seed=0)
    random = np.random.default_rng(5)
    wanted = dict(cut.test.select("user", "item").iter_rows())

    def lists(right: float) -> pl.DataFrame:
        """Lists of one item each, which is what the person took with this chance."""
        items = [item if random.random() < right else "none" for item in wanted.values()]
        return pl.DataFrame({"user": list(wanted), "item": items, "rank": [1] * len(items)})

    own = {"good": lists(0.6), "fair": lists(0.45), "poor": lists(0.4)}
    shared = tmp_path / "shared"
    shared.mkdir()
    found = compare(cut, [], own, shared, lambda *_: None)
    judge = Judge(cut)
    table = np.column_stack([judge.figures(each).scores["ndcg@10"] for each in own.values()])
    raw = [one.p for one in paired_differences(table, [(0, 1), (0, 2), (1, 2)], seed=0)]
    said = [entry for entry in found.comparisons if entry.metric == "ndcg@10"]
    assert [(entry.a, entry.b) for entry in said] == [("good", "fair"), ("good", "poor")]
    assert [entry.p for entry in said] == pytest.approx(raw[:2])
    # By hand: the smallest of the three times three, then the larger of that and twice the second.
    assert raw[1] < raw[0] < raw[2]
    assert said[1].p_holm == pytest.approx(min(1.0, 3 * raw[1]))
    assert said[0].p_holm == pytest.approx(min(1.0, max(3 * raw[1], 2 * raw[0])))


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rows = [f"u{n % 60},i{(n * 7 + n // 60) % 23},{1_600_000_000 + n * 977}" for n in range(420)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "last", seed=0)

    def full(*_: object, **_options: object) -> None:
        raise pl.exceptions.ComputeError("No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(UserError) as failed:
        compare(cut, [], {}, tmp_path, lambda *_: None)
    assert failed.value.exit_code == ExitCode.FAILED
    assert "disk is full" in str(failed.value)
