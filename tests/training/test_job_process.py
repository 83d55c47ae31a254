"""A training job and its child process, whatever the child does: talk nonsense, fail, be killed, refuse to end."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode
from recsys_tui.training.events import FAILED, SAVED, STOPPED, TrainingEvent
from recsys_tui.training.job import TrainingJob, TrainingRequest

Start = Callable[[str], TrainingJob]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a job whose child runs the given Python program instead of a training."""

    def start(program: str) -> TrainingJob:
        job = TrainingJob(tmp_path, TrainingRequest())
        job._command = [sys.executable, "-c", program]
        job.start()
        return job

    return start


def test_lines_that_are_no_events_are_passed_over(start: Start):
    job = start("print('a library talks'); print('{\"kind\": \"saved\", \"seconds\": 2.0}'); print('[1]'); print('{}')")
    assert list(job.events()) == [TrainingEvent(SAVED, seconds=2.0)]
    assert not job.running


def test_events_go_on_where_an_interrupt_left_them(start: Start):
    job = start('print(\'{"kind": "note", "note": "one"}\'); print(\'{"kind": "saved"}\')')
    assert next(job.events()).note == "one"
    assert [event.kind for event in job.events()] == [SAVED]
    assert list(job.events()) == []


def test_a_child_that_fails_is_told_with_its_last_words(start: Start):
    job = start("raise SystemExit('the disk is full')")
    (event,) = job.events()
    assert (event.kind, event.exit_code) == (FAILED, ExitCode.FAILED)
    assert event.note is not None
    assert "the disk is full" in event.note


@pytest.mark.parametrize(("preset", "advice"), [("quick", "--k-core 5"), ("standard", "--preset quick")])
def test_where_memory_runs_out_it_says_what_would_take_less(start: Start, tmp_path: Path, preset: str, advice: str):
    program = (
        "import json, sys\nfrom recsys_tui.training import __main__ as child\n"
        "def train(*_): raise MemoryError\nchild._train = train\n"
        f"sys.argv = ['', json.dumps({{'workspace': {str(tmp_path)!r}, 'preset': {preset!r}}})]\nsys.exit(child.main())"
    )
    (event,) = start(program).events()
    assert event.kind == FAILED
    assert event.note is not None
    assert advice in event.note


def test_a_child_that_the_system_kills_is_told_as_such(start: Start):
    job = start("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    (event,) = job.events()
    assert event.kind == FAILED
    assert event.note is not None
    assert "ended by the system" in event.note


@pytest.mark.parametrize("handler", ["signal.SIG_DFL", "signal.SIG_IGN"])
def test_discarding_takes_half_a_second_at_most_even_if_the_child_refuses(start: Start, handler: str):
    job = start(
        f"import signal, time; signal.signal(signal.SIGTERM, {handler}); "
        'print(\'{"kind": "note"}\', flush=True); time.sleep(60)'
    )
    next(job.events())
    begin = time.perf_counter()
    job.discard()
    assert time.perf_counter() - begin < 0.5 + 0.1  # a tenth for a busy machine to switch processes
    assert not job.running
    (event,) = job.events()
    assert event.kind == STOPPED
    job.discard()  # ending what has ended is no error


def test_stopping_sends_an_interrupt_and_waits_for_the_answer(start: Start):
    job = start(
        "import signal, sys, time\n"
        'signal.signal(signal.SIGINT, lambda *_: (print(\'{"kind": "saved"}\', flush=True), sys.exit(0)))\n'
        "signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])\n"
        'print(\'{"kind": "note"}\', flush=True)\ntime.sleep(60)'
    )
    events = job.events()
    next(events)
    job.stop()
    assert [event.kind for event in events] == [SAVED]
    job.stop()  # asking what has ended is no error


def test_what_is_asked_while_the_child_is_loading_is_heard_later(start: Start):
    job = start(
        "import signal, sys, time\n"
        "time.sleep(0.3)\n"
        'signal.signal(signal.SIGINT, lambda *_: (print(\'{"kind": "stopped"}\', flush=True), sys.exit(0)))\n'
        "signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])\n"
        "time.sleep(60)"
    )
    job.stop()
    assert [event.kind for event in job.events()] == [STOPPED]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_the_child_runs_in_a_session_of_its_own_on_one_thread(start: Start, monkeypatch: pytest.MonkeyPatch):
    """A ^C at the terminal must not reach it; more threads than one only wait for each other on a busy machine."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    program = (
        "import json, os\n"
        "figures = {'session': os.getsid(0), 'me': os.getpid(), 'threads': int(os.environ['OMP_NUM_THREADS'])}\n"
        "print(json.dumps({'kind': 'saved', 'metrics': figures}))"
    )
    (event,) = start(program).events()
    assert event.metrics["session"] == event.metrics["me"] != os.getsid(0)
    assert event.metrics["threads"] == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    (event,) = start(program).events()
    assert event.metrics["threads"] == 3


def test_a_job_starts_once_and_speaks_only_when_started(tmp_path: Path, start: Start):
    job = start('print(\'{"kind": "saved"}\')')
    with pytest.raises(RuntimeError, match="once"):
        job.start()
    list(job.events())
    with pytest.raises(RuntimeError, match="not started"):
        next(TrainingJob(tmp_path, TrainingRequest()).events())


def test_a_workspace_without_data_is_told(tmp_path: Path):
    job = TrainingJob(tmp_path, TrainingRequest())
    job.start()
    (event,) = job.events()
    assert (event.kind, event.exit_code) == (FAILED, ExitCode.FAILED)
    assert event.note == "The workspace holds no data to train on; open the file again."
