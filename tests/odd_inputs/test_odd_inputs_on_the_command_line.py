"""The nastiest inputs through the program itself: exit code, one sentence, clean streams, nothing left behind."""

from __future__ import annotations

import csv
import gzip
import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.odd_inputs import corpus, foreign_files, odd_values
from tests.odd_inputs.corpus import HEADER, SOUND, Case
from tests.odd_inputs.test_odd_inputs import is_control, is_one_clear_sentence

MOST_SECONDS = 10
MOST_BYTES = 1 << 30
# The start of the program and its libraries, on a slow machine, is not reading.
START_SECONDS = 20
TRAINING_SECONDS = 100
MOST_GROWN = 20_000
NARRATION = ("Reading", "Training", "No model", "  ")
CASES = {case.name: case for case in corpus.CASES + foreign_files.CASES + odd_values.CASES}
NASTY = (
    "noise",
    "gzip of a hundred million zeros",
    "gzip that is cut short",
    "ten million characters in one line",
    "objects nested too deep",
    "Parquet that is cut short",
    "a link to itself",
    "a database",
    "two columns of users",
    "an empty file with escapes in its name",
    "a folder whose names are escapes",
    "escape sequences in ids",
    "escapes in the names of columns",
    "titles that are escapes, markup and formulas",
    "ratings of 1e308",
)
# Runs a command and tells the most memory it took, in kB; ru_maxrss would be handed down from the parent.
WATCHED = """
import re, sys
from pathlib import Path
from recsys_tui.cli.entry import main
code = main(sys.argv[1:])
print("peak", re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1], file=sys.stderr)
sys.exit(code)
"""


def run(
    home: Path, *arguments: str, stdin: int = subprocess.DEVNULL, seconds: int = MOST_SECONDS
) -> subprocess.CompletedProcess[bytes]:
    """The program as its users start it, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "recsys_tui", *arguments],
        capture_output=True, stdin=stdin, check=False, timeout=seconds + START_SECONDS,
        env=os.environ | {"RECSYS_HOME": str(home)},
    )  # fmt: skip


def clean_streams(done: subprocess.CompletedProcess[bytes]) -> tuple[str, list[str]]:
    """Standard output, and what standard error says but for narration; both free of what steers a terminal."""
    out, err = done.stdout.decode(), done.stderr.decode()
    assert not [sign for sign in out + err if is_control(sign) and sign not in "\n\t"]
    assert "Traceback" not in err
    return out, [line for line in err.splitlines() if line and not line.startswith(NARRATION)]


def everything_in(folder: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of change, of links themselves and not of what they lead to."""
    found = [(str(path), path.lstat()) for path in sorted(folder.rglob("*"))]
    return [(name, entry.st_size, entry.st_mtime_ns) for name, entry in found]


def half_written(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if "partial" in path.name or path.suffix in (".tmp", ".part")]


@pytest.mark.parametrize("name", NASTY)
def test_inspect_and_open(name: str, tmp_path: Path):
    case: Case = CASES[name]
    folder, home = tmp_path / "data", tmp_path / "home"
    folder.mkdir()
    path = case.build(folder)
    before = everything_in(folder)
    for command in ("inspect", "open"):
        done = run(home, command, str(path))
        out, told = clean_streams(done)
        if case.refused:
            assert (done.returncode, out) == (2, "")
            assert len(told) == 1
            is_one_clear_sentence(told[0])
        else:
            assert done.returncode == 0
            assert f"{case.users:,}" in out
            assert f"{case.events:,}" in out
    assert everything_in(folder) == before
    assert not half_written(home)
    if case.refused:
        assert not (home / "workspaces").exists() or not list((home / "workspaces").iterdir())


@pytest.mark.parametrize(
    "name", ["noise", "gzip that is cut short", "a folder of empty files", "two columns of users", "one user"]
)
def test_recommend_leaves_no_model_of_what_it_cannot_learn_from(name: str, tmp_path: Path):
    home = tmp_path / "home"
    (tmp_path / "data").mkdir()
    path = CASES[name].build(tmp_path / "data")
    done = run(home, "recommend", str(path), "--user", "1", "--json")
    out, told = clean_streams(done)
    assert (done.returncode, out, len(told)) == (2, "", 1)
    is_one_clear_sentence(told[0])
    assert not list(home.rglob("model.safetensors"))
    assert not list(home.rglob("models/*"))
    assert not half_written(home)


def test_a_list_of_titles_that_are_escapes_markup_and_formulas(tmp_path: Path):
    (tmp_path / "data").mkdir()
    path = CASES["titles that are escapes, markup and formulas"].build(tmp_path / "data")
    before = everything_in(tmp_path / "data")
    home = tmp_path / "home"
    done = run(home, "recommend", str(path), "--user", "1", "--repeat", "allow", "--csv", seconds=TRAINING_SECONDS)
    out, _ = clean_streams(done)
    assert done.returncode == 0
    titles = {row["item"]: row["title"] for row in csv.DictReader(io.StringIO(out))}
    # Items 1 to 4 are described, item 0 is not; a spreadsheet would take =1+1 for a sum, so it is quoted as text.
    assert titles == {"0": "", "1": "Red", "2": "[bold]Loud", "3": "'=1+1", "4": "<b>Bold"}
    assert everything_in(tmp_path / "data") == before
    assert not half_written(home)


def a_pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.csv")
    return str(folder / "pipe.csv")


def a_socket(folder: Path) -> str:
    name = "s.csv"
    before = Path.cwd()
    os.chdir(folder)  # the path of a socket may be no longer than about a hundred bytes
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(name)
    finally:
        os.chdir(before)
    return str(folder / name)


def a_link_to_a_device(folder: Path) -> str:
    (folder / "ratings.csv").symlink_to("/dev/zero")
    return str(folder / "ratings.csv")


SPECIAL: tuple[tuple[str, Callable[[Path], str]], ...] = (
    ("zeros without end", lambda _folder: "/dev/zero"),
    ("noise without end", lambda _folder: "/dev/urandom"),
    ("nothing", lambda _folder: os.devnull),
    ("a pipe nobody writes to", a_pipe),
    ("a socket", a_socket),
    ("a link to zeros without end", a_link_to_a_device),
)


@pytest.mark.skipif(sys.platform == "win32", reason="devices, pipes and sockets in folders are those of POSIX")
@pytest.mark.parametrize("build", [build for _, build in SPECIAL], ids=[name for name, _ in SPECIAL])
def test_what_is_no_file_is_not_read(build: Callable[[Path], str], tmp_path: Path):
    done = run(tmp_path / "home", "inspect", build(tmp_path))
    out, told = clean_streams(done)
    assert (done.returncode, out, len(told)) == (2, "", 1)
    assert "neither a file nor a folder" in told[0]
    is_one_clear_sentence(told[0])


def test_standard_input_of_noise_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "noise").write_bytes(corpus.NOISE)
    with (tmp_path / "noise").open("rb") as noise:
        done = run(tmp_path / "home", "inspect", "-", stdin=noise.fileno())
    out, told = clean_streams(done)
    assert (done.returncode, out, len(told)) == (2, "", 1)
    is_one_clear_sentence(told[0])
    assert not half_written(tmp_path / "home")


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak memory is that of Linux")
@pytest.mark.parametrize("byte", [b"\0", b"\n", b"x", b","], ids=["zeros", "line ends", "one letter", "commas"])
def test_what_unpacks_to_a_hundred_megabytes_stays_within_memory(byte: bytes, tmp_path: Path):
    path = tmp_path / "small.csv.gz"
    path.write_bytes(gzip.compress(byte * 100_000_000, 1))
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, "inspect", str(path)],
        capture_output=True, text=True, check=False, timeout=MOST_SECONDS + START_SECONDS,
        env=os.environ | {"RECSYS_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    peak = int(done.stderr.rpartition("peak ")[2]) * 1024
    assert peak < MOST_BYTES


def test_a_file_that_grows_while_it_is_read(tmp_path: Path):
    """Whatever moment is caught, the rows that were read are whole ones, and accounted for."""
    from recsys_tui.data.load import load_dataset

    path = tmp_path / "growing.csv"
    path.write_text(SOUND)
    enough = threading.Event()

    def grow() -> None:
        place = 50
        while not enough.wait(0.001) and place < MOST_GROWN:
            with path.open("a") as stream:
                stream.write("".join(f"{n % 7},{n % 5},3,{10**9 + n}\n" for n in range(place, place + 50)))
            place += 50

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        sizes = []
        for _ in range(5):
            dataset = load_dataset(path)
            removed = sum(entry.count for entry in dataset.findings if entry.action == "removed")
            assert dataset.rows_read == dataset.interaction_count + removed
            assert removed <= 1  # a row of which only the first half was there
            assert (dataset.user_count, dataset.item_count) == (7, 5)
            sizes.append(dataset.rows_read)
        assert sizes == sorted(sizes)
    finally:
        enough.set()
        writer.join()


def test_a_file_that_is_cut_short_or_goes_away_between_two_commands(tmp_path: Path):
    path, home = tmp_path / "data.csv", tmp_path / "home"
    path.write_text(SOUND)
    assert run(home, "inspect", str(path)).returncode == 0
    path.write_text(HEADER)
    done = run(home, "inspect", str(path))
    assert (done.returncode, done.stdout) == (2, b"")
    path.unlink()
    done = run(home, "inspect", str(path))
    out, told = clean_streams(done)
    assert (done.returncode, out, len(told)) == (2, "", 1)
    is_one_clear_sentence(told[0])
