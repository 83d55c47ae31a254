"""What a person can have done, as help and the palette list it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.binding import ActiveBinding

from recsys_tui.output.messages import say

# Keys that say nothing of themselves move something: by the last part of their id.
MOVES = (
    *("up", "down", "page_up", "page_down", "start", "end", "first", "last", "left", "right", "choose"),
    *("next_pane", "previous_pane"),
)
SAID = {
    "back": "shell.back",
    "item.way_back": "shell.way_back",
    "filter.clear": "shell.clear_filter",
    "why.keep": "live.key_keep",
    "quit.control": "tui.key_quit",
    "quit.interrupt": "shell.interrupt",
}
PANES = {"app.focus_next": "next_pane", "app.focus_previous": "previous_pane"}


@dataclass(frozen=True)
class Command:
    """One line of help or of the palette.

    ``keys``: as shown. ``run`` does it, once the list is closed. ``reason``: why it can do nothing now, or None.
    ``words``: further words by which it is found.
    """

    does: str
    run: Callable[[], Any]
    keys: str = ""
    reason: str | None = None
    words: str = ""

    @property
    def text(self) -> str:
        """What is searched."""
        return f"{self.does} {self.keys} {self.words}"


def does(binding: Any) -> str:
    """What a binding does, in words; empty for what nobody needs to know."""
    if (binding.id or "").startswith("mode."):
        return say("shell.go_to", mode=binding.description)
    if binding.description:
        known = PANES.get(binding.action)
        return str(binding.description) if binding.id else "" if known is None else say(f"shell.move_{known}")
    if binding.id in SAID:
        return say(SAID[binding.id])
    last = (binding.id or "").rpartition(".")[2]
    return say(f"shell.move_{last}") if last in MOVES else ""


def key_commands(
    active: Mapping[str, ActiveBinding],
    shown: Callable[[Any], str],
    run: Callable[[ActiveBinding], Callable[[], Any]],
    why_not: Callable[[str], str | None],
) -> list[Command]:
    """A command for each key that can be pressed: of the view first, then of the workbench, moves last.

    ``shown``: how the key of a binding is shown. Keys that do the same stand in one line.
    """
    keys: dict[tuple[str, str], list[str]] = {}
    entries: dict[tuple[str, str], ActiveBinding] = {}
    for entry in active.values():
        if said := does(entry.binding):
            name = (entry.binding.action, said)
            if name not in entries or (entry.binding.description and not entries[name].binding.description):
                entries[name] = entry
            key = shown(entry.binding)
            if key not in keys.setdefault(name, []):
                keys[name].append(key)
    found = [
        Command(name[1], run(entry), " ".join(keys[name]), why_not(entry.binding.id or ""), entry.binding.id or "")
        for name, entry in entries.items()
    ]
    return sorted(found, key=_group)


def _group(command: Command) -> int:
    """What one does first, then leaving, then moving."""
    if command.words.rpartition(".")[2] in (*MOVES, ""):
        return 2
    return 1 if command.words.partition(".")[0] in ("quit", "back") else 0
