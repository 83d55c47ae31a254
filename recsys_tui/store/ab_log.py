"""What happens in A/B tests: a log in SQLite of who was shown what and what they did with it, which survives a kill."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.ab_records import (
    ARMS,
    EVENTS,
    MODES,
    VISIT_MILLISECONDS,
    AbTest,
    EventRecord,
    Visit,
    VisitRecord,
)
from recsys_tui.store.atomic_files import has_name, read_apart
from recsys_tui.store.sqlite_log import LogFormat, log_version, make_log, make_tables, opened_log, records
from recsys_tui.store.tombstones import refuse_forgotten

if TYPE_CHECKING:
    import sqlite3  # its library is loaded when there is a log, not for every command

NAME = "ab.sqlite3"
SECONDS_TO_WAIT = 5.0
_TABLES_SQL = (
    """
    CREATE TABLE tests (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        a TEXT NOT NULL,
        b TEXT NOT NULL,
        mode TEXT NOT NULL CHECK (mode IN ('interleave', 'split')),
        salt TEXT NOT NULL,
        started INTEGER NOT NULL,
        stopped INTEGER
    )
    """,
    # One test runs at a time, whatever processes do.
    "CREATE UNIQUE INDEX one_runs ON tests (stopped IS NULL) WHERE stopped IS NULL",
    """
    CREATE TABLE sessions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        test INTEGER NOT NULL REFERENCES tests (number),
        user TEXT NOT NULL,
        visit INTEGER NOT NULL,
        arm TEXT CHECK (arm IN ('a', 'b')),
        model TEXT NOT NULL,
        begun INTEGER NOT NULL,
        last INTEGER NOT NULL,
        UNIQUE (test, user, visit)
    )
    """,
    """
    CREATE TABLE exposures (
        session INTEGER NOT NULL REFERENCES sessions (number),
        list INTEGER NOT NULL,
        place INTEGER NOT NULL,
        at INTEGER NOT NULL,
        user TEXT NOT NULL,
        item TEXT NOT NULL,
        arm TEXT CHECK (arm IN ('a', 'b')),
        PRIMARY KEY (session, list, place)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions (number),
        at INTEGER NOT NULL,
        user TEXT NOT NULL,
        item TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('like', 'dislike', 'clear', 'open', 'skip')),
        arm TEXT CHECK (arm IN ('a', 'b'))
    )
    """,
    "CREATE INDEX of_session ON events (session)",
)
FORMAT = LogFormat(1, "ab.log_newer", "ab.log_busy", "ab.log_damaged", _TABLES_SQL)
_ARM = (*ARMS, None)
_TEST_SQL = "SELECT number, a, b, mode, salt, started, stopped FROM tests"
_LAST_VISIT_SQL = """
SELECT number, user, visit, arm, last FROM sessions WHERE test = ? AND user = ? ORDER BY visit DESC LIMIT 1
"""
_VISITS_SQL = """
SELECT s.number, s.user, s.arm, s.begun, s.last, s.model,
    sum(e.arm IS 'a'), sum(e.arm IS 'b'), max(CASE WHEN e.list = 1 AND e.place = 1 THEN e.arm END)
FROM sessions s JOIN exposures e ON e.session = s.number
WHERE s.test = ? GROUP BY s.number ORDER BY s.number
"""
_EVENTS_SQL = """
SELECT e.session, e.item, e.kind, e.arm FROM events e JOIN sessions s ON s.number = e.session
WHERE s.test = ? ORDER BY e.number
"""


class AbLog:
    """The A/B tests of one workspace. Every call opens the file anew, so that any thread and process may call.

    What a call wrote is on the disk when it returns. Raises ``UserError``: exit 1 where that is not possible, or the
    log is damaged or of a newer program.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._kept: sqlite3.Connection | None = None

    @classmethod
    def in_memory(cls) -> Self:
        """A log of the same form that is gone with this object; for one thread."""
        import sqlite3

        log = cls(Path(":memory:"))
        log._kept = sqlite3.connect(":memory:", isolation_level=None)
        return log

    def start(self, a: str, b: str, mode: str, salt: str, at: int | None = None) -> AbTest:
        """Begin a test. Raises ``UserError`` (exit 2) where one runs."""
        with self._writing() as log:
            running = log.execute(f"{_TEST_SQL} WHERE stopped IS NULL").fetchone()
            if running is not None:
                test = AbTest(*running)
                raise UserError("ab.already_running", ExitCode.USAGE, number=test.number, a=test.a, b=test.b)
            begun = _now(at)
            log.execute(
                "INSERT INTO tests (a, b, mode, salt, started) VALUES (?, ?, ?, ?, ?)", (a, b, mode, salt, begun)
            )
            return AbTest(int(log.execute("SELECT last_insert_rowid()").fetchone()[0]), a, b, mode, salt, begun)

    def stop(self, at: int | None = None) -> AbTest:
        """End the test that runs. Raises ``UserError`` (exit 2) where none does."""
        if self.running() is not None:
            with self._writing() as log:
                found = log.execute(f"{_TEST_SQL} WHERE stopped IS NULL").fetchone()
                if found is not None:
                    test = AbTest(*found)
                    ended = AbTest(test.number, test.a, test.b, test.mode, test.salt, test.started, _now(at))
                    log.execute("UPDATE tests SET stopped = ? WHERE number = ?", (ended.stopped, ended.number))
                    return ended
        raise UserError("ab.none_runs", ExitCode.USAGE)

    def tests(self) -> list[AbTest]:
        """All tests, the oldest first."""
        with self._reading() as log:
            rows = () if log is None else log.execute(f"{_TEST_SQL} ORDER BY number")
            return records(rows, AbTest, self.path, FORMAT, {"mode": MODES})

    def running(self) -> AbTest | None:
        """The test that runs, if one does."""
        return next((test for test in self.tests() if test.running), None)

    def visit(self, test: AbTest, user: str, arm: str | None, model: str, at: int | None = None) -> Visit:
        """The visit that a person is on, a new one where their last is over; ``model``: what ranks now."""
        self._refuse_forgotten(user)
        now = _now(at)
        with self._reading() as log:
            going_on = None if log is None else self._going_on(log, test, user, now)
        if going_on is not None:
            return going_on
        with self._writing() as log:
            self._refuse_forgotten(user)  # once more, see FeedbackLog.add
            going_on = self._going_on(log, test, user, now)
            if going_on is not None:
                return going_on
            before = log.execute("SELECT count(*) FROM sessions WHERE test = ? AND user = ?", (test.number, user))
            visit = int(before.fetchone()[0]) + 1
            log.execute(
                "INSERT INTO sessions (test, user, visit, arm, model, begun, last) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (test.number, user, visit, arm, model, now, now),
            )
            return Visit(int(log.execute("SELECT last_insert_rowid()").fetchone()[0]), user, visit, arm)

    @staticmethod
    def _going_on(log: sqlite3.Connection, test: AbTest, user: str, now: int) -> Visit | None:
        found = log.execute(_LAST_VISIT_SQL, (test.number, user)).fetchone()
        # A clock that was put back by more than a pause ends a visit too: else it would go on until the clock is there.
        return Visit(*found[:4]) if found is not None and abs(now - int(found[4])) < VISIT_MILLISECONDS else None

    def show(self, visit: Visit, shown: Sequence[tuple[str, str | None]], at: int | None = None) -> None:
        """Note a list that was shown: its items, best first, each with the arm that it counts for."""
        self._refuse_forgotten(visit.user)
        now = _now(at)
        with self._writing() as log:
            self._refuse_forgotten(visit.user)
            before = log.execute("SELECT coalesce(max(list), 0) FROM exposures WHERE session = ?", (visit.number,))
            count = int(before.fetchone()[0]) + 1
            log.executemany(
                "INSERT INTO exposures (session, list, place, at, user, item, arm) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (visit.number, count, place, now, visit.user, item, arm)
                    for place, (item, arm) in enumerate(shown, 1)
                ],
            )
            log.execute("UPDATE sessions SET last = max(last, ?) WHERE number = ?", (now, visit.number))

    def note(self, visit: Visit, events: Sequence[tuple[str, str, str | None]], at: int | None = None) -> None:
        """Note what happened, in this order: (item, kind, the arm that the item counts for), all or none."""
        self._refuse_forgotten(visit.user)
        now = _now(at)
        with self._writing() as log:
            self._refuse_forgotten(visit.user)
            log.executemany(
                "INSERT INTO events (session, at, user, item, kind, arm) VALUES (?, ?, ?, ?, ?, ?)",
                [(visit.number, now, visit.user, item, kind, arm) for item, kind, arm in events],
            )
            log.execute("UPDATE sessions SET last = max(last, ?) WHERE number = ?", (now, visit.number))

    def record(self, test: AbTest) -> tuple[list[VisitRecord], list[EventRecord]]:
        """The visits of a test in which a list was shown, and all that happened in it, both in the order of the log."""
        with self._reading() as log:
            if log is None:
                return [], []
            log.execute("BEGIN")
            try:
                found = log.execute(_VISITS_SQL, (test.number,))
                visits = records(found, VisitRecord, self.path, FORMAT, {"arm": _ARM, "first": _ARM})
                happened = log.execute(_EVENTS_SQL, (test.number,))
                return visits, records(happened, EventRecord, self.path, FORMAT, {"kind": EVENTS, "arm": _ARM})
            finally:
                log.execute("ROLLBACK")

    def _refuse_forgotten(self, user: str) -> None:
        if self._kept is None:
            refuse_forgotten(self.path.parent, (user,))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """The log, None where nothing was ever written."""
        with read_apart(self.path):
            there = self._kept is not None or has_name(self.path)
        if not there:
            yield None
            return
        with self._opened() as log:
            yield log if log_version(log, self.path, FORMAT) else None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The log in a transaction, which is kept where nothing is raised."""
        if self._kept is None:
            make_log(self.path)
        with self._opened() as log:
            if self._kept is None:
                log.execute("PRAGMA journal_mode = WAL")
            with log:
                log.execute("BEGIN IMMEDIATE")
                if not log_version(log, self.path, FORMAT):
                    make_tables(log, FORMAT)
                yield log

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if self._kept is not None:
            yield self._kept
            return
        with opened_log(self.path, FORMAT, SECONDS_TO_WAIT) as log:
            yield log


def _now(at: int | None) -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000 if at is None else at
