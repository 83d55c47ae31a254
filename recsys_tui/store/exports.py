"""Which files with people in them were written elsewhere: their paths, and by what each is known to be as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import PARTIAL_SUFFIX, read_json, without_links, write_file, write_json
from recsys_tui.store.filesystems import MEMORY, filesystem_of
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.tombstones import marks_of
from recsys_tui.store.version_folder import digest, sweep_partial

FILE = "exports.json"
MISSING = "missing"  # stands in a list that took the place of a damaged one
LOCK_WAIT = 30.0


@dataclass(frozen=True)
class Export:
    """A file that was written; ``written``: ISO time, ``bytes`` and ``blake2b``: of what was written then; ``about``:
    keyed marks of the people whom all of it is about, whatever it says, ``filesystem``: on which it lies, ``MEMORY``
    of one in memory, None of files that older versions noted."""

    path: Path
    written: str
    bytes: int
    blake2b: str
    about: tuple[str, ...] = ()
    filesystem: str | None = None

    def is_gone(self) -> bool:
        """Whether there is no such file any more. Nobody can tell where its folder may not be looked into, or what
        would hold it lies on another file system, as when its medium is not there just now."""
        try:
            if self.path.exists():
                return False
            if self.filesystem is None:
                return self.path.parent.exists()
            if self.filesystem == MEMORY:
                return True
            return filesystem_of(next(folder for folder in self.path.parents if folder.exists())) == self.filesystem
        except OSError:
            return False

    @property
    def is_begun(self) -> bool:
        """Whether it is the hidden file in which another comes to be: its writer is at it, or died."""
        return self.path.name.startswith(".") and self.path.suffix == PARTIAL_SUFFIX

    def is_as_written(self) -> bool:
        """Whether the file still holds just what was written: then nobody worked on it, and it may be changed."""
        try:
            return self.path.stat().st_size == self.bytes and digest(self.path) == self.blake2b
        except OSError:
            return False


class Exports:
    """The files of one workspace, the one written last first. What cannot be read of the list (``path``) is passed
    over, and a list that takes its place says from then on that files are missing from it."""

    def __init__(self, workspace: Path) -> None:
        self.path = self._path = workspace / FILE

    @property
    def readable(self) -> bool:
        """Whether the list is whole, and always was, or there is none as nothing was written."""
        try:
            self.path.lstat()
        except OSError:
            return True
        document = read_json(self.path) or {}
        entries = document.get("files")
        return isinstance(entries, list) and None not in map(_export, entries) and MISSING not in document

    def read(self) -> tuple[Export, ...]:
        """All of them, those too that are gone by now. A file that was about to be written anew is what it still is."""
        found: dict[Path, Export] = {}
        for entry in self._entries():
            known = found.setdefault(entry.path, entry)
            if known is not entry and not known.is_as_written() and entry.is_as_written():
                found[entry.path] = entry
        return tuple(found.values())

    def _entries(self) -> list[Export]:
        entries = (read_json(self._path) or {}).get("files")
        found = (_export(entry) for entry in (entries if isinstance(entries, list) else []))
        return [entry for entry in found if entry is not None]

    def note(self, paths: Sequence[Path], about: Sequence[str] = (), content: Path | None = None) -> bool:
        """Note files that are written, and say whether they are noted: not where the home cannot be written to.

        ``about``: ids of the people whom all of them are about, as a list for one of them is. ``content``: what one
        file is about to hold, whole already and under another name, so that whatever happens next it is noted; what it
        holds until then stays noted beside that, as it may come to nothing.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with suppress(UserError, OSError):
            marks = marks_of(self.path.parent.parent.parent, about) if about else ()
            held = [(without_links(path), content or path) for path in paths]
            added = [
                Export(path, now, file.stat().st_size, digest(file), marks, filesystem_of(file)) for path, file in held
            ]
            names = {entry.path for entry in added}
            before = [one for one in self.read() if content and one.path in names and one.is_as_written()]
            self._replace([*added, *before], names)
            return True
        return False

    def write(
        self, path: Path, content: bytes, about: Sequence[str] = (), refuse: Callable[[], object] = lambda: None
    ) -> bool:
        """Write a file as :meth:`fill` does."""
        return self.fill(path, lambda empty: empty.write_bytes(content), about, refuse)

    def fill(
        self,
        path: Path,
        fill: Callable[[Path], object],
        about: Sequence[str] = (),
        refuse: Callable[[], object] = lambda: None,
    ) -> bool:
        """Write a file, as a whole, that is noted from its first byte on; whether it is noted, as :meth:`note` says.

        ``fill`` writes into the empty file that it is called with. ``refuse`` raises where somebody in it is forgotten
        by now. It is asked once the file is whole and noted: a forgetting that begins later finds it. Raises
        ``UserError`` as that does, and (exit 1) where the file cannot be written.
        """
        noted: dict[Path, bool] = {}

        def note_whole(whole: Path) -> None:
            noted[whole] = self.note((path,), about, whole)
            refuse()

        write_file(path, fill, note_whole, lambda begun: self.note((begun,)))
        return all(noted.values()) and self.still_notes(path, about, tuple(noted))

    def still_notes(self, path: Path, about: Sequence[str] = (), begun: Sequence[Path] = ()) -> bool:
        """Whether a file that was noted before it was there is so now; else it is noted again. Another process, noting
        its own in between, takes what is not there yet for gone. ``begun``: in which it came to be, which goes off the
        list: of what is on a medium that is away later, nobody could tell that it is gone."""
        if begun:
            with suppress(UserError, OSError):
                self._replace((), set(map(without_links, begun)))
        return any(entry.path == without_links(path) for entry in self.read()) or self.note((path,), about)

    def drop(self, paths: Collection[Path], instead: Sequence[Path] = ()) -> None:
        """Take files off the list; ``instead``: those of them that were written anew, and may be gone since."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        about = {entry.path: entry.about for entry in self.read()}
        anew = []
        for path in instead:
            with suppress(OSError):
                size, held, lies_on = path.stat().st_size, digest(path), filesystem_of(path)
                anew.append(Export(path, now, size, held, about.get(path, ()), lies_on))
        self._replace(anew, paths)

    def _replace(self, added: Sequence[Export], names: Collection[Path]) -> None:
        with folder_lock(self._path.with_name("lock"), say("forget.noting_exports"), LOCK_WAIT):
            sweep_partial(self._path.parent, FILE)
            kept = [entry for entry in self._entries() if entry.path not in names and not entry.is_gone()]
            entries = [
                {"path": str(e.path), "written": e.written, "bytes": e.bytes, "blake2b": e.blake2b}
                | ({"about": list(e.about)} if e.about else {})
                | ({"filesystem": e.filesystem} if e.filesystem else {})
                for e in (*added, *kept)
            ]
            missing = {} if self.readable else {MISSING: True}
            write_json(self._path, {"format": 1, **missing, "files": entries})


def _export(entry: Any) -> Export | None:
    if not isinstance(entry, dict):
        return None
    path, written, size, known = (entry.get(name) for name in ("path", "written", "bytes", "blake2b"))
    if not isinstance(path, str) or not isinstance(size, int) or "\0" in path:
        return None
    about, filesystem = entry.get("about"), entry.get("filesystem")
    marks = tuple(map(str, about)) if isinstance(about, list) else ()
    return Export(
        Path(path), str(written), size, str(known), marks, filesystem if isinstance(filesystem, str) else None
    )
