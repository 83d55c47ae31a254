"""A newcomer at a terminal of 80×24: what they press, and what they read off the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recsys_tui.output.messages import say
from tests.bench.pty_program import Program
from tests.bench.pty_screen import Box

LINES, COLUMNS = 24, 80
QUIET = 0.25  # seconds without a byte, after which a screen is painted
MOST_FRAMES = 20
DOWN, ENTER = b"\x1b[B", b"\r"
NEW = "new"
# " 4 Bellmoor, Encore (1956)       1.43    89% ▼1   ●●●●": a rank, a title, figures, and how far it moved.
_ROW = re.compile(r"^ *(\d+) (.+?) +-?[\d.]+ +[\d.]+% (▲\d+|▼\d+|=|new)? *[●○]+ *$")
_COUNTS = re.compile(r"([\d,]+) users · ([\d,]+) match")


@dataclass(frozen=True)
class ListedItem:
    """A row of the list as it stands on the screen; ``moved``: places it rose, NEW, or None where nothing is said."""

    rank: int
    title: str
    moved: int | str | None


class Newcomer:
    """Drives the program, and knows no more of it than the screen shows."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.program = Program(arguments, LINES, COLUMNS)

    def waits_for(self, *texts: str, seconds: float = 30) -> None:
        """Look until all texts are on the screen at once."""
        self.looks_until(lambda screen: all(text in screen for text in texts), seconds)

    def looks_until(self, test: Callable[[str], object], seconds: float = 30) -> None:
        """Look until the screen passes a test, and has been painted to the end."""
        self.program.until(test, seconds)
        for _ in range(MOST_FRAMES):
            if not any(True for _ in self.program.chunks(QUIET)):
                break

    def presses(self, keys: bytes, *texts: str) -> None:
        """Press keys, then look until the texts are on the screen."""
        self.program.write(keys)
        self.waits_for(*texts)

    def line_on_top(self) -> str:
        return self.program.screen.line(0)

    def last_line(self) -> str:
        return self.program.screen.line(LINES - 1)

    def people_counted(self) -> tuple[int, int]:
        """In the picker: how many people there are, and how many match what is typed; zeros where it says nothing."""
        found = _COUNTS.search(self.program.screen.text())
        people, match = (0, 0) if found is None else (int(number.replace(",", "")) for number in found.groups())
        return people, match

    def people_offered(self) -> list[str]:
        """In the picker: the rows, each with an id in front."""
        lines = (self.program.screen.line(number) for number in range(LINES))
        rows = (line.split("│")[2].strip() for line in lines if line.count("│") >= 3)
        return [row for row in rows if re.match(r"\S+ .*\d{4}-\d{2}-\d{2}", row)]

    def box(self, title: str) -> list[str]:
        """The lines within the box whose title begins so."""
        found = self.program.screen.box(title)
        assert isinstance(found, Box), self.program.screen.text()
        return self.program.screen.inside(found)

    def listed(self) -> list[ListedItem]:
        """The list of recommendations, as far as it is on the screen."""
        found = (_ROW.match(line.rstrip("▁▂▃▄▅▆▇█▔ ")) for line in self.box(say("tui.recommended")))
        return [ListedItem(int(row[1]), row[2].strip(), _places(row[3])) for row in found if row is not None]

    def likes_the_first(self) -> tuple[str, list[ListedItem]]:
        """Press + on the first item; returns its title, and the list as it is when that item has left it."""
        first = self.listed()[0].title
        self.presses(b"+", f"♥ {first.removesuffix('…')[:40]}", say("live.noted"), say("live.back_undo"))
        self.looks_until(lambda _screen: (now := self.listed()) and now[0].title != first and now[0].moved)
        return first, self.listed()

    def quits(self) -> int:
        """Press q; returns the exit code."""
        self.program.quit()
        assert self.program.exit_code is not None
        return self.program.exit_code

    def ends(self) -> None:
        """Leave nothing running."""
        if self.program.exit_code is None:
            self.program.kill()


def _places(written: str | None) -> int | str | None:
    if written is None or written == NEW:
        return written
    return 0 if written == "=" else int(written[1:]) * (1 if written[0] == "▲" else -1)
