"""The program as a process whose streams are closed, full, or left by their reader."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RECSYS = [sys.executable, "-m", "recsys_tui"]
FULL = Path("/dev/full")
CLOSED = "import os, sys; os.close({number}); os.execv(sys.executable, [sys.executable, '-m', 'recsys_tui', *{rest!r}])"


@pytest.mark.parametrize("arguments", [["--help"], [], ["recommend", "--help"], ["--version"], ["datasets", "list"]])
def test_a_reader_that_left_at_once_hears_of_no_error(arguments: list[str]):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*RECSYS, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["datasets", "list", "--json"]])
def test_a_full_disk_behind_standard_output_is_one_sentence(arguments: list[str]):
    with FULL.open("w") as full:
        done = subprocess.run([*RECSYS, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


@pytest.mark.parametrize(("number", "code", "lines"), [(0, 0, 0), (1, 1, 1), (2, 0, 0)])
def test_a_closed_stream_is_no_mystery(number: int, code: int, lines: int):
    program = CLOSED.format(number=number, rest=["datasets", "list", "--json"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stderr.count("\n") == lines
    assert ("films" in done.stdout) is (number != 1)


@pytest.mark.parametrize("mask", [0o000, 0o277, 0o777])
def test_what_is_made_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, mask: int):
    """A umask may take from the owner too, who then could not go on in the folders that were made."""
    data, home = tmp_path / "data.csv", tmp_path / "home"
    data.write_text("user,item\n" + "".join(f"u{n % 30},i{n % 7}\n" for n in range(210)))
    for arguments in (
        ["feedback", "add", str(data), "--user", "u1", "--item", "i1", "--like"],
        ["datasets", "make", "films"],
    ):
        command = [*RECSYS, *arguments, "--home", str(home)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, umask=mask)
        assert done.returncode == 0, done.stderr
    made = [home, *home.rglob("*")]
    assert {oct(path.stat().st_mode & 0o777) for path in made if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in made if path.is_file()} == {"0o600"}
