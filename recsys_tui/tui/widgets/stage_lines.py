"""The four stages of training as lines of text, for home and train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from recsys_tui.output.messages import say
from recsys_tui.tui.state.jobs import DONE, RUNNING, StageState
from recsys_tui.tui.widgets.charts import bar
from recsys_tui.tui.widgets.line_table import fit

MARKS = {DONE: "✓", RUNNING: "▶"}
BAR_WIDTH = 10
FIGURES = (
    ("clusters", "{:.0f}"),
    ("silhouette", "{:.2f}"),
    ("terms", "{:,.0f}"),
    ("accuracy", "{:.3f}"),
    ("f1", "{:.3f}"),
    ("auc", "{:.3f}"),
    ("epoch", "{:.0f}"),
    ("loss", "{:.3f}"),
    ("ndcg@10", "{:.4f}"),
)
NO_ESTIMATES: Mapping[str, float] = {}


def stage_lines(stages: Sequence[StageState], width: int, expected: Mapping[str, float] = NO_ESTIMATES) -> list[Text]:
    """One line a stage: mark, name, progress, seconds, and what it measured, as far as they fit.

    ``expected``: seconds that each stage takes by estimate, shown of those that have not ended.
    """
    lines = []
    for stage in stages:
        line = Text(f"{MARKS.get(stage.status, '○')} ", style="bold" if stage.status == RUNNING else "")
        line.append(fit(say(f"models.stage_{stage.name}"), 18))
        guess = say("train.estimate", time=clock(max(1.0, expected[stage.name]))) if stage.name in expected else ""
        if stage.status == RUNNING:
            line.append(fit(bar(stage.fraction, BAR_WIDTH), BAR_WIDTH) + f" {stage.fraction:>4.0%} ")
            line.append(f"{clock(stage.seconds)} {guess} ", style="dim")
        elif stage.status == DONE:
            line.append(f"{stage.seconds:>8.1f} s ", style="dim")
        elif guess:
            line.append(f"{guess:>{BAR_WIDTH}} ", style="dim")
        line.append(figures_text(stage.metrics, width - line.cell_len), style="dim")
        lines.append(line)
    return lines


def figures_text(metrics: dict[str, float], width: int) -> str:
    """What a stage measured, as many of its figures as fit."""
    text = ""
    for figure in (f"{name} {form.format(metrics[name])}" for name, form in FIGURES if name in metrics):
        longer = f"{text}  {figure}" if text else figure
        text = longer if len(longer) <= width else text
    return text


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, with hours where there are any: ``0:31``, ``1:02:03``."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
