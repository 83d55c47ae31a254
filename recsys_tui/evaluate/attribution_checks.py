"""Do attributions stay when nothing of matter changes, and change when the model is no longer the same?

Stability: an item that says next to nothing joins the history as its oldest action. Sanity: the learned parameters are
shuffled (Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018); an explanation that stays the same then speaks
of the data, not of the model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.evaluate.faithfulness import drawn_crowds, first_item, frame_of_person
from recsys_tui.evaluate.significance import Doubles
from recsys_tui.models.explaining.attribution import attribution, exact_attribution
from recsys_tui.models.explaining.frame import Frame
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.recommender import Recommender

TRIED = 20
TOP = 5
# Learned arrays: what is shuffled. Names, codes, scales of numbers and histories stay.
LEARNED = ("experts.", "interaction.weights", "fusion.gate", "fusion.hidden", "fusion.match", "items.features")
KEPT = ("ridge", "strength", "vocabulary", "numbers", "shares", "recent", "count")
Row = tuple[float, float, float]


@dataclass(frozen=True)
class AttributionChecks:
    """Means over ``people``: rank correlation (Spearman) of the attributions before and after a neutral item joined
    (``stability``), the share of their five largest that stay (``top_kept``), and the rank correlation with those of
    the model with shuffled parameters (``randomised``; near 0 is right).
    """

    people: int
    stability: float
    top_kept: float
    randomised: float


def check_attributions(recommender: Recommender, count: int, seed: int, fewest: int = 1) -> AttributionChecks:
    """Check at most ``count`` people with five actions at least, in crowds of ``fewest`` as :func:`drawn_crowds` has
    it. Raises ``ValueError`` where there are fewer."""
    recommender.warm()
    random = np.random.default_rng(seed)
    crowds = drawn_crowds(recommender.model.people, count, random, fewest)
    shuffled = randomised(recommender.model, random)
    shuffled = replace(shuffled, experts=shuffled.experts.warmed())
    rows: list[Row] = []
    for crowd in crowds.tolist():
        found = [_checked(recommender, shuffled, person, random) for person in crowd]
        if None not in found:
            rows += [row for row in found if row is not None]
    if not rows:
        raise ValueError("nobody was measured")
    stability, kept, changed = np.mean(rows, axis=0).tolist()
    return AttributionChecks(len(rows), stability, kept, changed)


def _checked(recommender: Recommender, shuffled: TrainedModel, person: int, random: np.random.Generator) -> Row | None:
    """The figures of one person; None where nothing can be recommended."""
    frame = frame_of_person(recommender, person)
    item = first_item(frame)
    if item is None:
        return None
    before = attribution(frame, item).contributions
    after = attribution(_with_neutral(frame, item, random), item).contributions[1:]
    other = attribution(Frame.of(shuffled, frame.served, frame.history, frame.allowed), item).contributions
    top = np.intersect1d(_top(before), _top(after)).size / min(TOP, len(before))
    return spearman(before, after), top, spearman(before, other)


def randomised(model: TrainedModel, random: np.random.Generator) -> TrainedModel:
    """The model with the entries of every learned array in random order."""
    arrays = model.to_arrays()
    for name, array in arrays.items():
        learned = name.startswith(LEARNED) and not any(part in name for part in KEPT)
        # Of an empty array, and stored ones are read-only, permutation makes no copy.
        if learned and array.size and np.issubdtype(array.dtype, np.floating):
            arrays[name] = random.permutation(np.asarray(array).ravel()).reshape(array.shape)
    return TrainedModel.from_arrays(arrays)


def _with_neutral(frame: Frame, item: int, random: np.random.Generator) -> Frame:
    """The frame of the same person with one more oldest action: of 20 items drawn, the one that says least."""
    history = frame.history
    free = np.setdiff1d(np.arange(history.item_count), [*history.items.tolist(), item])
    drawn = random.permutation(free)[:TRIED]
    says = [
        abs(float(exact_attribution(replace(frame, history=_older(history, int(code))), item)[0])) for code in drawn
    ]
    joined = _older(history, int(drawn[int(np.argmin(says))]))
    allowed = frame.allowed.copy()
    allowed[0, joined.items[0]] = False
    return Frame.of(frame.model, frame.served, joined, allowed)


def _older(history: Histories, item: int) -> Histories:
    items = np.concatenate([[item], history.items]).astype(np.int32)
    weights = np.concatenate([[1.0], history.weights]).astype(np.float32)
    return replace(Histories.of_one(items, history.item_count, weights), peers=history.peers)


def _top(contributions: Floats) -> NDArray[np.intp]:
    return np.argsort(-contributions, kind="stable")[:TOP]


def spearman(left: Floats, right: Floats) -> float:
    """Rank correlation, ties at their mean rank; 0 where one side is constant."""
    first, second = _ranks(left), _ranks(right)
    spread = float(first.std() * second.std())
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread > 0 else 0.0


def _ranks(values: Floats) -> Doubles:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    result: Doubles = middle[place.ravel()]
    return result
