"""Whether what is stored is of data that was moved since: its files looked, or held, as those of other data do now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recsys_tui.data.fingerprint import stamp_of
from recsys_tui.output.errors import UserError
from recsys_tui.store.file_contents import Contents
from recsys_tui.store.home import Home, WorkspaceInfo
from recsys_tui.store.tombstones import Source, Tombstones, as_it_is, same_data
from recsys_tui.store.workspace import Workspace

Looks = frozenset[tuple[int, ...]]


class DataOf:
    """The data at ``source``, wherever it lay when it was read; ``infos``: all workspaces of the home folder."""

    def __init__(self, home: Home, source: Path, infos: list[WorkspaceInfo]) -> None:
        self._source, self._marks, self._now = source, Tombstones(home.root), as_it_is(source)
        self._stored = [_Stored.of(info) for info in infos if info.path == source]

    def holds(self, info: WorkspaceInfo) -> bool:
        """Whether a workspace is of this data: by its path, by what its files hold, or held when they were read, also
        where this data held that when somebody was forgotten of it, or where they are gone from there by their sizes
        and times of change, which a file keeps where it is moved."""
        path = info.path
        if path is None:
            return False
        if same_data(path, self._source, self._now) or self._marks.hold_for(self._source, path):
            return True
        stored = _Stored.of(info)
        if stored.was_of(self._source) or any(one.was_of(path) or one.alike(stored) for one in self._stored):
            return True
        mine = frozenset().union(*(one.looks for one in self._stored))
        gone = ([stored.looks] if not path.exists() else []) + (
            [one.looks for one in self._stored] if not self._source.exists() else []
        )
        there = (
            _looks(stamp_of(path), path) | stored.looks,
            _looks(stamp_of(self._source), self._source) | mine,
        )
        return any(looks and looks <= there[0] & there[1] for looks in gone)


@dataclass(frozen=True)
class _Stored:
    """The ``looks`` of the files of a workspace's data when they were read, and what they ``held``; none where
    nobody can tell."""

    looks: Looks = frozenset()
    held: Contents = ()

    @classmethod
    def of(cls, info: WorkspaceInfo) -> Self:
        try:
            version = Workspace(info.folder).dataset_version()
        except UserError:
            return cls()
        return cls() if version is None or info.path is None else cls(_looks(version.stamp, info.path), version.held)

    def was_of(self, source: Path) -> bool:
        """Whether a file there holds, or begins with, all that one of them held."""
        return Source(source, held=self.held).held_in(source)

    def alike(self, other: Self) -> bool:
        """Whether one of them held the same."""
        return not set(self.held).isdisjoint(other.held)


def _looks(stamp: dict[str, list[int]], path: Path) -> Looks:
    """The sizes and times of a file, or of all files of a folder."""
    inside = {tuple(look) for name, look in stamp.items() if path in Path(name).parents}
    own = stamp.get(str(path))
    return frozenset(inside or ([tuple(own)] if own else []))


def stored_contents(home: Home) -> dict[Path, Contents]:
    """What the files of all data held when what is stored of it was read, by where the data lay."""
    found: dict[Path, Contents] = {}
    for info in home.workspaces():
        if info.path is not None:
            found[info.path] = (*found.get(info.path, ()), *_Stored.of(info).held)
    return found
