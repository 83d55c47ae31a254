"""The user picker: filters as one types, over any number of users."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from recsys_tui.output.messages import say
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.messages import Filtered
from recsys_tui.tui.user_filter import matching_users
from recsys_tui.tui.widgets.line_table import Column, LineTable

if TYPE_CHECKING:
    import polars as pl


class UserPicker(ModalScreen[str | None]):
    """Returns the id of the chosen user, or None. Filtering runs on its own thread; stale answers are dropped."""

    CSS_PATH = "user_picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="picker.close"),
        Binding("down", "move(1)", show=False, priority=True, id="picker.down"),
        Binding("up", "move(-1)", show=False, priority=True, id="picker.up"),
        Binding("pagedown", "page(1)", show=False, priority=True, id="picker.page_down"),
        Binding("pageup", "page(-1)", show=False, priority=True, id="picker.page_up"),
    ]

    def __init__(self, users: pl.DataFrame, has_dates: bool, worker: WorkerThread, start: str = "") -> None:
        super().__init__()
        self._users, self._has_dates, self._worker, self._start = users, has_dates, worker, start
        self._rows: Any = None
        self._generation, self._answered = 0, 0
        self._wanted = False

    def compose(self) -> ComposeResult:
        with Vertical(id="picker"):
            typed = Input(self._start, placeholder=say("tui.picker_hint"), id="picker-text")
            typed.cursor_blink = False
            yield typed
            columns = (
                Column(say("tui.user")),
                Column(say("tui.group"), 6),
                Column(say("tui.actions_short"), 9, right=True),
                Column(say("tui.mean"), 5, right=True, muted=True),
                Column(say("tui.last"), 10, right=True, muted=True),
            )
            table = LineTable(columns, say("tui.nobody_matches"), id="picker-list")
            table.can_focus = False
            yield table

    def on_mount(self) -> None:
        self._filter(self._start)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._filter(event.value)

    def _filter(self, text: str) -> None:
        self._generation += 1
        self._wanted = False
        generation, users = self._generation, self._users

        def search() -> None:
            start = time.perf_counter()
            rows = matching_users(users, text)
            self.post_message(Filtered(generation, rows, (time.perf_counter() - start) * 1000))

        self._worker.submit(search, kind="filter")

    def on_filtered(self, event: Filtered) -> None:
        if event.generation != self._generation:
            return
        self._rows, self._answered = event.rows, event.generation
        self.query_one(LineTable).show(len(event.rows), self._fetch, 0)
        self.query_one("#picker").border_title = say(
            "tui.picker_title",
            users=f"{self._users.height:,}",
            matches=f"{len(event.rows):,}",
            milliseconds=f"{event.milliseconds:.0f}",
        )
        if self._wanted:
            self._choose()

    @property
    def found(self) -> tuple[pl.DataFrame, pl.Series]:
        """The frame of users, and the places in it of those who match, in the order of the list."""
        return self._users, self._rows

    def _fetch(self, start: int, stop: int) -> list[tuple[str, ...]]:
        shown = self._users[self._rows[start:stop]]
        return [
            (
                row["id"],
                "" if row["cluster"] is None else f"C{row['cluster']}",
                f"{row['count']:,}",
                "" if row["mean_rating"] is None else f"{row['mean_rating']:.1f}",
                self._when(row["last"]),
            )
            for row in shown.iter_rows(named=True)
        ]

    def _when(self, last: int | None) -> str:
        if last is None:
            return ""
        return datetime.fromtimestamp(last / 1000, UTC).strftime("%Y-%m-%d") if self._has_dates else f"{last:,}"

    def action_move(self, steps: int) -> None:
        self.query_one(LineTable).action_move(steps)

    def action_page(self, pages: int) -> None:
        self.query_one(LineTable).action_page(pages)

    @on(Input.Submitted)
    @on(LineTable.Chosen)
    def _choose(self) -> None:
        # The rows on screen answer an earlier text until the search is through: Enter waits for its own.
        self._wanted = self._answered != self._generation
        table = self.query_one(LineTable)
        if not self._wanted and table.count:
            self.dismiss(self._users["id"][int(self._rows[table.cursor])])
