"""A model in a comparison as its parent sees it: a child process, its progress, and what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from recsys_tui.evaluate.contender import ContenderRequest, ContenderResult
from recsys_tui.evaluate.lanes import Children
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.training.job import CHILD, ONE_THREAD

KILOBYTE = 1024


@dataclass(frozen=True)
class Cost:
    """What a child took, from its start to its end: processor seconds (user and system, its own children included),
    seconds on the clock, and the most memory it held, in bytes."""

    cpu_seconds: float
    seconds: float
    peak_bytes: int


def try_contender(
    folder: Path, request: ContenderRequest, tell: Callable[[str, float], None], children: Children | None = None
) -> tuple[ContenderResult, Cost]:
    """Try one model on the split of a folder; its lists are then in ``folder/NAME.parquet``.

    An interrupt ends the child, which is one of ``children`` if they are given. Raises ``UserError`` where it fails.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile() as errors:

        def begin() -> subprocess.Popen[str]:
            return subprocess.Popen(
                [*CHILD, "recsys_tui.evaluate", json.dumps({"folder": str(folder), **asdict(request)})],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**ONE_THREAD, **os.environ},
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )

        with (children or Children()).running(begin) as process:
            result, failure = _listen(process, tell)
            # As `process.wait`, which would throw away what the child has used.
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if result is None:
            raise failure or _ended_without_a_word(request.name, process.returncode, errors)
    unit = 1 if sys.platform == "darwin" else KILOBYTE
    cost = Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss * unit)
    return result, cost


def _listen(
    process: subprocess.Popen[str], tell: Callable[[str, float], None]
) -> tuple[ContenderResult | None, UserError | None]:
    result, failure = None, None
    if process.stdout is None:
        raise RuntimeError("the child's standard output is a pipe")
    with process.stdout as lines:
        for line in lines:
            said = json.loads(line)
            if "step" in said:
                tell(said["step"], said["share"])
            elif "result" in said:
                result = ContenderResult(**said["result"])
            elif "failed" in said:
                failure = UserError("evaluate.contender_said", ExitCode(said["exit_code"]), sentence=said["failed"])
    return result, failure


def _ended_without_a_word(name: str, code: int, errors: IO[bytes]) -> UserError:
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    detail = lines[-1] if lines else say("evaluate.no_word", code=code)
    return UserError("evaluate.contender_failed", ExitCode.FAILED, name=name, detail=detail)
