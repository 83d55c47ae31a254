"""Pictures of the screen that are kept, and what is on screen now held against them.

``RECSYS_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py`` writes them anew: look at each before it is kept.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from recsys_tui.tui.taking.picture import self_contained

FOLDER = Path(__file__).parent / "snapshots"
UPDATE = "RECSYS_UPDATE_SNAPSHOTS"
LARGEST = 60_000  # bytes
MOST_TOLD = 8
# Each picture has a number of its own before all its names, so that several can be on one page.
_OWN_NUMBER = re.compile(r"terminal-\d+-")
_TEXT = re.compile(r'<text class="s-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>')
_GROUND = re.compile(r'<rect fill="([^"]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]*/>')
_LINE_CLIPS = re.compile(r'<clipPath id="s-line-\d+">.*?</clipPath>| clip-path="url\(#s-line-\d+\)"', re.DOTALL)
CELL_WIDTH = 12.2  # of the pictures, in their own unit


def normalised(svg: str) -> str:
    """A picture without what differs from one export to the next, without fonts from elsewhere, and shorter.

    Blanks are written as themselves, and grounds of one colour side by side as one.
    """
    svg = _LINE_CLIPS.sub("", _OWN_NUMBER.sub("s-", self_contained(svg))).replace("&#160;", "\N{NO-BREAK SPACE}")
    grounds = _GROUND.findall(svg)
    svg = _GROUND.sub("", svg).replace('<g class="s-matrix">', _joined(grounds) + '<g class="s-matrix">', 1)
    return "\n".join(line.strip() for line in svg.splitlines() if line.strip()) + "\n"


def _joined(grounds: list[tuple[str, ...]]) -> str:
    """Grounds from left to right, row by row, those that touch and have one colour as one."""
    found: list[list[float | str]] = []
    for colour, *sides in grounds:
        x, y, width, height = map(float, sides)
        last = found[-1] if found else None
        if last is not None and (last[0], last[2]) == (colour, y) and abs(last[1] + last[3] - x) < 1:
            last[3] = round(x + width - last[1], 2)
        else:
            found.append([colour, x, y, width, height])
    rows = [f'<rect fill="{one[0]}" x="{one[1]}" y="{one[2]}" width="{one[3]}" height="{one[4]}"/>' for one in found]
    return "\n".join(['<g shape-rendering="crispEdges">', *rows, "</g>", ""])


def text_rows(svg: str) -> list[str]:
    """The text of a normalised picture, row by row."""
    rows: dict[float, str] = {}
    for x, y, text in _TEXT.findall(svg):
        before = rows.get(float(y), "")
        written = html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")
        rows[float(y)] = set_cell_size(before, max(cell_len(before), round(float(x) / CELL_WIDTH))) + written
    return [rows[y].rstrip() for y in sorted(rows)]


def check_picture(svg: str, name: str, written_to: Path) -> list[str]:
    """Hold a picture against the one that is kept: what differs, in words. Another is left in ``written_to``."""
    now, kept = normalised(svg), FOLDER / f"{name}.svg"
    if os.environ.get(UPDATE):
        kept.write_text(now, encoding="utf-8")
        return []
    before = kept.read_text(encoding="utf-8") if kept.exists() else ""
    if now == before:
        return []
    path = written_to / f"{name}.svg"
    path.write_text(now, encoding="utf-8")
    head = f"{kept} shows another screen than {path}. {UPDATE}=1 keeps the new one."
    return [head, *differing(text_rows(before), text_rows(now))]


def differing(before: list[str], now: list[str]) -> list[str]:
    """The first rows of text that differ; where none does, the pictures differ in their looks alone."""
    longest = max(len(before), len(now))
    pairs = zip(before + [""] * (longest - len(before)), now + [""] * (longest - len(now)), strict=True)
    rows = [(place, old, new) for place, (old, new) in enumerate(pairs, 1) if old != new]
    if not rows:
        return ["The texts are the same: colours or styles differ."]
    return [f"row {place}\n  kept {old!r}\n  now  {new!r}" for place, old, new in rows[:MOST_TOLD]]
