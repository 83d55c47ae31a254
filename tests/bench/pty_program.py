"""A program in a pseudo-terminal: write a key, time the bytes that come back, see what is on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.pty_screen import Screen

LINES, COLUMNS = 36, 120
FULL_SCREEN = 3_000  # bytes
BETWEEN_BYTES = 0.005  # seconds within one paint


@dataclass(frozen=True)
class Painted:
    """Milliseconds from a key to the first bytes that changed the screen and to the last bytes; None where none did.

    The line on top does not count: the clock of a training moves in it. ``boxed``: to the last change of the text in
    the box that was watched.
    """

    first: float | None
    last: float | None
    boxed: float | None = None


@dataclass(frozen=True)
class Memory:
    """Resident megabytes of a process: all, and those of its own, without files that are mapped."""

    resident: float
    private: float


class Program:
    """``recsys-tui`` with some arguments, running."""

    def __init__(
        self,
        arguments: Sequence[str],
        lines: int = LINES,
        columns: int = COLUMNS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = Screen(lines, columns)
        self.start = time.perf_counter()
        self.pid, self._stream = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", **(environment or {})})
            os.execv(sys.executable, [sys.executable, "-m", "recsys_tui", *arguments])  # noqa: S606 - our own program
        fcntl.ioctl(self._stream, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.ended = False
        self.exit_code: int | None = None

    def raw(self, seconds: float) -> Iterator[tuple[float, bytes]]:
        """When bytes came (perf_counter) and which, for some seconds."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if not select.select([self._stream], [], [], left)[0]:
                return
            try:
                data = os.read(self._stream, 1 << 16)
            except OSError:
                self.ended = True
                return
            yield time.perf_counter(), data

    def chunks(self, seconds: float) -> Iterator[tuple[float, int]]:
        """When bytes came (perf_counter) and how many, for some seconds; the screen is fed."""
        for came, data in self.raw(seconds):
            self.screen.feed(data)
            yield came, len(data)

    def listen(self, seconds: float) -> None:
        """Let the program go on for some seconds."""
        for _ in self.chunks(seconds):
            pass

    def write(self, keys: bytes) -> None:
        """Send keys, and wait for nothing."""
        os.write(self._stream, keys)

    def press(
        self, keys: bytes, quiet: float = 0.25, patience: float = 1.0, most: float = 3.0, watch: str | None = None
    ) -> Painted:
        """Send a key and listen: ``patience`` seconds for a change of the screen, from then on until nothing came for
        ``quiet`` seconds, ``most`` seconds at the longest. ``watch``: the title of a box."""
        before = [list(row) for row in self.screen.cells[1:]]
        box = None if watch is None else self.screen.box(watch)
        text = None if box is None else self.screen.inside(box)
        start = time.perf_counter()
        self.write(keys)
        first = boxed = None
        last, until = start, start + patience
        while (now := time.perf_counter()) < until and not self.ended:
            for came, _ in self.chunks(until - now):
                last = came
                if first is None and self.screen.cells[1:] != before:
                    first = came
                if box is not None and (inside := self.screen.inside(box)) != text:
                    text, boxed = inside, came
                if first is not None:
                    until = min(came + quiet, start + most)
                break
        moments = (first, None if first is None else last, boxed)
        return Painted(*(None if moment is None else 1000 * (moment - start) for moment in moments))

    def until(self, test: Callable[[str], object], seconds: float = 60) -> float:
        """Listen until the text on the screen passes a test; returns when, in milliseconds since the start.

        Raises ``RuntimeError`` with the screen where it does not, or where the program ended.
        """
        if test(self.screen.text()):
            return 1000 * (time.perf_counter() - self.start)
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline and not self.ended:
            for came, _ in self.chunks(0.2):
                if test(self.screen.text()):
                    return 1000 * (came - self.start)
        raise RuntimeError(f"not seen within {seconds:g} s:\n{self.screen.text()}")

    def first_paint(self) -> float:
        """Milliseconds from the start of the process to the first full screen.

        The screen is fed when all of it is there: a program that paints waits for a terminal that is slow to read.
        """
        painted, last = b"", self.start
        while len(painted) < FULL_SCREEN and time.perf_counter() - self.start < 30 and not self.ended:
            for came, data in self.raw(BETWEEN_BYTES):
                painted, last = painted + data, came
                if len(painted) >= FULL_SCREEN and not self._more_to_read():
                    break
        self.screen.feed(painted)
        return 1000 * (last - self.start)

    def _more_to_read(self) -> bool:
        return bool(select.select([self._stream], [], [], BETWEEN_BYTES)[0])

    def cpu_seconds(self) -> float:
        """User and system seconds of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> Memory:
        """What the process takes now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kilobytes = {name: int(number) for name, number in re.findall(r"(VmRSS|RssAnon):\s+(\d+)", status)}
        return Memory(kilobytes["VmRSS"] / 1e3, kilobytes["RssAnon"] / 1e3)

    def children(self) -> list[int]:
        """Processes that the program started and that still run."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if int(fields[1]) == self.pid and fields[0] != "Z":
                found.append(int(path.parent.name))
        return found

    def gone(self, pids: Sequence[int], seconds: float) -> float | None:
        """Milliseconds from now until none of some processes runs; None where one still does after ``seconds``."""
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            self.listen(0.005)
            if not any(runs(pid) for pid in pids):
                return 1000 * (time.perf_counter() - start)
        return None

    def quit(self, key: bytes = b"q") -> float:
        """Milliseconds from the key that ends it to the end of the process."""
        start = time.perf_counter()
        self.write(key)
        while (waited := os.waitpid(self.pid, os.WNOHANG))[0] == 0:
            if time.perf_counter() - start > 10:
                raise RuntimeError(f"q did not end it:\n{self.screen.text()}")
            self.listen(0.01)
        self.exit_code = os.waitstatus_to_exitcode(waited[1])
        os.close(self._stream)
        return 1000 * (time.perf_counter() - start)

    def kill(self) -> None:
        """End it at once, where a measurement failed."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._stream)


def runs(pid: int) -> bool:
    """Whether a process does something still."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
