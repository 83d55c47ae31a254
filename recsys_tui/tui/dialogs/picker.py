"""What pickers share: a line to type in, and under it the rows that match, filtered on a thread of their own."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from recsys_tui.output.messages import say
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.keymap.held_keys import HeldKeysApp
from recsys_tui.tui.messages import Filtered
from recsys_tui.tui.sizes import LOW
from recsys_tui.tui.widgets.line_table import Column, LineTable

if TYPE_CHECKING:
    import polars as pl


class Picker(Dialog[str | None]):
    """Returns the id of the chosen row, or None. Stale answers are dropped; Enter waits for the answer of its text."""

    CSS_PATH = "picker.tcss"
    VERTICAL_BREAKPOINTS = [(0, "low"), (LOW, "high")]  # noqa: RUF012 - declared so by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="picker.close"),
        Binding("down", "move(1)", show=False, priority=True, id="picker.down"),
        Binding("up", "move(-1)", show=False, priority=True, id="picker.up"),
        Binding("pagedown", "page(1)", show=False, priority=True, id="picker.page_down"),
        Binding("pageup", "page(-1)", show=False, priority=True, id="picker.page_up"),
    ]

    def __init__(self, worker: WorkerThread, hint: str, about: str, nothing: str, start: str = "") -> None:
        super().__init__()
        self._worker, self._start = worker, start
        self._hint, self._about, self._nothing = hint, about, nothing
        self._rows: Any = None
        self._generation, self._answered = 0, 0
        self._wanted = False
        self._turn = 0  # of the keys behind an Enter that waits

    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """The columns of the rows."""

    @abstractmethod
    def match(self, text: str) -> pl.Series | None:
        """The places of the rows that match, or None where there is nothing to look through yet. On the thread."""

    @abstractmethod
    def cells(self, places: pl.Series) -> list[tuple[str, ...]]:
        """The cells of the rows at some places."""

    @abstractmethod
    def id_at(self, place: int) -> str:
        """The id of the row at a place."""

    @abstractmethod
    def title_of(self, matches: str, milliseconds: str) -> str:
        """What stands above all, where so many rows were found in so many milliseconds."""

    def nothing_for(self, _text: str) -> str:
        """What is said where nothing matches a text."""
        return self._nothing

    def compose(self) -> ComposeResult:
        with Vertical(id="picker"):
            typed = Input(self._start, placeholder=self._hint, id="picker-text", select_on_focus=False)
            typed.cursor_blink = False
            yield typed
            table = LineTable(self.columns(), say("items.still_looking"), id="picker-list")
            table.can_focus = False
            yield table
            yield Static(self._about, markup=False, id="picker-about")

    def on_mount(self) -> None:
        self.filter(self._start)

    @on(Input.Changed, "#picker-text")
    def _typed(self, event: Input.Changed) -> None:
        self.filter(event.value)

    def refilter(self) -> None:
        """Filter anew: there is more to go by."""
        for typed in self.query("#picker-text").results(Input):  # none yet, or none any more
            self.filter(typed.value, keep=True)

    def filter(self, text: str, keep: bool = False) -> None:
        """Look for a text on the thread. ``keep``: the cursor, and the wish of an Enter that waits."""
        self._generation += 1
        self._wanted = self._wanted and keep
        generation = self._generation

        def search() -> None:
            start = time.perf_counter()
            rows = self.match(text)
            if rows is not None:
                self.post_message(Filtered(generation, rows, (time.perf_counter() - start) * 1000))

        self._worker.submit(search, kind="filter")

    def on_filtered(self, event: Filtered) -> None:
        if event.generation != self._generation:
            return
        self._rows, self._answered = event.rows, event.generation
        table = self.query_one(LineTable)
        table.columns = tuple(self.columns())
        table.show(len(event.rows), self._fetch, 0, self.nothing_for(self.query_one(Input).value))
        title = self.title_of(f"{len(event.rows):,}", f"{event.milliseconds:.0f}")
        self.query_one("#picker").border_title = Text(title)
        if self._wanted:
            self._choose()
            if isinstance(self.app, HeldKeysApp):
                self.app.go_on_with_keys(self._turn)

    def _fetch(self, start: int, stop: int) -> list[tuple[str, ...]]:
        return self.cells(self._rows[start:stop])

    def id_under_cursor(self) -> str | None:
        """The id of the row under the cursor; None where there is none."""
        table = self.query_one(LineTable)
        if self._rows is None or table.cursor >= len(self._rows):
            return None
        return self.id_at(int(self._rows[table.cursor]))

    def action_move(self, steps: int) -> None:
        self.query_one(LineTable).action_move(steps)

    def action_page(self, pages: int) -> None:
        self.query_one(LineTable).action_page(pages)

    @on(Input.Submitted, "#picker-text")
    @on(LineTable.Chosen)
    def _choose(self) -> None:
        # The rows on screen answer an earlier text until the search is through: Enter waits for its own.
        self._wanted = self._answered != self._generation
        chosen = None if self._wanted else self.id_under_cursor()
        if chosen is not None:
            self.dismiss(chosen)
        elif not self._wanted:
            self.app.notify(self.nothing_for(self.query_one(Input).value), markup=False)
        elif isinstance(self.app, HeldKeysApp):
            self._turn = self.app.hold_keys()
