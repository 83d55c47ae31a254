"""Who is forgotten: keyed marks of ids, by the source of the data, under a key of its own in the home folder.

They belong to the source, not to a workspace: a removed workspace, or other columns, do not bring anybody back.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import read_json, told_apart, write_json
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.key_file import make_key, read_key
from recsys_tui.store.version_folder import digest, sweep_partial

if TYPE_CHECKING:
    from recsys_tui.data.forgotten import Forgotten

FILE, KEY, LOCK = "forgotten.json", "forget.key", "forget.lock"
LOCK_WAIT = 10.0


@dataclass(frozen=True)
class _Source:
    """Data that people are forgotten of: its path, their marks, and (of a file) what it held when the last of them
    was, ``bytes`` and ``blake2b``."""

    path: Path
    people: tuple[str, ...] = ()
    bytes: int | None = None
    blake2b: str = ""

    def is_of(self, source: Path) -> bool:
        """Whether it may be the same data."""
        if related(self.path, source):
            return True
        try:
            found = source.stat()
            same = self.bytes == found.st_size and stat.S_ISREG(found.st_mode)
            return same and _content(source, found.st_size, found.st_mtime_ns) == self.blake2b
        except OSError:
            return False

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        held = {} if self.bytes is None else {"bytes": self.bytes, "blake2b": self.blake2b}
        return {"path": str(self.path), "people": sorted(self.people)} | held


class Tombstones:
    """The marks of one home folder. Without any, nothing is read and nothing is written."""

    def __init__(self, root: Path) -> None:
        self.path, self._key_path = root / FILE, root / KEY
        self._root = root

    def of(self, source: Path) -> Forgotten:
        """Who is forgotten of some data: by this path, by a folder that it lies in, by a file in it, or by a file of
        another name that held the same when they were forgotten.

        Raises ``UserError`` (exit 1) where the marks cannot be read, or their key is gone: better no answer than
        somebody who is back.
        """
        from recsys_tui.data.forgotten import NOBODY, Forgotten

        if not self.any():
            return NOBODY
        with told_apart(self.path):
            marks = frozenset(mark for entry in self._sources() if entry.is_of(source) for mark in entry.people)
        return Forgotten(self._known_key(), marks) if marks else NOBODY

    def any(self) -> bool:
        """Whether somebody is forgotten of any data."""
        with told_apart(self.path):
            return self.path.exists()

    def add(self, source: Path, user: str) -> Forgotten:
        """Note that a person of some data is forgotten, durably, before anything else is done; returns all of it.

        The key is made with the first. Raises ``UserError`` (exit 1) where nothing can be written.
        """
        from recsys_tui.data.forgotten import mark_of

        with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
            for name in (FILE, KEY):
                sweep_partial(self._root, name)
            if not self.path.exists() and not self._key_path.exists():
                make_key(self._key_path)
            key = self._known_key()
            sources = {entry.path: entry for entry in self._sources()} if self.path.exists() else {}
            entry = sources.get(source) or _Source(source)
            if (mark := mark_of(key, user)) not in entry.people:
                sources[source] = replace(_as_it_is(source), people=(*entry.people, mark))
                write_json(self.path, {"format": 1, "sources": [one.to_json() for one in sources.values()]})
        return self.of(source)

    def _known_key(self) -> bytes:
        key = read_key(self._key_path)
        if key is None:
            raise UserError("forget.no_key", ExitCode.FAILED, key=self._key_path, path=self.path)
        return key

    def _sources(self) -> Iterator[_Source]:
        entries = (read_json(self.path) or {}).get("sources")
        if not isinstance(entries, list):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        for entry in entries:
            yield self._source(entry)

    def _source(self, entry: Any) -> _Source:
        path, people = (entry.get("path"), entry.get("people")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str) or not isinstance(people, list) or not all(isinstance(p, str) for p in people):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        size, content = entry.get("bytes"), entry.get("blake2b")
        known = isinstance(size, int) and isinstance(content, str)
        return _Source(Path(path), tuple(people), size if known else None, content if known else "")


def _as_it_is(source: Path) -> _Source:
    """What is noted of a source that is one file: what it holds now, by which it is known under another name."""
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode):
            return _Source(source)
        return _Source(source, (), found.st_size, _content(source, found.st_size, found.st_mtime_ns))
    except OSError:
        return _Source(source)


def same_data(one: Path, other: Path) -> bool:
    """Whether two paths may be of the same data: related ones, or files that hold the same."""
    return related(one, other) or _as_it_is(one).is_of(other)


@lru_cache(maxsize=8)
def _content(path: Path, _size: int, _changed: int) -> str:
    return digest(path)


def related(one: Path, other: Path) -> bool:
    """Whether two paths may be of the same data: they are the same, or one is a folder that the other lies in."""
    return one == other or one in other.parents or other in one.parents


def forgotten_in(workspace: Path) -> Forgotten:
    """Who is forgotten of the data of a workspace's folder. Raises ``UserError`` as :meth:`Tombstones.of`."""
    from recsys_tui.data.forgotten import NOBODY

    tombstones = Tombstones(workspace.parent.parent)
    if not tombstones.any():
        return NOBODY
    try:
        with told_apart(workspace):
            identity = Identity.from_json(read_json(workspace / IDENTITY) or {})
    except ValueError:
        return NOBODY
    return tombstones.of(identity.path)


def refuse_forgotten(workspace: Path, people: Iterable[str]) -> None:
    """Raise ``UserError`` (exit 3) where one of the people is forgotten: nothing is written about them any more."""
    gone = forgotten_in(workspace)
    if gone and any(user in gone for user in people):
        raise UserError("forget.is_forgotten", ExitCode.NOT_FOUND)
