"""What the plots of a report hold, before any drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recsys_tui.evaluate.reporting.numbers import figure
from recsys_tui.evaluate.reporting.verdict_sentences import Document, group_name
from recsys_tui.output.messages import say


@dataclass(frozen=True)
class Point:
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class IntervalChart:
    """One row a label, in it one point a series (None where there is none). ``zero``: a line at 0 that parts sides."""

    title: str
    description: str
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Point | None, ...]], ...]
    zero: bool = False


@dataclass(frozen=True)
class CurveChart:
    """Two panels over the epochs: training loss, and NDCG@10 on people left out. ``kept``: an epoch, 0 the start."""

    title: str
    description: str
    losses: tuple[float, ...]
    scores: tuple[float, ...]
    kept: int


Chart = IntervalChart | CurveChart


def ndcg_chart(document: Document) -> Iterator[IntervalChart]:
    """NDCG@10 with its interval by model, the best first."""
    rows = []
    for model in document["models"]:
        value, ends = model["metrics"]["ndcg@10"], model["ci95"].get("ndcg@10")
        if value is not None and ends is not None:
            rows.append((model["name"], (Point(value, *ends),)))
    rows.sort(key=lambda row: -row[1][0].value)
    if rows:
        says = say("report.ndcg_by_model_says", rows=_said(rows))
        yield IntervalChart(say("report.ndcg_by_model"), says, (), tuple(rows))


def difference_chart(document: Document) -> Iterator[IntervalChart]:
    """NDCG@10 of the first model minus that of each other."""
    found = [entry for entry in document["comparisons"] if entry["metric"] == "ndcg@10"]
    if not found:
        return
    rows = [(entry["b"], (Point(entry["delta"], *entry["ci95"]),)) for entry in found]
    first = found[0]["a"]
    says = say("report.difference_says", first=first, rows=_said(rows))
    yield IntervalChart(say("report.difference_by_model", first=first), says, (), tuple(rows), zero=True)


def segment_chart(document: Document) -> Iterator[IntervalChart]:
    """NDCG@10 by group, of the first model and of the best of the others."""
    segments = [segment for segment in document.get("segments", ()) if segment["ndcg@10"]]
    if not segments:
        return
    first = document["verdicts"]["model"]
    others = [model for model in document["models"] if model["name"] != first]
    best = max(others, key=lambda model: model["metrics"]["ndcg@10"] or 0.0, default=None)
    names = (first,) if best is None else (first, str(best["name"]))
    rows = [
        (
            group_name(segment),
            tuple(Point(segment["ndcg@10"][name], *segment["ci95"][name]) for name in names),
        )
        for segment in segments
    ]
    second = names[-1]
    says = say("report.by_group_says", first=first, second=second, rows=_said(rows))
    yield IntervalChart(say("report.ndcg_by_group", first=first, second=second), says, names, tuple(rows))


def curve_chart(document: Document) -> Iterator[CurveChart]:
    """Training against validation of the model that told of its epochs."""
    for model in document["models"]:
        epochs = model.get("epochs") or {}
        losses, scores = tuple(epochs.get("loss", ())), tuple(epochs.get("ndcg@10", ()))
        if len(losses) > 1 and len(losses) == len(scores):
            says = say(
                "report.curve_says",
                first=figure(losses[0]),
                last=figure(losses[-1]),
                epochs=len(losses),
                best=figure(max(scores)),
                end=figure(scores[-1]),
                kept=epochs["kept"],
            )
            yield CurveChart(say("report.curve"), says, losses, scores, int(epochs["kept"]))


def _said(rows: Sequence[tuple[str, tuple[Point, ...]]]) -> str:
    return "; ".join(
        say(
            "report.row_says",
            label=label,
            value=", ".join(figure(point.value) for point in points),
            low=figure(points[0].low),
            high=figure(points[0].high),
        )
        for label, points in rows
    )
