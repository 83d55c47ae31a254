"""A model in a process of its own: what it costs is told, what goes wrong is one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate import comparison, trials
from recsys_tui.evaluate.contender import ContenderRequest
from recsys_tui.evaluate.contender_process import try_contender
from recsys_tui.evaluate.protocols import split
from recsys_tui.evaluate.split_folder import read_split, write_split
from recsys_tui.output.errors import ExitCode, UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [f"u{n % 40},i{(n * 7 + n // 40) % 23},{1_600_000_000 + n * 977}" for n in range(400)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    shared = tmp_path / "shared"
    shared.mkdir()
    write_split(split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "users", seed=0), shared)
    return shared


def quiet(_step: str, _share: float) -> None:
    """Nobody listens."""


def test_a_split_comes_back_as_it_was(folder: Path, tmp_path: Path):
    whole = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "users", seed=0)
    again = read_split(folder)
    assert (again.protocol, again.notes) == (whole.protocol, whole.notes)
    assert again.test.equals(whole.test)
    for mine, theirs in ((again.train, whole.train), (again.asked, whole.asked)):
        assert mine.interactions.equals(theirs.interactions)
        assert mine.items.equals(theirs.items)
        assert mine.users.equals(theirs.users)


def test_lists_and_costs(folder: Path):
    told: list[tuple[str, float]] = []
    result, cost = try_contender(folder, ContenderRequest("knn", depth=7), lambda *step: told.append(step))
    lists = pl.read_parquet(folder / "knn.parquet")
    assert lists.columns == ["user", "item", "rank", "score"]
    assert set(lists["user"]) == set(read_split(folder).test["user"])
    assert lists["rank"].max() == 7
    assert set(result.seconds) == set(result.cpu) == {"tuning", "fitting", "answering"}
    assert cost.seconds >= sum(result.seconds.values())
    # A process that imports NumPy and Polars takes at least this much, and of time at least what its steps took.
    assert cost.peak_bytes > 30_000_000
    assert cost.cpu_seconds >= sum(result.cpu.values())
    assert all(0 <= share <= 1 for _, share in told)


def test_a_model_that_fails_is_one_sentence(folder: Path):
    with pytest.raises(UserError) as failed:
        try_contender(folder, ContenderRequest("deep", device="nowhere"), quiet)
    assert "nowhere" in str(failed.value)


def test_a_process_that_dies_is_told_with_its_last_words(folder: Path):
    (folder / "test.parquet").unlink()
    with pytest.raises(UserError) as failed:
        try_contender(folder, ContenderRequest("popular"), quiet)
    assert failed.value.exit_code == ExitCode.FAILED
    assert "popular" in str(failed.value)
    assert "\n" not in str(failed.value)


def test_the_others_are_judged_where_one_model_fails(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = read_split(folder)

    def try_or_fail(shared: Path, request: ContenderRequest, tell: Any, children: Any) -> Any:
        if request.name == "ease":
            raise UserError("evaluate.contender_said", ExitCode.FAILED, sentence="There is no memory left.")
        return try_contender(shared, request, tell, children)

    monkeypatch.setattr(trials, "try_contender", try_or_fail)
    requests = [ContenderRequest("ease"), ContenderRequest("popular")]
    for number, asked in enumerate((requests, requests[:1])):
        shared = tmp_path / f"shared{number}"
        shared.mkdir()
        if len(asked) == 1:
            with pytest.raises(UserError, match="no memory"):
                comparison.compare(whole, asked, {}, shared, lambda *_told: None)
            continue
        judged = comparison.compare(whole, asked, {}, shared, lambda *_told: None)
        assert [model.name for model in judged.models] == ["popular"]
        assert judged.failures == (("ease", "There is no memory left."),)
