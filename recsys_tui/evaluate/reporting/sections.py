"""The sections of a report: sentences, tables and plots, whatever they are written as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recsys_tui import __version__
from recsys_tui.evaluate.reporting.charts import Chart, curve_chart, difference_chart, ndcg_chart, segment_chart
from recsys_tui.evaluate.reporting.tables import (
    Table,
    about_table,
    cost_table,
    difference_table,
    ranking_table,
    satisfaction_table,
    segment_table,
    showing_table,
    window_table,
)
from recsys_tui.evaluate.reporting.verdict_sentences import (
    Document,
    loss_note,
    loss_sentences,
    overfitting_sentences,
    popularity_sentences,
    satisfaction_sentences,
)
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing but the heading."""
        return not (self.sentences or self.charts or self.tables)


@dataclass(frozen=True)
class Report:
    """A title, a line below it, and sections."""

    title: str
    made: str
    sections: tuple[Section, ...]


def report_of(document: Document, data: str, created: str) -> Report:
    """The report on a comparison. ``document``: of ``recsys evaluate --json``; ``data``: what the data is called;
    ``created``: the day."""
    return Report(
        say("report.title", data=data),
        say("report.made", created=created, version=__version__),
        tuple(section for section in _sections(document, data) if not section.empty),
    )


def _sections(document: Document, data: str) -> Iterator[Section]:
    gate = CrowdGate()
    several = len(document["models"]) > 1
    yield Section(say("report.about"), tuple(document["notes"]), (), (about_table(document, data),))
    yield Section(
        say("report.ranking"),
        (say("report.read_ndcg"), say("report.read_interval")),
        tuple(ndcg_chart(document)),
        (ranking_table(document),),
    )
    yield Section(
        say("report.differences"),
        tuple(_verdicts(document)),
        tuple(difference_chart(document)),
        tuple(difference_table(document)),
    )
    if several and document.get("verdicts"):
        losing = (*loss_sentences(document), *loss_note(document))
        yield Section(say("report.losing", model=document["verdicts"]["model"]), losing)
    crowd = (say("report.groups_are"), say("report.read_crowd", fewest=gate.minimum))
    tables = tuple(segment_table(document))
    yield Section(say("report.segments"), crowd if tables else (), tuple(segment_chart(document)), tables)
    yield Section(say("report.windows"), (), (), tuple(window_table(document)))
    yield Section(say("report.training"), tuple(overfitting_sentences(document)), tuple(curve_chart(document)))
    yield Section(say("report.popularity"), tuple(popularity_sentences(document)))
    yield Section(say("report.showing"), (say("report.read_lift"),), (), (showing_table(document),))
    liked = tuple(satisfaction_sentences(document))[1:]
    yield Section(say("report.satisfaction"), liked, (), tuple(satisfaction_table(document)))
    yield Section(say("report.cost"), (), (), tuple(cost_table(document)))
    yield Section(say("report.failed"), tuple(entry["message"] for entry in document["failures"]))
    yield Section(say("report.reading"), (say("report.read_offline"),))


def _verdicts(document: Document) -> Iterator[str]:
    """Whether each difference in NDCG@10 is real, after Holm."""
    for entry in document["comparisons"]:
        if entry["metric"] != "ndcg@10":
            continue
        real = entry["p_holm"] <= 0.05
        kind = "better" if real and entry["delta"] > 0 else "worse" if real else "alike"
        low, high = entry["ci95"]
        yield say(
            f"evaluate.is_{kind}",
            a=entry["a"],
            b=entry["b"],
            delta=f"{entry['delta']:+.4f}",
            low=f"{low:+.4f}",
            high=f"{high:+.4f}",
            p=f"{entry['p_holm']:.3g}",
        )
