"""A model in a comparison as its parent sees it: a child process, its progress, and what it cost."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from recsys_tui.evaluate.contender import ContenderRequest, ContenderResult
from recsys_tui.evaluate.lanes import Children
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.told_process import begin, last_words, listen

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
    argument = {"folder": str(folder), **asdict(request)}
    with tempfile.TemporaryFile() as errors:
        with (children or Children()).running(partial(begin, "recsys_tui.evaluate", argument, errors)) as process:
            result, failure = listen(process, tell)
            # As `process.wait`, which would throw away what the child has used.
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if result is None:
            detail = last_words(process.returncode, errors)
            raise failure or UserError("evaluate.contender_failed", ExitCode.FAILED, name=request.name, detail=detail)
    unit = 1 if sys.platform == "darwin" else KILOBYTE
    cost = Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss * unit)
    return ContenderResult(**result), cost
