"""What happens in A/B tests is kept as it happens, whatever dies, and one test runs at a time."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import VISIT_MILLISECONDS, EventRecord, VisitRecord
from tests.nobody import as_nobody, refused

SALT = "00" * 16


@pytest.fixture
def log(tmp_path: Path) -> AbLog:
    return AbLog(tmp_path / "workspace")


def test_nothing_runs_and_asking_makes_no_file(log: AbLog):
    assert log.tests() == []
    assert log.running() is None
    with pytest.raises(UserError) as caught:
        log.stop()
    assert (caught.value.message_id, caught.value.exit_code) == ("ab.none_runs", ExitCode.USAGE)
    assert not log.path.parent.exists()


def test_one_test_runs_at_a_time(log: AbLog):
    first = log.start("deep", "ease", "interleave", SALT, at=5)
    assert log.running() == first
    with pytest.raises(UserError) as caught:
        log.start("deep", "popular", "split", SALT)
    assert (caught.value.message_id, caught.value.exit_code) == ("ab.already_running", ExitCode.USAGE)
    assert "deep against ease" in str(caught.value)
    assert log.stop(at=9).stopped == 9
    second = log.start("deep", "popular", "split", SALT)
    assert [(test.number, test.running) for test in log.tests()] == [(1, False), (2, True)]
    assert log.running() == second


def test_a_visit_goes_on_until_nothing_happened_for_half_an_hour(log: AbLog):
    test = log.start("deep", "ease", "split", SALT)
    first = log.visit(test, "7", "a", "quick", at=0)
    log.note(first, [("x", "open", "a")], at=VISIT_MILLISECONDS)
    assert log.visit(test, "7", "a", "quick", at=2 * VISIT_MILLISECONDS - 1) == first
    assert log.visit(test, "8", "b", "quick", at=0).visit == 1
    second = log.visit(test, "7", "a", "quick", at=2 * VISIT_MILLISECONDS)
    assert (second.visit, second.number) == (2, first.number + 2)
    log.stop()
    other = log.start("deep", "ease", "split", SALT)
    assert log.visit(other, "7", "b", "quick", at=2 * VISIT_MILLISECONDS).visit == 1


def test_what_was_shown_and_what_happened_is_told_in_its_order(log: AbLog):
    test = log.start("deep", "ease", "interleave", SALT)
    never = log.visit(test, "9", None, "quick", at=10)
    visit = log.visit(test, "7", None, "quick", at=10)
    log.show(visit, [("x", "a"), ("y", "b"), ("z", "b")], at=11)
    log.note(visit, [("x", "skip", "a"), ("y", "like", "b")], at=12)
    log.show(visit, [("q", "b"), ("x", "a"), ("w", None)], at=13)
    log.note(visit, [("y", "clear", None)], at=14)
    visits, events = log.record(test)
    assert never.number == 1
    assert visits == [VisitRecord(visit.number, "7", None, 10, 14, "quick", 2, 3, "a")]
    assert events == [
        EventRecord(2, "x", "skip", "a"), EventRecord(2, "y", "like", "b"), EventRecord(2, "y", "clear", None),
    ]  # fmt: skip
    kept = AbLog.in_memory()
    again = kept.start("deep", "ease", "interleave", SALT)
    kept.show(kept.visit(again, "7", None, "quick", at=1), [("x", "b")], at=1)
    assert kept.record(again)[0] == [VisitRecord(1, "7", None, 1, 1, "quick", 0, 1, "b")]


def test_all_or_nothing_is_written_and_nothing_else_happens(log: AbLog):
    visit = log.visit(log.start("deep", "ease", "interleave", SALT), "7", None, "quick")
    with pytest.raises(UserError) as caught:
        log.note(visit, [("x", "like", "a"), ("y", "adore", "a")])
    assert caught.value.exit_code == ExitCode.FAILED
    log.show(visit, [("x", "a")])
    assert log.record(log.tests()[0])[1] == []


def test_it_is_for_its_owners_eyes(log: AbLog):
    log.start("deep", "ease", "interleave", SALT)
    with sqlite3.connect(log.path) as held:
        assert held.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        log.visit(log.tests()[0], "7", None, "quick")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in log.path.parent.iterdir()}
    held.close()
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


WRITER = """
import sys
from pathlib import Path
from recsys_tui.store.ab_log import AbLog
log = AbLog(Path(sys.argv[1]))
test = log.tests()[0]
visit = log.visit(test, sys.argv[2], None, "quick")
log.show(visit, [("x", "a")])
for number in range(int(sys.argv[3])):
    log.note(visit, [(str(number), "open", "a")])
    print(number, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(log: AbLog):
    test = log.start("deep", "ease", "interleave", SALT)
    command = [sys.executable, "-c", WRITER, str(log.path.parent), "7", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 20:
                break
        process.send_signal(signal.SIGKILL)
        acknowledged = 21 + len(process.stdout.read().split("\n")) - 1
    kept = [int(event.item) for event in log.record(test)[1]]
    assert kept[:acknowledged] == list(range(acknowledged))
    assert len(kept) <= acknowledged + 1
    log.stop()


STARTER = """
import sys
from pathlib import Path
from recsys_tui.output.errors import UserError
from recsys_tui.store.ab_log import AbLog
log = AbLog(Path(sys.argv[1]))
try:
    log.start("deep", "ease", "split", "00" * 16)
except UserError as error:
    sys.exit(0 if error.message_id == "ab.already_running" else 1)
sys.exit(9)
"""


def test_of_several_processes_that_start_a_test_one_does(log: AbLog):
    command = [sys.executable, "-c", STARTER, str(log.path.parent)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert sorted(process.wait() for process in processes) == [0, 0, 0, 9]
    assert len(log.tests()) == 1


def test_a_damaged_or_newer_log_is_one_sentence_and_is_left_alone(log: AbLog):
    log.start("deep", "ease", "interleave", SALT)
    with sqlite3.connect(log.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    acts = (log.tests, log.stop, lambda: log.start("deep", "ease", "split", SALT))
    for act in acts:
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.message_id == "ab.log_newer"
    log.path.write_bytes(b"this is no database at all" * 100)
    for act in acts:
        with pytest.raises(UserError) as caught:
            act()
        assert (caught.value.message_id, caught.value.exit_code) == ("ab.log_damaged", ExitCode.FAILED)
        assert os.fspath(log.path) in str(caught.value)
    assert log.path.read_bytes() == b"this is no database at all" * 100


@pytest.mark.parametrize(
    "edit",
    [
        "CREATE TRIGGER gone AFTER INSERT ON exposures BEGIN DELETE FROM exposures; END",
        "DROP INDEX one_runs",
        "UPDATE tests SET started = 1000000000000000000",
        "UPDATE tests SET started = 'yesterday'",
        "UPDATE tests SET a = x'00ff'",
        "PRAGMA ignore_check_constraints = 1; UPDATE tests SET mode = 'both'",
        "UPDATE sessions SET user = x'00ff'",
        "UPDATE sessions SET begun = 'yesterday'",
        "UPDATE events SET item = x'00ff'",
        "PRAGMA ignore_check_constraints = 1; UPDATE events SET kind = 'bought'",
    ],
)
def test_a_log_that_was_edited_by_hand_is_damaged(log: AbLog, edit: str):
    test = log.start("deep", "ease", "split", SALT)
    visit = log.visit(test, "7", "a", "quick")
    log.show(visit, [("x", "a")])
    log.note(visit, [("x", "open", "a")])
    connection = sqlite3.connect(log.path)
    connection.executescript(edit)
    connection.close()
    with pytest.raises(UserError) as caught:
        log.record(log.tests()[0])
    assert (caught.value.message_id, caught.value.exit_code) == ("ab.log_damaged", ExitCode.FAILED)


@pytest.mark.skipif(os.getuid() != 0, reason="dropping privileges needs root")
def test_a_log_whose_link_leads_nowhere_is_told_and_nothing_is_made_there(log: AbLog):
    log.path.parent.mkdir(exist_ok=True)
    log.path.symlink_to(log.path.parent.parent / "away.sqlite3")
    with pytest.raises(UserError):
        log.tests()
    assert not log.path.exists()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into, as those of the tests may not be."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name, "workspace")


def test_a_log_that_may_not_be_read_is_told_as_that(open_folder: Path):
    log = AbLog(open_folder)
    log.start("deep", "ease", "interleave", SALT, at=5)
    open_folder.chmod(0o755)
    log.path.chmod(0)
    assert refused(log.tests, "store.read_failed")


def test_a_folder_that_may_only_be_read_is_read(open_folder: Path):
    log = AbLog(open_folder)
    test = log.start("deep", "ease", "interleave", SALT, at=5)
    open_folder.chmod(0o555)
    log.path.chmod(0o444)
    assert as_nobody(lambda: 0 if log.tests() == [test] and log.record(test) == ([], []) else 1) == 0
    assert refused(log.stop, "store.write_failed")
    assert log.running() == test
