"""Who is forgotten: keyed marks of ids, by the source of the data, under a key of its own in the home folder.

They belong to the source, not to a workspace: a removed workspace, or other columns, do not bring anybody back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import has_name, read_apart, read_json, write_json
from recsys_tui.store.file_contents import (
    Content,
    Contents,
    Known,
    KnownContents,
    contents_from,
    contents_in,
    contents_of,
    contents_to_json,
    listed,
)
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.key_file import make_key, read_key
from recsys_tui.store.version_folder import sweep_partial

if TYPE_CHECKING:
    from recsys_tui.data.forgotten import Forgotten

FILE, KEY, LOCK = "forgotten.json", "forget.key", "forget.lock"
LOCK_WAIT = 10.0

MOST_EARLIER = 1_000  # contents of earlier times that are noted of one source, beside those of now


@dataclass(frozen=True)
class Source:
    """Data that people are forgotten of: its path, their marks, and what its files of interactions ``held`` whenever
    one of them was, or it was read since, the last first. ``columns``: where in it they stood."""

    path: Path
    people: tuple[str, ...] = ()
    held: Contents = ()
    columns: tuple[str, ...] = ()

    def is_of(self, source: Path) -> bool:
        """Whether it may be the same data: by where it lies, or by a file that holds, or begins with, the same."""
        if related(self.path, source):
            return True
        try:
            known = KnownContents(self.held)
            return any(known.begun(file) for file in _files_of(source)) if known.lengths else False
        except OSError:
            return False

    def holding(self, now: Iterable[Content]) -> Source:
        """The same with what it holds now, or is said to have held."""
        new = dict.fromkeys(now)
        return replace(self, held=(*new, *[one for one in self.held if one not in new][:MOST_EARLIER]))

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        contents = {"held": contents_to_json(self.held)} if self.held else {}
        columns = {"columns": sorted(self.columns)} if self.columns else {}
        return {"path": str(self.path), "people": sorted(self.people)} | contents | columns


class Tombstones:
    """The marks of one home folder. Without any, nothing is read and nothing is written."""

    def __init__(self, root: Path) -> None:
        self.path, self._key_path = root / FILE, root / KEY
        self._root = root

    def of(self, source: Path) -> Forgotten:
        """Who is forgotten of some data: by this path, by a folder that it lies in, by a file in it, or by a file, here
        or in this folder, that holds what one of the data did when they were forgotten.

        Raises ``UserError`` (exit 1) where the marks cannot be read, or their key is gone: better no answer than
        somebody who is back.
        """
        return self._of(lambda entry: entry.is_of(source))

    def of_all(self) -> Forgotten:
        """Who is forgotten of any data, for what nobody can tell which it is of. Raises as :meth:`of`."""
        return self._of(lambda _entry: True)

    def _of(self, counts: Callable[[Source], bool]) -> Forgotten:
        from recsys_tui.data.forgotten import NOBODY, Forgotten

        if not self.any():
            return NOBODY
        with read_apart(self.path):
            of_it = [entry for entry in self._read() if counts(entry)]
        marks = frozenset(mark for entry in of_it for mark in entry.people)
        columns = frozenset(name for entry in of_it for name in entry.columns)
        return Forgotten(self._known_key(), marks, columns) if marks else NOBODY

    def any(self) -> bool:
        """Whether somebody is forgotten of any data."""
        with read_apart(self.path):
            return has_name(self.path)

    def sources(self) -> list[Source]:
        """All data that somebody is forgotten of. Raises as :meth:`of`."""
        if not self.any():
            return []
        with read_apart(self.path):
            return list(self._read())

    def add(
        self,
        source: Path,
        *users: str,
        columns: Iterable[str] = (),
        alike: Iterable[Path] = (),
        held: Iterable[Content] = (),
    ) -> Forgotten:
        """Note that a person of some data is forgotten, durably, before anything else is done; returns all of it.

        ``users``: the ids of the person. ``columns``: in which of the data people stand, whatever role these are given
        later. ``alike``: where the same data lies or lay, more or less of it. ``held``: what it held at any time, by
        which it is known where its files are gone, or hold something else by now. The key is made with the first.
        Raises ``UserError`` (exit 1) where nothing can be written.
        """
        from recsys_tui.data.forgotten import mark_of

        with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
            for name in (FILE, KEY):
                sweep_partial(self._root, name)
            if not has_name(self.path) and not has_name(self._key_path):
                make_key(self._key_path)
            key, paths = self._known_key(), dict.fromkeys((source, *alike))
            now = [one for path in paths for one in as_it_is(path).held]
            known = sorted(set(held).difference(now), key=lambda one: one[:2])
            earlier = self.of(source)  # known by what it holds alone, perhaps
            marks = [*sorted(earlier.marks), *(mark_of(key, user) for user in users)]
            self._note(paths, marks, (*sorted(earlier.columns), *columns), (*now, *known))
        return self.of(source)

    def follow(self, source: Path, held: Iterable[Content] = ()) -> None:
        """Note that data is read which people are forgotten of, so that they stay so where it then grows or is moved:
        what was known by what it held alone is known by its path from now on, by what it holds and begins with now, and
        by what else it is said to have ``held``, such as rows that are added.

        Raises ``UserError`` (exit 1) as :meth:`of` does, and where nothing can be written.
        """
        gone = self.of(source)
        if gone:
            with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
                known = KnownContents(tuple(one for entry in self._read() for one in entry.held))
                now = sorted(held_now(source, known).union(held), key=lambda one: one[:2])
                self._note([source], sorted(gone.marks), sorted(gone.columns), tuple(now))

    def _note(self, paths: Iterable[Path], marks: Iterable[str], columns: Iterable[str], held: Contents) -> None:
        """Note of all these paths what is not noted yet. Only for the holder of the lock."""
        before = {entry.path: entry for entry in self._read()} if has_name(self.path) else {}
        after = dict(before)
        for path in paths:
            entry = before.get(path) or Source(path)
            people, places = (*entry.people, *marks), (*entry.columns, *columns)
            noted = replace(entry, people=tuple(dict.fromkeys(people)), columns=tuple(dict.fromkeys(places)))
            after[path] = noted if set(held) <= set(entry.held) else noted.holding(held)
        if after != before:
            write_json(self.path, {"format": 1, "sources": [one.to_json() for one in after.values()]})

    def _known_key(self) -> bytes:
        key = read_key(self._key_path)
        if key is None:
            raise UserError("forget.no_key", ExitCode.FAILED, key=self._key_path, path=self.path)
        return key

    def _read(self) -> Iterator[Source]:
        entries = (read_json(self.path) or {}).get("sources")
        if not isinstance(entries, list):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        for entry in entries:
            yield self._source(entry)

    def _source(self, entry: Any) -> Source:
        path, people = (entry.get("path"), entry.get("people")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str) or "\0" in path or not isinstance(people, list):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        if not all(isinstance(mark, str) for mark in people):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        return Source(
            Path(path),
            tuple(people),
            (*contents_from([entry]), *contents_in(entry, "held"), *contents_in(entry, "read")),
            tuple(name for name in listed(entry, "columns") if isinstance(name, str)),
        )


def as_it_is(source: Path) -> Source:
    """What is noted of a source: what its interactions hold now, by which they are known under another name."""
    from recsys_tui.data.folder_files import interactions_in

    try:
        files = interactions_in(source)[0] if source.is_dir() else [source]
        return Source(source, (), contents_of(files))
    except (OSError, UserError):  # it is gone by now, or it is not told which of its files are the interactions
        return Source(source)


def held_now(source: Path, known: KnownContents) -> Known:
    """What the files of a source hold, and all known contents that they begin with; nothing where none is there."""
    found = set(as_it_is(source).held)
    with suppress(OSError):
        for file in _files_of(source):
            found |= known.begun(file)
    return frozenset(found)


def _files_of(source: Path) -> list[Path]:
    """The file itself, or those of a folder that could hold a table."""
    from recsys_tui.data.folder_listing import tables_in

    return tables_in(source) if source.is_dir() else [source]


def marks_of(root: Path, users: Iterable[str]) -> tuple[str, ...]:
    """The marks of people under the key of a home folder, which is made where there is none yet.

    Raises ``UserError`` (exit 1) where it cannot be written.
    """
    from recsys_tui.data.forgotten import mark_of

    path = root / KEY
    if read_key(path) is None:
        with folder_lock(root / LOCK, say("forget.noting"), LOCK_WAIT):
            if not has_name(path):
                make_key(path)
    key = read_key(path)
    return () if key is None else tuple(mark_of(key, user) for user in users)


def related(one: Path, other: Path) -> bool:
    """Whether two paths may be of the same data: they are the same, or one is a folder that the other lies in."""
    return one == other or one in other.parents or other in one.parents


def forgotten_in(workspace: Path) -> Forgotten:
    """Who is forgotten of the data of a workspace's folder; of any data where that does not tell whose it is, as when
    the workspace was removed while a workbench was open. Raises ``UserError`` as :meth:`Tombstones.of`."""
    from recsys_tui.data.forgotten import NOBODY

    tombstones = Tombstones(workspace.parent.parent)
    if not tombstones.any():
        return NOBODY
    try:
        with read_apart(workspace):
            identity = Identity.from_json(read_json(workspace / IDENTITY) or {})
    except ValueError:
        return tombstones.of_all()
    return tombstones.of(identity.path)


def refuse_forgotten(workspace: Path, people: Iterable[str], refusal: str = "forget.is_forgotten") -> None:
    """Raise ``UserError`` (exit 3) where one of the people is forgotten: nothing is written about them any more."""
    gone = forgotten_in(workspace)
    if gone and any(user in gone for user in people):
        raise UserError(refusal, ExitCode.NOT_FOUND)
