"""What is free, what reading takes, and files that are refused before they would exhaust the machine."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard

from recsys_tui.cli.entry import main
from recsys_tui.data import memory
from recsys_tui.data.memory import FIELD, READING, SETTING, TIMES_TEXT, check_can_read, free_memory
from recsys_tui.data.readers.registry import read_parts, read_table
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.addresses import FEWEST_BYTES, THREADS

GIGABYTE = 1024**3


def machine(root: Path, available: int, limit: str = "max", used: int = 0) -> Path:
    (root / "proc").mkdir()
    (root / "proc/meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable:   {available // 1024} kB\nBuffers: 1 kB\n")
    (root / "sys/fs/cgroup").mkdir(parents=True)
    (root / "sys/fs/cgroup/memory.max").write_text(limit + "\n")
    (root / "sys/fs/cgroup/memory.current").write_text(f"{used}\n")
    return root


def test_what_is_free_is_what_the_system_says_and_a_container_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(SETTING, raising=False)
    for name, limit, used, left in (
        ("free", "max", 0, 8 * GIGABYTE),
        ("limited", str(4 * GIGABYTE), GIGABYTE, 3 * GIGABYTE),
        ("wide", str(64 * GIGABYTE), GIGABYTE, 8 * GIGABYTE),
        ("full", str(GIGABYTE), 2 * GIGABYTE, 0),
    ):
        (tmp_path / name).mkdir()
        assert free_memory(machine(tmp_path / name, 8 * GIGABYTE, limit, used)) == left
    monkeypatch.setenv(SETTING, "12345")
    assert free_memory(tmp_path / "free") == 12345
    monkeypatch.setenv(SETTING, "9" * 5000)  # more digits than Python reads
    assert free_memory(tmp_path / "free") == 8 * GIGABYTE


def group(folder: Path, **files: str) -> None:
    """A control group as Linux shows it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"memory.{name}").write_text(content + "\n")


@pytest.mark.parametrize("limited", ["user.slice/one.scope", "user.slice"])
def test_what_a_group_leaves_counts_also_where_it_lies_within_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limited: str
):
    """As of ``systemd-run --scope -p MemoryMax=2G``; the group of all has no limit."""
    monkeypatch.delenv(SETTING, raising=False)
    root = machine(tmp_path, 8 * GIGABYTE)
    groups = root / "sys/fs/cgroup"
    (groups / "memory.max").unlink()
    group(groups / "user.slice/one.scope", max="max", current=str(GIGABYTE))
    group(groups / limited, max=str(2 * GIGABYTE), current=str(GIGABYTE))
    (root / "proc/self").mkdir()
    (root / "proc/self/cgroup").write_text("0::/user.slice/one.scope\n")
    assert free_memory(root) == GIGABYTE


@pytest.mark.parametrize("path", ["/", "/docker/one", "/elsewhere/../one"])
def test_what_a_group_of_version_1_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str):
    """Within a container its path may be that outside, and its files those of the root."""
    monkeypatch.delenv(SETTING, raising=False)
    root = machine(tmp_path, 8 * GIGABYTE)
    group(root / "sys/fs/cgroup/memory", limit_in_bytes=str(2 * GIGABYTE), usage_in_bytes=str(GIGABYTE))
    (root / "proc/self").mkdir()
    (root / "proc/self/cgroup").write_text(f"5:cpu,cpuacct:/other\n4:memory:{path}\n0::/\n")
    assert free_memory(root) == GIGABYTE


@pytest.mark.parametrize(("folder", "field"), [("", "inactive_file"), ("memory", "total_inactive_file")])
def test_files_that_a_group_only_keeps_to_read_them_again_leave_their_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, field: str
):
    monkeypatch.delenv(SETTING, raising=False)
    root = machine(tmp_path, 8 * GIGABYTE)
    limit, used, stat = str(4 * GIGABYTE), str(4 * GIGABYTE), f"anon 1\n{field} {3 * GIGABYTE}\nactive_file 5"
    names = ("limit_in_bytes", "usage_in_bytes") if folder else ("max", "current")
    group(root / "sys/fs/cgroup" / folder, **dict(zip(names, (limit, used), strict=True)), stat=stat)
    (root / "proc/self").mkdir()
    (root / "proc/self/cgroup").write_text("4:memory:/\n0::/\n")
    assert free_memory(root) == 3 * GIGABYTE


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(memory, "READING", 0)
    return monkeypatch


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_a_file_is_refused_where_reading_it_takes_more_than_is_free(
    tmp_path: Path, free: pytest.MonkeyPatch, kind: str
):
    frame = pl.DataFrame({"user": range(20_000), "item": range(20_000)})
    path = tmp_path / f"events.{kind}"
    if kind == "parquet":
        frame.write_parquet(path)
        needed = 2 * 20_000 * 28
    else:
        text = frame.write_csv().encode()
        path.write_bytes(gzip.compress(text) if kind == "csv.gz" else text)
        needed = int(path.stat().st_size * (12 if kind == "csv.gz" else 4.5))
    free.setenv(SETTING, str(needed))
    check_can_read([path])
    free.setenv(SETTING, str(needed - 1))
    with pytest.raises(UserError, match=r"events\..* takes about .* and .* are free") as refused:
        check_can_read([path])
    assert refused.value.exit_code == ExitCode.FAILED
    free.setenv(SETTING, str(2 * needed - 1))
    with pytest.raises(UserError):
        check_can_read([path, path])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_packed_file_that_holds_far_more_than_it_seems_is_refused_while_it_is_unpacked(
    tmp_path: Path, free: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
):
    text = b"user,item\n" + b"u1,i1\n" * 1_000_000
    path = tmp_path / "bomb.csv"
    path.write_bytes(pack(text))
    assert path.stat().st_size * 12 < 3_000_000
    free.setenv(SETTING, str(max(int(TIMES_TEXT * len(text)), 2 * 1_000_001 * FIELD)))
    assert read_parts([path]).frame.height == 1_000_000
    free.setenv(SETTING, "3000000")
    with pytest.raises(UserError, match=r"bomb\.csv takes about .* and 3.0 MB are free") as refused:
        read_parts([path])
    assert refused.value.exit_code == ExitCode.FAILED
    assert read_table(path, 5).frame.height == 5  # the first rows are never too many


def test_rows_of_short_fields_are_counted_before_they_become_a_table(tmp_path: Path, free: pytest.MonkeyPatch):
    """A table takes many times their text, as many bytes for a field of one letter as for one of twelve."""
    path = tmp_path / "short.csv"
    path.write_bytes(b"user,item\n" + b"1,2\n" * 100_000)
    free.setenv(SETTING, str(2 * 100_001 * FIELD))
    check_can_read([path])
    assert read_parts([path]).frame.height == 100_000
    free.setenv(SETTING, str(2 * 100_001 * FIELD - 1))
    check_can_read([path])
    with pytest.raises(UserError, match=r"short\.csv takes about 3\.2 MB of memory, and 3\.2 MB are free") as refused:
        read_parts([path])
    assert refused.value.exit_code == ExitCode.FAILED


def test_what_cannot_be_looked_at_is_left_to_the_reader(tmp_path: Path, free: pytest.MonkeyPatch):
    free.setenv(SETTING, "1")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and then nothing of the kind")
    check_can_read([tmp_path / "missing.csv", tmp_path / "broken.parquet"])


def test_the_command_says_so_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "events.csv").write_text("user,item\n1,2\n2,3\n")
    monkeypatch.setenv(SETTING, "1000")
    assert main(["inspect", str(tmp_path / "events.csv")]) == ExitCode.FAILED
    told = capsys.readouterr().err
    assert told.splitlines()[-1].startswith(f"Reading {tmp_path / 'events.csv'} takes about 200.0 MB of memory")
    assert SETTING in told


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much of the limit is taken")
def test_a_limit_of_the_process_counts(monkeypatch: pytest.MonkeyPatch):
    """As ``ulimit -v`` sets it: what is mapped already counts towards it."""
    monkeypatch.delenv(SETTING, raising=False)
    limit = 2 * GIGABYTE
    code = (
        "import resource, sys; limit = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_AS, (limit, limit));"
        "from recsys_tui.data.memory import free_memory; first = free_memory();"
        "held = bytearray(200_000_000); print(first, free_memory())"
    )
    done = subprocess.run([sys.executable, "-c", code, str(limit)], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert limit - GIGABYTE < before < limit
    assert before - after >= 200_000_000


def limited(limit: int, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``recsys`` where a process may map ``limit`` bytes."""
    left_out = (SETTING, THREADS)
    return subprocess.run(
        [sys.executable, "-m", "recsys_tui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={name: value for name, value in os.environ.items() if name not in left_out} | environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much of the limit is taken")
def test_what_a_limit_of_the_process_leaves_no_room_for_is_refused(tmp_path: Path):
    """What Polars maps before it has read a row counts too: without that there would be room."""
    large = tmp_path / "large.csv"
    large.write_text("user,item\n1,2\n")
    os.truncate(large, 110_000_000)
    done = limited(FEWEST_BYTES, "inspect", str(large), "--home", str(tmp_path / "home"))
    assert done.returncode == ExitCode.FAILED
    assert "of memory, and" in done.stderr
    assert len(done.stderr.splitlines()) == 2  # what it reads, and why it cannot
    needed = READING + TIMES_TEXT * large.stat().st_size
    assert needed < FEWEST_BYTES - 500_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not heeded by the system")
@pytest.mark.parametrize("megabytes", [400, 700, 950])
def test_a_limit_under_which_libraries_end_the_process_or_wait_for_ever_is_told(tmp_path: Path, megabytes: int):
    done = limited(megabytes * 2**20, "inspect", "films", "--home", str(tmp_path))
    assert done.returncode == ExitCode.FAILED
    assert done.stderr.splitlines() == [
        say("data.few_addresses", limit=megabytes * 1024, least=FEWEST_BYTES // 1024),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not heeded by the system")
@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", "films"),
        ("evaluate", "--train", "DATA", "--test", "DATA"),
        ("forget", "films", "--user", "1", "--yes"),
        ("datasets", "make", "films"),
    ],
)
def test_it_is_told_before_any_library_is_loaded(tmp_path: Path, command: tuple[str, ...]):
    (tmp_path / "data.csv").write_text("user,item\n1,2\n")
    words = [str(tmp_path / "data.csv") if word == "DATA" else word for word in command]
    done = limited(300 * 2**20, *words, "--home", str(tmp_path / "home"))
    assert done.returncode == ExitCode.FAILED
    assert done.stderr.splitlines() == [say("data.few_addresses", limit=300 * 1024, least=FEWEST_BYTES // 1024)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not heeded by the system")
def test_what_is_just_enough_is_enough(tmp_path: Path):
    done = limited(FEWEST_BYTES, "inspect", "films", "--home", str(tmp_path))
    assert (done.returncode, done.stderr.splitlines()[1:]) == (ExitCode.DONE, [])


@pytest.mark.parametrize(
    "lines", ["user,item\n" + "\n" * 3_000_000, "# note\n" * 3_000_000 + "user,item\n"], ids=["empty", "comments"]
)
def test_lines_that_are_no_rows_take_no_more_memory_than_their_text(tmp_path: Path, lines: str) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of one process is read from /proc, which this system lacks")
    path = tmp_path / "data.csv"
    path.write_text(lines + "u1,i1\nu2,i2\n")
    program = (
        "import sys\nfrom pathlib import Path\nfrom recsys_tui.data.readers.registry import read_table\n"
        "assert read_table(Path(sys.argv[1])).frame.rows() == [('u1', 'i1'), ('u2', 'i2')]\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < READING + TIMES_TEXT * path.stat().st_size
