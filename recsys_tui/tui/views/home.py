"""Home: what is in the data, how far the stages are, and what was noticed while reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.charts import bar_rows, columns
from recsys_tui.tui.widgets.line_table import fit
from recsys_tui.tui.widgets.panel import Panel
from recsys_tui.tui.widgets.stage_lines import stage_lines

CHART_HEIGHT = 6


class HomeView(VerticalScroll, can_focus=True):
    """The overview. Scrolls where the screen is small."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="home.down"),
        Binding("k", "scroll_up", show=False, id="home.up"),
        Binding("g", "scroll_home", show=False, id="home.start"),
        Binding("G", "scroll_end", show=False, id="home.end"),
    ]
    state = WorkbenchState()

    def compose(self) -> ComposeResult:
        with Horizontal(id="home-top"):
            yield Panel(say("tui.dataset"), id="home-figures")
            yield Panel(say("tui.ratings"), id="home-ratings")
        with Horizontal(id="home-middle"):
            yield Panel(say("tui.activity"), id="home-activity")
            yield Panel(say("tui.long_tail"), id="home-tail")
        yield Panel(say("tui.stages"), id="home-stages")
        with Vertical(id="home-bottom"):
            yield Panel(say("tui.columns"), id="home-columns")
            yield Panel(say("tui.findings"), id="home-findings")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        self.state = state
        self._panel("home-figures").show(self._figures())
        self._panel("home-stages").show(stage_lines(state.stages(), self._panel("home-stages").inner_width))
        overview, dataset = state.overview, state.dataset
        few = CrowdGate().pass_text("", 0)
        ratings = self._panel("home-ratings")
        activity, tail = self._panel("home-activity"), self._panel("home-tail")
        if overview is None or dataset is None:
            for panel in (ratings, activity, tail):
                panel.show([Text(say("tui.reading"), style="dim")])
            return
        mix = overview.ratings or overview.events
        ratings.border_title = say("tui.events" if overview.events and not overview.ratings else "tui.ratings")
        rows = bar_rows([(entry.label, entry.count) for entry in mix], ratings.inner_width, few)
        ratings.show(rows or [Text(say("tui.no_ratings"), style="dim")])
        activity.show(self._activity(activity.inner_width))
        tail.border_title = say("tui.tail_title", share=f"{overview.top_items_share:.0%}")
        tail.show(columns(overview.tail, tail.inner_width, CHART_HEIGHT))
        self._panel("home-columns").show(
            [
                Text(f"{fit(choice.role, 8)} {fit(choice.column, 18)} {choice.confidence:>4.0%}  ").append(
                    choice.why, style="dim"
                )
                for choice in dataset.columns
            ]
        )
        found = [Text(f"! {entry.message}") for entry in dataset.findings] or [
            Text(say("tui.no_findings"), style="dim")
        ]
        if state.note:
            found.insert(0, Text(f"! {state.note}", style="bold"))
        self._panel("home-findings").show(found)

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)

    def _figures(self) -> list[Text]:
        overview, dataset = self.state.overview, self.state.dataset
        if overview is None or dataset is None:
            step = self.state.step or "finding"
            return [Text(say(f"tui.step_{step}"), style="dim")]
        span = say(f"cli.time_{dataset.time_kind.value}")
        if dataset.time_kind is TimeKind.TIME and overview.first_time is not None and overview.last_time is not None:
            span = f"{_day(overview.first_time)} – {_day(overview.last_time)}"
        figures = (
            ("tui.rows", f"{overview.rows:,}"),
            ("tui.interactions", f"{overview.interactions:,}"),
            ("tui.users", f"{overview.users:,}"),
            ("tui.items", f"{overview.items:,}"),
            ("tui.catalogue", f"{overview.catalogue_items:,}"),
            ("tui.density", f"{overview.density:.3%}"),
            (
                "tui.history",
                say("tui.median_longest", median=f"{overview.median_history:g}", most=f"{overview.longest_history:,}"),
            ),
            ("tui.time", span),
        )
        return [Text(fit(say(name), 13), style="dim").append(value, style="not dim") for name, value in figures]

    def _activity(self, width: int) -> list[Text]:
        overview = self.state.overview
        if overview is None or not overview.periods:
            return [Text(say("tui.no_dates"), style="dim")]
        chart = columns([entry.count for entry in overview.periods], width, CHART_HEIGHT - 1)
        first, last = overview.periods[0].label, overview.periods[-1].label
        gap = max(1, width - len(first) - len(last))
        return [*chart, Text(first + " " * gap + last, style="dim")]


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d")
