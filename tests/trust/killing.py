"""Killing the program with all that it started, at a random moment of what it does, as ``kill -9`` does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.output.errors import UserError
from recsys_tui.store.in_use import alone

DYING = Path(__file__).parent / "dies_at_a_change"
PARENT, CHILDREN, ALL = "the program", "its children", "all of it"
SECONDS_TO_LEAVE = 180.0  # on a machine that does other things


@dataclass(frozen=True)
class Moment:
    """When to kill whom: so many ``seconds`` after the start, or by itself before the ``change``-th change of its
    home."""

    whom: str = ALL
    seconds: float | None = None
    change: int | None = None

    def environment(self, home: Path) -> dict[str, str]:
        """What the program must be started with."""
        return {} if self.change is None else watched(home) | {"KILL_AT": str(self.change)}


@dataclass(frozen=True)
class Length:
    """How long something takes that nobody kills: seconds, and changes of the home by the process that makes most."""

    seconds: float
    changes: int

    def moment(self, dice: random.Random) -> Moment:
        """A random moment of it: every other time by the clock, else by the changes."""
        if dice.random() < 0.5 and self.changes:
            return Moment(change=dice.randint(1, self.changes))
        return Moment(dice.choice((ALL, ALL, PARENT, CHILDREN)), dice.uniform(0, self.seconds))


def watched(home: Path) -> dict[str, str]:
    """The environment of a program whose changes of its home are counted."""
    paths = os.pathsep.join((str(DYING), os.environ.get("PYTHONPATH", "")))
    return {"KILL_FOLDER": str(home), "PYTHONPATH": paths.rstrip(os.pathsep)}


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they started, parents first."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        mine = children.get(waiting.pop(0), [])
        found += mine
        waiting += mine
    return found


def strike(pid: int, whom: str) -> list[int]:
    """Kill a process, its descendants or both; returns the descendants that were there."""
    below = descendants(pid)
    for one in {PARENT: [pid], CHILDREN: below, ALL: [pid, *below]}[whom]:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    return below


def left(pids: Sequence[int]) -> list[int]:
    """Those that still run."""
    running = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.append(pid)
    return running


def wait_for(pids: Sequence[int]) -> None:
    """Wait until none runs. Raises ``AssertionError`` where one goes on without its parent."""
    deadline = time.monotonic() + SECONDS_TO_LEAVE
    while alone := left(pids):
        assert time.monotonic() < deadline, f"{alone} go on though their parent is gone"
        time.sleep(0.02)


def run(arguments: Sequence[str], home: Path, moment: Moment | None = None) -> subprocess.CompletedProcess[str]:
    """A command, killed at a moment unless it ends before; all that it started has ended when this returns."""
    environment = os.environ | ({} if moment is None else moment.environment(home))
    process = subprocess.Popen(
        [sys.executable, "-m", "recsys_tui", *arguments, "--home", str(home)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        start_new_session=True,
    )  # fmt: skip
    if moment is not None and moment.seconds is not None:
        try:
            process.wait(moment.seconds)
        except subprocess.TimeoutExpired:
            strike(process.pid, moment.whom)
    out, err = process.communicate(timeout=600)
    wait_for(working_on(home))
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def wait_until_free(folder: Path) -> None:
    """Wait until nobody works with a workspace: the system frees the locks of a killed process after its memory.

    Raises ``UserError`` where somebody goes on.
    """
    deadline = time.monotonic() + SECONDS_TO_LEAVE
    while True:
        try:
            with alone(folder):
                return
        except UserError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def working_on(home: Path) -> list[int]:
    """Processes that were started with the path of a home, or of something in it."""
    found, name = [], os.fsencode(home)
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            if name in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def length_of(arguments: Sequence[str], home: Path) -> Length:
    """How long a command takes, and how often it changes its home. Raises ``AssertionError`` where it fails."""
    told = home.parent / "changes"
    told.unlink(missing_ok=True)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "recsys_tui", *arguments, "--home", str(home)],
        capture_output=True, text=True, check=False, env=os.environ | watched(home) | {"KILL_COUNT": str(told)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Length(time.monotonic() - start, max(map(int, told.read_text().split())))
