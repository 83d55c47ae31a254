"""A disk that is full, by a device and by a limit, and a home that may only be read: one sentence, what was there is
still there, and once there is room again the same command works."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from tests.trust.killed_acts import check_home, write_data
from tests.trust.small_device import SmallDevice, device  # noqa: F401 - a fixture
from tests.tui.test_workbench import until

FULL = say("store.disk_full", path="").split(":")[0]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    write_data(path)
    return path


def opened(data: Path, on: SmallDevice) -> Session:
    """The data, stored on the device."""
    session = Session.open(data, home=Home(on.folder / "home"))
    session.load()
    return session


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said, in one sentence or two."""
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def until_full(acts: Iterable[Callable[[], object]]) -> int:
    """How many acts were done before the disk was full: a page that was begun takes some more."""
    for done, act in enumerate(acts):
        try:
            act()
        except UserError as error:
            if FULL not in str(error):
                raise
            return done
    pytest.fail("the disk took it all")


def test_reading_on_a_full_device(data: Path, device: SmallDevice, capsys: pytest.CaptureFixture[str]):  # noqa: F811
    home = Home(device.folder / "home")
    command = ["inspect", str(data), "--quiet", "--home", str(home.root)]
    device.fill()
    assert main(command) == 1
    assert FULL in told(capsys)
    assert [path for path in home.root.rglob("*") if path.is_file() and path.stat().st_size] == []
    device.free()
    assert main(command) == 0
    assert Session.open(data, home=home).dataset.user_count == 60
    check_home(home)


def test_what_was_said_before_the_device_was_full_is_kept(
    data: Path, device: SmallDevice, capsys: pytest.CaptureFixture[str]  # noqa: F811
):  # fmt: skip
    session = opened(data, device)
    home = session.home
    log, tests = FeedbackLog(session.workspace.folder), AbLog(session.workspace.folder)
    log.add([("u1", f"i{n}", "like") for n in range(5)])
    test = tests.start("deep", "ease", "interleave", "00" * 16)
    device.fill()
    items = [f"i{n}" for n in range(5, 40)]
    said = until_full(partial(log.add, [("u2", item, "like")]) for item in items * 200)
    until_full(partial(tests.visit, test, f"u{number}", None, "quick") for number in range(1_000))
    assert main(["feedback", "add", str(data), "--user", "u3", "--item", "i1", "--like", "--home", str(home.root)]) == 1
    assert FULL in told(capsys)
    assert log.of("u1").liked == tuple(f"i{n}" for n in range(5))
    assert len(log.of("u2").liked) == min(said, len(items))
    assert main(["forget", str(data), "--user", "u1", "--yes", "--home", str(home.root)]) == 1
    assert FULL in told(capsys)
    device.free()
    assert main(["forget", str(data), "--user", "u1", "--yes", "--json", "--home", str(home.root)]) == 0
    assert json.loads(capsys.readouterr().out)["verified"]
    assert log.of("u1").liked == ()
    assert len(log.of("u2").liked) == min(said, len(items))
    check_home(home)


def test_an_ab_test_is_reported_on_a_full_device(
    data: Path, device: SmallDevice, capsys: pytest.CaptureFixture[str]  # noqa: F811
):  # fmt: skip
    """SQLite makes a file beside a log with a journal to read it; where that has no room, the log is read without."""
    session = opened(data, device)
    home = session.home
    AbLog(session.workspace.folder).start("deep", "ease", "interleave", "00" * 16)
    device.fill()
    assert main(["ab", "report", str(data), "--json", "--home", str(home.root)]) == 0
    assert json.loads(capsys.readouterr().out)["test"] == 1
    assert main(["ab", "stop", str(data), "--home", str(home.root)]) == 1
    assert FULL in told(capsys)
    device.free()
    assert main(["ab", "stop", str(data), "--home", str(home.root)]) == 0


def test_an_export_to_a_full_device_leaves_the_file_that_was_there(
    trained: Session, device: SmallDevice, capsys: pytest.CaptureFixture[str]  # noqa: F811
):  # fmt: skip
    lists = device.folder / "lists.csv"
    lists.write_text("before")
    device.fill()
    command = ["recommend", "films", "--all", "-k", "5", "--output", str(lists), "--home", str(trained.home.root)]
    assert main([*command, "--quiet"]) == 1
    assert FULL in told(capsys)
    assert sorted(path.name for path in device.folder.iterdir()) == ["filler", "lists.csv"]
    assert lists.read_text() == "before"


LIMITED = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
import recsys_tui.training.pipeline as pipeline, recsys_tui.training.__main__ as child
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.session import Session
session = Session.open("films")
stored = session.workspace.load_model(session.model_info())
pipeline.train = lambda *_: (TrainedModel.from_arrays(stored.arrays), stored.info.said_by_training)
sys.argv[1:] = [json.dumps({"workspace": str(session.workspace.folder), "preset": "quick", "seed": 5})]
sys.exit(child.main())
"""


def test_a_training_whose_model_does_not_fit_is_told_and_the_old_model_stays(
    trained_copy: Session, monkeypatch: pytest.MonkeyPatch
):
    """By a limit on the size of files; what was trained is that of before, which is as large."""
    monkeypatch.setenv("RECSYS_HOME", str(trained_copy.home.root))
    command = [sys.executable, "-c", LIMITED, "100000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["kind"], last["exit_code"]) == ("failed", 1)
    assert FULL in last["note"]
    info = Session.open("films", home=trained_copy.home).model_info()
    assert info is not None
    assert info.key.seed == 0
    check_home(trained_copy.home)


async def test_a_like_that_could_not_be_written_is_told_and_not_shown(trained_copy: Session):
    """By a limit on the size of files, which stops what SQLite writes too."""
    app = WorkbenchApp("films", None, trained_copy.home, no_train=True)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            await pilot.press("+")
            await until(pilot, lambda: app._notifications)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        [notice] = app._notifications
        assert "could not be written" in notice.message or FULL in notice.message
        assert not app.state.person.said
        await pilot.press("+")
        await until(pilot, lambda: app.state.person.said)
    assert len(Session.open("films", home=trained_copy.home).feedback.of("42").liked) == 1


def test_a_home_that_may_only_be_read(
    trained: Session, device: SmallDevice, tmp_path: Path, capsys: pytest.CaptureFixture[str]  # noqa: F811
):  # fmt: skip
    """What is stored still answers; what would write says so at once."""
    device.remount("size=64m")
    home = Home(Path(shutil.copytree(trained.home.root, device.folder / "home")))
    device.remount("ro")
    at_home = ["--home", str(home.root)]
    assert main(["recommend", "films", "--user", "42", "--json", *at_home]) == 0
    assert len(json.loads(capsys.readouterr().out)["items"]) == 10
    assert main(["inspect", "films", "--json", *at_home]) == 0
    assert json.loads(capsys.readouterr().out)["users"] == 1_500
    assert (
        main(["recommend", "films", "--all", "-k", "3", "--output", str(tmp_path / "x.parquet"), "-q", *at_home]) == 0
    )
    assert pl.read_parquet(tmp_path / "x.parquet").height == 4_500
    capsys.readouterr()
    write_data(tmp_path / "new.csv")
    for command in (
        ["train", "films", "--force"],
        ["feedback", "add", "films", "--user", "42", "--item", "7", "--like"],
        ["ab", "start", "films", "--no-train"],
        ["forget", "films", "--user", "42", "--yes"],
        ["inspect", str(tmp_path / "new.csv")],
        ["workspace", "remove", trained.workspace.key],
    ):
        assert main([*command, "--quiet", *at_home]) == 1, command
        sentence = told(capsys)
        assert "cannot be written" in sentence or "could not be written" in sentence, command
        assert sentence.count("\n") == 1
    check_home(home)
