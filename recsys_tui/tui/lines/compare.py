"""The rows and sentences of a comparison of two models."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from recsys_tui.evaluate.differences import METRICS, OF_SEGMENTS, Difference, Segment, pair_among
from recsys_tui.evaluate.reporting.verdict_sentences import verdict_sentences
from recsys_tui.evaluate.sign_test import sign_test
from recsys_tui.evaluate.stored_comparison import StoredComparison
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.state.compare import CompareState, ComparisonRun, PlacedItem, in_evaluation

# Of all lists together, so that no interval over people is possible.
OF_ALL_LISTS = ("coverage@10", "novelty@10", "diversity@10", "gini@10")
# Only where there are any: comparisons that were made before them have none.
OF_TASTE = ("popularity_lift@10", "miscalibration@10")
SATISFACTION = "satisfaction"
ACTIVITY = "activity"
LEAST_GROUPS = 2
NONE = "–"
STAR = "★"


@dataclass(frozen=True)
class Pair:
    """Two models of a stored comparison: ``a`` minus ``b`` is what its rows say."""

    stored: StoredComparison
    a: str
    b: str


def pair_of(compared: CompareState) -> Pair | None:
    """The pair of the stored comparison that stands for A and B: they themselves where both were tried, else the best
    of the others in the place of the one that was not; None where nothing can be shown."""
    stored = compared.stored
    if stored is None or len(stored.names) < 2:
        return None
    best = sorted(stored.names, key=lambda name: -(stored.figure(name, OF_SEGMENTS) or 0.0))
    a, b = in_evaluation(compared.a, compared), in_evaluation(compared.b, compared)
    a = a or next(name for name in best if name != b)
    b = b or next(name for name in best if name != a)
    return None if a == b else Pair(stored, a, b)


@dataclass(frozen=True)
class Scored:
    """One line of the scores: a metric over all people, or (``group``) over some of them. None: not measured, or kept
    back. ``found``: A minus B with its interval, where there is one."""

    metric: str
    a: float | None
    b: float | None
    found: Difference | None
    group: str | None = None
    kept_back: bool = False

    @property
    def delta(self) -> float | None:
        """A minus B."""
        if self.found is not None:
            return self.found.delta
        return None if self.a is None or self.b is None else self.a - self.b


def scored(pair: Pair) -> Iterator[Scored]:
    """One line a metric, then one a group of people."""
    stored = pair.stored
    for metric in (*METRICS, *OF_ALL_LISTS, *OF_TASTE):
        a, b = stored.figure(pair.a, metric), stored.figure(pair.b, metric)
        if metric in OF_TASTE and a is None and b is None:
            continue
        yield Scored(metric, a, b, stored.side_by_side.of(pair.a, pair.b, metric) if metric in METRICS else None)
    liked = stored.satisfaction(pair.a), stored.satisfaction(pair.b)
    if liked != (None, None):
        yield Scored(SATISFACTION, *liked, None)
    for segment in stored.side_by_side.segments:
        means = segment.means
        found = pair_among(segment.differences, pair.a, pair.b, OF_SEGMENTS) if means else None
        yield Scored(OF_SEGMENTS, means.get(pair.a), means.get(pair.b), found, _group(segment), not means)


def score_rows(pair: Pair) -> list[tuple[str, ...]]:
    """The scores as they are shown: name, A, B, A minus B, its interval, and a mark."""
    return [_row(one) for one in scored(pair)]


def _row(one: Scored) -> tuple[str, ...]:
    name = one.group
    if name is None:
        named = one.metric in (*OF_TASTE, SATISFACTION)
        name = say(f"compare.metric_{one.metric.partition('@')[0]}") if named else one.metric
    if one.kept_back:
        return name, NONE, NONE, NONE, CrowdGate().pass_text("", 0), ""
    delta, found = one.delta, one.found
    interval = "" if found is None else f"{signed(found.low)} … {signed(found.high)}"
    return name, short(one.a), short(one.b), NONE if delta is None else signed(delta), interval, _mark(delta, found)


def _group(segment: Segment) -> str:
    """A group in a few words: clusters by their name alone."""
    return segment.label or say(f"report.segment_{segment.name}", label="")


def _mark(delta: float | None, found: Difference | None) -> str:
    """▲ where A is above B, ▼ where below, = where no difference is shown; ★ where the interval leaves zero out."""
    if delta is None:
        return ""
    if _is_zero(delta):
        return "="
    return ("▲" if delta > 0 else "▼") + (STAR if found is not None and found.real else "")


def worst_segment(pair: Pair) -> str | None:
    """A sentence about the group of people for which A is furthest behind B, or least ahead of it; None where there are
    no two groups to tell apart."""
    told = [
        (found, segment)
        for segment in pair.stored.side_by_side.segments
        if (found := pair_among(segment.differences, pair.a, pair.b, OF_SEGMENTS)) is not None
    ]
    if len(told) < LEAST_GROUPS:
        return None
    found, segment = min(told, key=lambda each: each[0].delta)
    ahead = found.delta > 0 and not _is_zero(found.delta)
    figures = {
        "people": f"{segment.people:,}",
        "delta": signed(found.delta),
        "low": signed(found.low),
        "high": signed(found.high),
    }
    if segment.by != ACTIVITY:
        group = say(f"report.segment_{segment.name}", label=segment.label)
        return say("compare.least_ahead_group" if ahead else "compare.worst_group", a=pair.a, group=group, **figures)
    ends = {"least": f"{segment.least:,}", "most": f"{segment.most:,}"}
    sentence = "compare.least_ahead_segment" if ahead else "compare.worst_segment"
    return say(sentence, a=pair.a, group=_group(segment), **ends, **figures)


def about_lines(compared: CompareState, pair: Pair | None) -> Iterator[tuple[str, str]]:
    """Sentences around the scores, each with a style: what they are of, what to know."""
    if compared.stored is None:
        yield say("compare.none_yet" if compared.run is None else "compare.being_tried"), ""
        return
    document = compared.stored.document
    if compared.older is not None:
        yield say(f"compare.older_{compared.older}"), "bold"
    yield (
        say(
            "compare.made_of",
            people=f"{document['users']:,}",
            pairs=f"{document['test_interactions']:,}",
            protocol=document["protocol"],
            seed=document["seed"],
            preset=compared.stored.preset,
            created=compared.stored.created[:10],
        ),
        "",
    )
    if pair is None:
        yield say("compare.one_model_alone", models=", ".join(compared.stored.names)), ""
        return
    absent = [compared.called(name) for name in (compared.a, compared.b) if in_evaluation(name, compared) is None]
    if absent:
        yield say("compare.not_tried", models=", ".join(absent), a=pair.a, b=pair.b), ""
    for model in document["models"]:
        if model.get("privacy"):
            yield say("private.compared", epsilon=f"{model['privacy']['epsilon']:g}"), ""
    for model in document["models"]:
        if model["name"] in (pair.a, pair.b) and model.get("served"):
            yield say("compare.served", model=model["name"], part=model["served"]), ""
    worst = worst_segment(pair)
    if worst is not None:
        yield worst, ""
    yield from ((sentence, "") for sentence in verdict_sentences(document))
    yield say("compare.legend", star=STAR), "dim"
    if any(segment.by != ACTIVITY for segment in pair.stored.side_by_side.segments):
        yield say("report.groups_are"), "dim"


def run_sentence(run: ComparisonRun) -> str:
    """How far a comparison is: which models, at which step, the share of the whole, and for how long it runs."""
    seconds = int(time.monotonic() - run.started)
    models = [f"{model} {say(f'compare.step_{step}')}" for model, step in run.running]
    return say(
        "compare.running",
        step=", ".join(models) or say(f"compare.step_{run.step}"),
        percent=f"{run.share:.0%}",
        clock=f"{seconds // 60}:{seconds % 60:02d}",
    )


def run_chip(run: ComparisonRun) -> str:
    """A comparison that runs, in a few characters."""
    seconds = int(time.monotonic() - run.started)
    models = ", ".join(model for model, _ in run.running)
    return f"▶ {models or say('tui.mode_compare')} {run.share:.0%} {seconds // 60}:{seconds % 60:02d}"


def move(entry: PlacedItem) -> str:
    """How an item moves from the list of A to that of B, in words of signs."""
    if entry.in_a is None:
        return say("compare.only_b")
    up = entry.places_up
    if up is None:
        return say("compare.only_a")
    return "=" if up == 0 else f"▲{up}" if up > 0 else f"▼{-up}"


def rank(place: int | None) -> str:
    """A rank, or that there is none."""
    return NONE if place is None else str(place)


def tally_sentence(compared: CompareState) -> str:
    """What was preferred so far when nobody said which list was whose, with the names."""
    wins, losses, alike = compared.tally()
    return say(
        "compare.tally",
        a=compared.called(compared.a),
        b=compared.called(compared.b),
        wins=wins,
        losses=losses,
        alike=alike,
        p=f"{sign_test(wins, losses):.2g}",
    )


def short(value: float | None) -> str:
    """Three or four digits: .0713, 1.283, 12.90."""
    if value is None:
        return NONE
    if abs(value) < 1:
        return f"{value:.4f}".replace("0.", ".", 1)
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def signed(value: float) -> str:
    """With a sign that stands out: +.0260, −.0130."""
    return ("−" if value < 0 and not _is_zero(value) else "+") + short(abs(value))


def _is_zero(value: float) -> bool:
    """Whether a number is shown as zero."""
    return short(abs(value)) == short(0.0)
