"""Takes named files out of a zip archive: none leaves its folder, and together they are no larger than was said."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.atomic_files import sync_file, told_apart

CHUNK = 1 << 20
MOST_ENTRIES = 1_000
# What zipfile raises of an archive that does not hold up, is locked, or is packed in a way that it does not know.
NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def unpack(archive: Path, inside: str, members: Sequence[str], folder: Path, limit: int) -> None:
    """Write the files ``members`` of the archive's folder ``inside`` into ``folder``, which is there and empty.

    Raises ``UserError`` (exit 1) before anything is written for an archive that names a place outside itself, holds
    links, lacks a member or has it twice, or says that they have more than ``limit`` bytes; and while they are written
    if they do have more, or do not hold up.
    """
    try:
        with told_apart(folder), zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            for entry in entries:
                if not _belongs(entry):
                    raise UserError("datasets.member_outside", ExitCode.FAILED, name=neutral_text(entry.filename)[:200])
            wanted = {f"{inside}/{name}": folder / name for name in members}
            found = [entry for entry in entries if entry.filename in wanted]
            if len(entries) > MOST_ENTRIES or sorted(entry.filename for entry in found) != sorted(wanted):
                raise _unfit(archive)
            if sum(entry.file_size for entry in found) > limit:
                raise UserError("datasets.too_much_inside", ExitCode.FAILED, limit=f"{limit:,}")
            for entry in found:
                limit -= _write(opened, entry, wanted[entry.filename], limit)
    except NO_ARCHIVE as error:
        raise _unfit(archive) from error


def _belongs(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file or a folder inside the archive's own folder."""
    path = PurePosixPath(entry.filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    outside = path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename
    return not outside and kind in (0, stat.S_IFREG, stat.S_IFDIR)


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, limit: int) -> int:
    """Write one file; its checksum in the archive is compared as its end is read. Returns its size."""
    size = 0
    with opened.open(entry) as source, path.open("xb") as target:
        while block := source.read(CHUNK):
            size += len(block)
            if size > limit:
                raise UserError("datasets.too_much_inside", ExitCode.FAILED, limit=f"{limit:,}")
            target.write(block)
    sync_file(path)
    return size


def _unfit(archive: Path) -> UserError:
    return UserError("datasets.no_archive", ExitCode.FAILED, path=archive)
