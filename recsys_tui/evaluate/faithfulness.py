"""Are the reasons true: take away what is said to matter, rank anew, and see whether the item really falls.

Each person's first recommendation is the item to explain. Actions are taken out of the history in some order (deletion)
or put into an empty one (insertion), and everything is ranked anew after each. A curve's value is the gain of the
item's rank, 1 / log2(1 + rank), 0 beyond the candidates; after Petsiuk et al. (RISE, BMVC 2018) an order is as good as
its area. POS@K, NEG@K and CDCG are those of Barkan et al. (A Counterfactual Framework for Learning and Evaluating
Explanations for Recommender Systems, WWW 2024), over the same steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Floats, Longs
from recsys_tui.evaluate.orderings import ATTRIBUTION, OTHERS, orderings
from recsys_tui.evaluate.significance import Doubles, own_means, paired_differences
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.explaining.frame import Frame
from recsys_tui.models.trained_model import People
from recsys_tui.output.crowd_counts import crowds_among
from recsys_tui.recommend.explanations.counterfactual import find_counterfactual, ranks_without
from recsys_tui.recommend.recommender import Recommender

STEPS = 10
FEWEST_ACTIONS = 5
K = 10
NAMES = (ATTRIBUTION, *OTHERS)


@dataclass(frozen=True)
class PersonCurves:
    """What was measured for one person, each by ordering: ``deletion`` and ``insertion`` gains and ``lasting`` gains
    (what is said to matter least is taken first), all (steps,); ``found`` and ``size`` of the smallest set that pushes
    the item out, ``confirmed`` whether ranking anew by another road agrees; ``completeness``: how far components are
    from the score.
    """

    deletion: dict[str, Doubles]
    insertion: dict[str, Doubles]
    lasting: dict[str, Doubles]
    found: bool
    size: int
    confirmed: bool
    completeness: float


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval over people."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Faithfulness:
    """The audit. ``areas``: deletion area of each ordering (how much of the gain is lost, mean over steps; higher is
    better), ``insertion_areas`` (gain reached; higher is better), ``pos``, ``neg``, ``cdcg`` by ordering.
    ``differences``: deletion area of the attribution minus that of each other ordering. ``curves``: mean gain after
    0, 1, 2, … deletions, and ``insertion_curves`` likewise.
    """

    people: int
    steps: int
    areas: dict[str, Measured]
    insertion_areas: dict[str, Measured]
    pos: dict[str, float]
    neg: dict[str, float]
    cdcg: dict[str, float]
    differences: dict[str, Measured]
    curves: dict[str, list[float]]
    insertion_curves: dict[str, list[float]]
    counterfactuals_found: float
    counterfactual_size: float | None
    counterfactuals_verified: float | None
    completeness_error: float


def audit_people(
    recommender: Recommender,
    count: int,
    seed: int,
    progress: Callable[[float], None] = lambda _share: None,
    fewest: int = 1,
) -> list[PersonCurves]:
    """Measure at most ``count`` people with five actions at least, drawn by the seed as :func:`drawn_crowds` has it."""
    recommender.warm()
    random = np.random.default_rng(seed)
    crowds = drawn_crowds(recommender.model.people, count, random, fewest)
    measured: list[PersonCurves] = []
    for done, crowd in enumerate(crowds.tolist()):
        curves = [_person(recommender, person, random) for person in crowd]
        if None not in curves:
            measured += [each for each in curves if each is not None]
        progress((done + 1) / len(crowds))
    return measured


def drawn_crowds(people: People, count: int, random: np.random.Generator, fewest: int) -> Longs:
    """At most ``count`` people with five actions at least, and more than one item left, or none could fall, as crowds
    of ``fewest``, shape (crowds, fewest): see :func:`~recsys_tui.output.crowd_counts.crowds_among`."""
    histories, left = people.histories, people.histories.item_count - people.histories.lengths
    if people.against is not None:
        left = left - np.diff(people.against.indptr)
    if people.own_items is not None:
        left = left - (people.own_items >= 0)
    able = np.flatnonzero((histories.lengths >= FEWEST_ACTIONS) & (left > 1))
    return crowds_among(able, random, fewest)[: count // fewest]


def frame_of_person(recommender: Recommender, person: int) -> Frame:
    """The frame of somebody's plain list of what is new to them."""
    model = recommender.model
    history = model.people.histories.rows(person, person + 1)
    allowed = np.ones((1, history.item_count), np.bool_)
    model.people.ruled_out(np.array([person]), allowed)
    allowed[0, history.items] = False
    return Frame.of(model, recommender.serving(DEEP)[0], history, allowed)


def first_item(frame: Frame) -> int | None:
    """The first recommendation; None where there is none."""
    if frame.served != DEEP:
        from recsys_tui.recommend.ranking import rank

        found = int(rank(frame.model, frame.history, 1, frame.served, frame.allowed).items[0, 0])
        return found if found >= 0 else None
    return int(frame.candidates[np.argmax(frame.scores)]) if len(frame.candidates) else None


def _person(recommender: Recommender, person: int, random: np.random.Generator) -> PersonCurves | None:
    frame = frame_of_person(recommender, person)
    item = first_item(frame)
    if item is None:
        return None
    size = len(frame.history.items)
    steps = min(STEPS, size - 1)
    everything = np.arange(size)
    deletion, insertion, lasting = {}, {}, {}
    orders = orderings(frame, item, random)
    for name, order in orders.items():
        deletion[name] = _gains(ranks_without(frame, item, [order[:n] for n in range(steps + 1)]))
        insertion[name] = _gains(
            ranks_without(frame, item, [np.setdiff1d(everything, order[:n]) for n in range(steps + 1)])
        )
        lasting[name] = _gains(ranks_without(frame, item, [order[size - n :] for n in range(steps + 1)]))
    worth = np.zeros(size, np.float32)
    worth[orders[ATTRIBUTION]] = np.linspace(1, 1 / size, size)
    found = find_counterfactual(frame, item, worth, K)
    confirmed = found is not None and _confirmed(frame, item, np.array(found.places))
    raw = frame.signals(frame.history, item)
    parts = sum(float(part[0]) for part in frame.components(raw, item).values())
    whole = float(frame.scores.max()) if frame.served == DEEP else parts
    return PersonCurves(
        deletion, insertion, lasting, found is not None, 0 if found is None else len(found.places), confirmed,
        abs(parts - whole),
    )  # fmt: skip


def _confirmed(frame: Frame, item: int, places: Floats) -> bool:
    """Whether the item is out of the first ten of a frame that is made anew without the actions at these places."""
    from recsys_tui.models.explaining.frame import without_sets
    from recsys_tui.recommend.ranking import rank

    fewer = without_sets(frame.history, [places.astype(np.int64)])
    served = frame.served if len(fewer.items) else "popular"
    listed = rank(frame.model, fewer, K, served, frame.allowed).items[0]
    return item not in listed.tolist()


def _gains(ranks: list[int | None]) -> Doubles:
    return np.array([0.0 if place is None else 1 / np.log2(1 + place) for place in ranks])


def faithfulness(measured: list[PersonCurves], seed: int, fewest: int = 1) -> Faithfulness:
    """Sum up what was measured, with intervals over people. Raises ``ValueError`` where nobody was measured.

    ``fewest``: people for whom a set has to be found for its size to be told, and who have to come to a step of a
    curve.
    """
    if not measured:
        raise ValueError("nobody was measured")
    # The gain that is lost, over the steps after the first; whoever has fewer steps counts those there are.
    lost = np.array([[1 - person.deletion[name][1:].mean() for name in NAMES] for person in measured])
    reached = np.array([[person.insertion[name][1:].mean() for name in NAMES] for person in measured])
    threshold = 1 / np.log2(1 + K)
    inside = {
        name: float(np.mean([(person.deletion[name][1:] >= threshold - 1e-9).mean() for person in measured]))
        for name in NAMES
    }
    kept = {
        name: float(np.mean([(person.lasting[name][1:] >= threshold - 1e-9).mean() for person in measured]))
        for name in NAMES
    }
    with_set = [person for person in measured if person.found]
    sets_told = len(with_set) >= fewest
    pairs = [(0, place) for place in range(1, len(NAMES))]
    found = paired_differences(lost, pairs, seed=seed)
    return Faithfulness(
        people=len(measured),
        steps=STEPS,
        areas=_measured(lost, seed),
        insertion_areas=_measured(reached, seed),
        pos=inside,
        neg=kept,
        cdcg={name: float(np.mean([person.deletion[name][1:].mean() for person in measured])) for name in NAMES},
        differences={
            NAMES[place]: Measured(entry.delta, entry.low, entry.high)
            for (_, place), entry in zip(pairs, found, strict=True)
        },
        curves=_mean_curves([person.deletion for person in measured], fewest),
        insertion_curves=_mean_curves([person.insertion for person in measured], fewest),
        counterfactuals_found=float(np.mean([person.found for person in measured])),
        counterfactual_size=float(np.mean([person.size for person in with_set])) if sets_told else None,
        counterfactuals_verified=float(np.mean([person.confirmed for person in with_set])) if sets_told else None,
        completeness_error=max(person.completeness for person in measured),
    )


def _measured(scores: Doubles, seed: int) -> dict[str, Measured]:
    return {
        name: Measured(found.mean, found.low, found.high)
        for name, found in zip(NAMES, own_means(scores, seed=seed), strict=True)
    }


def _mean_curves(curves: list[dict[str, Doubles]], fewest: int) -> dict[str, list[float]]:
    """The mean of each ordering's curves, at each step over those who have so many, as far as they are enough, and so
    are those who have not as many as the last, or nobody: areas, which are of all of them, would tell of the others."""
    result: dict[str, list[float]] = {}
    for name in NAMES:
        ends, counts = np.unique([len(person[name]) for person in curves], return_counts=True)
        short = np.cumsum(counts) - counts
        enough = (len(curves) - short >= min(fewest, len(curves))) & ((short == 0) | (short >= fewest))
        longest = int(ends[enough].max())
        result[name] = [
            float(np.mean([person[name][step] for person in curves if len(person[name]) > step]))
            for step in range(longest)
        ]
    return result
