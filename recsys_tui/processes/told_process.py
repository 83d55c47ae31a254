"""A child process that does one thing and tells its parent: the side of the parent. See :mod:`.telling_child`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say

# Runs a module of this program as a child. Without -P, a folder of the same name where the person stands came first.
CHILD = (sys.executable, "-P", "-m")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "GOMP_SPINCOUNT": "0",
}


def begin(module: str, argument: dict[str, Any], errors: IO[bytes]) -> subprocess.Popen[str]:
    """Start a module of this program as a child; ``errors`` gets its standard error."""
    return start_child([*CHILD, module, json.dumps(argument)], errors)


def start_child(command: Sequence[str], errors: IO[bytes] | int) -> subprocess.Popen[str]:
    """Start a child in a session of its own, with one thread a library unless the person says otherwise: on a busy
    machine more only wait for each other.

    It stands where its parent does; where that folder was removed, libraries would fail, so it stands at the root.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**ONE_THREAD, **os.environ},
        cwd="/" if stands_nowhere() else None,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def stands_nowhere() -> bool:
    """Whether the folder of this process was removed: then no relative path leads anywhere."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def listen(
    process: subprocess.Popen[str], tell: Callable[[str, float], None]
) -> tuple[dict[str, Any] | None, UserError | None]:
    """Pass on what a child tells until it ends; returns its result, or how it failed, if it said so."""
    result, failure = None, None
    if process.stdout is None:
        raise RuntimeError("the child's standard output is a pipe")
    with process.stdout as lines:
        for line in lines:
            said = json.loads(line)
            if "step" in said:
                tell(said["step"], said["share"])
            elif "result" in said:
                result = said["result"]
            elif "failed" in said:
                failure = UserError("evaluate.contender_said", ExitCode(said["exit_code"]), sentence=said["failed"])
    return result, failure


def last_words(code: int, errors: IO[bytes]) -> str:
    """The last line that a child wrote to its standard error, or that it ended without one."""
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else say("evaluate.no_word", code=code)
