"""Data that changes while it is read, and while a model is trained on it: no change is missed, and a model says what it
was made of."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recsys_tui.training.__main__ as child
from recsys_tui.cli.entry import main
from recsys_tui.data import load
from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.events import SAVED, TrainingEvent
from recsys_tui.training.job import TrainingRequest

ROWS = "".join(f"u{n % 7},i{n % 5},3,{10**9 + n}\n" for n in range(35))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("user,item,rating,timestamp\n" + ROWS)
    return path


def add_to(path: Path, user: str) -> None:
    with path.open("a") as stream:
        stream.write(f"{user},i1,5,1100000000\n")


@pytest.mark.parametrize("folder", [False, True])
def test_a_file_that_changes_while_it_is_read_is_read_anew(
    data: Path, home: Home, monkeypatch: pytest.MonkeyPatch, folder: bool
):
    source = data
    if folder:
        source = data.parent / "inner"
        source.mkdir()
        data = data.rename(source / "data.csv")
    read = load.load_dataset

    def read_and_grow(*arguments: Any) -> Dataset:
        found = read(*arguments)
        add_to(data, "late")
        return found

    monkeypatch.setattr(load, "load_dataset", read_and_grow)
    assert Session.open(source, home=home).dataset.user_count == 7
    monkeypatch.setattr(load, "load_dataset", read)
    assert Session.open(source, home=home).dataset.user_count == 8
    monkeypatch.setattr(load, "load_dataset", lambda *_: pytest.fail("what did not change is not read again"))
    assert Session.open(source, home=home).dataset.user_count == 8


class Channel:
    """Takes what the training tells; nobody stops it."""

    def __init__(self) -> None:
        self.events: list[TrainingEvent] = []
        self.emit = self.events.append

    def stopped(self) -> bool:
        return False


def test_a_model_says_what_it_was_made_of_though_the_data_is_stored_anew_meanwhile(
    trained: Session, data: Path, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The training itself is that of the films: what matters is what is stored beside it."""
    info = trained.model_info()
    assert info is not None
    stored = trained.workspace.load_model(info)
    session = Session.open(data, home=home)
    session.load()
    before = session.workspace.dataset_version()
    assert before is not None

    def train_meanwhile(dataset: Dataset, *_: Any) -> tuple[TrainedModel, dict[str, Any]]:
        assert dataset.user_count == 7
        add_to(data, "late")
        assert main(["inspect", str(data), "--home", str(home.root), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["users"] == 8
        return TrainedModel.from_arrays(stored.arrays), stored.info.said_by_training

    monkeypatch.setattr("recsys_tui.training.pipeline.train", train_meanwhile)
    channel = Channel()
    assert child._train(session.workspace.folder, TrainingRequest(), channel) == 0  # type: ignore[arg-type]
    assert channel.events[-1].kind == SAVED
    now = Session.open(data, home=home)
    made, version = now.model_info(), now.workspace.dataset_version()
    assert made is not None
    assert version is not None
    assert made.fingerprint == before.fingerprint != version.fingerprint
    assert now.note(made) == say("models.trained_on_older", created=made.created[:10])


def gone(path: Path) -> None:
    path.unlink()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_socket(path: Path) -> None:
    path.unlink()
    with (
        contextlib.chdir(path.parent),
        socket.socket(socket.AF_UNIX) as there,
    ):  # the whole path may be too long for one
        there.bind(path.name)


NO_FILES: list[Callable[[Path], None]] = [gone, a_pipe, a_folder, a_socket]


@pytest.fixture
def described(data: Path) -> Path:
    path = data.parent / "about.csv"
    path.write_text("item,title,colour\n" + "".join(f"i{n},Title {n},red\n" for n in range(5)))
    return path


@pytest.mark.parametrize("become", NO_FILES)
def test_a_file_beside_it_that_is_none_any_more_is_told(
    data: Path, described: Path, home: Home, capsys: pytest.CaptureFixture[str], become: Callable[[Path], None]
):
    command = ["inspect", str(data), "--items", str(described), "--home", str(home.root)]
    assert main(command) == 0
    become(described)
    capsys.readouterr()
    assert main(command) == 2
    name = "data.no_such_path" if become is gone else "data.not_a_file"
    assert capsys.readouterr().err.splitlines()[-1] == say(name, path=described)


@pytest.mark.parametrize("become", NO_FILES)
@pytest.mark.parametrize("which", ["data", "described"])
def test_a_file_that_goes_while_it_is_read_is_read_anew(
    data: Path,
    described: Path,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    become: Callable[[Path], None],
    which: str,
):
    path = {"data": data, "described": described}[which]
    before = path.read_bytes()
    read = load.load_dataset

    def read_and_lose(*arguments: Any) -> Dataset:
        found = read(*arguments)
        become(path)
        return found

    monkeypatch.setattr(load, "load_dataset", read_and_lose)
    mapping = Mapping(items=described)
    assert Session.open(data, mapping, home=home).dataset.user_count == 7
    monkeypatch.setattr(load, "load_dataset", read)
    with pytest.raises(UserError):
        Session.open(data, mapping, home=home).load()
    path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    path.write_bytes(before)
    assert Session.open(data, mapping, home=home).dataset.items["title"][0] == "Title 0"
