"""Train: the stages, the curves against the parts, the log."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from recsys_tui.output.messages import say
from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.charts import bar, columns
from recsys_tui.tui.widgets.line_table import fit
from recsys_tui.tui.widgets.panel import Panel
from recsys_tui.tui.widgets.stage_lines import stage_lines

CHART_HEIGHT = 6


class TrainView(VerticalScroll, can_focus=True):
    """A running training, or the one that made the present model."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="train.down"),
        Binding("k", "scroll_up", show=False, id="train.up"),
    ]

    def compose(self) -> ComposeResult:
        yield Panel(say("tui.stages"), id="train-stages")
        with Horizontal(id="train-curves"):
            yield Panel(say("tui.loss"), id="train-loss")
            yield Panel(say("tui.ndcg"), id="train-ndcg")
        yield Panel(say("tui.parts"), id="train-parts")
        yield Panel(say("tui.log"), id="train-log")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        stages = self._panel("train-stages")
        stages.border_title = say("tui.training_of", preset=state.job.preset) if state.job else say("tui.stages")
        stages.show(stage_lines(state.stages(), stages.inner_width))
        live = state.job is not None and (state.job.running or state.model is None)
        source = state.job if live else state.model
        losses, ndcg = (source.losses, source.ndcg) if source is not None else ((), ())
        self._curve("train-loss", losses, "{:.3f}")
        self._curve("train-ndcg", ndcg, "{:.4f}")
        self._panel("train-parts").show(self._parts(state))
        log = state.job.log if state.job is not None else ()
        self._panel("train-log").show([Text(line) for line in log[-12:]] or [Text(say("tui.nothing_yet"), style="dim")])

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)

    def _curve(self, name: str, values: tuple[float, ...], form: str) -> None:
        panel = self._panel(name)
        if not values:
            panel.show([Text(say("tui.nothing_yet"), style="dim")])
            return
        low = min(values)
        spread = (max(values) - low) or 1.0
        # The smallest value keeps a sliver of height, so that a curve is never invisible.
        chart = columns([0.1 + (value - low) / spread for value in values], panel.inner_width, CHART_HEIGHT)
        told = say("tui.epochs", count=len(values), last=form.format(values[-1]), best=form.format(max(values)))
        panel.show([*chart, Text(told, style="dim")])

    def _parts(self, state: WorkbenchState) -> list[Text]:
        """The deep model's NDCG@10 on held-out lists beside each of its parts alone."""
        if state.model is None:
            return [Text(say("tui.parts_later"), style="dim")]
        width = self._panel("train-parts").inner_width
        figures = {"deep": state.model.validation.get("ndcg@10", 0.0), **state.model.parts}
        most = max(figures.values()) or 1.0
        room = max(4, width - 24)
        return [
            Text(
                fit(name, 15) + " " + fit(bar(value / most, room), room) + f" {value:.4f}",
                style="bold" * (name == "deep"),
            )
            for name, value in sorted(figures.items(), key=lambda entry: -entry[1])
        ]
