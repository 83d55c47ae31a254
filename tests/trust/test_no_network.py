"""Nothing leaves the machine: every command, the training's child process and the workbench, with sockets forbidden."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import recsys_tui
from recsys_tui.output.messages import say
from recsys_tui.recommend.reading_ahead import LARGE
from recsys_tui.recommend.session import Session
from tests.bench.pty_program import Program
from tests.bench.terminal_measures import ended

CLONE_NEWNET = 0x40000000

# Loaded by every Python process that has the folder on its path. Sockets of the machine's own kind (AF_UNIX), which
# event loops talk to themselves with, are no network.
WATCH = """
import os
import socket
import sys

NAMES = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
         "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request"}


def forbid(name, arguments):
    if name in NAMES and getattr(arguments[0], "family", None) != getattr(socket, "AF_UNIX", None):
        with open(os.environ["RECSYS_TEST_TALK"], "a") as told:
            told.write(f"{name} {arguments[1:]!r} {sys.argv!r}\\n")
        raise PermissionError(f"{name} is forbidden")


sys.addaudithook(forbid)
with open(os.environ["RECSYS_TEST_TALK"] + ".watched", "a") as told:
    told.write(f"{os.getpid()} {sys.orig_argv!r}\\n")
"""


def no_network() -> None:
    """In a child, where that is allowed: a network of its own without anything in it, for what is not Python too."""
    if sys.platform == "linux" and os.geteuid() == 0:
        ctypes.CDLL(None).unshare(CLONE_NEWNET)


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where each process writes what it wanted of the network."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "watch"))
    monkeypatch.setenv("RECSYS_TEST_TALK", str(tmp_path / "talk"))
    return tmp_path / "talk"


def recsys(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recsys_tui", *arguments]
    return subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, preexec_fn=no_network)


def said(talk: Path) -> list[str]:
    return talk.read_text().splitlines() if talk.exists() else []


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
    ],
)
def test_the_watch_sees_whoever_talks(talk: Path, attempt: str):
    done = subprocess.run([sys.executable, "-c", attempt], check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "is forbidden" in done.stderr
    assert said(talk)


# What can talk at all: the two exceptions that SECURITY.md names.
TALKERS = {"recommend/explanations/loopback_service.py", "store/download.py"}
TALKING = {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "socketserver", "xmlrpc"}


IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|.*)|import[ \t]+(.*))", re.MULTILINE)


def imported(path: Path) -> set[str]:
    """The modules that a file imports, and what it takes out of them, wherever in it."""
    found = set()
    for source, taken, plain in IMPORT.findall(path.read_text("utf-8")):
        found |= {source, *(f"{source}.{name}" for name in re.findall(r"\w+", taken))} if source else set()
        found |= set(re.findall(r"[\w.]+", plain))
    return found


def test_what_is_imported_is_found(tmp_path: Path):
    (tmp_path / "a.py").write_text("import os, ssl\nfrom http import (\n    client,\n)\n    from a.b import c as d\n")
    assert {"os", "ssl", "http", "http.client", "a.b", "a.b.c"} <= imported(tmp_path / "a.py")


def test_only_two_files_can_talk_and_only_one_command_downloads():
    package = Path(recsys_tui.__file__).parent
    imports = {path.relative_to(package).as_posix(): imported(path) for path in package.rglob("*.py")}

    def importing(names: set[str]) -> set[str]:
        return {path for path, found in imports.items() if found & names or {n.split(".")[0] for n in found} & names}

    assert importing(TALKING - {"asyncio"}) == TALKERS
    assert {path.split("/")[0] for path in importing({"asyncio"})} <= {"tui"}  # which waits for keys with it
    assert importing({"recsys_tui.store.download"}) == {"store/public_download.py"}
    # The command alone brings a dataset; nothing else of it needs more than the table of what there is.
    assert importing({"recsys_tui.store.public_download"}) == {"cli/datasets_get.py"}


def test_no_command_talks(trained_copy: Session, talk: Path, tmp_path: Path):
    home = ("--home", str(trained_copy.home.root))
    rows = [f"u{n % 40},i{(n * 7 + n // 40) % 23},{1_600_000_000 + n * 977}" for n in range(600)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    commands = [
        ("inspect", "events.csv"),
        ("train", "events.csv", "--preset", "quick"),
        ("evaluate", "events.csv", "--models", "popular,ease", "-o", "report.html"),
        ("recommend", "films", "--user", "42", "--explain", "-k", "3"),
        ("recommend", "films", "--all", "--output", "lists.parquet"),
        ("explain", "films", "--user", "42", "--item", "17"),
        ("predict", "films", "--user", "42", "--item", "17"),
        ("audience", "films", "--item", "17"),
        ("similar", "films", "--item", "17"),
        ("clusters", "films"),
        ("update", "films"),
        ("feedback", "add", "films", "--user", "42", "--item", "17", "--like"),
        ("audit", "films", "--faithfulness", "--people", "10"),
        ("ab", "start", "films", "--a", "deep", "--b", "popular"),
        ("ab", "report", "films"),
        ("ab", "stop", "films"),
        ("config", "show"),
        ("datasets", "list"),
        ("workspace", "list"),
        ("doctor",),
        ("--help",),
    ]
    for command in commands:
        done = recsys(*command, *home, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
    assert said(talk) == []
    watched = Path(f"{talk}.watched").read_text()
    assert watched.count("\n") > len(commands)  # the commands, and children of theirs
    assert "recsys_tui.training" in watched
    assert "recsys_tui.evaluate" in watched


def test_the_workbench_does_not_talk(trained_copy: Session, talk: Path):
    program = Program(["open", "films", "--home", str(trained_copy.home.root)])
    with ended(program):
        program.until(lambda text: "Findings" in text)
        for keys in (b"4", b"u", b"\r", b"+", b"e", b"\x1b", b"5", b"6", b"3", b"2", b"1"):
            program.write(keys)
            program.listen(0.4)
        # What is typed while a dialog goes answers nothing more, so the help has to be gone before.
        program.write(b"?")
        program.until(lambda text: say("shell.help_hint") in text)
        program.write(b"\x1b")
        program.until(lambda text: say("shell.help_hint") not in text)
        program.write(b"q")
        program.until(lambda text: "Quit now" in text)
        program.quit(b"\r")
    assert program.exit_code == 0
    assert said(talk) == []
    assert "'open'" in Path(f"{talk}.watched").read_text()


def test_what_reads_much_data_beside_the_workbench_does_not_talk(talk: Path, tmp_path: Path):
    rows = "".join(f"person-{n % 997},item-{n * 7 % 311},{1_600_000_000 + n * 977}\n" for n in range(LARGE // 28))
    (tmp_path / "events.csv").write_text("user,item,time\n" + rows)
    assert (tmp_path / "events.csv").stat().st_size > LARGE
    program = Program(["open", str(tmp_path / "events.csv"), "--no-train", "--home", str(tmp_path / "home")])
    with ended(program):
        program.until(lambda text: "Findings" in text)
        program.quit()
    assert program.exit_code == 0
    assert said(talk) == []
    assert "recsys_tui.recommend.reading_child" in Path(f"{talk}.watched").read_text()
