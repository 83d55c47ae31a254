"""What people like and dislike is kept as it is said, whatever dies, whoever else writes, and however it comes back."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.feedback_log import NAME, FeedbackLog
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.verdicts import Verdicts
from tests.nobody import as_nobody, refused


@pytest.fixture
def log(tmp_path: Path) -> FeedbackLog:
    return FeedbackLog(tmp_path / "workspace")


def test_nothing_was_said_and_asking_makes_no_file(log: FeedbackLog):
    assert log.entries() == []
    assert log.of("7") == Verdicts()
    assert log.everyone() == {}
    assert not log.path.parent.exists()


def test_what_was_said_last_counts_in_the_order_of_saying(log: FeedbackLog):
    log.add([("7", "a", "like"), ("7", "b", "like"), ("8", "a", "dislike")])
    log.add([("7", "a", "dislike")])
    log.add([("7", "c", "like")])
    log.add([("7", "b", "like")])
    assert log.of("7") == Verdicts(("c", "b"), ("a",))
    assert log.of("8") == Verdicts((), ("a",))
    assert [(entry.user, entry.item, entry.verdict) for entry in log.entries()] == [
        ("8", "a", "dislike"), ("7", "a", "dislike"), ("7", "c", "like"), ("7", "b", "like"),
    ]  # fmt: skip
    assert [entry.item for entry in log.entries("8")] == ["a"]
    assert [log.of("7").of(item) for item in "abcd"] == ["dislike", "like", "like", None]


def test_what_is_taken_back_is_gone_and_may_be_said_again(log: FeedbackLog):
    log.add([("7", "a", "like")])
    log.add([("7", "a", None)])
    assert log.everyone() == {}
    assert not log.of("7")
    log.add([("7", "a", "dislike")])
    assert log.everyone() == {"7": Verdicts((), ("a",))}


def test_all_or_nothing_is_written_and_no_other_verdict(log: FeedbackLog):
    log.add([("7", "a", "like")])
    with pytest.raises(UserError) as caught:
        log.add([("7", "b", "like"), ("7", "c", "love")])
    assert (caught.value.message_id, caught.value.exit_code) == ("feedback.no_such_verdict", ExitCode.USAGE)
    assert log.of("7") == Verdicts(("a",))


def test_it_is_for_its_owners_eyes(log: FeedbackLog):
    log.add([("7", "a", "like")])
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_a_log_that_sqlite_could_not_open_is_not_begun(tmp_path: Path):
    """It has no names of files of more than 504 bytes; an empty log of such a name would end every ``forget``."""
    log = FeedbackLog(tmp_path / "/".join(["x" * 100] * 5))
    for _ in range(2):
        with pytest.raises(UserError) as caught:
            log.add([("7", "a", "like")])
        assert (caught.value.message_id, caught.value.exit_code) == ("store.write_failed", ExitCode.FAILED)
        assert log.entries() == []


WRITER = """
import sys
from pathlib import Path
from recsys_tui.store.feedback_log import FeedbackLog
log = FeedbackLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.add([(sys.argv[2], str(number), "like")])
    print(number, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(log: FeedbackLog):
    command = [sys.executable, "-c", WRITER, str(log.path.parent), "7", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 20:
                break
        process.send_signal(signal.SIGKILL)
        acknowledged = 21 + len(process.stdout.read().split("\n")) - 1
    kept = [int(item) for item in log.of("7").liked]
    assert kept[:acknowledged] == list(range(acknowledged))
    assert len(kept) <= acknowledged + 1
    log.add([("7", "after", "like")])
    assert log.of("7").liked[-1] == "after"


def test_several_processes_write_at_once(log: FeedbackLog):
    command = [sys.executable, "-c", WRITER, str(log.path.parent)]
    processes = [subprocess.Popen([*command, str(user), "15"], stdout=subprocess.DEVNULL) for user in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    wanted = tuple(str(number) for number in range(15))
    assert log.everyone() == {str(user): Verdicts(wanted) for user in range(3)}


def test_a_damaged_log_is_one_sentence_and_is_left_alone(log: FeedbackLog):
    log.add([("7", "a", "like")])
    log.path.write_bytes(b"this is no database at all" * 100)
    before = log.path.read_bytes()
    for act in (log.entries, log.everyone, lambda: log.of("7"), lambda: log.add([("7", "b", "like")])):
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.message_id == "store.feedback_damaged"
        assert str(log.path) in str(caught.value)
    assert log.path.read_bytes() == before


ENDLESS = """
DROP TABLE feedback;
CREATE VIEW feedback AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
SELECT x AS number, 1 AS at, '7' AS user, 'i' || x AS item, 'like' AS verdict FROM c
"""


def test_a_log_whose_link_leads_nowhere_is_told_and_nothing_is_made_there(log: FeedbackLog):
    log.path.parent.mkdir()
    log.path.symlink_to(log.path.parent.parent / "away.sqlite3")
    with pytest.raises(UserError) as told:
        log.entries()
    assert told.value.exit_code == ExitCode.FAILED
    assert not log.path.exists()


@pytest.mark.parametrize(
    "edit",
    [
        ENDLESS,
        "CREATE TRIGGER gone AFTER INSERT ON feedback BEGIN DELETE FROM feedback; END",
        "ALTER TABLE feedback ADD COLUMN more TEXT",
        "DROP INDEX of_user",
        "UPDATE feedback SET at = 1000000000000000000",
        "UPDATE feedback SET at = -1000000000000000000",
        "UPDATE feedback SET at = 'yesterday'",
        "UPDATE feedback SET user = x'00ff'",
        "UPDATE feedback SET item = x'00ff'",
        "PRAGMA ignore_check_constraints = 1; UPDATE feedback SET verdict = 'loves'",
    ],
)
def test_a_log_that_was_edited_by_hand_is_damaged(log: FeedbackLog, edit: str):
    log.add([("7", "a", "like")])
    connection = sqlite3.connect(log.path)
    connection.executescript(edit)
    connection.close()
    with pytest.raises(UserError) as caught:
        log.everyone()
    assert (caught.value.message_id, caught.value.exit_code) == ("store.feedback_damaged", ExitCode.FAILED)
    if not edit.startswith(("UPDATE", "PRAGMA")):  # nothing is said to be kept by what may not keep it
        with pytest.raises(UserError, match="move that file away"):
            log.add([("7", "b", "like")])


@pytest.mark.parametrize("beside", ["", "-journal", "-wal", "-shm"])
def test_nobody_waits_for_a_pipe_in_place_of_a_log_or_beside_it(log: FeedbackLog, beside: str):
    log.add([("7", "a", "like")])
    path = log.path.with_name(log.path.name + beside)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises(UserError, match="is a pipe"):
        log.entries()
    with pytest.raises(UserError, match="is a pipe"):
        log.add([("7", "b", "like")])


def test_a_log_of_a_newer_program_is_left_alone(log: FeedbackLog):
    log.add([("7", "a", "like")])
    with sqlite3.connect(log.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for act in (log.entries, lambda: log.add([("7", "b", "like")])):
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.message_id == "store.feedback_newer"


def test_another_writer_that_does_not_end_is_told(log: FeedbackLog, monkeypatch: pytest.MonkeyPatch):
    log.add([("7", "a", "like")])
    monkeypatch.setattr("recsys_tui.store.feedback_log.SECONDS_TO_WAIT", 0.1)
    connection = sqlite3.connect(log.path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(UserError) as caught:
        log.add([("7", "b", "like")])
    assert caught.value.message_id == "store.feedback_busy"
    assert log.of("7") == Verdicts(("a",))
    connection.execute("ROLLBACK")
    connection.close()
    log.add([("7", "b", "like")])
    assert log.of("7") == Verdicts(("a", "b"))


def test_who_is_forgotten_while_a_like_waits_for_the_log_is_not_in_it(tmp_path: Path):
    source, log = tmp_path / "data.csv", FeedbackLog(tmp_path / "workspaces" / "data-1")
    log.add([("anna", "a", "like")])
    (log.path.parent / "identity.json").write_text(json.dumps({"path": str(source), "mapping": {}}))
    Tombstones(tmp_path).add(source, "bert")
    with ThreadPoolExecutor() as pool, closing(sqlite3.connect(log.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = pool.submit(log.add, [("anna", "b", "like")])
        time.sleep(0.5)
        Tombstones(tmp_path).add(source, "anna")
        other.execute("DELETE FROM feedback WHERE user = 'anna'")
        other.execute("COMMIT")
        with pytest.raises(UserError) as told:
            waiting.result()
    assert told.value.message_id == "forget.is_forgotten"
    assert log.entries() == []


def test_a_folder_that_cannot_be_written_to_is_told():
    with tempfile.TemporaryDirectory() as name:
        log = FeedbackLog(Path(name, "workspace"))
        Path(name).chmod(0o755)
        log.path.parent.mkdir(0o555)
        assert as_nobody(lambda: len(list(log.path.parent.iterdir()))) == 0  # it may be looked into
        assert refused(lambda: log.add([("7", "a", "like")]), "store.home_not_writable")
        assert not (log.path.parent / NAME).exists()
