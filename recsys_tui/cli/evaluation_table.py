"""A comparison of models as a table and a few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from recsys_tui.cli.promises import promise_told
from recsys_tui.evaluate.reporting.verdict_sentences import verdict_sentences
from recsys_tui.output.console import human_bytes
from recsys_tui.output.messages import say

if TYPE_CHECKING:
    from recsys_tui.evaluate.comparison import Compared, Evaluation, Judged

PRIMARY = "ndcg@10"
# In the order in which they give way where the terminal is narrow, the last first.
SHOWN = (
    "hr@10", "recall@20", "coverage@10", "mrr@10", "map@10", "precision@10", "f1@10", "novelty@10", "diversity@10",
    "gini@10", "popularity_lift@10", "miscalibration@10",
)  # fmt: skip
GAP = 3
NOT_REAL = 0.05


def evaluation_rows(evaluation: Evaluation, width: int | None) -> tuple[list[str], list[list[str]]]:
    """Headers and one row a model, best NDCG@10 first; only as many metrics as fit into ``width`` columns, if given."""
    shown = SHOWN if width is None else SHOWN[: _fitting(evaluation, width)]
    headers = [say("evaluate.model"), say("evaluate.ndcg"), *shown, say("evaluate.cpu_seconds"), say("evaluate.memory")]
    ordered = sorted(evaluation.models, key=lambda model: -(model.figures.means[PRIMARY] or 0.0))
    rows = []
    for model in ordered:
        low, high = model.ci95[PRIMARY]
        primary = say(
            "evaluate.with_interval", mean=_short(model.figures.means[PRIMARY]), low=_short(low), high=_short(high)
        )
        cost = ("", "") if model.cost is None else (f"{model.cost.cpu_seconds:.1f}", human_bytes(model.cost.peak_bytes))
        rows.append([model.name, primary, *(_short(model.figures.means[name]) for name in shown), *cost])
    return headers, rows


def _fitting(evaluation: Evaluation, width: int) -> int:
    """How many of the metrics fit beside the columns that are always there; three at least."""
    left = width - max(len(model.name) for model in evaluation.models)
    left -= len(say("evaluate.with_interval", mean=".1234", low=".1234", high=".1234")) + len("999.9") + len("999.9 MB")
    left -= 4 * GAP
    count = 0
    while count < len(SHOWN) and left >= len(SHOWN[count]) + GAP:
        left -= len(SHOWN[count]) + GAP
        count += 1
    return max(3, count)


def said_in_words(evaluation: Evaluation) -> Iterator[str]:
    """Whom and what the figures are about, whether differences are real, and what else was measured."""
    split = evaluation.split
    yield say(
        "evaluate.about",
        people=f"{split.people:,}",
        pairs=f"{split.held_out:,}",
        catalogue=f"{split.train.items.height:,}",
    )
    for window in evaluation.windows:
        yield _of_window(window)
    for entry in evaluation.comparisons:
        if entry.metric == PRIMARY:
            yield _verdict(entry)
    for model in evaluation.models:
        if model.result is None:
            continue
        if model.result.privacy:
            yield promise_told(model.result.privacy)
        if model.result.served is not None:
            yield say("evaluate.served", name=model.name, part=model.result.served)
        if model.result.ratings:
            figures = model.result.ratings
            yield say("evaluate.ratings", name=model.name, rmse=f"{figures['rmse']:.4f}", mae=f"{figures['mae']:.4f}")
        if model.result.classifier:
            named = {name: f"{value:.3f}" for name, value in model.result.classifier.items() if name != "pairs"}
            yield say("evaluate.classifier", name=model.name, pairs=f"{model.result.classifier['pairs']:,.0f}", **named)
    for model in evaluation.models:
        if len(model.by_seed) > 1:
            yield _spread(model)
    yield from verdict_sentences(evaluation.to_json())


def _of_window(window: dict[str, Any]) -> str:
    """How the models did in one window in time."""
    told = ", ".join(f"{name} {_short(value)}" for name, value in window[PRIMARY].items())
    people = f"{window['users']:,}"
    start, end = (window[each] or say("report.none") for each in ("start", "end"))
    return say("evaluate.window", start=start, end=end, people=people, models=told)


def _spread(model: Judged) -> str:
    """How far the seed alone moves a model's NDCG@10."""
    return say(
        "evaluate.seeds",
        name=model.name,
        count=len(model.by_seed),
        mean=f"{fmean(model.by_seed):.4f}",
        deviation=f"{stdev(model.by_seed):.4f}",
        low=f"{min(model.by_seed):.4f}",
        high=f"{max(model.by_seed):.4f}",
    )


def _verdict(entry: Compared) -> str:
    real = entry.p_holm <= NOT_REAL
    kind = "better" if real and entry.delta > 0 else "worse" if real else "alike"
    low, high = entry.ci95
    return say(
        f"evaluate.is_{kind}",
        a=entry.a,
        b=entry.b,
        delta=f"{entry.delta:+.4f}",
        low=f"{low:+.4f}",
        high=f"{high:+.4f}",
        p=f"{entry.p_holm:.3g}",
    )


def _short(value: float | None) -> str:
    """Three or four digits: .0713, 1.283, 12.90."""
    if value is None:
        return say("evaluate.no_figure")
    if abs(value) < 1:
        return f"{value:.4f}".replace("0.", ".", 1)
    return f"{value:.3f}" if value < 10 else f"{value:.2f}"
