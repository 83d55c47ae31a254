"""Training in its own process: events, stopping, discarding, failing, repeating."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.events import SAVED, STAGE_FINISHED, STAGES, STOPPED, TrainingEvent
from recsys_tui.training.job import TrainingJob, TrainingRequest
from tests.alive import alive


def small_data(folder: Path, people: int = 60) -> Path:
    """Sixty people who walk around a ring of twenty items."""
    path = folder / "ring.csv"
    rows = ["user,item,time"]
    for person in range(people):
        rows += [f"p{person},i{(person + step * (1 + person % 2)) % 20},{person * 1000 + step}" for step in range(9)]
    path.write_text("\n".join(rows))
    return path


def events_of(job: TrainingJob) -> list[TrainingEvent]:
    job.start()
    return list(job.events())


@pytest.fixture
def session(tmp_path: Path, home: Home) -> Session:
    return Session.open(small_data(tmp_path), home=home)


def test_events_survive_the_line():
    event = TrainingEvent("stage_progress", "deep", 0.5, 1.25, "a note", {"loss": 0.1})
    assert TrainingEvent.from_line(event.to_line()) == event
    with pytest.raises(ValueError, match="no training event"):
        TrainingEvent.from_line("[1]")


def test_all_four_stages_then_saved_and_the_same_seed_gives_the_same_list(session: Session, home: Home):
    events = events_of(session.training_job(TrainingRequest(seed=3)))
    assert [event.stage for event in events if event.kind == STAGE_FINISHED] == list(STAGES)
    assert events[-1].kind == SAVED
    first = session.recommender()
    assert first is not None
    assert first.manifest["model"]["seed"] == 3
    before = first.recommend("p1", k=5).to_json()
    events_of(session.training_job(TrainingRequest(seed=3)))
    again = Session.open(session.identity.path, home=home).recommender()
    assert again is not None
    assert again.recommend("p1", k=5).to_json() == before


def test_code_where_the_person_stands_is_not_run(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("recsys_tui/__init__.py", "recsys_tui/training/__main__.py", "json.py", "numpy.py"):
        planted = tmp_path / "here" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path / "here")
    assert events_of(session.training_job(TrainingRequest()))[-1].kind == SAVED
    assert not (tmp_path / "ran").exists()


def test_both_horizons_are_kept_beside_each_other(session: Session):
    for horizon in ("next", "later"):
        assert events_of(session.training_job(TrainingRequest(horizon=horizon)))[-1].kind == SAVED
    assert {info.horizon for info in session.workspace.models()} == {"next", "later"}


def test_discarding_ends_at_once_and_keeps_nothing(session: Session):
    job = session.training_job(TrainingRequest())
    job.start()
    next(job.events())
    start = time.perf_counter()
    job.discard()
    assert not job.running
    assert time.perf_counter() - start < 2
    assert list(job.events())[-1].kind == STOPPED
    assert session.model_info() is None


def test_stopping_early_keeps_nothing_and_says_so(session: Session):
    job = session.training_job(TrainingRequest())
    job.start()
    events = job.events()
    next(events)
    job.stop()
    last = list(events)[-1]
    assert last.kind in (STOPPED, SAVED)
    if last.kind == STOPPED:
        assert last.note
        assert session.model_info() is None


@pytest.mark.parametrize("seconds", [0.0, 0.03, 0.07])
def test_stopping_right_after_the_start_is_stopping(session: Session, seconds: float):
    job = session.training_job(TrainingRequest())
    job.start()
    time.sleep(seconds)
    job.stop()
    last = list(job.events())[-1]
    assert (last.kind, bool(last.note)) == (STOPPED, True)
    assert session.model_info() is None


def test_stopping_during_the_deep_stage_keeps_the_best_so_far(home: Home, tmp_path: Path):
    session = Session.open(small_data(tmp_path, people=400), home=home)
    job = session.training_job(TrainingRequest(preset="standard"))
    job.start()
    stopped = False
    events = []
    for event in job.events():
        events.append(event)
        if not stopped and event.stage == "deep" and "loss" in event.metrics:
            stopped = True
            job.stop()
    assert stopped
    assert events[-1].kind == SAVED
    assert any(event.note and "Stopped" in event.note for event in events)
    recommender = session.recommender()
    assert recommender is not None
    assert len(recommender.recommend("p42", k=5).items) == 5


@pytest.mark.parametrize("in_background", [False, True])
def test_in_the_background_it_gives_way(session: Session, in_background: bool):
    job = session.training_job(TrainingRequest(), in_background=in_background)
    job.start()
    next(job.events())
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, job._process.pid) == min(19, own + 10 * in_background)
    job.discard()
    assert [event.kind for event in job.events()][-1] == STOPPED


def test_a_dead_parent_ends_the_training(session: Session, tmp_path: Path):
    """The child notices at its next report that nobody is left, and leaves no model and no process behind."""
    session.load()
    pid_file = tmp_path / "pid"
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from recsys_tui.training.job import TrainingJob, TrainingRequest\n"
        f"job = TrainingJob(Path({str(session.workspace.folder)!r}), TrainingRequest('full'))\n"
        "job.start()\nnext(job.events())\n"
        f"Path({str(pid_file)!r}).write_text(str(job._process.pid))\n"
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    child = int(pid_file.read_text())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and alive(child):
        time.sleep(0.05)
    assert not alive(child)


@pytest.mark.parametrize(("people", "items"), [(1, 5), (5, 1)])
def test_too_little_data_is_told(tmp_path: Path, home: Home, people: int, items: int):
    path = tmp_path / "tiny.csv"
    pairs = [f"u{person},i{item}" for person in range(people) for item in range(items)]
    path.write_text("\n".join(["user,item", *pairs]))
    last = events_of(Session.open(path, home=home).training_job(TrainingRequest()))[-1]
    assert (last.kind, last.exit_code) == ("failed", 2)
    assert last.note is not None
    assert "too little to learn from" in last.note


@pytest.mark.parametrize("text", ["a,x\na,y\nb,x\nb,z\n", "u\ti\nu\tj\nv\ti\nv\tk\nw\tj\n"])
def test_a_handful_of_rows_without_times_trains(tmp_path: Path, home: Home, text: str):
    path = tmp_path / "handful.txt"
    path.write_text(text)
    session = Session.open(path, home=home)
    last = events_of(session.training_job(TrainingRequest()))[-1]
    assert last.kind == SAVED, last.note
    recommender = session.recommender()
    assert recommender is not None
    user = session.dataset.users["id"][0]
    assert recommender.recommend(user, k=3).items
