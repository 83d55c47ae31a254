"""What is left to do after somebody was taken out of a workspace: the models to train anew, noted before any goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from recsys_tui.output.errors import UserError
from recsys_tui.store.atomic_files import read_json, write_json
from recsys_tui.training.job import TrainingRequest

FILE = "forgetting.json"


class Plan:
    """A small file in the workspace, there while the work is unfinished. It says nothing of the person."""

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / FILE

    def exists(self) -> bool:
        """Whether somebody was being taken out and it did not come to its end."""
        return self._path.exists()

    def read(self) -> tuple[TrainingRequest, ...]:
        """The trainings that are left to do; those that make no sense are passed over."""
        entries = (read_json(self._path) or {}).get("train")
        found = []
        for entry in entries if isinstance(entries, list) else []:
            try:
                found.append(TrainingRequest(**entry))
            except (TypeError, UserError):
                continue
        return tuple(found)

    def write(self, requests: Sequence[TrainingRequest]) -> None:
        """Replace what is left to do."""
        write_json(self._path, {"format": 1, "train": [asdict(request) for request in requests]})

    def done(self) -> None:
        """Nothing is left."""
        self._path.unlink(missing_ok=True)
