"""Findings as lines of text: what was noticed, and how to change what was made of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from recsys_tui.output.messages import CATALOGUE, say
from recsys_tui.tui.widgets.line_table import fit

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Finding

MARK = "! "


def how_to_change(code: str) -> str | None:
    """What to press or to say to have it otherwise; None where nothing can be changed."""
    known = f"home.change_{code}"
    return say(known) if known in CATALOGUE else None


def role_name(role: str) -> str:
    """What to call the role of a column."""
    known = f"data.role_{role}"
    return say(known) if known in CATALOGUE else role


def finding_lines(findings: Sequence[Finding], note: str | None, width: int, room: int) -> list[Text]:
    """Findings in ``room`` lines of ``width`` cells: whole sentences and how to change it where they fit, else whole
    sentences, else the start of each.

    Those that can be changed come first. ``note`` stands before them all.
    """
    ordered = sorted(findings, key=lambda entry: how_to_change(entry.code) is None)
    head = [Text(fit(MARK + note, width).rstrip(), style="bold")] if note else []
    whole = [line for entry in ordered for line in whole_finding(entry, width)]
    if len(head) + len(whole) <= room:
        return head + whole
    sentences = [Text(line) for entry in ordered for line in wrapped(MARK + entry.message, width)]
    if len(head) + len(sentences) <= room:
        return head + sentences
    short = [Text(fit(MARK + entry.message, width).rstrip()) for entry in ordered]
    shown = max(0, room - len(head) - (len(head) + len(short) > room))
    more = len(short) - shown
    rest = [Text(fit(say("home.findings_more", count=more), width).rstrip(), style="dim")] if more > 0 else []
    return head + short[:shown] + rest


def whole_finding(entry: Finding, width: int) -> list[Text]:
    """The whole sentence, and below it how to change it."""
    lines = [Text(line) for line in wrapped(MARK + entry.message, width)]
    how = how_to_change(entry.code)
    if how is not None:
        lines += [Text("  " + line, style="dim") for line in wrapped(say("home.change", how=how), width - 2)]
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines that are at most ``width`` cells wide; further lines are indented by two."""
    lines = textwrap.wrap(text, max(10, width), subsequent_indent="  ")
    return [fit(line, width).rstrip() for line in lines] or [""]
