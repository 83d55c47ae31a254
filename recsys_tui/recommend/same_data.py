"""Which of what is stored is of the same data: by its paths, by what its files held, and where they were moved to."""

from __future__ import annotations

from pathlib import Path

from recsys_tui.data.fingerprint import stamp_of
from recsys_tui.store.data_traces import Trace, traces_in
from recsys_tui.store.file_contents import Known, KnownContents
from recsys_tui.store.home import Home, WorkspaceInfo
from recsys_tui.store.tombstones import held_now, related

Looks = frozenset[tuple[int, ...]]


class SameData:
    """The data at ``source`` as a home folder knows it: ``paths`` where it lies or lay, and all ``contents`` that it
    had there, or that what has the same content had, and so on.

    Two paths are of the same data where the files of both held, hold, or begin with the same, and where those that are
    gone from the one look as those of the other do, by sizes and times of change, which a file keeps where it is moved.
    Raises ``UserError`` (exit 1) where the marks of who is forgotten cannot be read.
    """

    def __init__(self, home: Home, source: Path) -> None:
        traces = [Trace(source, frozenset()), *traces_in(home.root)]
        places = {path: _Place(path, traces) for path in dict.fromkeys(trace.path for trace in traces)}
        now = {path: place.held | held_now(path, _NONE) for path, place in places.items()}
        known = KnownContents(tuple(one for contents in now.values() for one in contents))
        held = {path: place.held | held_now(path, known) for path, place in places.items()}
        self._source = source
        self.paths: frozenset[Path] = frozenset()
        self.contents: Known = frozenset()
        more = {source}
        while more:
            self.paths |= more
            self.contents = self.contents.union(*(held[path] for path in more))
            more = {
                path
                for path in places.keys() - self.paths
                if not held[path].isdisjoint(self.contents)
                or any(places[path].was_moved(places[other]) for other in self.paths)
            }

    def holds(self, info: WorkspaceInfo) -> bool:
        """Whether a workspace is of this data, or of a folder around it, or of a file within it."""
        return info.path is not None and (info.path in self.paths or related(info.path, self._source))


_NONE = KnownContents(())


class _Place:
    """A path, what its files held, and how they looked when they were read and look now."""

    def __init__(self, path: Path, traces: list[Trace]) -> None:
        mine = [trace for trace in traces if trace.path == path]
        self.path = path
        self.held: Known = frozenset().union(*(trace.held for trace in mine))
        self._is_there = _is_there(path)
        self._stored = [looks for trace in mine if (looks := _looks(trace.stamp, path))]
        self._looks: Looks = _looks(stamp_of(path), path).union(*self._stored)

    def was_moved(self, other: _Place) -> bool:
        """Whether the files of one that are gone look as those of the other."""
        gone = [looks for one in (self, other) if not one._is_there for looks in one._stored]
        return any(looks <= self._looks & other._looks for looks in gone)


def _is_there(path: Path) -> bool:
    """Whether something lies there; not where nobody may look, or no file can have that path."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _looks(stamp: dict[str, list[int]], path: Path) -> Looks:
    """The sizes and times of a file, or of all files of a folder."""
    inside = {tuple(look) for name, look in stamp.items() if path in Path(name).parents}
    own = stamp.get(str(path))
    return frozenset(inside or ([tuple(own)] if own else []))
