"""The deep and the private model in a comparison: trained as ``recsys train`` trains them, asked as people are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID
from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.evaluate.list_making import asked_codes, people_asked
from recsys_tui.evaluate.protocols import Split
from recsys_tui.evaluate.tuning import rows_of
from recsys_tui.models.classification_metrics import classification_metrics
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_counts import drawn_people
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.recommend.list_options import NEVER, ListOptions
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.training.events import STAGES, TrainingEvent
from recsys_tui.training.job import PRIVATE, TrainingRequest
from recsys_tui.training.pipeline import train
from recsys_tui.training.private_training import train_private
from recsys_tui.training.text_vectors import with_text_vectors

if TYPE_CHECKING:
    from recsys_tui.evaluate.contender import ContenderRequest, ContenderResult, Tell

MOST_PAIRS = 5_000
FITTED = 0.9


def run_deep(
    whole: Split, request: ContenderRequest, tell: Tell, stopped: Callable[[], bool]
) -> tuple[pl.DataFrame, ContenderResult]:
    """Train on the training part; returns everybody's lists and what happened."""
    from recsys_tui.evaluate.contender import ANSWERING, DEEP, FITTING, ContenderResult, StepWatch

    def emit(event: TrainingEvent) -> None:
        if event.stage in STAGES:
            done = (STAGES.index(event.stage) + (event.fraction or 0.0)) / len(STAGES)
            tell(FITTING, FITTED * done)

    watch = StepWatch()
    private = request.name == PRIVATE
    preset = PRIVATE if private else request.preset
    promised = (request.epsilon, request.delta) if private else (None, None)
    wanted = TrainingRequest(preset, request.horizon, request.seed, request.device, *promised)
    learn = train_private if private else train
    model, manifest = learn(
        with_text_vectors(whole.train, None, request.device, stopped=stopped), wanted, emit, stopped
    )
    watch.step(FITTING)
    asked = people_asked(whole.asked)
    clusters = model.experts.profiles.cluster_of(asked.histories)
    model = replace(model, people=replace(asked, clusters=clusters.astype(np.int16)))
    recommender = Recommender(model, manifest, preset, request.horizon)
    chosen = asked_codes(whole.test, whole.asked)
    users = whole.asked.users[ID].gather(chosen).to_list()
    lists = recommender.recommend_all(
        request.depth,
        DEEP,
        users,
        ListOptions(repeat=NEVER),
        lambda share: tell(ANSWERING, FITTED + (1 - FITTED) * share),
    ).drop("history")
    watch.step(ANSWERING)
    served = str(manifest["served"])
    return lists, ContenderResult(
        request.name,
        watch.seconds,
        watch.cpu,
        {"preset": preset, "horizon": request.horizon},
        classifier={} if private else _classifier(model, whole, chosen, request.seed),
        served=None if served == DEEP else served,
        epochs=manifest["epochs"],
        privacy=manifest.get("privacy", {}),
    )


def _classifier(model: TrainedModel, whole: Split, chosen: NDArray[np.int64], seed: int) -> dict[str, float]:
    """Figures of the interaction model on held-out pairs: each beside one untouched item, drawn ∝ √popularity.

    Half of the pairs were taken, so that 0.5 is the base rate. At most 5,000 people, one pair each;
    nothing of fewer than are enough. They are whole tens of those for whom there is such a pair: as shares of these the
    figures would tell how few others there are, who have everything.
    """
    random = np.random.default_rng(seed)
    if len(chosen) > MOST_PAIRS:
        chosen = np.sort(random.choice(chosen, MOST_PAIRS, replace=False))
    truth = rows_of(whole.test, chosen, whole.asked, whole.train.items[ID])
    histories = model.people.histories
    draw = np.sqrt(whole.train.items["count"].to_numpy().astype(np.float64))
    draw /= draw.sum()
    said = []
    size = people_at_once(histories.item_count)
    for start in range(0, len(chosen), size):
        some = chosen[start : start + size]
        batch = histories.prefixes(some, histories.lengths[some])
        wanted = truth.slice(start, start + len(some))
        positives = _one_each(wanted.indptr, wanted.items, random)
        known = positives < histories.item_count
        untouched = _untouched(batch, wanted.indptr, wanted.items, draw, random)
        pairs = np.stack([np.where(known, positives, -1), untouched], axis=1)
        chances = _probabilities(model, batch, pairs.astype(np.int32))
        rows = np.flatnonzero(known & (untouched >= 0))
        said.append(chances[rows])
    chance = np.concatenate(said)
    crowds = drawn_people(np.arange(len(chance)), random, CrowdGate().minimum, len(chance))
    if not len(crowds):
        return {}
    outcomes = np.tile([True, False], len(crowds))
    return {
        **classification_metrics(outcomes, chance[crowds].ravel()),
        "pairs": float(len(outcomes)),
        "base_rate": 0.5,
    }


def _probabilities(model: TrainedModel, batch: Histories, items: Ints) -> Floats:
    """Probability of each of a person's ``items`` (people, places), -1 standing for none."""
    stack = signals_at(model.experts, model.interaction, batch, items)
    return model.interaction.probability(stack.values[SIGNALS.index("interaction")])


def _one_each(indptr: NDArray[np.int64], items: NDArray[np.int32], random: np.random.Generator) -> NDArray[np.int64]:
    """One of each person's items, at random."""
    lengths = np.diff(indptr)
    return items[indptr[:-1] + np.floor(random.random(len(lengths)) * lengths).astype(np.int64)].astype(np.int64)


def _untouched(
    batch: Histories,
    indptr: NDArray[np.int64],
    wanted: NDArray[np.int32],
    draw: NDArray[np.float64],
    random: np.random.Generator,
    tries: int = 20,
) -> NDArray[np.int64]:
    """One item for each person that they have not and do not want, drawn by ``draw`` (items,); -1 where none came."""
    touched = np.zeros((len(batch), batch.item_count), np.bool_)
    touched[batch.owners, batch.items] = True
    owners = np.repeat(np.arange(len(batch)), np.diff(indptr))
    inside = wanted < batch.item_count
    touched[owners[inside], wanted[inside]] = True
    result = np.full(len(batch), -1, np.int64)
    for _ in range(tries):
        rows = np.flatnonzero(result < 0)
        items = random.choice(len(draw), len(rows), p=draw)
        free = ~touched[rows, items]
        result[rows[free]] = items[free]
    return result
