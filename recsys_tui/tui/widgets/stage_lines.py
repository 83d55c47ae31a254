"""The four stages of training as lines of text, for home and train."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from recsys_tui.output.messages import say
from recsys_tui.tui.state import DONE, RUNNING, StageState
from recsys_tui.tui.widgets.charts import bar
from recsys_tui.tui.widgets.line_table import fit

MARKS = {DONE: "✓", RUNNING: "▶"}
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


def stage_lines(stages: Sequence[StageState], width: int) -> list[Text]:
    """One line a stage: mark, name, progress, seconds, and what it measured, as far as they fit."""
    lines = []
    for stage in stages:
        line = Text(f"{MARKS.get(stage.status, '○')} ", style="bold" if stage.status == RUNNING else "")
        line.append(fit(say(f"models.stage_{stage.name}"), 18))
        if stage.status == RUNNING:
            line.append(fit(bar(stage.fraction, 10), 10) + f" {stage.fraction:>4.0%} ")
        elif stage.status == DONE:
            line.append(f"{stage.seconds:>8.1f} s ", style="dim")
        figures = figures_text(stage.metrics)
        line.append(fit(figures, max(0, width - line.cell_len)).rstrip(), style="dim")
        lines.append(line)
    return lines


def figures_text(metrics: dict[str, float]) -> str:
    """What a stage measured, the figures that people ask for first."""
    return "  ".join(f"{name} {form.format(metrics[name])}" for name, form in FIGURES if name in metrics)
