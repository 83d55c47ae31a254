"""What is known of all data that a home folder has anything of: where it lay, and what its files held at any time.

Contents are what tells that two data are the same: a copy holds what the other does, and what has grown begins with it.
Whatever is read is noted with all that it begins with, so that it stays known where files go, grow or are written over.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recsys_tui.output.errors import UserError
from recsys_tui.store.atomic_files import read_json
from recsys_tui.store.file_contents import Contents, Known, contents_in, known_contents
from recsys_tui.store.forgotten_source import held_now
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.version_folder import read_manifest, read_settled

# In the manifest of a dataset: what the files of interactions held that it was read from, or began with, and what was
# added to them.
HELD, HELD_ADDED = "held", "held_added"
ADDED = "added"  # the folder of a workspace with the files of added rows


@dataclass(frozen=True)
class Trace:
    """What one workspace, or one note of who is forgotten, knows of some data: the ``path`` where it lies or lay, all
    that its files ``held``, what was ``added`` to them and is ``kept``, and how they looked when they were read
    (``stamp``), empty where that is not noted."""

    path: Path
    held: Known
    added: Known = frozenset()
    stamp: dict[str, list[int]] = field(default_factory=dict)
    kept: tuple[Path, ...] = ()


def traces_in(root: Path) -> list[Trace]:
    """All of a home folder. Raises ``UserError`` (exit 1) where the marks of who is forgotten cannot be read."""
    parent = root / "workspaces"
    folders = sorted(parent.iterdir()) if parent.is_dir() else []
    found = [trace for folder in folders if (trace := _trace_of(folder)) is not None]
    return found + [Trace(one.path, frozenset(one.held), frozenset(one.added)) for one in Tombstones(root).sources()]


def _trace_of(workspace: Path) -> Trace | None:
    with suppress(UserError, ValueError, OSError):
        path = Identity.from_json(read_json(workspace / IDENTITY) or {}).path
        manifest = read_settled(
            workspace / "data", lambda found: read_manifest(found[0], workspace.name) if found else None
        )
        if manifest is not None:
            held, added = (frozenset(contents_in(manifest, name)) for name in (HELD, HELD_ADDED))
            return Trace(path, held, added, _stamp_in(manifest), tuple((workspace / ADDED).glob("[!.]*")))
    return None


def _stamp_in(manifest: dict[str, Any]) -> dict[str, list[int]]:
    """How the files looked, as a manifest says; nothing of what is no such note."""
    stamp = manifest.get("stamp")
    looks = stamp.items() if isinstance(stamp, dict) else ()
    return {name: look for name, look in looks if isinstance(look, list) and all(isinstance(n, int) for n in look)}


def held_when_read(root: Path, path: Path, before: Contents) -> Known:
    """What is noted of data that is being read: what its files hold and begin with, all that others held which did, and
    what they held ``before``, where that was the same data or nothing is there any more."""
    traces = [Trace(path, frozenset(before)), *traces_in(root)]
    now = held_now(path, known_contents(frozenset().union(*(trace.held | trace.added for trace in traces))))
    return joined(now, traces) if now else frozenset(before)


def joined(contents: Known, traces: Iterable[Trace]) -> Known:
    """All contents of those that held one of these, or one that such a one held, and so on."""
    found, rest = set(contents), list(traces)
    while some := [trace for trace in rest if not found.isdisjoint(trace.held)]:
        rest = [trace for trace in rest if trace not in some]
        found.update(*(trace.held for trace in some))
    return frozenset(found)
