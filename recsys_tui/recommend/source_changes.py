"""Whether the source of some data still is what was stored of it: by how its files look, and by what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.data.fingerprint import fingerprint, names_stamp, stamp, unlike
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.file_contents import Contents
from recsys_tui.store.home import Home
from recsys_tui.store.stored_versions import DatasetVersion
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.workspace import Workspace

if TYPE_CHECKING:
    from recsys_tui.data.forgotten import Forgotten

Stamp = dict[str, list[int]]
# What stands in a stamp for the people who are forgotten: the path of no file, as the home folder may be moved.
FORGOTTEN = ":forgotten"
# How a file looks that was read and is none any more: as no file does.
LOST = [-1, -1]


@dataclass(frozen=True)
class SourceChanges:
    """The source at ``path``, what is stored of it in ``workspace``, and who of it is forgotten."""

    home: Home
    path: Path
    workspace: Workspace

    def forgotten(self) -> Forgotten:
        """Who is forgotten of this data. Raises ``UserError`` (exit 1) where that cannot be told any more."""
        return Tombstones(self.home.root).of(self.path)

    @cached_property
    def forgotten_at_first(self) -> str:
        """Who was forgotten when this was asked first: for whoever is about to read what goes into a file."""
        return self.forgotten().digest()

    def refuse_forgotten_since(self) -> None:
        """Raise ``UserError`` (exit 1) where somebody was forgotten since :attr:`forgotten_at_first` was asked."""
        if self.forgotten().digest() != self.forgotten_at_first:
            raise UserError("forget.forgotten_meanwhile", ExitCode.FAILED)

    def follow_forgotten(self, added: Contents = ()) -> None:
        """Note that the data is read as it is, with what is ``added`` to it, so that who is forgotten of it stays so
        where it is moved or grows."""
        Tombstones(self.home.root).follow(self.path, added=added)

    def changed(self, version: DatasetVersion) -> bool:
        """Whether the source differs from what was stored: by its looks, and if those differ by its contents.

        So does one that cannot be read: who reads it anew says why.
        """
        changed = self.looks_changed(version)
        if changed is None:
            files = [Path(name) for name in version.stamp if name not in (FORGOTTEN, str(self._folder))]
            changed = self._fingerprint(files) != version.fingerprint
        return changed

    def looks_changed(self, version: DatasetVersion) -> bool | None:
        """Whether the source differs from what was stored by its looks; None where only its contents can tell."""
        known, gone = dict(version.stamp), self.mark_of_forgotten()
        if known.pop(FORGOTTEN, None) != gone.get(FORGOTTEN):
            return True  # somebody was forgotten since
        if self._folder is not None:
            names = names_stamp(self._folder)
            if known.pop(str(self._folder), names) != names:
                return True  # a file of the folder came or went
        files = [Path(name) for name in known]
        if any(str(path) not in version.stamp for path in self.workspace.added_files()):
            return True  # an update died after it had counted its file
        now = stamp(files)
        if now == known:
            return False
        if len(now) < len(files):
            return bool(now) or self.path.exists()
        return None

    def held_and_looks(self, files: Sequence[Path], before: Mapping[str, list[int]] | None) -> tuple[str, Stamp]:
        """The fingerprint and the stamp that data just read from some files is stored with.

        ``before``: how they looked before they were read. Where one changed since, or is no file any more, nobody
        knows what of it was read: the next who opens it reads it anew.
        """
        held, looks, known = self._fingerprint(files), stamp(files), before or {}
        lost = {str(path): LOST for path in files if str(path) not in looks}
        if held is None or lost or any(looks[name] != known.get(name, looks[name]) for name in looks):
            held, looks = unlike(held or ""), looks | {name: known[name] for name in looks if name in known} | lost
        if self._folder is not None and self._folder not in files:  # one of them where it has become a folder since
            looks[str(self._folder)] = names_stamp(self._folder)
        return held, looks | self.mark_of_forgotten()

    def mark_of_forgotten(self) -> Stamp:
        """How the data looks without the people who are forgotten: their number and a checksum; empty for nobody."""
        gone = self.forgotten()
        return {FORGOTTEN: [len(gone), int(gone.digest()[:12], 16)]} if gone else {}

    @property
    def _folder(self) -> Path | None:
        """The source, where it is a folder."""
        return self.path if self.path.is_dir() else None

    def _fingerprint(self, files: Sequence[Path]) -> str | None:
        """That of the files, None where one cannot be read; with the same files it differs where somebody is
        forgotten."""
        gone = self.forgotten().digest()
        try:
            found = fingerprint(files)
        except OSError:
            return None
        return hashlib.blake2b((found + gone).encode(), digest_size=16).hexdigest() if gone else found
