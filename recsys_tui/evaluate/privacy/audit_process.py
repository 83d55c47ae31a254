"""The audit of privacy as its parent sees it: a child process, and how far it is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from recsys_tui.evaluate.lanes import Children
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.told_process import begin, last_words, listen
from recsys_tui.training.job import TrainingRequest


def run_audit(
    workspace: Path, request: TrainingRequest, people: int, forget: bool, tell: Callable[[str, float], None]
) -> dict[str, Any]:
    """Audit a training of the stored dataset of a workspace; returns the document of what was found.

    ``forget``: once more after the attacked people were forgotten.

    An interrupt ends the child. Raises ``UserError`` where it fails.
    """
    argument = {"workspace": str(workspace), "people": people, "forget": forget, **asdict(request)}
    with tempfile.TemporaryFile() as errors:
        with Children().running(partial(begin, "recsys_tui.evaluate.privacy", argument, errors)) as process:
            found, failure = listen(process, tell)
            code = process.wait()
        if found is None:
            raise failure or UserError("audit.failed", ExitCode.FAILED, detail=last_words(code, errors))
    return found
