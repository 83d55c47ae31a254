"""What the logs in SQLite share: a private file, writing that is on the disk when it returns, errors as sentences.

Nothing of a log is used that this program could not have written: neither other tables, views or triggers, which could
keep what is said from being kept, nor rows with values of other kinds.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from recsys_tui.data.calendar import LATEST
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import (
    FILE_MODE,
    has_name,
    make_private_folder,
    sync_folder,
    told_apart,
    without_links,
)

if TYPE_CHECKING:
    import sqlite3  # its library is loaded when there is a log, not for every command

# What SQLite makes by itself for these tables has names of its own, or was made by no statement.
_MADE_SQL = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
# Fields that hold epoch milliseconds; those after the year 9999 are no dates.
MOMENTS = frozenset({"at", "started", "stopped", "begun", "last"})
LONGEST_PATH = 504  # in bytes, of what SQLite opens with the files beside it
NOTHING_MORE: Mapping[str, Collection[str | None]] = MappingProxyType({})
Row = TypeVar("Row")


@dataclass(frozen=True)
class LogFormat:
    """Which ``version`` of a log this program knows, and the ids of what is said where it is ``newer``, ``busy`` or
    ``damaged``. ``statements``: what its tables are made by."""

    version: int
    newer: str
    busy: str
    damaged: str
    statements: tuple[str, ...]


def make_log(path: Path) -> None:
    """Make an empty file that its owner alone may read, unless there is one. Raises ``UserError`` (exit 1), too where
    SQLite could not open it: it would stay, and keep everything from going on that asks what is in it."""
    with told_apart(path):
        make_private_folder(path.parent)
        if not path.exists():
            if len(os.fsencode(without_links(path))) > LONGEST_PATH:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE_MODE))
            sync_folder(path.parent)


@contextmanager
def opened_log(path: Path, kind: LogFormat, seconds_to_wait: float) -> Iterator[sqlite3.Connection]:
    """A log whose transactions are on the disk when they end. Its errors are ``UserError`` (exit 1)."""
    import sqlite3

    _refuse_what_waits(path, kind)
    try:
        place, timeout = _address(path), seconds_to_wait
        with closing(sqlite3.connect(place, timeout=timeout, isolation_level=None, uri=True)) as log:
            log.execute("PRAGMA synchronous = FULL")
            yield log
    except sqlite3.Error as error:
        raise _told(path, kind, error) from error


def _refuse_what_waits(path: Path, kind: LogFormat) -> None:
    """Raise ``UserError`` (exit 1) where a pipe stands in for a log or a file beside it: SQLite would wait for it."""
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            if stat.S_ISFIFO(path.with_name(name).stat().st_mode):
                reason = say("store.a_pipe", name=name)
                raise UserError(kind.damaged, ExitCode.FAILED, path=path, reason=reason)


def _address(path: Path) -> str:
    """Where a log is, for SQLite. What reads a log that had a journal beside it makes one anew; where the folder may
    only be read, or the disk is full, and nothing is in a journal, it is read as what nobody changes. SQLite itself
    never makes it."""
    still = (not os.access(path.parent, os.W_OK) or _no_room(path)) and not _in_journal(path)
    return path.absolute().as_uri() + ("?immutable=1" if still else "?mode=rw")


def _in_journal(path: Path) -> int:
    """Bytes that are in the journal of a log and not in the log yet."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def log_version(log: sqlite3.Connection, path: Path, kind: LogFormat) -> int:
    """The version of a log, 0 for an empty one. Raises ``UserError`` (exit 1) for one of a newer program, and for one
    that holds other things than the tables of this one."""
    version = int(log.execute("PRAGMA user_version").fetchone()[0])
    if version > kind.version:
        raise UserError(kind.newer, ExitCode.FAILED, path=path)
    if version:
        held = sorted(_one_line(str(made)) for (made,) in log.execute(_MADE_SQL))
        if held != sorted(map(_one_line, kind.statements)):
            raise UserError(kind.damaged, ExitCode.FAILED, path=path, reason=say("store.other_tables"))
    return version


def remove_where_it_lies(path: Path, kind: LogFormat) -> None:
    """Remove a log that was moved with a link left in its place, unless something else lies there by now. Raises
    ``OSError``."""
    if not path.is_symlink():
        return
    own = False
    with suppress(UserError), opened_log(path, kind, 0.0) as log:
        own = log_version(log, path, kind) > 0
    if own:
        moved = path.resolve()
        for ending in ("", "-journal", "-wal", "-shm"):
            moved.with_name(f"{moved.name}{ending}").unlink(missing_ok=True)


def make_tables(log: sqlite3.Connection, kind: LogFormat) -> None:
    """Make the tables of an empty log. For the holder of a transaction."""
    for statement in kind.statements:
        log.execute(statement)
    log.execute(f"PRAGMA user_version = {kind.version}")


def records(
    rows: Iterable[tuple[Any, ...]],
    row: type[Row],
    path: Path,
    kind: LogFormat,
    allowed: Mapping[str, Collection[str | None]] = NOTHING_MORE,
) -> list[Row]:
    """Rows as objects of a dataclass, whose fields say of what kind each value has to be; ``allowed``: the only values
    of some fields. Raises ``UserError`` (exit 1) for a row that does not fit."""
    kinds = get_type_hints(row)

    def fits(name: str, value: object) -> bool:
        if not isinstance(value, kinds[name]) or (name in allowed and value not in allowed[name]):
            return False
        return name not in MOMENTS or value is None or (isinstance(value, int) and 0 <= value <= LATEST)

    found = []
    for values in rows:
        if not all(map(fits, kinds, values)):
            raise UserError(kind.damaged, ExitCode.FAILED, path=path, reason=say("store.other_values"))
        found.append(row(*values))
    return found


def _one_line(statement: str) -> str:
    return " ".join(statement.split())


def _no_room(path: Path) -> bool:
    """Whether the disk is full: SQLite calls that an error of the disk where it is a helper file that does not fit."""
    try:
        return os.statvfs(path.parent).f_bavail == 0
    except OSError:
        return False


def _told(path: Path, kind: LogFormat, error: sqlite3.Error) -> UserError:
    import sqlite3

    code: Any = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    without_room = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
    if primary == sqlite3.SQLITE_FULL or (primary in without_room and _no_room(path)):
        return UserError("store.disk_full", ExitCode.FAILED, path=path)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UserError(kind.busy, ExitCode.FAILED, path=path)
    if primary == sqlite3.SQLITE_CANTOPEN and has_name(path) and not os.access(path, os.R_OK):
        return UserError("store.read_failed", ExitCode.FAILED, path=path, reason=os.strerror(errno.EACCES))
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return UserError("store.write_failed", ExitCode.FAILED, path=path, reason=error)
    return UserError(kind.damaged, ExitCode.FAILED, path=path, reason=error)
