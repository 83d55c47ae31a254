"""Which of what is stored is of the same data: by its paths, by what its files held, and where they were moved to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.fingerprint import stamp_of
from recsys_tui.store.data_traces import Trace, traces_in
from recsys_tui.store.file_contents import Content, Known, KnownContents, known_contents
from recsys_tui.store.forgotten_source import as_it_is, held_now
from recsys_tui.store.home import Home, WorkspaceInfo

Looks = frozenset[tuple[int, ...]]


@dataclass(frozen=True)
class Group:
    """Data that are the same: the ``paths`` where it lies or lay, all ``contents`` that it had there at any time, and
    what was ``added`` to it."""

    paths: frozenset[Path]
    contents: Known
    added: Known


class SameData:
    """The data at ``source`` as a home folder knows it: ``groups``, the first of them its own.
    ``is_folder``: whether it is one, or was when it was read, where it is gone.

    Two paths are of the same data where the files of both held, hold, or begin with the same, and where those that are
    gone from the one look as those of the other do, by sizes and times of change, which a file keeps where it is moved;
    and so is what is the same as one of these. Rows that were added and came as data of their own are a further group,
    and so is what they were added to: the same rows may be added to data that have nothing else in common. What lies in
    a folder is a group for each of its files, too.
    Raises ``UserError`` (exit 1) where the marks of who is forgotten cannot be read.
    """

    def __init__(self, home: Home, source: Path) -> None:
        traces = [Trace(source, frozenset()), *traces_in(home.root)]
        read = [Path(name) for trace in traces if trace.path == source for name in trace.stamp]
        self._source, is_there = source, _is_there(source)
        self.is_folder = source.is_dir() if is_there else any(source in file.parents for file in read)
        self._places = {path: _Place(path, traces) for path in dict.fromkeys(trace.path for trace in traces)}
        now = [place.held | place.added | frozenset(as_it_is(path)) for path, place in self._places.items()]
        known = known_contents(frozenset().union(*now))
        self._held = {path: place.held | held_now(path, known) for path, place in self._places.items()}
        self._added = {path: place.added | place.kept_of(known) for path, place in self._places.items()}
        self.groups = [first := self._group(source)]
        for path in self._places:
            if path in self.paths:
                continue
            inside = self.is_folder and not first.paths.isdisjoint(path.parents)
            added = not first.added.isdisjoint(self._held[path]) or not first.contents.isdisjoint(self._added[path])
            if inside or added:
                self.groups.append(self._group(path))

    @property
    def paths(self) -> frozenset[Path]:
        """Those of all groups."""
        return frozenset().union(*(group.paths for group in self.groups))

    def holds(self, info: WorkspaceInfo) -> bool:
        """Whether a workspace is of this data, or of a folder around where it lies or lay, or of a file within it; of a
        folder, within its copies too. What lies beside a file, in a folder that is read as that file, is other data."""
        path = info.path
        if path is None:
            return False
        within = self.groups[0].paths if self.is_folder else {self._source}
        return any(path == one or path in one.parents for one in self.paths) or not within.isdisjoint(path.parents)

    def _group(self, start: Path) -> Group:
        paths, more, contents = set[Path](), {start}, set[Content]()
        while more:
            paths |= more
            contents.update(*(self._held[path] for path in more))
            more = {
                path
                for path, place in self._places.items()
                if path not in paths
                and (
                    not contents.isdisjoint(self._held[path])
                    or any(place.was_moved(self._places[other]) for other in paths)
                )
            }
        added = frozenset[Content]().union(*(self._added[path] for path in paths))
        return Group(frozenset(paths), frozenset(contents), added)


class _Place:
    """A path, what its files held, and how they looked when they were read and look now."""

    def __init__(self, path: Path, traces: list[Trace]) -> None:
        mine = [trace for trace in traces if trace.path == path]
        self.path = path
        self.held: Known = frozenset().union(*(trace.held for trace in mine))
        self.added: Known = frozenset().union(*(trace.added for trace in mine))
        self._kept = [file for trace in mine for file in trace.kept]
        self._is_there = _is_there(path)
        self._stored = [looks for trace in mine if (looks := _looks(trace.stamp, path))]
        self._looks: Looks = _looks(stamp_of(path), path).union(*self._stored)

    def kept_of(self, known: KnownContents) -> Known:
        """The known contents that rows which were added begin with."""
        found = set[Content]()
        for file in self._kept:
            with suppress(OSError):
                found |= known.begun(file)
        return frozenset(found)

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
