"""Who is forgotten: keyed marks of ids, by the source of the data, under a key of its own in the home folder.

They belong to the source, not to a workspace: a removed workspace, or other columns, do not bring anybody back.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import has_name, read_apart, read_json, write_json
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.key_file import make_key, read_key
from recsys_tui.store.version_folder import DIGESTED_AT_ONCE, digest, sweep_partial

if TYPE_CHECKING:
    from recsys_tui.data.forgotten import Forgotten

FILE, KEY, LOCK = "forgotten.json", "forget.key", "forget.lock"
LOCK_WAIT = 10.0

HEAD = 65_536  # bytes by which a file that has grown is found among larger ones
_NUMBER_PATTERN = re.compile(rb"(?:^|[,;|:\s])\"?-?\d[\d.]*\"?(?:[,;|:\s]|$)")  # a field of what is no header
MOST_EARLIER = 1_000  # contents of earlier times that are noted of one source, beside those of now


class _Content(NamedTuple):
    """What a file held: its ``size`` in bytes, BLAKE2b of it, and BLAKE2b of its ``head`` (None in older notes)."""

    size: int
    blake2b: str
    head: str | None = None


Contents = tuple[_Content, ...]


class _Known:
    """Many contents, of which a file is looked up at once: a folder may have thousands of parts, as may its copy."""

    def __init__(self, contents: Contents) -> None:
        self._by_head: dict[int, dict[str | None, list[_Content]]] = {}
        self._whole: dict[int, set[str]] = {}
        for one in dict.fromkeys(contents):
            self._whole.setdefault(one.size, set()).add(one.blake2b)
            self._by_head.setdefault(min(one.size, HEAD), {}).setdefault(one.head, []).append(one)
        self.lengths = sorted(self._by_head)

    def begin(self, file: Path) -> bool:
        """Whether a file is one of them, or begins with all that one of them held: it has grown."""
        found = file.stat()
        size, changed = found.st_size, found.st_mtime_ns
        if not _is_file(found):
            return False
        nobody = _end_of_header(file)
        if size <= nobody:
            return False
        if size in self._whole and _digest(file, size, changed) in self._whole[size]:
            return True
        shorter = [length for length in self.lengths if nobody < length <= size]
        begun = [
            one
            for length, head in zip(shorter, _beginnings(file, tuple(shorter), changed), strict=True)
            for one in self._by_head[length].get(head, ())
            if one.size < size
        ]
        sizes = sorted({one.size for one in begun})
        whole = dict(zip(sizes, _beginnings(file, tuple(sizes), changed), strict=True))
        return any(one.blake2b == whole[one.size] for one in begun)


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
            known = _Known((*self.held, *self.read))
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
        from recsys_tui.data.forgotten import NOBODY, Forgotten

        if not self.any():
            return NOBODY
        with read_apart(self.path):
            of_it = [entry for entry in self._sources() if entry.is_of(source)]
        marks = frozenset(mark for entry in of_it for mark in entry.people)
        columns = frozenset(name for entry in of_it for name in entry.columns)
        return Forgotten(self._known_key(), marks, columns) if marks else NOBODY

    def any(self) -> bool:
        """Whether somebody is forgotten of any data."""
        with read_apart(self.path):
            return has_name(self.path)

    def hold_for(self, source: Path, other: Path) -> bool:
        """Whether who is forgotten of some data is so of other data, too. Raises as :meth:`of`."""
        if not self.any():
            return False
        with read_apart(self.path):
            return any(entry.path == source and entry.is_of(other) for entry in self._sources())

    def add(self, source: Path, user: str, columns: Iterable[str] = ()) -> Forgotten:
        """Note that a person of some data is forgotten, durably, before anything else is done; returns all of it.

        ``columns``: in which of it people stand, whatever role these are given later. The key is made with the first.
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
            noted = replace(
                entry,
                people=tuple(dict.fromkeys((*entry.people, mark_of(key, user)))),
                columns=tuple(dict.fromkeys((*entry.columns, *columns))),
            )
            if noted != entry:
                now = as_it_is(source).held
                earlier = tuple(one for one in entry.held if one not in now)[:MOST_EARLIER]
                sources[source] = replace(noted, held=(*now, *earlier), read=())
                self._write(sources.values())
        return self.of(source)

    def follow(self, source: Path) -> None:
        """Note that data is read which people are forgotten of, so that they stay so where it then grows or is moved:
        what was known by what it held alone is known by its path from now on, and by what it holds now.

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
            followed = replace(entry, people=people, columns=columns, read=read)
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
            (*_contents([entry]), *contents_in(entry, "held")),
            contents_in(entry, "read"),
            tuple(name for name in _listed(entry, "columns") if isinstance(name, str)),
        )


def _listed(entry: dict[str, Any], name: str) -> list[Any]:
    found = entry.get(name)
    return found if isinstance(found, list) else []


def contents_to_json(contents: Contents) -> list[dict[str, Any]]:
    """As they are written down."""
    return [{"bytes": one.size, "blake2b": one.blake2b, "head": one.head} for one in contents]


def contents_in(noted: dict[str, Any], name: str) -> Contents:
    """Those that were written down under a name; none of what is no such note."""
    return _contents(_listed(noted, name))


def _contents(entries: Iterable[Any]) -> Contents:
    known = ((one.get("bytes"), one.get("blake2b"), one.get("head")) for one in entries if isinstance(one, dict))
    return tuple(
        _Content(size, text, head if isinstance(head, str) else None)
        for size, text, head in known
        if isinstance(size, int) and isinstance(text, str) and size >= 0
    )


def as_it_is(source: Path) -> Source:
    """What is noted of a source: what its interactions hold now, by which they are known under another name."""
    from recsys_tui.data.folder_files import interactions_in

    try:
        files = interactions_in(source)[0] if source.is_dir() else [source]
        found = [(file, file.stat()) for file in files]
        held = [
            _Content(
                one.st_size,
                _digest(file, one.st_size, one.st_mtime_ns),
                _digest(file, min(one.st_size, HEAD), one.st_mtime_ns),
            )
            for file, one in found
            if _is_file(one)
        ]
    except (OSError, UserError):  # it is gone by now, or it is not told which of its files are the interactions
        return Source(source)
    return Source(source, (), tuple(held))


def _is_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode)


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


def _end_of_header(file: Path) -> int:
    """How long the header of a text is, with what is blank around it: nobody stands in what holds no more, and other
    data begins with the same. 0 where the first line may be a row, or the file is none of text."""
    with file.open("rb") as stream:
        content = stream.read(HEAD)
    body = content.lstrip()
    line, end, rest = body.partition(b"\n")
    if not (end or len(content) < HEAD) or b"\0" in line or line[:1] in (b"{", b"[") or _NUMBER_PATTERN.search(line):
        return 0
    try:
        line.decode()
    except UnicodeDecodeError:
        return 0
    return len(content) - len(rest.lstrip())


@lru_cache(maxsize=2_000)
def _beginnings(file: Path, lengths: tuple[int, ...], _changed: int) -> list[str]:
    """BLAKE2b of the first bytes of a file, as many as each of the lengths says, the smallest first; read once."""
    found, heads = hashlib.blake2b(digest_size=16), []
    with file.open("rb") as stream:
        for start, end in pairwise((0, *lengths)):
            for at in range(start, end, DIGESTED_AT_ONCE):
                found.update(stream.read(min(DIGESTED_AT_ONCE, end - at)))
            heads.append(found.hexdigest())
    return heads


@lru_cache(maxsize=20_000)
def _digest(path: Path, size: int, _changed: int) -> str:
    """BLAKE2b of the first bytes of a file."""
    return digest(path, size)


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
        with read_apart(workspace):
            identity = Identity.from_json(read_json(workspace / IDENTITY) or {})
    except ValueError:
        return NOBODY
    return tombstones.of(identity.path)


def refuse_forgotten(workspace: Path, people: Iterable[str], refusal: str = "forget.is_forgotten") -> None:
    """Raise ``UserError`` (exit 3) where one of the people is forgotten: nothing is written about them any more."""
    gone = forgotten_in(workspace)
    if gone and any(user in gone for user in people):
        raise UserError(refusal, ExitCode.NOT_FOUND)
