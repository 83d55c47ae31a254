"""``--text-model`` on the command line: trained with, remembered, brought up to date, refused in one sentence."""

from __future__ import annotations

import importlib.util
import json
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.dataset import Mapping
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.session import Session

Texts = Callable[[], list[str]]
COLOURS = ("red", "blue", "green")


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    """Sixty people, thirty cups in three colours, each person two colours only; titles in a file beside."""
    random = np.random.default_rng(4)
    rows = []
    for person in range(60):
        liked = [item for item in range(30) if item % 3 != person % 3]
        rows += [f"c{person},p{item},{day}" for day, item in enumerate(random.choice(liked, 8, replace=False))]
    (tmp_path / "items.csv").write_text("item,title\n" + "".join(f"p{n},{COLOURS[n % 3]} cup {n}\n" for n in range(31)))
    path = tmp_path / "taken.csv"
    path.write_text("user,item,time\n" + "\n".join(rows) + "\n")
    return path


def test_what_is_not_trained_is_told_with_its_options(
    taken: Path, text_model: Path, capsys: pytest.CaptureFixture[str]
):
    columns = ["--user-col", "user", "--event-weight", "a b=2", "--no-siblings", "--text-model", str(text_model)]
    assert main(["recommend", str(taken), *columns, "--user", "c1", "--no-train"]) == 4
    said = capsys.readouterr().err.strip().rstrip(".")
    command = shlex.split(said.partition("run recsys ")[2])
    assert command[:2] == ["train", str(taken)]
    # All of what the data was opened with, whatever its order.
    assert sorted(command[2:]) == sorted(columns)


def test_training_update_and_answers(
    taken: Path, text_model: Path, embedded_texts: Texts, capsys: pytest.CaptureFixture[str]
):
    named = [str(taken), "--items", str(taken.with_name("items.csv")), "--text-model", str(text_model)]
    assert main(["train", *named, "--preset", "quick", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["preset"] == "quick"
    assert "Embedding the texts of 31 items with the model text model …" in captured.err
    assert len(embedded_texts()) == 31

    mapping = Mapping(items=taken.with_name("items.csv"), text_model=text_model)
    vectors = _model(taken, mapping).experts.content.vectors
    assert vectors is not None
    assert vectors.there.all()

    # One more cup, known to the item file by a new text; the mapping is remembered.
    with taken.with_name("items.csv").open("a") as stream:
        stream.write("p99,green cup 99\n")
    with taken.open("a") as stream:
        stream.writelines(f"c{person},p99,90\n" for person in range(5))
    assert main(["update", str(taken), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["items_new"] == 1
    assert embedded_texts()[31:] == ["green cup 99"]
    updated = _model(taken, mapping).experts.content.vectors
    assert updated is not None
    assert len(updated.rows) == 32
    assert updated.there.all()

    # The model in the folder is another now: what was learned does not fit its vectors.
    (text_model / "model.safetensors").write_bytes(b"other weights")
    with taken.open("a") as stream:
        stream.write("c6,p99,91\n")
    assert main(["update", str(taken)]) == 0
    assert "The sentence-embedding model changed since" in capsys.readouterr().err
    assert main(["recommend", str(taken), "--user", "c1", "--json", "-k", "3"]) == 0
    assert len(json.loads(capsys.readouterr().out)["items"]) == 3


def _model(path: Path, mapping: Mapping) -> TrainedModel:
    recommender = Session.open(path, mapping).recommender()
    assert recommender is not None
    return recommender.model


def test_what_cannot_work_is_told_before_anything_is_trained(
    taken: Path,
    text_model: Path,
    embedded_texts: Texts,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    assert main(["train", str(taken), "--text-model", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (text_model / "model.safetensors").rename(text_model / "pytorch_model.bin")
    assert main(["inspect", str(taken), "--text-model", str(text_model)]) == 2
    assert "save the model anew in the safetensors format" in capsys.readouterr().err
    assert list((tmp_path / "home" / "workspaces").iterdir()) == []
    (text_model / "pytorch_model.bin").rename(text_model / "model.safetensors")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert main(["train", str(taken), "--text-model", str(text_model)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].endswith("pip install 'recsys-tui[text]'")
    assert embedded_texts() == []


def test_a_model_that_fails_in_the_training_process_ends_it_with_its_sentence(
    taken: Path, text_model: Path, embedded_texts: Texts, capsys: pytest.CaptureFixture[str]
):
    (text_model / "broken").touch()
    named = ["--items", str(taken.with_name("items.csv")), "--text-model", str(text_model)]
    assert main(["train", str(taken), *named, "--preset", "quick"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("The sentence-embedding model in ")
    assert "Traceback" not in captured.err
