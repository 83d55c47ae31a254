"""The workbench in a pseudo-terminal: write a key, time the bytes that come back."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.commands import Figure

SIZE = (36, 120)
QUIET = 0.35


class Terminal:
    """A running workbench."""

    def __init__(self, data: str, home: Path) -> None:
        self.start = time.perf_counter()
        self.pid, self.stream = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            command = [sys.executable, "-m", "recsys_tui", "open", data, "--no-train", "--home", str(home)]
            os.execv(sys.executable, command)  # noqa: S606 - our own program
        fcntl.ioctl(self.stream, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))

    def listen(self, seconds: float) -> tuple[float | None, float | None, int]:
        """When the first and the last bytes came (perf_counter), and how many, within some seconds."""
        deadline = time.perf_counter() + seconds
        first = last = None
        count = 0
        while (left := deadline - time.perf_counter()) > 0:
            if select.select([self.stream], [], [], left)[0]:
                try:
                    count += len(os.read(self.stream, 1 << 16))
                except OSError:
                    break
                last = time.perf_counter()
                first = first or last
        return first, last, count

    def press(self, keys: bytes, seconds: float = QUIET) -> tuple[float, float]:
        """Milliseconds from the key to the first and to the last bytes that it caused; 0 where there were none."""
        start = time.perf_counter()
        os.write(self.stream, keys)
        first, last, _ = self.listen(seconds)
        return 1000 * ((first or start) - start), 1000 * ((last or start) - start)

    def first_paint(self) -> float:
        """Milliseconds from the start of the process to the first full screen."""
        total, last = 0, self.start
        while total < 3_000 and time.perf_counter() - self.start < 30:
            _, came, count = self.listen(0.03)
            total += count
            last = came or last
        return 1000 * (last - self.start)

    def cpu_seconds(self) -> float:
        """User and system seconds of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def quit(self) -> float:
        """Milliseconds from ``q`` to the end of the process."""
        start = time.perf_counter()
        os.write(self.stream, b"q")
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0 and time.perf_counter() - start < 10:
            self.listen(0.01)
        os.close(self.stream)
        return 1000 * (time.perf_counter() - start)


def percentile(values: list[float], share: float) -> float:
    """A percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def terminal_figures(data: str, home: Path) -> Iterator[Figure]:
    """First paint, the user picker, moving, idling and quitting on one dataset."""
    name = Path(data).name
    terminal = Terminal(data, home)
    yield bounded(f"{name}: first paint", terminal.first_paint(), 600)
    terminal.listen(8)
    terminal.press(b"u", 1.0)
    filtering = []
    for word in (b"123", b"99", b"3000", b"c1", b"heavy"):
        filtering += [terminal.press(bytes([key]))[1] for key in word]
        filtering += [terminal.press(b"\x7f")[1] for _ in word]
    yield bounded(f"{name}: picker, key to settled list, p95", percentile(filtering, 0.95), 100)
    yield bounded(f"{name}: picker, the same, median", statistics.median(filtering), 100)
    moving = [terminal.press(b"\x1b[B", 0.15)[0] for _ in range(30)]
    yield bounded(f"{name}: move, key to paint, p95", percentile(moving, 0.95), 50)
    terminal.press(b"\r", 1.5)
    following = [terminal.press(b"]")[0] for _ in range(15)]
    yield bounded(f"{name}: next user, key to paint, p95", percentile(following, 0.95), 50)
    terminal.listen(1)
    before = terminal.cpu_seconds()
    terminal.listen(5)
    idle = (terminal.cpu_seconds() - before) / 5
    yield Figure(f"{name}: idle CPU", f"{idle:.1%}", "< 1 %", idle < 0.01)
    yield bounded(f"{name}: quit", terminal.quit(), 500)


def bounded(name: str, milliseconds: float, bound: float) -> Figure:
    """A time in milliseconds that must not exceed a bound."""
    return Figure(name, f"{milliseconds:.0f} ms", f"≤ {bound:g} ms", milliseconds <= bound)
