"""Who is forgotten: keyed marks of ids, by the source of the data, under a key of its own in the home folder.

They belong to the source, not to a workspace: a removed workspace, or other columns, do not bring anybody back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import has_name, read_apart, read_json, write_json
from recsys_tui.store.file_contents import Content, Contents, in_order
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.forgotten_source import Source, all_known, around, as_it_is, held_now, same_or_begun, within
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.key_file import make_key, read_key
from recsys_tui.store.version_folder import sweep_partial

if TYPE_CHECKING:
    from recsys_tui.data.forgotten import Forgotten

FILE, KEY, LOCK = "forgotten.json", "forget.key", "forget.lock"
LOCK_WAIT = 10.0


class Tombstones:
    """The marks of one home folder. Without any, nothing is read and nothing is written."""

    def __init__(self, root: Path) -> None:
        self.path, self._key_path = root / FILE, root / KEY
        self._root = root

    def of(self, source: Path, *added: Path) -> Forgotten:
        """Who is forgotten of some data: by this path, by a folder that it lies in, by a file in it, or by a file, here
        or in this folder, that holds what one of the data did when they were forgotten. ``added``: files with rows that
        are added to it, with whoever is forgotten of what these hold.

        Raises ``UserError`` (exit 1) where the marks cannot be read, or their key is gone: better no answer than
        somebody who is back.
        """
        entries = self.sources()
        same = [entry for path in (source, *added) for entry in same_or_begun(entries, path)]
        return self._forgotten([*same, *around(entries, source), *within(entries, source)])

    def of_all(self) -> Forgotten:
        """Who is forgotten of any data, for what nobody can tell which it is of. Raises as :meth:`of`."""
        return self._forgotten(self.sources())

    def _forgotten(self, of_it: list[Source]) -> Forgotten:
        from recsys_tui.data.forgotten import NOBODY, Forgotten

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
        added: Iterable[Content] = (),
        all_within: bool = True,
    ) -> Forgotten:
        """Note that a person of some data is forgotten, durably, before anything else is done; returns all of it.

        ``users``: the ids of the person. ``columns``: in which of the data people stand, whatever role these are given
        later. ``alike``: where the same data lies or lay. ``held``: what it held at any time, by which it is known
        where its files are gone, or hold something else by now, and ``added``: what was added to it. ``all_within``:
        whether of a folder all is meant that lies in it. The key is made with the first. Raises ``UserError`` (exit 1)
        where nothing can be written.
        """
        from recsys_tui.data.forgotten import mark_of

        with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
            for name in (FILE, KEY):
                sweep_partial(self._root, name)
            if not has_name(self.path) and not has_name(self._key_path):
                make_key(self._key_path)
            key, paths, entries = self._known_key(), list(dict.fromkeys((source, *alike))), self.sources()
            now = [one for path in paths for one in as_it_is(path)]
            # By what it holds alone, perhaps, others are forgotten of it.
            earlier = [entry for path in paths for entry in same_or_begun(entries, path)]
            new = [mark_of(key, user) for user in users]
            marks = [*(mark for entry in earlier for mark in entry.people), *new]
            inside = [*(mark for entry in earlier for mark in entry.within), *(new if all_within else ())]
            places = [*(name for entry in earlier for name in entry.columns), *columns]
            self._note(paths, marks, places, (*now, *in_order(set(held).difference(now))), added, inside)
        return self.of(source)

    def follow(self, source: Path, held: Iterable[Content] = (), added: Iterable[Content] = ()) -> None:
        """Note that data is read which people are forgotten of, so that they stay so where it then grows or is moved:
        what was known by what it held alone is known by its path from now on, by what it holds and begins with now, by
        what else it is said to have ``held``, and by what is ``added`` to it.

        Raises ``UserError`` (exit 1) as :meth:`of` does, and where nothing can be written.
        """
        if not self.any():
            return
        with folder_lock(self._root / LOCK, say("forget.noting"), LOCK_WAIT):
            entries = self.sources()
            same = [*same_or_begun(entries, source), *around(entries, source)]
            now = in_order(held_now(source, all_known(entries)).union(held))
            marks, columns = [m for entry in same for m in entry.people], [c for entry in same for c in entry.columns]
            if marks:
                self._note([source], marks, columns, now, added, [mark for entry in same for mark in entry.within])

    def _note(
        self,
        paths: Iterable[Path],
        marks: Iterable[str],
        columns: Iterable[str],
        held: Contents,
        added: Iterable[Content],
        inside: Iterable[str],
    ) -> None:
        """Note of all these paths what is not noted yet. Only for the holder of the lock."""
        before = {entry.path: entry for entry in self.sources()}
        of_paths = {path: before.get(path, Source(path)) for path in paths}
        more = {path: entry.noting(marks, columns, held, added, inside) for path, entry in of_paths.items()}
        if before | more != before:
            write_json(self.path, {"format": 1, "sources": [one.to_json() for one in (before | more).values()]})

    def _known_key(self) -> bytes:
        key = read_key(self._key_path)
        if key is None:
            raise UserError("forget.no_key", ExitCode.FAILED, key=self._key_path, path=self.path)
        return key

    def _read(self) -> Iterator[Source]:
        entries = (read_json(self.path) or {}).get("sources")
        if not isinstance(entries, list):
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path)
        try:
            yield from map(Source.from_json, entries)
        except ValueError as error:
            raise UserError("forget.damaged", ExitCode.FAILED, path=self.path) from error


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
