"""What lies in a folder for somebody who looks for data: folders to go into, and files that could hold a table."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.folder_listing import NO_DATA, SUFFIXES, stem
from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text

MOST_ENTRIES = 2_000


@dataclass(frozen=True)
class Entry:
    """A folder, or a file of ``size`` bytes that could hold a table. ``name`` may be shown, ``path`` is true."""

    name: str
    path: Path
    is_folder: bool
    size: int = 0


@dataclass(frozen=True)
class Listing:
    """What of a folder fits ``wanted``, the rest of what was typed: folders first.

    ``tables``: how many files of the folder could hold data.
    """

    folder: Path
    wanted: str
    entries: tuple[Entry, ...]
    tables: int


def browse(typed: str, start: Path) -> Listing:
    """List the folder that a path leads into, and of it what the rest of the path is a part of, in either case.

    ``typed`` counts from ``start`` unless it begins with a slash or ``~``. Names that begin with the rest stand first;
    hidden ones are shown where a dot is typed. A file that is named in full is there whatever its ending is. At most
    2,000 entries. Raises ``UserError`` (exit 2) for a folder that is not there or must not be read.
    """
    try:
        path = start / Path(typed).expanduser()
        whole = not typed or typed.endswith(("/", os.sep)) or typed == "~" or typed.rpartition("/")[2] in (".", "..")
        folder, wanted = (path, "") if whole else (path.parent, path.name)
        folder = folder.resolve()
        with os.scandir(folder) as found:
            entries = [entry for one in found if (entry := _entry(one, wanted)) is not None]
    except PermissionError as error:
        raise UserError("data.no_permission", path=neutral_text(typed)[:200]) from error
    except (OSError, ValueError, RuntimeError) as error:  # not there, no folder, a NUL byte, the ~ of nobody
        raise UserError("data.no_such_path", path=neutral_text(typed)[:200]) from error
    tables = sum(not entry.is_folder for entry in entries)
    sought = wanted.lower()
    fitting = [entry for entry in entries if sought in entry.name.lower()]
    fitting.sort(key=lambda entry: (not entry.name.lower().startswith(sought), not entry.is_folder, entry.name.lower()))
    return Listing(folder, wanted, tuple(fitting[:MOST_ENTRIES]), tables)


def _entry(found: os.DirEntry[str], wanted: str) -> Entry | None:
    """What is worth showing, or None."""
    name, path = found.name, Path(found.path)
    hidden = name.startswith(".") and not wanted.startswith(".")
    with suppress(OSError):
        if found.is_dir():
            return None if hidden else Entry(_shown(name), path, is_folder=True)
        table = path.suffix.lower() in SUFFIXES and not name.startswith("_") and not stem(path).startswith(NO_DATA)
        if found.is_file() and (name == wanted or (table and not hidden)):
            return Entry(_shown(name), path, is_folder=False, size=found.stat().st_size)
    return None


def _shown(name: str) -> str:
    """A name that can be shown: bytes that are no text become marks."""
    return neutral_text(name.encode("utf-8", "replace").decode("utf-8"))
