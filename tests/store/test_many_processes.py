"""Readers without a lock beside a writer, and removing beside both."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import UserError
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity
from recsys_tui.store.in_use import alone, in_use
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.store.workspace import Workspace

KEY = ModelKey("quick", "next", 0, "cpu")
SAVER = """
import sys
from pathlib import Path
import numpy as np
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.store.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
for number in range(1, 101):
    workspace.save_model(ModelKey("quick", "next", 0, "cpu"), {"number": number}, {"number": np.full(2_000, number)})
"""
HOLDER = """
import sys
from pathlib import Path
from recsys_tui.store.folder_lock import folder_lock
with folder_lock(Path(sys.argv[1]), sys.argv[2]):
    sys.stdout.write("held\\n"); sys.stdout.flush(); sys.stdin.read()
"""


def save(folder: Path, number: int) -> None:
    Workspace(folder).save_model(KEY, {"number": number}, {"number": np.full(2_000, number)})


def test_readers_need_no_lock_while_models_are_replaced(tmp_path: Path):
    folder = tmp_path / "workspace"
    save(folder, 0)
    writer = subprocess.Popen([sys.executable, "-c", SAVER, str(folder)])
    seen = []
    while writer.poll() is None:
        workspace = Workspace(folder)
        info = workspace.find_model("next")
        assert info is not None, "there is a model at every moment"
        stored = workspace.load_model(info)
        assert (stored.arrays["number"] == stored.manifest["number"]).all()
        seen.append(stored.manifest["number"])
    assert writer.returncode == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 1, "some were read while others were written"


def test_a_model_replaced_before_it_is_loaded_gives_its_successor(tmp_path: Path):
    folder = tmp_path / "workspace"
    save(folder, 1)
    workspace = Workspace(folder)
    info = workspace.find_model("next")
    assert info is not None
    save(folder, 2)
    stored = workspace.load_model(info)
    assert stored.manifest["number"] == 2
    assert stored.info.folder != info.folder


def test_a_model_that_goes_while_it_is_looked_at_gives_its_successor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "workspace"
    save(folder, 1)
    workspace = Workspace(folder)
    info = workspace.find_model("next")
    assert info is not None
    is_dir = Path.is_dir

    def replaced_after(path: Path) -> bool:
        there = is_dir(path)
        if path == info.folder and there:
            monkeypatch.setattr(Path, "is_dir", is_dir)
            save(folder, 2)
        return there

    monkeypatch.setattr(Path, "is_dir", replaced_after)
    assert workspace.load_model(info).manifest["number"] in (1, 2)


def hold(lock: Path, purpose: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HOLDER, str(lock), purpose]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_workspace_in_use_is_not_removed(home: Home):
    folder = home.workspace_folder("films")
    save(folder, 1)
    holder = hold(folder / "lock", "training")
    with pytest.raises(UserError, match="training") as caught:
        home.remove("films")
    assert caught.value.message_id == "store.locked"
    assert Workspace(folder).find_model("next") is not None
    holder.communicate()
    home.remove("films")
    assert not list((home.root / "workspaces").iterdir())


def test_a_workspace_is_not_removed_while_somebody_works_with_it(home: Home):
    """A training would bring it back, with the histories that its model keeps."""
    folder = home.workspace_folder("films")
    save(folder, 1)
    with in_use(folder), pytest.raises(UserError) as caught:
        home.remove("films")
    assert caught.value.message_id == "store.in_use"
    assert caught.value.exit_code == 1
    assert Workspace(folder).find_model("next") is not None
    home.remove("films")
    assert not list((home.root / "workspaces").iterdir())


def test_who_waited_for_a_removal_works_with_the_workspace_that_took_its_place(home: Home):
    """The lock of the folder that is gone would keep nobody from forgetting people while that work goes on."""
    folder, working, done = home.workspace_folder("films"), threading.Event(), threading.Event()
    save(folder, 1)

    def work() -> None:
        with in_use(folder):
            working.set()
            done.wait(30)

    worker = threading.Thread(target=work)
    with alone(folder):
        worker.start()
        time.sleep(0.3)
        folder.rename(folder.with_name(".films.0badcafe.partial"))
    try:
        assert working.wait(10)
        with pytest.raises(UserError) as caught, alone(folder):
            pass
        assert caught.value.message_id == "forget.in_use"
    finally:
        done.set()
        worker.join()


def test_a_pipe_in_the_place_of_a_workspace_keeps_nobody_waiting(tmp_path: Path):
    os.mkfifo(tmp_path / "films")
    with pytest.raises(UserError) as caught, in_use(tmp_path / "films"):
        pass
    assert caught.value.message_id == "store.write_failed"


def test_what_a_killed_removal_left_is_no_workspace_and_goes_with_the_next(home: Home):
    for key in ("kept", "next"):
        save(home.workspace_folder(key), 1)
    save(home.root / "workspaces" / ".films.0badcafe.partial", 1)
    assert {info.key for info in home.workspaces()} == {"kept", "next"}
    home.remove("next")
    assert [path.name for path in (home.root / "workspaces").iterdir()] == ["kept"]


def test_a_lock_whose_folder_went_while_waiting_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Else the one who waited and a newcomer would both think to be the only writer."""
    lock = tmp_path / "workspace" / "lock"
    waits, removed, taken, done = (threading.Event() for _ in range(4))
    sleep = time.sleep

    def sleep_seen(seconds: float) -> None:
        waits.set()
        removed.wait(30)
        sleep(seconds)

    def wait_for_it() -> None:
        with folder_lock(lock, "waited", wait=30):
            taken.set()
            done.wait(30)

    monkeypatch.setattr("recsys_tui.store.folder_lock.time.sleep", sleep_seen)
    waiting = threading.Thread(target=wait_for_it)
    with folder_lock(lock, "removing"):
        waiting.start()
        assert waits.wait(30)
        lock.unlink()
        lock.parent.rmdir()
    removed.set()
    assert taken.wait(30)
    with pytest.raises(UserError, match="waited"), folder_lock(lock, "newcomer"):
        pass
    done.set()
    waiting.join()


def test_what_dead_writers_left_is_swept(home: Home):
    folder = home.workspace_folder("films")
    save(folder, 1)
    for left in (folder / ".identity.json.0badcafe.partial", home.root / ".recent.json.0badcafe.partial"):
        left.write_text("{")
    another = home.root / ".list.csv.0badcafe.partial"
    another.write_text("a list that someone is writing into the home folder")
    save(folder, 2)
    home.remember(Identity(folder, Mapping()))
    assert list(home.root.rglob(".*")) == [another]
