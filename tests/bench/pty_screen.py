"""What a terminal would show: the little of a terminal's language that the workbench speaks, on a grid of cells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len

_TOKEN = re.compile(
    rb"\x1b\[(?P<modes>[?<=>]?)(?P<numbers>[0-9;:]*)[ -/]*(?P<final>[@-~])"  # control sequences
    rb"|\x1b[\]P_^X].*?(?:\x07|\x1b\\)"  # strings that a program says to the terminal, such as a title
    rb"|\x1b(?![\[\]P_^X])[ -/]*[0-~]"  # other escapes
    rb"|(?P<text>[^\x00-\x1f\x7f]+)"
    rb"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])",
    re.DOTALL,
)


TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT = "╭", "╮", "╰"
Cell = tuple[str, bytes]
BLANK: Cell = (" ", b"")


@dataclass(frozen=True)
class Box:
    """The lines and columns of a border."""

    top: int
    left: int
    bottom: int
    right: int


class Screen:
    """A grid of cells, each a character and how it is written; a wide character takes two."""

    def __init__(self, lines: int, columns: int) -> None:
        self.lines, self.columns = lines, columns
        self.cells = [[BLANK] * columns for _ in range(lines)]
        self._row = self._column = 0
        self._style, self._rest = b"", b""

    def feed(self, data: bytes) -> None:
        """Draw what a program wrote; a sequence that is not whole yet waits for the rest."""
        data = self._rest + data
        place = 0
        while place < len(data):
            found = _TOKEN.match(data, place)
            if found is None:
                break
            if found.end() == len(data) and found["text"] is not None:
                place += self._write(found["text"])
                break
            if found["text"] is not None:
                self._write(found["text"])
            elif found["control"] is not None:
                self._control(found["control"])
            elif found["final"] is not None and not found["modes"]:
                self._sequence(found["final"], found["numbers"])
            place = found.end()
        self._rest = data[place:]

    def text(self) -> str:
        """All lines, top first."""
        return "\n".join(self.line(number) for number in range(self.lines))

    def line(self, number: int) -> str:
        """One line, the top one being 0."""
        return "".join(character for character, _ in self.cells[number]).rstrip()

    def box(self, title: str) -> Box | None:
        """Where the box lies whose border names it by something that begins with ``title``; None: there is none."""
        for top in range(self.lines):
            line = [character for character, _ in self.cells[top]]
            for left in (place for place, character in enumerate(line) if character == TOP_LEFT):
                if "".join(line[left + 1 :]).lstrip("─ ").startswith(title) and TOP_RIGHT in line[left:]:
                    below = (row for row in range(top, self.lines) if self.cells[row][left][0] == BOTTOM_LEFT)
                    return Box(top, left, next(below, self.lines - 1), line.index(TOP_RIGHT, left))
        return None

    def inside(self, box: Box) -> list[str]:
        """The text within a box, line by line, its border left out."""
        rows = self.cells[box.top + 1 : box.bottom]
        return ["".join(character for character, _ in row[box.left + 1 : box.right]) for row in rows]

    def _write(self, data: bytes) -> int:
        """Write text; returns the bytes of it that are whole characters."""
        try:
            text, used = data.decode(), len(data)
        except UnicodeDecodeError as error:
            text, used = data[: error.start].decode(), error.start
        for character in text:
            wide = cell_len(character)
            if self._row < self.lines and self._column + wide <= self.columns and wide:
                self.cells[self._row][self._column : self._column + wide] = [
                    (character, self._style),
                    *[("", self._style)] * (wide - 1),
                ]
            self._column += wide
        return used

    def _control(self, code: bytes) -> None:
        if code == b"\r":
            self._column = 0
        elif code == b"\n":  # a terminal in the mode of programs that draw turns it into both
            self._row, self._column = min(self._row + 1, self.lines - 1), 0
        elif code == b"\b":
            self._column = max(0, self._column - 1)

    def _sequence(self, final: bytes, numbers: bytes) -> None:
        if final == b"m":
            self._style = b"" if numbers in (b"", b"0") else self._style + b";" + numbers
            return
        given = [int(number or 0) for number in numbers.split(b";")] if numbers and b":" not in numbers else []
        first = given[0] if given else 0
        if final in b"Hf":
            self._row = max(first, 1) - 1
            self._column = max(given[1] if len(given) > 1 else 1, 1) - 1
        elif final == b"A":
            self._row = max(0, self._row - max(first, 1))
        elif final == b"B":
            self._row = min(self.lines - 1, self._row + max(first, 1))
        elif final == b"C":
            self._column += max(first, 1)
        elif final == b"D":
            self._column = max(0, self._column - max(first, 1))
        elif final == b"G":
            self._column = max(first, 1) - 1
        elif final == b"J" and first in (2, 3):
            self.cells = [[BLANK] * self.columns for _ in range(self.lines)]
        elif final == b"K" and not first and self._row < self.lines:
            self.cells[self._row][self._column :] = [BLANK] * (self.columns - self._column)
