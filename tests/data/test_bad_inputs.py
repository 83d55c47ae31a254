"""What cannot be read is told in one sentence with exit code 2, or opened with a finding: no traceback, no hang."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import sys
from pathlib import Path

import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError
from tests.nobody import as_nobody

HEADER = "user,item,rating,timestamp\n"
ROWS = "".join(f"{n % 7},{n % 5},{n % 5 + 1},{1_000_000_000 + n}\n" for n in range(50))


def refused(path: Path | str) -> UserError:
    with pytest.raises(UserError) as error:
        load_dataset(path)
    assert error.value.exit_code is ExitCode.USAGE
    sentence = str(error.value)
    assert "\n" not in sentence
    assert "{" not in sentence
    assert sentence.endswith(".")
    return error.value


def written(folder: Path, content: bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def findings(dataset: Dataset) -> dict[str, int]:
    return {entry.code: entry.count for entry in dataset.findings}


@pytest.mark.parametrize(
    ("content", "message_id"),
    [
        (b"", "data.empty_file"),
        (b"\n\n  \n", "data.empty_file"),
        (gzip.compress(b""), "data.empty_file"),
        (HEADER.encode(), "data.header_only"),
        (random.Random(1).randbytes(4_000), "data.binary_file"),
        (b"\x7fELF" + bytes(500), "data.binary_file"),
        (gzip.compress(random.Random(1).randbytes(4_000)), "data.binary_file"),
        (gzip.compress((HEADER + ROWS).encode())[:-20], "data.damaged_file"),
        (gzip.compress((HEADER + ROWS).encode())[:12], "data.damaged_file"),
        (bz2.compress((HEADER + ROWS).encode())[:-20], "data.damaged_file"),
        (b"BZh91AY&SY" + random.Random(1).randbytes(400), "data.damaged_file"),
        (lzma.compress((HEADER + ROWS).encode())[:-20], "data.damaged_file"),
        (lzma.compress(b""), "data.empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "data.archive_or_spreadsheet"),
        (b"user\n1\n2\n", "data.one_column"),
        (b"1\n2\n3\n", "data.one_column"),
        ((HEADER + ",,5,1000000000\n" * 3).encode(), "data.no_column_for"),
        ((HEADER + "1,,5,1000000000\n,1,5,1000000000\n").encode(), "data.nothing_left"),
    ],
)
def test_contents(tmp_path: Path, content: bytes, message_id: str) -> None:
    assert refused(written(tmp_path, content)).message_id == message_id


def test_no_such_path(tmp_path: Path) -> None:
    error = refused(tmp_path / "missing.csv")
    assert error.message_id == "data.no_such_path_or_name"
    assert "films" in str(error)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "", "\x1b[31mred"])
def test_odd_paths(name: str) -> None:
    if not name:
        assert load_or_refuse(name)
        return
    sentence = str(refused(name))
    assert "\x1b" not in sentence
    assert "\0" not in sentence


def load_or_refuse(name: str) -> bool:
    """The empty path is the folder one is in: whatever is there, it is opened or refused."""
    try:
        return load_dataset(name).interaction_count > 0
    except UserError as error:
        return error.exit_code is ExitCode.USAGE


def test_devices_are_no_files() -> None:
    assert refused(os.devnull).message_id == "data.not_a_file"


def test_a_pipe_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert refused(tmp_path / "pipe.csv").message_id == "data.not_a_file"
    assert refused(tmp_path).message_id == "data.no_interactions_in_folder"


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    assert refused(tmp_path / "a.csv").message_id == "data.no_such_path_or_name"


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"notes.txt": b"Dear diary,\ntoday it rained.\n", "photo.jpg": b"\xff\xd8\xff\xe0"},
        {"a.csv": b"x,y\n1,2\n", "b.csv": b"p,q\n1,2\n", "README": b"Words.\n"},
    ],
)
def test_a_folder_of_unrelated_files(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        written(tmp_path, content, name)
    assert refused(tmp_path).message_id in ("data.no_interactions_in_folder", "data.no_column_for", "data.one_column")


def test_nul_bytes_are_removed_and_told(tmp_path: Path) -> None:
    dataset = load_dataset(written(tmp_path, (HEADER + ROWS).replace("3,3,", "3,\x003,", 1).encode()))
    assert findings(dataset)["nul_bytes"] == 1
    assert dataset.rows_read == 50


def test_ragged_rows_are_opened_and_told(tmp_path: Path) -> None:
    dataset = load_dataset(written(tmp_path, (HEADER + ROWS + "8,9\n8,9,1,1000000099,more\n").encode()))
    assert findings(dataset)["ragged_rows"] == 2
    assert dataset.rows_read == 52
    assert dataset.interaction_count == 51  # the short row has no time


@pytest.mark.parametrize(("users", "items"), [(1, 9), (9, 1), (1, 1)])
def test_one_user_or_one_item_is_opened(tmp_path: Path, users: int, items: int) -> None:
    rows = "".join(f"{n % users},{n % items},3,{1_000_000_000 + n}\n" for n in range(9))
    dataset = load_dataset(written(tmp_path, (HEADER + rows).encode()))
    assert (dataset.user_count, dataset.item_count, dataset.interaction_count) == (users, items, 9)


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "fork"), reason="permissions are those of POSIX")
@pytest.mark.parametrize("kind", ["file", "folder", "in a closed folder"])
def test_no_permission(tmp_path: Path, kind: str) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    path = written(closed, (HEADER + ROWS).encode())
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):  # the way there must be open, or the test tests that
        if folder.stat().st_uid == os.getuid():
            folder.chmod(0o755)
    target = {"file": path, "folder": closed, "in a closed folder": path}[kind]
    (path if kind == "file" else closed).chmod(0)

    def work() -> int:
        try:
            load_dataset(target)
        except UserError as error:
            return {"data.no_permission": 2}.get(error.message_id, 98)
        return 0

    try:
        assert as_nobody(work) == 2
    finally:
        closed.chmod(0o755)
