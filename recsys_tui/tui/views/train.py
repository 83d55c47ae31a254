"""Train: the stages with their times, the curves beside the classic recommenders' lines, the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from recsys_tui.output.crowd_gate import smallest_crowd
from recsys_tui.output.messages import say
from recsys_tui.tui.lines.findings import wrapped
from recsys_tui.tui.state.jobs import JobState, Points
from recsys_tui.tui.state.workbench import ModelState, WorkbenchState
from recsys_tui.tui.widgets.charts import bar
from recsys_tui.tui.widgets.line_chart import Reference, Series, line_chart, smoothed
from recsys_tui.tui.widgets.line_table import fit
from recsys_tui.tui.widgets.panel import Panel
from recsys_tui.tui.widgets.stage_lines import clock, stage_lines

FEWEST_ROWS = 7
# The recommenders whose own NDCG@10 stands in the chart as a line, where they say anything.
CLASSICS = ("popular", "neighbours", "ease", "content", "sequence", "encoder")


class TrainView(VerticalScroll, can_focus=True):
    """A running training, or the one that made the present model."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="train.down"),
        Binding("k", "scroll_up", show=False, id="train.up"),
        Binding("g", "scroll_home", show=False, id="train.first"),
        Binding("G", "scroll_end", show=False, id="train.last"),
    ]

    def compose(self) -> ComposeResult:
        yield Panel(say("tui.stages"), id="train-stages")
        with Horizontal(id="train-curves"):
            yield Panel(say("train.loss_title"), id="train-loss")
            yield Panel(say("train.ndcg_title"), id="train-ndcg")
        with Horizontal(id="train-bottom"):
            yield Panel(say("train.log_title"), id="train-log")
            yield Panel(say("tui.parts"), id="train-parts")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.focus()

    def toggle_log(self) -> None:
        """The log over the whole view, or in its place again."""
        self.set_class(not self.has_class("log"), "log")
        self._panel("train-log").border_title = say(
            "train.log_title_all" if self.has_class("log") else "train.log_title"
        )

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        stages = self._panel("train-stages")
        job = state.job if state.job is not None and (state.job.running or state.model is None) else None
        stages.border_title = _title(job, state.model)
        stages.border_subtitle = say("train.hint_running" if state.training else "train.hint_idle")
        stages.show(stage_lines(state.stages(), stages.inner_width, state.expected()))
        self._loss(job, state.model)
        self._ndcg(job, state.model)
        self._panel("train-parts").show(self._parts(state))
        self._log(state)

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)

    def _loss(self, job: JobState | None, model: ModelState | None) -> None:
        panel = self._panel("train-loss")
        if job is not None:
            deep, encoder = job.loss_points, job.encoder_points
        else:
            losses = model.losses if model is not None else ()
            deep, encoder = tuple(((place + 1) / len(losses), loss) for place, loss in enumerate(losses)), ()
        series = [
            Series(smoothed(points), say(message, loss=f"{points[-1][1]:.3f}"), style)
            for points, message, style in (
                (encoder, "train.encoder_loss", "italic"),
                (deep, "train.deep_loss", "bold"),
            )
            if points
        ]
        chart = line_chart(
            series,
            panel.inner_width,
            _height(panel),
            x_labels=(say("train.x_start"), say("train.x_end")),
            x_range=(0.0, 1.0),
            log=True,
            form=".2f",
        )
        panel.border_subtitle = " · ".join(one.label for one in reversed(series))
        panel.show(chart or [Text(_no_curve(job, model, "train.waiting_loss"), style="dim")])

    def _ndcg(self, job: JobState | None, model: ModelState | None) -> None:
        panel = self._panel("train-ndcg")
        source = job if job is not None else model
        told = source is not None and (isinstance(source, JobState) or source.measured)
        ndcg = source.ndcg if source is not None and told else ()
        parts = source.parts if source is not None and told else {}
        points: Points = tuple((float(epoch), value) for epoch, value in enumerate(ndcg, 1))
        series = []
        panel.border_subtitle = ""
        if points:
            best = max(points, key=lambda point: point[1])
            label = say("train.deep_line", ndcg=_short(best[1]), epoch=f"{best[0]:.0f}")
            series = [Series(points, "deep")]
            panel.border_subtitle = label
        last = max(len(points), job.epochs if job is not None else 0, 2)
        chart = line_chart(
            series,
            panel.inner_width,
            _height(panel),
            references=references(parts),
            x_labels=("1", say("train.x_epoch", epoch=last)),
            x_range=(1.0, float(last)),
            form=".3f",
        )
        panel.show(chart or [Text(_no_curve(job, model, "train.waiting_ndcg"), style="dim")])

    def _parts(self, state: WorkbenchState) -> list[Text]:
        """The deep model's NDCG@10 on held-out lists beside each of its parts alone."""
        job = state.job if state.job is not None and state.job.running and state.job.parts else None
        if job is not None:
            figures = dict(job.parts) | ({"deep": max(job.ndcg)} if job.ndcg else {})
        elif state.model is not None:
            figures = {"deep": state.model.validation.get("ndcg@10", 0.0), **state.model.parts}
        else:
            return [Text(say("tui.parts_later"), style="dim")]
        width = self._panel("train-parts").inner_width
        if state.model is not None and state.model.epsilon is not None and job is None:
            return [Text(say("private.no_figures"), style="dim")]
        if state.model is not None and not state.model.measured and job is None:
            return [Text(say("train.too_few", least=smallest_crowd()), style="dim")]
        most = max(figures.values()) or 1.0
        room = max(4, width - 24)
        return [
            Text(
                fit(name, 15) + " " + fit(bar(value / most, room), room) + f" {value:.4f}",
                style="bold" * (name == "deep"),
            )
            for name, value in sorted(figures.items(), key=lambda entry: -entry[1])
            if value > 0
        ]

    def _log(self, state: WorkbenchState) -> None:
        panel = self._panel("train-log")
        log = state.job.log if state.job is not None else ()
        room = max(3, panel.content_size.height)
        lines = [line for entry in log[-room:] for line in wrapped(entry, panel.inner_width)]
        panel.show([Text(line) for line in lines[-room:]] or [Text(say("tui.nothing_yet"), style="dim")])


def _title(job: JobState | None, model: ModelState | None) -> str:
    """Which training this is and how it goes: the epoch, the speed, the time left."""
    if job is None:
        if model is None:
            return say("tui.stages")
        took = say("train.took", time=clock(sum(stage.seconds for stage in model.stages)))
        return say("train.title_job", preset=model.called, horizon=model.horizon, doing=took)
    if not job.running:
        return say("train.title_job", preset=job.called, horizon=job.horizon, doing=say("train.ended"))
    doing = []
    stage, left = job.current, job.seconds_left()
    if stage is not None and "epoch" in stage.metrics:
        doing.append(say("train.epoch", epoch=f"{stage.metrics['epoch']:.0f}", epochs=job.epochs or "?"))
    elif stage is not None:
        doing.append(f"▶ {say(f'models.stage_{stage.name}')}")
    if job.lists_per_second:
        doing.append(say("train.lists_per_second", count=f"{job.lists_per_second:,.0f}"))
    if left is not None:
        doing.append(say("train.left", time=clock(left)))
    if not doing:
        return say("train.title", preset=job.called, horizon=job.horizon)
    return say("train.title_job", preset=job.called, horizon=job.horizon, doing=" · ".join(doing))


def _no_curve(job: JobState | None, model: ModelState | None, waiting: str) -> str:
    """Why there is no curve: it is still to come, or a private model has none."""
    source = job if job is not None else model
    if isinstance(source, ModelState) and not source.measured:
        return say("train.too_few", least=smallest_crowd())
    return say(waiting if source is None or source.epsilon is None else "private.no_figures")


def references(parts: Mapping[str, float]) -> list[Reference]:
    """The lines of the classic recommenders that say anything of these lists."""
    return [
        Reference(parts[name], say("train.part_line", part=say(f"train.part_{name}"), ndcg=_short(parts[name])))
        for name in CLASSICS
        if parts.get(name, 0.0) > 0
    ]


def _short(value: float) -> str:
    """A figure below 1 without its zero: ``.171``."""
    return f"{value:.3f}".removeprefix("0")


def _height(panel: Panel) -> int:
    return max(FEWEST_ROWS, panel.content_size.height)
