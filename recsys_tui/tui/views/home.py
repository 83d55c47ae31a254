"""Home: what is in the data, how far the stages are, and what was noticed while reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from recsys_tui.data.dataset import QUANTITY, TimeKind
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.lines.findings import finding_lines, role_name
from recsys_tui.tui.sizes import NARROW, SLIM
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.charts import bar_rows, columns
from recsys_tui.tui.widgets.line_table import fit
from recsys_tui.tui.widgets.panel import Panel
from recsys_tui.tui.widgets.sample_grid import SampleGrid
from recsys_tui.tui.widgets.stage_lines import clock, stage_lines

if TYPE_CHECKING:
    from recsys_tui.data.dataset import ColumnChoice, Finding
    from recsys_tui.data.histogram_cells import Bar
    from recsys_tui.data.overview import Overview

CHART_HEIGHT = 6
BORDER, FIGURES, STAGES_HEIGHT, MIDDLE_HEIGHT, LEAST_FINDINGS = 2, 8, 6, 8, 4
ROLES = ("user", "item", "rating", "time", "event", "quantity", "basket")
STEPS = ("finding", "reading", "cleaning", "describing")
DONE_MARK, NOW_MARK, LATER_MARK = "✓", "▶", "○"


class HomeView(VerticalScroll, can_focus=True):
    """The overview. Scrolls where the screen is small."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="home.down"),
        Binding("k", "scroll_up", show=False, id="home.up"),
        Binding("g", "scroll_home", show=False, id="home.start"),
        Binding("G", "scroll_end", show=False, id="home.end"),
    ]
    state = WorkbenchState()
    _findings_height = LEAST_FINDINGS

    def compose(self) -> ComposeResult:
        with Horizontal(id="home-top"):
            yield Panel(say("tui.dataset"), id="home-figures")
            yield Panel(say("tui.ratings"), id="home-ratings")
        with Vertical(id="home-sample") as sample:
            sample.border_title = say("home.sample")
            yield SampleGrid(id="home-rows")
        yield Panel(say("tui.stages"), id="home-stages")
        with Horizontal(id="home-bottom"):
            yield Panel(say("tui.findings"), id="home-findings")
            yield Panel(say("tui.columns"), id="home-columns")
        with Horizontal(id="home-middle"):
            yield Panel(say("tui.activity"), id="home-activity")
            yield Panel(say("tui.long_tail"), id="home-tail")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state: what was read of the data so far, or the whole overview."""
        self.state = state
        self.set_class(state.overview is None or state.dataset is None, "reading")
        if state.overview is None or state.dataset is None:
            self._reading()
            return
        self.query_one("#home-sample").display = False
        self._share_height()
        self._panel("home-figures").show(self._figures())
        stages = self._panel("home-stages")
        stages.border_title = stages_title(state)
        stages.show(stage_lines(state.stages(), stages.inner_width, state.expected()))
        self._charts(state.overview)
        columns_panel = self._panel("home-columns")
        columns_panel.border_title = say("tui.columns")
        columns_panel.show(column_lines(state.dataset.columns, columns_panel.inner_width))
        self._findings(state.dataset.findings)

    def _reading(self) -> None:
        """The steps of reading, and as soon as they are there the first rows with what their columns are taken for."""
        reading = self.state.reading
        self.query_one("#home-top").styles.height = "auto"
        self._panel("home-figures").show(reading_lines(self.state))
        found = reading.preview
        self.query_one("#home-sample").display = found is not None
        self._panel("home-columns").display = found is not None
        if found is None:
            return
        self.query_one("#home-sample").border_title = say("home.sample_of", format=found.format)
        roles = {choice.column: role_name(choice.role) for choice in found.choices}
        self.query_one(SampleGrid).show(found.columns, found.rows, roles, None)
        panel = self._panel("home-columns")
        panel.border_title = say("home.columns_so_far")
        panel.show(column_lines(found.choices, panel.inner_width))

    def _share_height(self) -> None:
        """Give figures, stages and findings the screen; what is left goes to the findings."""
        narrow = self.size.width < NARROW
        height = self.size.height
        below = 0 if narrow else MIDDLE_HEIGHT
        bars = len(self._mix())
        top = BORDER + max(FIGURES, min(bars, height - STAGES_HEIGHT - LEAST_FINDINGS - below - BORDER))
        self.query_one("#home-top").styles.height = "auto" if self.size.width < SLIM else top
        rest = max(LEAST_FINDINGS, height - top - STAGES_HEIGHT - below)
        self._findings_height = rest
        self._panel("home-findings").styles.height = rest
        columns_panel = self._panel("home-columns")
        columns_panel.display = True
        columns_panel.styles.height = "auto" if narrow else rest

    def _mix(self) -> tuple[Bar, ...]:
        overview = self.state.overview
        return () if overview is None else overview.ratings or overview.events

    def _no_ratings(self) -> str:
        """What counts where there are neither ratings nor kinds of events."""
        dataset = self.state.dataset
        counted = dataset is not None and QUANTITY in dataset.interactions.columns
        return say("tui.no_ratings_quantities" if counted else "tui.no_ratings")

    def _charts(self, overview: Overview) -> None:
        few = CrowdGate().pass_text("", 0)
        ratings, tail, activity = (self._panel(f"home-{name}") for name in ("ratings", "tail", "activity"))
        ratings.border_title = say("tui.events" if overview.events and not overview.ratings else "tui.ratings")
        rows = bar_rows([(entry.label, _count(entry, few)) for entry in self._mix()], ratings.inner_width)
        room = ratings.content_size.height or len(rows)
        if len(rows) > room > 1:
            more = say("home.no_more_bars", count=len(rows) - room + 1)
            rows = [*rows[: room - 1], Text(more, style="dim")]
        ratings.show(rows or [Text(self._no_ratings(), style="dim")])
        activity.show(self._activity(activity.inner_width))
        share = overview.top_items_share
        tail.border_title = say("tui.tail_title", share=few if share is None else f"{share:.0%}")
        tail.show(columns(overview.tail, tail.inner_width, CHART_HEIGHT) or [Text(few, style="dim")])

    def _findings(self, findings: Sequence[Finding]) -> None:
        panel = self._panel("home-findings")
        panel.border_title = say("home.findings_title", count=len(findings) + (self.state.note is not None))
        room = max(1, self._findings_height - BORDER)
        lines = finding_lines(findings, self.state.note, panel.inner_width, room)
        panel.show(lines or [Text(say("tui.no_findings"), style="dim")])

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)

    def _figures(self) -> list[Text]:
        overview, dataset = self.state.overview, self.state.dataset
        if overview is None or dataset is None:
            return []
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
            ("tui.history", history_text(overview)),
            ("tui.time", span),
        )
        return [Text(fit(say(name), 13), style="dim").append(value, style="not dim") for name, value in figures]

    def _activity(self, width: int) -> list[Text]:
        overview = self.state.overview
        if overview is None or not overview.periods:
            return [Text(say("tui.no_dates"), style="dim")]
        chart = columns([entry.count for entry in overview.periods], width, CHART_HEIGHT - 1)
        first, last = overview.periods[0].label, overview.periods[-1].label
        gap = max(1, chart[-1].cell_len - len(first) - len(last))
        return [*chart, Text(first + " " * gap + last, style="dim")]


def _count(entry: Bar, few: str) -> int | str:
    """The count of a bar, or why there is none."""
    if entry.count is not None:
        return entry.count
    return say("home.kept_back") if entry.beside else few


def history_text(overview: Overview) -> str:
    """How much people did: the median, and what as many as make a crowd reach."""
    gate = CrowdGate()
    if overview.median_history is None or overview.longest_history is None:
        return gate.pass_text("", 0)
    reached = {"people": gate.minimum, "most": f"{overview.longest_history:,}"}
    return say("tui.median_longest", median=f"{overview.median_history:g}", **reached)


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d")


def reading_lines(state: WorkbenchState) -> list[Text]:
    """The steps of reading: those that are done, the present one with how many lines were counted, those to come."""
    if state.step not in STEPS:
        return [Text(say(f"tui.step_{state.step or 'finding'}"), style="dim")]
    now = STEPS.index(state.step)
    lines = []
    for place, step in enumerate(STEPS):
        mark = DONE_MARK if place < now else NOW_MARK if place == now else LATER_MARK
        lines.append(Text(f"{mark} {say(f'tui.step_{step}')}", style="bold" if place == now else "dim"))
    counted, share = state.reading.lines, state.reading.share
    if counted is not None and share < 1:
        lines.append(Text(say("home.lines_so_far", count=f"{counted:,}", share=f"{share:.0%}")))
    elif counted is not None:
        lines.append(Text(say("home.lines", count=f"{counted:,}")))
    return lines


def column_lines(choices: Sequence[ColumnChoice], width: int) -> list[Text]:
    """What each column is taken for, how sure that is, and why, as far as it fits."""
    lines = []
    for choice in sorted(choices, key=lambda entry: ROLES.index(entry.role) if entry.role in ROLES else len(ROLES)):
        line = Text(
            f"{fit(role_name(choice.role), 10)} {fit(choice.column, 18)} {choice.confidence:>4.0%}  ", no_wrap=True
        )
        line.append(fit(choice.why, max(0, width - line.cell_len)).rstrip(), style="dim")
        lines.append(line)
    return lines


def stages_title(state: WorkbenchState) -> str:
    """The heading of the stages, with the time that is left of a running training."""
    job = state.job
    if job is None or not job.running:
        return say("tui.stages")
    left = job.seconds_left()
    if left is None:
        return say("tui.training_of", preset=job.called)
    return say("home.training_left", preset=job.called, time=clock(left))
