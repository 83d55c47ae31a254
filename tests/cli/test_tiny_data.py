"""Data too small to hold anything out of: a training says so, and no figure stands for what was not measured."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from recsys_tui.api import OpenData
from recsys_tui.cli.entry import main
from recsys_tui.models.list_judging import hit_metrics
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home

MEASURED = ("ndcg@10", "hr@10", "recall@20")


def test_no_list_has_no_figure():
    assert hit_metrics(np.zeros((0, 20), np.bool_), np.zeros(0, np.int64)) == {}
    missed = hit_metrics(np.zeros((1, 20), np.bool_), np.ones(1, np.int64))
    assert missed == dict.fromkeys(MEASURED, 0.0)


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_a_training_that_could_measure_nothing_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], horizon: str
):
    """Everybody took one thing: without it nothing is left of them."""
    data, home = tmp_path / "once.csv", str(tmp_path / "home")
    data.write_text("user,item\n" + "".join(f"u{n},i{n * 7 % 40}\n" for n in range(300)))
    assert main(["train", str(data), "--preset", "quick", "--horizon", horizon, "--json", "--home", home]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    jsonschema.validate(document, load_schema("train"), jsonschema.Draft202012Validator)
    assert document["validation"] == dict.fromkeys(MEASURED)
    assert document["parts"] == {}
    assert "was not measured" in captured.err
    assert "NDCG" not in captured.err
    assert "ndcg" not in captured.err
    assert main(["train", str(data), "--preset", "quick", "--horizon", horizon, "--home", home]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("held-out: not measured")
    opened = OpenData(Session.open(data, home=Home(Path(home))))
    assert opened.recommender(horizon=horizon).validation == {}
    assert opened.recommend("u1", k=3, horizon=horizon).items


def test_a_stored_model_whose_files_are_damaged_is_trained_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    data, home = tmp_path / "few.csv", tmp_path / "home"
    data.write_text("user,item\n" + "".join(f"u{n % 40},i{n * 7 % 13}\n" for n in range(400)))
    train = ["train", str(data), "--preset", "quick", "--home", str(home)]
    assert main(train) == 0
    assert main(train) == 0
    assert "stored already" in capsys.readouterr().err
    (model,) = home.glob("workspaces/*/models/*/model.safetensors")
    model.write_bytes(model.read_bytes() + b"x")
    assert main(train) == 0
    assert "stored already" not in capsys.readouterr().err
    assert main(["recommend", str(data), "--user", "u1", "--no-train", "--home", str(home)]) == 0


def train_stored(tmp_path: Path) -> tuple[list[str], Path]:
    """How to train a model that is stored, and its folder."""
    data, home = tmp_path / "few.csv", tmp_path / "home"
    data.write_text("user,item\n" + "".join(f"u{n % 40},i{n * 7 % 13}\n" for n in range(400)))
    train = ["train", str(data), "--preset", "quick", "--home", str(home)]
    assert main(train) == 0
    (model,) = home.glob("workspaces/*/models/*")
    return train, model


@pytest.mark.parametrize("said", ["", "{"])
def test_a_stored_model_whose_manifest_is_damaged_is_trained_again(
    tmp_path: Path, said: str, capsys: pytest.CaptureFixture[str]
):
    train, model = train_stored(tmp_path)
    (model / "manifest.json").write_text(said)
    assert main([*train, "--private", "1"]) == 1
    told = capsys.readouterr().err
    assert "--force trains it all the same" in told
    assert "--refresh" not in told
    assert main(train) == 0
    assert main(["recommend", train[1], "--user", "u1", "--no-train", *train[4:]]) == 0


def test_folders_that_somebody_put_among_those_that_are_stored_stay(tmp_path: Path):
    train, model = train_stored(tmp_path)
    own = [
        parent / name / "notes.txt"
        for parent in (model.parent, model.parent.with_name("data"))
        for name in ("my-notes-2", "backup-2024")
    ]
    for path in own:
        path.parent.mkdir()
        path.write_text("of my own")
    assert main([*train, "--force"]) == 0
    assert main(["forget", train[1], "--user", "u1", "--yes", *train[4:]]) == 0
    assert [path.read_text() for path in own] == ["of my own"] * 4
