"""The names that people gave to clusters, kept with the data whatever is trained."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.atomic_files import read_json, write_json
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.version_folder import sweep_partial

FILE = "cluster_names.json"
LONGEST_NAME = 40
LOCK_WAIT = 10.0


@dataclass(frozen=True)
class NamedCluster:
    """A name, and by what the cluster that it was given is known again: a figure for each of many items, by id."""

    name: str
    signature: Mapping[str, float]


class ClusterNames:
    """The names of one workspace: a small JSON file, replaced as a whole. What cannot be read of it is passed over."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> tuple[NamedCluster, ...]:
        """All names, the oldest first."""
        entries = (read_json(self._path) or {}).get("names")
        found = (_named(entry) for entry in (entries if isinstance(entries, list) else []))
        return tuple(entry for entry in found if entry is not None)

    def change(self, change: Callable[[tuple[NamedCluster, ...]], Sequence[NamedCluster]]) -> tuple[NamedCluster, ...]:
        """Replace all names by what ``change`` makes of them, while nobody else does; returns them.

        Nothing is written where nothing changed. Raises ``UserError`` (exit 1) where the folder cannot be written to.
        """
        with folder_lock(self._path.with_suffix(".lock"), say("store.naming_clusters"), LOCK_WAIT):
            sweep_partial(self._path.parent, FILE)
            before = self.read()
            after = tuple(change(before))
            if after != before:
                names = [{"name": entry.name, "signature": dict(entry.signature)} for entry in after]
                write_json(self._path, {"names": names})
        return after


def tidy_name(text: str) -> str:
    """A name as it is kept: nothing in it that could steer a terminal, single spaces, of any length; maybe empty."""
    return " ".join(neutral_text(text).split())


def _named(entry: Any) -> NamedCluster | None:
    if not isinstance(entry, dict):
        return None
    name, signature = entry.get("name"), entry.get("signature")
    if not isinstance(name, str) or not isinstance(signature, dict):
        return None
    tidy = tidy_name(name)[:LONGEST_NAME]
    numbers = {item: float(value) for item, value in signature.items() if _is_figure(value)}
    return NamedCluster(tidy, numbers) if tidy else None


def _is_figure(value: object) -> bool:
    """Whether it is a number that a float holds: what JSON gives here may be infinite, none, or far too large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max
