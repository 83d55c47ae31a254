"""What people liked and disliked while they looked at their lists: a log in SQLite that survives a kill."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import FILE_MODE, make_private_folder, sync_folder, told_apart
from recsys_tui.store.verdicts import DISLIKE, LIKE, VERDICTS, Feedback, Verdicts

if TYPE_CHECKING:
    import sqlite3  # its library is loaded when there is a log, not for every command

NAME = "feedback.sqlite3"
FORMAT = 1
SECONDS_TO_WAIT = 5.0
# Rows are only ever added. What somebody thinks of an item is what was said last; the order is that of the rows, since
# a clock may go backwards.
_TABLE_SQL = """
CREATE TABLE feedback (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    user TEXT NOT NULL,
    item TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN ('like', 'dislike'))
)
"""
_INDEX_SQL = "CREATE INDEX of_user ON feedback (user, item, number)"
_OF_USER_SQL = "WHERE user = ?"
_STANDING_SQL = """
SELECT at, user, item, verdict FROM feedback
WHERE verdict IS NOT NULL AND number IN (SELECT max(number) FROM feedback {where} GROUP BY user, item)
ORDER BY number
"""


class FeedbackLog:
    """The feedback of one workspace. Every call opens the file anew, so that any thread and process may call."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def add(self, said: Sequence[tuple[str, str, str | None]]) -> None:
        """Write down (user, item, verdict), all or none; a verdict of None takes back what was said.

        When this returns it is on the disk. Raises ``UserError``: exit 1 where that is not possible, or the log is
        damaged or of a newer program.
        """
        now = time.time_ns() // 1_000_000
        rows = [(now, user, item, verdict) for user, item, verdict in said]
        with told_apart(self.path):
            make_private_folder(self.path.parent)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, FILE_MODE))
                sync_folder(self.path.parent)
        with self._opened() as log, log:
            log.execute("BEGIN IMMEDIATE")
            if not self._version(log):
                log.execute(_TABLE_SQL)
                log.execute(_INDEX_SQL)
                log.execute(f"PRAGMA user_version = {FORMAT}")
            log.executemany("INSERT INTO feedback (at, user, item, verdict) VALUES (?, ?, ?, ?)", rows)

    def entries(self, user: str | None = None) -> list[Feedback]:
        """What stands, of one person or of all, in the order of saying. Raises ``UserError`` as :meth:`add`."""
        with told_apart(self.path):
            if not self.path.exists():
                return []
        with self._opened() as log:
            if not self._version(log):
                return []
            where, values = (_OF_USER_SQL, (user,)) if user is not None else ("", ())
            return [Feedback(*row) for row in log.execute(_STANDING_SQL.format(where=where), values)]

    def of(self, user: str) -> Verdicts:
        """What stands of one person. Raises ``UserError`` as :meth:`add`."""
        return self._gathered(self.entries(user)).get(user, Verdicts())

    def everyone(self) -> dict[str, Verdicts]:
        """What stands of each person who said something. Raises ``UserError`` as :meth:`add`."""
        return self._gathered(self.entries())

    @staticmethod
    def _gathered(entries: Sequence[Feedback]) -> dict[str, Verdicts]:
        said: dict[str, dict[str, list[str]]] = {}
        for entry in entries:
            said.setdefault(entry.user, {verdict: [] for verdict in VERDICTS})[entry.verdict].append(entry.item)
        return {user: Verdicts(tuple(each[LIKE]), tuple(each[DISLIKE])) for user, each in said.items()}

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The log, its errors as sentences."""
        import sqlite3

        try:
            with closing(sqlite3.connect(self.path, timeout=SECONDS_TO_WAIT, isolation_level=None)) as log:
                log.execute("PRAGMA synchronous = FULL")
                yield log
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _version(self, log: sqlite3.Connection) -> int:
        version = int(log.execute("PRAGMA user_version").fetchone()[0])
        if version > FORMAT:
            raise UserError("store.feedback_newer", ExitCode.FAILED, path=self.path)
        return version

    def _told(self, error: sqlite3.Error) -> UserError:
        import sqlite3

        code: Any = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if isinstance(code, int) else None
        if primary == sqlite3.SQLITE_FULL:
            return UserError("store.disk_full", ExitCode.FAILED, path=self.path)
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return UserError("store.feedback_busy", ExitCode.FAILED, path=self.path)
        if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
            return UserError("store.write_failed", ExitCode.FAILED, path=self.path, reason=error)
        return UserError("store.feedback_damaged", ExitCode.FAILED, path=self.path, reason=error)
