"""The audit of privacy as its parent sees it: a child process, and how far it is."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from recsys_tui.evaluate.lanes import Children
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.training.job import CHILD, ONE_THREAD, TrainingRequest


def run_audit(
    workspace: Path, request: TrainingRequest, people: int, tell: Callable[[str, float], None]
) -> dict[str, Any]:
    """Audit a training of the stored dataset of a workspace; returns the document of what was found.

    An interrupt ends the child. Raises ``UserError`` where it fails.
    """
    argument = json.dumps({"workspace": str(workspace), "people": people, **asdict(request)})
    with tempfile.TemporaryFile() as errors:

        def begin() -> subprocess.Popen[str]:
            return subprocess.Popen(
                [*CHILD, "recsys_tui.evaluate.privacy", argument],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**ONE_THREAD, **os.environ},
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )

        with Children().running(begin) as process:
            found, failure = _listen(process, tell)
            code = process.wait()
        if found is None:
            raise failure or _ended_without_a_word(code, errors)
    return found


def _listen(
    process: subprocess.Popen[str], tell: Callable[[str, float], None]
) -> tuple[dict[str, Any] | None, UserError | None]:
    found, failure = None, None
    if process.stdout is None:
        raise RuntimeError("the child's standard output is a pipe")
    with process.stdout as lines:
        for line in lines:
            said = json.loads(line)
            if "step" in said:
                tell(said["step"], said["share"])
            elif "result" in said:
                found = said["result"]
            elif "failed" in said:
                failure = UserError("evaluate.contender_said", ExitCode(said["exit_code"]), sentence=said["failed"])
    return found, failure


def _ended_without_a_word(code: int, errors: IO[bytes]) -> UserError:
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    detail = lines[-1] if lines else say("evaluate.no_word", code=code)
    return UserError("audit.failed", ExitCode.FAILED, detail=detail)
