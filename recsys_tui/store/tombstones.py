"""Who is forgotten: keyed marks of ids, by the source of the data, under a key of its own in the home folder.

They belong to the source, not to a workspace: a removed workspace, or other columns, do not bring anybody back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import has_name, read_apart, read_json, write_json
from recsys_tui.store.file_contents import (
    Contents,
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
    """Data that people are forgotten of: its path, their marks, and what its files of interactions held whenever one
    of them was, ``held``, the last first, and when it was last read, ``read``. ``columns``: where in it they stood."""

    path: Path
    people: tuple[str, ...] = ()
    held: Contents = ()
    read: Contents = ()
    columns: tuple[str, ...] = ()

    def is_of(self, source: Path) -> bool:
        """Whether it may be the same data: by where it lies, or by a file that holds, or begins with, the same."""
        return related(self.path, source) or self.held_in(source)

    def held_in(self, source: Path) -> bool:
        """Whether a file there holds, or begins with, what one of this data held."""
        try:
            known = KnownContents((*self.held, *self.read))
            return any(known.begin(file) for file in _files_of(source)) if known.lengths else False
        except OSError:
            return False

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        known = {"held": self.held, "read": self.read}
        contents = {name: contents_to_json(files) for name, files in known.items() if files}
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
            of_it = [entry for entry in self._sources() if counts(entry)]
        marks = frozenset(mark for entry in of_it for mark in entry.people)
        columns = frozenset(name for entry in of_it for name in entry.columns)
        return Forgotten(self._known_key(), marks, columns) if marks else NOBODY

    def any(self) -> bool:
        """Whether somebody is forgotten of any data."""
        with read_apart(self.path):
            return has_name(self.path)

    def hold_for(self, source: Path, other: Path) -> bool:
        """Whether who is forgotten of some data is so of other data, or the other way round, too, by what either holds,
        or held when that was noted: a copy that people were taken out of is no longer alike. Raises as :meth:`of`."""
        if not self.any():
            return False
        with read_apart(self.path):
            entries = list(self._sources())
        mine, theirs = ([entry for entry in entries if entry.path == path] for path in (source, other))
        if any(entry.is_of(other) for entry in mine) or any(entry.is_of(source) for entry in theirs):
            return True
        held = [{one for entry in some for one in (*entry.held, *entry.read)} for some in (mine, theirs)]
        return not held[0].isdisjoint(held[1])

    def add(
        self, source: Path, user: str, columns: Iterable[str] = (), alike: Iterable[Path] = (), stored: Contents = ()
    ) -> Forgotten:
        """Note that a person of some data is forgotten, durably, before anything else is done; returns all of it.

        ``columns``: in which of it people stand, whatever role these are given later. ``alike``: where the same data
        lies, more or less of it: the source is known by what that holds, too; and by what is ``stored`` of it, as its
        file may be gone, or hold something else by now. The key is made with the first.
        Raises ``UserError`` (exit 1) where nothing can be written.
        """
        from recsys_tui.data.forgotten import mark_of

        with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
            for name in (FILE, KEY):
                sweep_partial(self._root, name)
            if not has_name(self.path) and not has_name(self._key_path):
                make_key(self._key_path)
            key = self._known_key()
            sources = {entry.path: entry for entry in self._sources()} if has_name(self.path) else {}
            entry = sources.get(source) or Source(source)
            now = tuple(dict.fromkeys(one for path in (source, *alike) for one in as_it_is(path).held))
            before = dict.fromkeys((*stored, *entry.read, *entry.held))
            noted = replace(
                entry,
                people=tuple(dict.fromkeys((*entry.people, mark_of(key, user)))),
                columns=tuple(dict.fromkeys((*entry.columns, *columns))),
                held=(*now, *[one for one in before if one not in now][:MOST_EARLIER]),
                read=(),
            )
            if noted != entry:
                sources[source] = noted
                self._write(sources.values())
        return self.of(source)

    def follow(self, source: Path, rewritten: bool = False) -> None:
        """Note that data is read which people are forgotten of, so that they stay so where it then grows or is moved:
        what was known by what it held alone is known by its path from now on, and by what it holds now; for good where
        it is about to be ``rewritten``, which who has the same elsewhere is known by.

        Raises ``UserError`` (exit 1) as :meth:`of` does, and where nothing can be written.
        """
        gone = self.of(source)
        if not gone:
            return
        with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
            sources = {entry.path: entry for entry in self._sources()}
            entry, now = sources.get(source) or Source(source), as_it_is(source).held
            people = (*entry.people, *sorted(gone.marks - set(entry.people)))
            columns = (*entry.columns, *sorted(gone.columns - set(entry.columns)))
            read = () if set(now) <= set(entry.held) and now else now or entry.read
            held = tuple(dict.fromkeys((*now, *entry.held))) if rewritten else entry.held
            followed = replace(entry, people=people, columns=columns, held=held, read=() if rewritten else read)
            if followed != entry:
                sources[source] = followed
                self._write(sources.values())

    def _write(self, sources: Iterable[Source]) -> None:
        write_json(self.path, {"format": 1, "sources": [one.to_json() for one in sources]})

    def _known_key(self) -> bytes:
        key = read_key(self._key_path)
        if key is None:
            raise UserError("forget.no_key", ExitCode.FAILED, key=self._key_path, path=self.path)
        return key

    def _sources(self) -> Iterator[Source]:
        entries = (read_json(self.path) or {}).get("sources")
        if not isinstance(entries, list):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        for entry in entries:
            yield self._source(entry)

    def _source(self, entry: Any) -> Source:
        path, people = (entry.get("path"), entry.get("people")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str) or not isinstance(people, list) or not all(isinstance(p, str) for p in people):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        return Source(
            Path(path),
            tuple(people),
            (*contents_from([entry]), *contents_in(entry, "held")),
            contents_in(entry, "read"),
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


def same_data(one: Path, other: Path, now: Source | None = None) -> bool:
    """Whether two paths may be of the same data: related ones, or files of which one holds, or begins with, all that
    the other does. ``now``: what is told of the other as it is, where it is asked about many."""
    return related(one, other) or as_it_is(one).is_of(other) or (now or as_it_is(other)).is_of(one)


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
