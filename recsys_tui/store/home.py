"""The home folder: where everything that is written lives, and what was used last."""

from __future__ import annotations

import errno
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import (
    PARTIAL_SUFFIX,
    has_name,
    make_private_folder,
    read_json,
    told_apart,
    without_links,
    write_bytes,
    write_json,
)
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.piped_input import NAME, is_own, name_of, remove_piped
from recsys_tui.store.version_folder import set_aside, size_of, sweep_partial, versions

RECENT = "recent.json"
PIPED = "piped"
DATASETS = "datasets"
MOST_RECENT = 100
UNUSED_AFTER = 86_400.0  # seconds within which a workspace is made of what was piped in
NO_PATH = (errno.ELOOP, errno.ENAMETOOLONG)  # what leads nowhere whatever is made


@dataclass(frozen=True)
class WorkspaceInfo:
    """A workspace, for listings: ``used`` is an ISO time or empty; ``presets`` are ``preset-horizon`` names.

    ``path`` and ``mapping``: of its data; None where that is not known.
    """

    key: str
    path: Path | None
    mapping: Mapping | None
    folder: Path
    bytes: int
    presets: tuple[str, ...]
    used: str


@dataclass(frozen=True)
class Home:
    """One home folder; nothing is written anywhere else, and nothing before there is something to write."""

    root: Path

    @classmethod
    def resolve(cls, option: Path | None = None) -> Self:
        """``--home``, else ``RECSYS_HOME``, else the platform's data directory; where a link leads there, what it leads
        to, as paths of data are told.

        Raises ``UserError`` (exit 2) for ``~name`` where there is no such user, and for a path that leads nowhere.
        """
        if option is None and os.environ.get("RECSYS_HOME"):
            option = Path(os.environ["RECSYS_HOME"])
        if option is None:
            from platformdirs import user_data_path

            option = user_data_path("recsys-tui")
        try:
            root = option.expanduser().absolute()
            root.stat()
        except RuntimeError as error:
            raise UserError("store.no_such_home", ExitCode.USAGE, path=option) from error
        except OSError as error:
            if error.errno in NO_PATH:
                raise UserError("store.no_usable_home", ExitCode.USAGE, path=option, reason=error.strerror) from error
        return cls(root.resolve())

    @property
    def log_path(self) -> Path:
        """Where the details of unexpected errors go."""
        return self.root / "state" / "errors.log"

    @property
    def datasets(self) -> Path:
        """Where datasets lie that were downloaded or made; they open by their names."""
        return self.root / DATASETS

    @property
    def piped(self) -> Path:
        """Where what came through standard input is kept, without links, as paths of data are told."""
        return without_links(self.root / PIPED)

    def is_piped(self, path: Path) -> bool:
        """Whether a path is that of a copy of what came through standard input: other data may lie beside these, where
        a link leads there."""
        return path.name == NAME and path.parent.parent == self.piped

    def workspace_folder(self, key: str) -> Path:
        """The folder of a workspace, whether it exists or not."""
        return self.root / "workspaces" / key

    def keep_piped(self, content: bytes) -> Path:
        """Keep what came through standard input as a file of its own folder, named by its contents.

        The same input has the same path, and so the same workspace; removing the workspace removes it. Raises
        ``UserError``: exit 2 for no input at all, exit 1 where it cannot be written.
        """
        if not content:
            raise UserError("store.nothing_piped", ExitCode.USAGE)
        path = self.piped / name_of(content) / NAME
        with suppress(OSError):
            if all(info.path != path for info in self.workspaces()):
                os.utime(path)  # who died before they made a workspace of the same left it: now it is in use again
        if not path.is_file():
            try:
                write_bytes(path, content)
            except UserError:
                self._drop_folder(path.parent)
                raise
        return path

    def drop_piped(self, path: Path) -> None:
        """Forget what :meth:`keep_piped` kept, where no workspace is made of it."""
        if all(info.path != path for info in self.workspaces()):
            path.unlink(missing_ok=True)
            self._drop_folder(path.parent)

    def _drop_folder(self, folder: Path) -> None:
        with suppress(OSError):  # others are in it
            folder.rmdir()
            folder.parent.rmdir()

    def check_writable(self) -> None:
        """Raise ``UserError`` (exit 1) where nothing could be written: better now than after an hour of training."""
        with told_apart(self.root / "workspaces"):
            make_private_folder(self.root / "workspaces")
            if not os.access(self.root / "workspaces", os.W_OK | os.X_OK):
                raise PermissionError(13, os.strerror(13))

    def remember(self, identity: Identity) -> None:
        """Note what was opened or trained last, and the mapping last used for its path.

        A home that cannot be written to (read-only, full) still answers: then nothing is noted.
        """
        with suppress(UserError):
            self._remember(identity)

    def _remember(self, identity: Identity) -> None:
        path = self.root / RECENT
        with folder_lock(self.root / "recent.lock", say("store.noting_last"), wait=5.0):
            sweep_partial(self.root, RECENT)
            entries = [entry for entry in self._recent() if entry.get("path") != str(identity.path)]
            now = {"used": datetime.now(UTC).isoformat(timespec="seconds")}
            write_json(path, {"data": [identity.to_json() | now, *entries][:MOST_RECENT]})

    def _recent(self) -> list[dict[str, Any]]:
        document = read_json(self.root / RECENT) or {}
        entries = document.get("data", [])
        return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []

    def recent(self) -> list[Identity]:
        """What was used, latest first; entries that cannot be read are passed over."""
        found = []
        for entry in self._recent():
            with suppress(ValueError):
                found.append(Identity.from_json(entry))
        return found

    def last_data(self) -> Identity | None:
        """The dataset opened or trained last."""
        return next(iter(self.recent()), None)

    def last_mapping(self, path: Path) -> Mapping | None:
        """The mapping last used for a path."""
        return next((identity.mapping for identity in self.recent() if identity.path == path), None)

    def workspaces(self) -> list[WorkspaceInfo]:
        """All workspaces, latest used first."""
        parent = self.root / "workspaces"
        if not parent.is_dir():
            return []
        used = {}
        for entry in self._recent():
            with suppress(ValueError):
                used[Identity.from_json(entry).key] = str(entry.get("used", ""))
        folders = [folder for folder in parent.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
        found = [self._info(folder, used) for folder in folders]
        return sorted(found, key=lambda info: (info.used, info.key), reverse=True)

    def _info(self, folder: Path, used: dict[str, str]) -> WorkspaceInfo:
        path, mapping = None, None
        with suppress(ValueError):
            identity = Identity.from_json(read_json(folder / IDENTITY) or {})
            path, mapping = identity.path, identity.mapping
        presets = sorted({version.name.rpartition("-")[0] for version in versions(folder / "models")})
        last = used.get(folder.name, "")
        return WorkspaceInfo(folder.name, path, mapping, folder, size_of(folder), tuple(presets), last)

    def remove(self, key: str, with_feedback: bool = False) -> tuple[Path, ...]:
        """Remove a workspace; what people said in it, which nothing brings back, only if that is asked for.

        Returns the files that were written from it and may still be there, of which nothing is known any more.

        Raises ``UserError``: exit 3 where there is none, exit 2 where it holds feedback that was not asked for, exit 1
        while a process writes to it, or will, as a training does.
        """
        from recsys_tui.store.ab_log import AbLog
        from recsys_tui.store.exports import Exports
        from recsys_tui.store.feedback_log import FeedbackLog
        from recsys_tui.store.in_use import alone

        folder = self.workspace_folder(key)
        if Path(key).name != key or key in ("", ".", "..") or not folder.is_dir():
            raise UserError("store.no_such_workspace", ExitCode.NOT_FOUND, key=key)
        if not with_feedback and (count := len(FeedbackLog(folder).entries())):
            raise UserError("feedback.kept", ExitCode.USAGE, key=key, count=count)
        if not with_feedback and (count := len(AbLog(folder).tests())):
            raise UserError("ab.kept", ExitCode.USAGE, key=key, count=count)
        written = tuple(export.path for export in Exports(folder).read() if not export.is_gone())
        locked = folder_lock(folder / "lock", say("store.removing"))
        with alone(folder, "store.in_use"), locked, told_apart(folder):
            gone = set_aside(folder)
            self.finish_removals()
            if has_name(gone):
                with suppress(FileNotFoundError):  # another finishes it
                    self._remove_aside(gone)  # finishing passes over what refuses to go; this says why
        return written

    def finish_removals(self) -> int:
        """Remove workspaces that who removed them, and died, had set aside, also where they lie behind a link, and what
        was piped in by who died before it was a workspace; returns how many these are."""
        parent = self.root / "workspaces"
        left = list(parent.glob(f".*{PARTIAL_SUFFIX}")) if parent.is_dir() else []
        for gone in left:
            with suppress(OSError, UserError):
                self._remove_aside(gone)
        return len(left) + self._remove_unused_input()

    def _remove_unused_input(self) -> int:
        """Remove what was piped in, longer ago than anybody takes to make a workspace of it, and has none, nor was used
        of late. What else lies there is not the program's own, and where a link leads, other homes may have theirs."""
        used = [info.path for info in self.workspaces()]
        if None in used or self._has_workspaces_away() or (self.root / PIPED).is_symlink() or not self.piped.is_dir():
            return 0  # of one nobody can tell
        used += [identity.path for identity in self.recent()]
        names, gone = {path.parent.name for path in used if path is not None}, 0
        for folder in self.piped.iterdir():
            with suppress(OSError):
                newest = max(path.lstat().st_mtime for path in (folder, *folder.iterdir()))
                unused = folder.name not in names and not folder.is_symlink() and time.time() - newest > UNUSED_AFTER
                if unused and is_own(folder, self.root):
                    remove_piped(folder / NAME, self.root)
                    gone += 1
        return gone

    def _has_workspaces_away(self) -> bool:
        """Whether links to workspaces, or to all of them, lead nowhere, as to a disk that is not there just now."""
        parent = self.root / "workspaces"
        folders = parent.iterdir() if parent.is_dir() else [parent]
        return any(folder.is_symlink() and not folder.is_dir() for folder in folders if folder.name[0] != ".")

    def _remove_aside(self, gone: Path) -> None:
        """Remove a workspace that was set aside, first what nobody would find without it. Raises ``OSError``, and
        ``UserError`` (exit 1) where files were moved from it and nobody can tell which these are."""
        from recsys_tui.store.remembered import Memory
        from recsys_tui.store.scrubbing import LOGS
        from recsys_tui.store.sqlite_log import remove_where_it_lies
        from recsys_tui.store.workspace import remove_moved

        key = gone.name[1:].removesuffix(PARTIAL_SUFFIX).rpartition(".")[0]
        path = self._info(gone, {}).path
        piped = path is not None and self.is_piped(path) and has_name(path.parent)
        if path is not None and piped and all(info.path != path for info in self.workspaces()):
            remove_piped(path, self.root)
        if not self.workspace_folder(key).exists():
            Memory(self).drop_place(key)
        used_again = gone.is_symlink() and any(info.folder.resolve() == gone.resolve() for info in self.workspaces())
        if gone.is_dir() and not used_again:  # else a workspace that was made since was moved to where this one lay
            in_use = {(info.folder / log.name).resolve() for info in self.workspaces() for log in LOGS}
            for log in LOGS:
                if (gone / log.name).resolve() not in in_use:
                    remove_where_it_lies(gone / log.name, log.kind)
            remove_moved(gone, self.root)
            shutil.rmtree(gone.resolve())  # behind a link to another disk what lies there goes, not the link alone
        if has_name(gone):
            gone.unlink(missing_ok=True)
