"""What was measured on held-out lists of fewer than ten people is told nowhere: not while training, not afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.output.crowd_gate import SETTING
from recsys_tui.output.errors import ExitCode
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.events import PARTS_MEASURED, TrainingEvent
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from recsys_tui.training.told_figures import measured_on_few, still_told, told_parts

HELD_OUT = {"ndcg@10", "hr@10", "recall@20", "accuracy", "auc", "rmse", "pairs"}


def ratings(path: Path, busy: int) -> Path:
    """Forty people, of whom ``busy`` rated six items and the others one."""
    rows = [
        f"p{person},i{(person + step) % 12},{1 + (person + step) % 5},{1_600_000_000 + 86_400 * (7 * person + step)}"
        for person in range(40)
        for step in range(6 if person < busy else 1)
    ]
    path.write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize(("busy", "told"), [(9, False), (12, True)])
def test_figures_of_a_few_are_kept_back(tmp_path: Path, busy: int, told: bool):
    events: list[TrainingEvent] = []
    dataset = load_dataset(ratings(tmp_path / "ratings.csv", busy), Mapping())
    _model, manifest = train(dataset, TrainingRequest("quick"), events.append, lambda: False)
    named = {name for event in events for name in event.metrics}
    named |= {name for stage in manifest["stages"] for name in stage["metrics"]}
    assert (named & HELD_OUT == HELD_OUT) is told
    assert bool(named & HELD_OUT) is told
    assert any(event.kind == PARTS_MEASURED for event in events) is told
    kept = (manifest["validation"], manifest["interaction"], manifest["ratings"], manifest["epochs"]["ndcg@10"])
    assert [bool(each) for each in kept] == [told] * 4
    assert measured_on_few(manifest) is not told
    assert bool(told_parts(manifest)) is told


def test_the_command_says_that_they_are_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    data = str(ratings(tmp_path / "ratings.csv", 4))
    given = ["train", data, "--preset", "quick", "--home", str(tmp_path / "home")]
    assert main(given) == ExitCode.DONE
    assert "not told, since too few people" in capsys.readouterr().out
    assert main([*given, "--json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["validation"] == {"ndcg@10": None, "hr@10": None, "recall@20": None}
    assert (document["parts"], document["interaction"], document["ratings"]) == ({}, {}, {})


def test_an_update_for_larger_crowds_keeps_back_what_is_of_too_few_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Twelve people were measured on: enough for crowds of ten, too few for crowds of twenty."""
    data = str(ratings(tmp_path / "ratings.csv", 12))
    home = ["--home", str(tmp_path / "home")]
    assert main(["train", data, "--preset", "quick", *home]) == ExitCode.DONE
    session = Session.open(data, home=Home(tmp_path / "home"))
    before = manifest_of(session)
    assert still_told(before) == before
    monkeypatch.setenv(SETTING, "20")
    assert main(["update", data, *home]) == ExitCode.DONE
    after = manifest_of(session)
    named = {name for stage in after["stages"] for name in stage["metrics"]}
    assert named
    assert not named & HELD_OUT
    kept = (after["validation"], after["interaction"], after["ratings"], after["epochs"]["ndcg@10"], told_parts(after))
    assert not any(kept)
    assert after["epochs"]["loss"] == before["epochs"]["loss"]


def test_an_update_for_larger_crowds_tells_in_these_of_how_many_it_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Of sixty-five people who rated five items and more twelve gave the newest no rating: enough for crowds of ten."""
    rows = [
        f"p{person},i{(person + step) % 12},{'' if person < 12 and step == 5 else 1 + (person + step) % 5},"
        f"{1_600_000_000 + 86_400 * (7 * person + step)}"
        for person in range(65)
        for step in range(6)
    ]
    data = tmp_path / "ratings.csv"
    data.write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")
    home = ["--home", str(tmp_path / "home")]
    assert main(["train", str(data), "--preset", "quick", *home]) == ExitCode.DONE
    session = Session.open(str(data), home=Home(tmp_path / "home"))
    assert manifest_of(session)["ratings"]["ratings"] == 53
    monkeypatch.setenv(SETTING, "20")
    assert main(["update", str(data), *home]) == ExitCode.DONE
    after = manifest_of(session)
    assert after["ratings"]["ratings"] == 40
    told = [stage["metrics"] for stage in after["stages"]] + [after["interaction"]]
    assert {one[name] % 20 for one in told for name in ("ratings", "pairs") if name in one} == {0}


def manifest_of(session: Session) -> dict[str, Any]:
    info = session.model_info()
    assert info is not None
    return info.manifest
