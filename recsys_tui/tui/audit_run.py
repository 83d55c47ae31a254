"""The audit of the explanations that runs behind the workbench: the command itself, as a process of its own."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from textual.message import Message

from recsys_tui.output.messages import say
from recsys_tui.processes.told_process import CHILD, start_child
from recsys_tui.tui.messages import Post

COMMAND = "recsys_tui.cli.beside_parent"  # this room imports nothing of that one
SECONDS_TO_END = 0.4


class AuditEnded(Message):
    """An audit is through: what it found, or why it found nothing."""

    def __init__(self, document: Mapping[str, Any] | None, problem: str | None) -> None:
        super().__init__()
        self.document, self.problem = document, problem


class AuditRunner:
    """Owns the one audit process of the application."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self, arguments: Sequence[str]) -> None:
        """Run ``recsys`` with some arguments, which print one JSON document; an earlier one ends."""
        self.stop()
        process = start_child([*CHILD, COMMAND, *arguments], subprocess.PIPE)
        self._process = process
        threading.Thread(target=self._follow, args=(process,), name="audit", daemon=True).start()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        printed, told = process.communicate()
        if process is not self._process:
            return  # it was stopped, or another one runs
        try:
            document = json.loads(printed) if process.returncode == 0 else None
        except ValueError:
            document = None
        lines = told.strip().splitlines()
        reason = lines[-1] if lines else say("evaluate.no_word", code=process.returncode)
        self._post(AuditEnded(document, None if document is not None else reason))

    def stop(self) -> None:
        """End it, within half a second, and say nothing of it."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
