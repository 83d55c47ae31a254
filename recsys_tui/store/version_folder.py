"""One version of something on disk: a folder with files and a manifest, there as a whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from recsys_tui import __version__
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.atomic_files import (
    PARTIAL_SUFFIX,
    make_private_folder,
    partial_beside,
    read_apart,
    read_json,
    sync_file,
    sync_folder,
    told_apart,
    write_json,
)
from recsys_tui.store.damage import DAMAGED, DamagedFileError

FORMAT = 18
# Models before this tell of a few people what no output may tell now; they are passed over, and trained anew when asked
# for.
OLDEST_MODEL = 18
# Manifests from this on say which workspace they are of, and hold a checksum of what they say.
SEALED = 8
MANIFEST = "manifest.json"
SEAL, WORKSPACE = "seal", "workspace"
_NUMBER = re.compile(r"-(\d+)$")
# Of data by its fingerprint, of models by what they are; any other name is somebody's own.
_OWN_NAME = re.compile(r"^(?:[0-9a-f]{12}|(?:quick|standard|full|private)-(?:next|later))-\d+$")
_ATTEMPTS = 20
_PAUSE = 0.01
DIGESTED_AT_ONCE = 1 << 20
T = TypeVar("T")


def write_version(parent: Path, name: str, manifest: dict[str, Any], write: Callable[[Path], None]) -> Path:
    """Write ``parent/name-N`` (N one above the highest) with what ``write`` puts into it, and its manifest.

    The folder is filled under a hidden name, every file is made durable, then it is renamed: a crash leaves all of
    it or nothing. Raises ``UserError`` (exit 1) for a full disk.
    """
    target = parent / f"{name}-{_highest(parent) + 1}"
    partial = partial_beside(target)
    with told_apart(target):
        try:
            make_private_folder(partial)
            write(partial)
            files = {}
            for path in sorted(partial.iterdir()):
                sync_file(path)
                files[path.name] = {"bytes": path.stat().st_size, "blake2b": digest(path)}
            head = {"format": FORMAT, "program": __version__, "created": datetime.now(UTC).isoformat(), "files": files}
            write_json(partial / MANIFEST, sealed(head | manifest | {WORKSPACE: _workspace_of(target)}))
            partial.rename(target)
            sync_folder(parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return target


def versions(parent: Path) -> list[Path]:
    """Complete versions, newest first."""
    if not parent.is_dir():
        return []
    found = [path for path in parent.iterdir() if _NUMBER.search(path.name) and (path / MANIFEST).is_file()]
    return sorted(found, key=lambda path: -_number(path))


def without_manifest(parent: Path) -> list[Path]:
    """What is named as a version and has no manifest, or something else in its place: a version comes to its name with
    one, so that somebody took it away."""
    if not parent.is_dir():
        return []
    return [path for path in parent.iterdir() if _OWN_NAME.search(path.name) and not (path / MANIFEST).is_file()]


def read_settled(parent: Path, read: Callable[[list[Path]], T]) -> T:
    """``read(versions)`` of a moment at which the versions did not change.

    Readers take no lock, so a version may be replaced while it is read: what looks missing or damaged then is only
    gone, and is read anew.
    """
    for _ in range(_ATTEMPTS):
        found = versions(parent)
        try:
            result = read(found)
        except Exception:
            if versions(parent) == found:
                raise
        else:
            if versions(parent) == found:
                return result
        time.sleep(_PAUSE)
    return read(versions(parent))


def read_manifest(folder: Path, key: str) -> dict[str, Any]:
    """The manifest of a version.

    Raises ``UserError`` (exit 1) where it is damaged, newer than this program, changed since it was written, or of
    another workspace.
    """
    manifest = read_json(folder / MANIFEST)
    if manifest is None or not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("format"), int):
        raise damaged(folder / MANIFEST, say("store.no_manifest"), key)
    if manifest["format"] > FORMAT:
        raise UserError("store.newer_format", ExitCode.FAILED, key=key)
    if manifest["format"] >= SEALED:
        if manifest.get(SEAL) != sealed(manifest)[SEAL]:
            raise damaged(folder / MANIFEST, say("store.checksum_differs"), key)
        if manifest.get(WORKSPACE) != _workspace_of(folder):
            raise damaged(folder / MANIFEST, say("store.of_another_workspace"), key)
    return manifest


def sealed(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with a checksum of everything else in it."""
    said = json.loads(json.dumps({name: value for name, value in manifest.items() if name != SEAL}))
    text = json.dumps(said, sort_keys=True)
    return manifest | {SEAL: hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}


def _workspace_of(folder: Path) -> str:
    """The name of the workspace's folder in which a version lies, as ``WORKSPACE/models/quick-next-1``."""
    return folder.parent.parent.name


def check_files(folder: Path, manifest: dict[str, Any], key: str) -> None:
    """Hold every file against the size and checksum of the manifest, which has to name all but hidden ones.

    Raises ``UserError`` (exit 1).
    """
    named = {MANIFEST, *manifest["files"]}
    there: list[Path] = []
    with suppress(FileNotFoundError, NotADirectoryError):  # readers take no lock: it may go at any moment
        there = sorted(folder.iterdir())
    for path in there:
        if path.name not in named and not path.name.startswith("."):
            raise damaged(path, say("store.not_named"), key)
    for name, entry in manifest["files"].items():
        path = folder / name
        try:
            if path.stat().st_size != entry["bytes"]:
                raise DamagedFileError(say("store.size_changed"))
            if digest(path) != entry["blake2b"]:
                raise DamagedFileError(say("store.checksum_differs"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            no_damage_without_memory(error)
            raise damaged(path, reason_of(error), key) from error


def no_damage_without_memory(error: Exception) -> None:
    """Raise ``MemoryError`` where a file could not be read because memory ran out."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        raise MemoryError from error


def reason_of(error: Exception) -> str:
    """Why a file does not hold up."""
    if isinstance(error, OSError) and error.strerror:
        return say("store.unreadable", reason=error.strerror)
    return str(error)


def damaged(path: Path, reason: str, key: str) -> UserError:
    """The error for a file that does not hold up."""
    return UserError(DAMAGED, ExitCode.FAILED, file=path.name, reason=neutral_text(reason), key=key)


def holds_forgotten(error: UserError) -> bool:
    """Whether the error is that of a model with somebody in it who is forgotten: one that was put back, or that a
    forgetting which stopped had not taken away yet."""
    return error.message_id == DAMAGED and error.fields["reason"] == say("store.holds_forgotten")


def digest(path: Path, size: int | None = None) -> str:
    """BLAKE2b of a file's content, or of the first ``size`` bytes of it: 32 hexadecimal digits."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        if size is None:
            return hashlib.file_digest(stream, lambda: found).hexdigest()
        while size > 0 and (part := stream.read(min(size, DIGESTED_AT_ONCE))):
            found.update(part)
            size -= len(part)
    return found.hexdigest()


def sweep_partial(parent: Path, name: str = "*") -> None:
    """Remove what writers of ``name`` that died left behind. Only for the holder of the lock."""
    for path in parent.glob(f".{name}.*{PARTIAL_SUFFIX}") if parent.is_dir() else ():
        if path.is_dir():
            with suppress(UserError, OSError):  # of which files lie where nobody can tell, or may remove them: it stays
                remove_aside(path)
        else:
            path.unlink(missing_ok=True)


def set_aside(folder: Path) -> Path:
    """Give a folder that is to go a hidden name, so that a crash leaves no half of it under its own; returns it."""
    return folder.rename(partial_beside(folder))


def remove_version(folder: Path) -> None:
    """Remove a version, of which all or some files may have been moved with links left in their places: they go where
    they lie, unless they are something else by now. Only for the holder of the lock.

    Raises ``UserError`` (exit 1) where files were moved and the manifest, which names them, cannot be read.
    """
    with suppress(FileNotFoundError):
        remove_aside(set_aside(folder))


def remove_aside(aside: Path) -> None:
    """Remove what was set aside, also by who died before it was gone; raises as :func:`remove_version`."""
    for moved in _moved_files(aside):
        moved.resolve().unlink(missing_ok=True)
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)
        return
    with suppress(OSError):  # what else lies there is not the program's own
        aside.resolve().rmdir()
    aside.unlink(missing_ok=True)


def _moved_files(folder: Path) -> list[Path]:
    """The files of a version that lie elsewhere, behind a link to them or to all of it, and are as its manifest says;
    the manifest itself last."""
    if not _has_links(folder):
        return []
    with read_apart(folder / MANIFEST):
        files = (read_json(folder / MANIFEST) or {}).get("files")
    if not isinstance(files, dict):
        return []
    named = [folder / name for name in (*files, MANIFEST) if Path(name).name == name]
    moved = [path for path in named if folder.is_symlink() or path.is_symlink()]
    return [path for path in moved if path.name == MANIFEST or _is_as_told(path, files[path.name])]


def _has_links(folder: Path) -> bool:
    """Whether a folder lies behind a link, or anything in it does."""
    if folder.is_symlink():
        return folder.is_dir()
    with suppress(OSError):  # what may not be looked into is left to whoever removes it
        return any(path.is_symlink() for path in folder.iterdir())
    return False


def _is_as_told(path: Path, entry: Any) -> bool:
    return isinstance(entry, dict) and path.is_file() and digest(path) == entry.get("blake2b")


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(root) / name).stat().st_size
    return total


def _highest(parent: Path) -> int:
    if not parent.is_dir():
        return 0
    numbers = [_number(path) for path in parent.iterdir() if _NUMBER.search(path.name)]
    return max(numbers, default=0)


def _number(path: Path) -> int:
    found = _NUMBER.search(path.name)
    return int(found.group(1)) if found else 0
