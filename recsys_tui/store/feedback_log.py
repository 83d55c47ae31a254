"""What people liked and disliked while they looked at their lists: a log in SQLite that survives a kill."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import has_name, read_apart
from recsys_tui.store.sqlite_log import LogFormat, log_version, make_log, make_tables, opened_log, records
from recsys_tui.store.tombstones import forgotten_in, refuse_forgotten
from recsys_tui.store.verdicts import DISLIKE, LIKE, VERDICTS, Feedback, Verdicts

if TYPE_CHECKING:
    import sqlite3  # its library is loaded when there is a log, not for every command

NAME = "feedback.sqlite3"
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
FORMAT = LogFormat(1, "store.feedback_newer", "store.feedback_busy", "store.feedback_damaged", (_TABLE_SQL, _INDEX_SQL))
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

        Raises ``UserError`` (exit 2) for another verdict than ``like`` and ``dislike``, before anything is written.
        When this returns it is on the disk. Raises ``UserError``: exit 1 where that is not possible, or the log is
        damaged or of a newer program; exit 3 for somebody who is forgotten.
        """
        refuse_forgotten(self.path.parent, {user for user, _, _ in said})
        for _, _, verdict in said:
            if verdict is not None and verdict not in VERDICTS:
                raise UserError(
                    "feedback.no_such_verdict", ExitCode.USAGE, verdict=verdict, names=" or ".join(VERDICTS)
                )
        now = time.time_ns() // 1_000_000
        rows = [(now, user, item, verdict) for user, item, verdict in said]
        make_log(self.path)
        with self._opened() as log, log:
            log.execute("BEGIN IMMEDIATE")
            # Once more: who was forgotten while this waited is out of the log by now.
            refuse_forgotten(self.path.parent, {user for user, _, _ in said})
            if not log_version(log, self.path, FORMAT):
                make_tables(log, FORMAT)
            log.executemany("INSERT INTO feedback (at, user, item, verdict) VALUES (?, ?, ?, ?)", rows)

    def entries(self, user: str | None = None) -> list[Feedback]:
        """What stands, of one person or of all, in the order of saying; nothing of who was forgotten since, as after a
        ``forget`` that was killed. Raises ``UserError`` as :meth:`add`."""
        with read_apart(self.path):
            if not has_name(self.path):
                return []
        with self._opened() as log:
            if not log_version(log, self.path, FORMAT):
                return []
            where, values = (_OF_USER_SQL, (user,)) if user is not None else ("", ())
            rows = log.execute(_STANDING_SQL.format(where=where), values)
            entries = records(rows, Feedback, self.path, FORMAT, {"verdict": VERDICTS})
        gone = forgotten_in(self.path.parent)
        return [entry for entry in entries if entry.user not in gone] if gone else entries

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

    def _opened(self) -> AbstractContextManager[sqlite3.Connection]:
        """The log, its errors as sentences."""
        return opened_log(self.path, FORMAT, SECONDS_TO_WAIT)
