"""What the system refuses while a file is written, by whatever library, is told in one sentence."""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.atomic_files import MOST_BYTES, read_json, read_regular, told_apart, write_bytes
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.folder_lock import folder_lock


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "store.disk_full"),
        (Exception("I/O error: File too large (os error 27)"), "store.disk_full"),
        # As older versions of safetensors print the same.
        (Exception('IoError(Os { code: 28, kind: StorageFull, message: "No space" })'), "store.disk_full"),
        (Exception('IoError(Os { code: 30, kind: ReadOnlyFilesystem, message: "x" })'), "store.home_not_writable"),
        (OSError(errno.EIO, "Input/output error"), "store.write_failed"),
    ],
)
def test_a_refusal_is_told(tmp_path: Path, error: Exception, said: str) -> None:
    with pytest.raises(UserError) as told, told_apart(tmp_path / "file"):
        raise error
    assert (told.value.message_id, told.value.exit_code) == (said, ExitCode.FAILED)


def test_what_the_system_did_not_say_goes_on() -> None:
    with pytest.raises(KeyError), told_apart(Path("file")):
        raise KeyError("os error")


def test_a_file_that_would_take_all_memory_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    path.write_text('{"a": 1}')
    assert read_json(path) == {"a": 1}
    os.truncate(path, 20_000_000_000)
    assert read_json(path) is None
    with pytest.raises(ValueError, match=r"recent\.json"):
        read_regular(path)


# Reads a document and tells the most memory that took, in kB; ru_maxrss would be handed down from the parent.
READER = """
import sys
from pathlib import Path
from recsys_tui.store.atomic_files import read_json
read_json(Path(sys.argv[1]))
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that a process took")
@pytest.mark.parametrize("entry", ["[0],", '{"":0},', '"ab",'])
def test_a_document_of_many_small_things_does_not_take_all_memory(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "recent.json"
    path.write_text('{"data":[' + entry * (MOST_BYTES // len(entry) - 10) + "0]}")
    told = subprocess.run([sys.executable, "-c", READER, path], capture_output=True, check=True, text=True)
    assert int(told.stdout) < 2_000_000


def test_what_is_written_is_flushed_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renamed first, a crash of the machine may leave the new name with nothing under it."""
    path, done = tmp_path / "x", list[tuple[str, bool]]()

    def flushed(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        done.append((kind, path.exists()))

    monkeypatch.setattr("os.fsync", flushed)
    write_bytes(path, b"new")
    assert done == [("file", False), ("folder", True)]


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "socket"])
def test_what_is_no_file_holds_no_document(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.fspath(path))
    assert read_json(path) is None
    with pytest.raises(DamagedFileError):
        read_arrays(path)


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    (tmp_path / "lock").symlink_to(mine)
    with pytest.raises(UserError) as told, folder_lock(tmp_path / "lock", "testing"):
        pass
    assert told.value.exit_code == ExitCode.FAILED
    assert str(tmp_path / "lock") in str(told.value)
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["x" * 251 + ".csv", "\u9b54" * 83 + ".html", os.fsdecode(b"\xff" * 255)], ids=("latin", "chinese", "bytes")
)
def test_a_file_may_have_the_longest_name_there_is(tmp_path: Path, name: str) -> None:
    """The hidden one in which it comes to be has a name too, which must not be longer."""
    write_bytes(tmp_path / name, b"whole")
    write_bytes(tmp_path / name, b"anew")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"anew")]
