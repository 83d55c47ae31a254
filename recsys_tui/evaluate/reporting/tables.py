"""The tables of a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recsys_tui.evaluate.reporting.numbers import figure, interval, signed
from recsys_tui.evaluate.reporting.verdict_sentences import Document, group_name, kept_back_beside
from recsys_tui.output.console import human_bytes
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say

RANKING = ("hr@10", "recall@10", "precision@10", "f1@10", "map@10", "mrr@10", "ndcg@20", "recall@20")
SHOWING = (
    "coverage@10", "novelty@10", "diversity@10", "gini@10", "popularity_lift@10", "miscalibration@10",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Headers and rows of text; the first ``texts`` columns are words, the others figures."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1


def about_table(document: Document, data: str) -> Table:
    """What was compared on what."""
    learned = say(
        "report.learned",
        rows=f"{document['train_interactions']:,}",
        people=f"{document['train_users']:,}",
        items=f"{document['train_items']:,}",
    )
    rows = (
        ("data", data),
        ("protocol", document["protocol"]),
        ("horizon", document["horizon"]),
        ("seed", str(document["seed"])),
        ("people_asked", f"{document['users']:,}"),
        ("held_out", f"{document['test_interactions']:,}"),
        ("learned_from", learned),
        ("catalogue", f"{document['catalogue_items']:,}"),
    )
    told = tuple((say(f"report.fact_{name}"), value) for name, value in rows)
    return Table((say("report.setting"), say("report.value")), told, texts=2)


def _best_first(document: Document) -> list[Document]:
    return sorted(document["models"], key=lambda model: -(model["metrics"]["ndcg@10"] or 0.0))


def ranking_table(document: Document) -> Table:
    """NDCG@10 with its interval, and the other figures of ranking."""
    headers = (say("report.model"), say("report.of_metric", metric="ndcg@10"), *RANKING)
    return Table(
        headers,
        tuple(
            (
                model["name"],
                interval(model["metrics"]["ndcg@10"], model["ci95"].get("ndcg@10")),
                *(figure(model["metrics"][name]) for name in RANKING),
            )
            for model in _best_first(document)
        ),
    )


def showing_table(document: Document) -> Table:
    """What lists show, whoever may want it."""
    shown = [name for name in SHOWING if name in document["models"][0]["metrics"]]
    rows = tuple(
        (model["name"], *(figure(model["metrics"].get(name)) for name in shown)) for model in _best_first(document)
    )
    return Table((say("report.model"), *shown), rows)


def satisfaction_table(document: Document) -> Iterator[Table]:
    """Mean worth of the finds of each model."""
    found = [(model["name"], model["satisfaction"]) for model in _best_first(document) if model.get("satisfaction")]
    if not found:
        return
    kind = say(f"report.kind_{found[0][1]['kind']}")
    headers = (say("report.model"), say("report.of_finds", kind=kind), say("report.people"), say("report.of_all"))
    yield Table(
        headers,
        tuple(
            (
                name,
                say("report.kept_back") if kept_back_beside(entry) else interval(entry["mean"], entry["ci95"]),
                _people(entry["people"]),
                figure(entry["of_all_taken"]),
            )
            for name, entry in found
        ),
    )


def difference_table(document: Document) -> Iterator[Table]:
    """Every comparison with its interval and p values."""
    if not document["comparisons"]:
        return
    headers = ("metric", "delta", "p", "p_holm")
    yield Table(
        (say("report.model"), *(say(f"report.column_{name}") for name in headers)),
        tuple(
            (
                say("report.pair", a=entry["a"], b=entry["b"]),
                entry["metric"],
                say(
                    "report.interval",
                    mean=signed(entry["delta"]),
                    low=signed(entry["ci95"][0]),
                    high=signed(entry["ci95"][1]),
                ),
                f"{entry['p']:.3g}",
                f"{entry['p_holm']:.3g}",
            )
            for entry in document["comparisons"]
        ),
        texts=2,
    )


def segment_table(document: Document) -> Iterator[Table]:
    """NDCG@10 of every model in every group."""
    segments = document.get("segments", ())
    if not segments:
        return
    names = [model["name"] for model in document["models"]]
    rows = []
    for segment in segments:
        ends = segment["range"]
        told = say("report.none") if ends is None else say("report.from_to", least=ends[0], most=ends[1])
        rows.append(
            (
                say(f"report.part_{segment['by']}"),
                group_name(segment),
                told,
                _people(segment["people"]),
                *(figure(segment["ndcg@10"].get(name)) for name in names),
            )
        )
    headers = (say("report.group"), "", say("report.range"), say("report.people"), *names)
    yield Table(headers, tuple(rows), texts=2)


def window_table(document: Document) -> Iterator[Table]:
    """NDCG@10 of every model in every window in time."""
    windows = document.get("windows", ())
    if not windows:
        return
    names = [model["name"] for model in document["models"]]
    rows = tuple(
        (
            window["start"] or say("report.none"),
            window["end"] or say("report.none"),
            f"{window['users']:,}",
            *(interval(window["ndcg@10"].get(name), window["ci95"].get(name)) for name in names),
        )
        for window in windows
    )
    yield Table((say("report.window_from"), say("report.window_to"), say("report.people"), *names), rows, texts=2)


def cost_table(document: Document) -> Iterator[Table]:
    """Seconds and memory of the models that were tried here, and their spread over seeds where there were several."""
    tried = [model for model in _best_first(document) if "cpu_seconds" in model]
    if not tried:
        return
    seeds = any("seeds" in model for model in tried)
    headers = [say("report.model"), *(say(f"report.column_{name}") for name in ("train_seconds", "cpu", "memory"))]
    rows = []
    for model in tried:
        row = [
            model["name"],
            f"{model['train_seconds']:.1f}",
            f"{model['cpu_seconds']:.1f}",
            human_bytes(model["peak_bytes"]),
        ]
        rows.append(tuple(row + (_seeds(model) if seeds else [])))
    if seeds:
        headers += [say("report.seeds_tried"), say("report.seeds_mean")]
    yield Table(tuple(headers), tuple(rows))


def _seeds(model: Document) -> list[str]:
    found = model.get("seeds")
    if not found:
        return ["1", figure(model["metrics"]["ndcg@10"])]
    told = say("report.mean_deviation", mean=figure(found["mean"]), deviation=figure(found["deviation"]))
    return [str(len(found["ndcg@10"])), told]


def _people(count: int | None) -> str:
    return CrowdGate().pass_text("", 0) if count is None else f"{count:,}"
