"""Whom an item would interest most, among everybody who has not got it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recsys_tui.data.histories import Flags
from recsys_tui.data.tagged_texts import ties
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.interaction import BASE_RATE
from recsys_tui.models.item_pools import is_pooled
from recsys_tui.models.newcomers import pair_logits
from recsys_tui.models.trained_model import People
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.prediction import logit_of
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.store.verdicts import NO_FEEDBACK, Verdicts

PEOPLE_AT_ONCE = 4_096


@dataclass(frozen=True)
class AudienceMember:
    """One place of an audience. ``score`` is the interaction model's logit, which compares among people."""

    rank: int
    user: str
    score: float
    probability: float


@dataclass(frozen=True)
class Audience:
    """The people an item would interest most, the likeliest first; ``people`` is how many could have been named, None
    where that, beside everybody and those who have it, would tell of a few.

    ``probability``, its ``base_rate`` and so the order of people are those of
    :class:`recsys_tui.recommend.prediction.Prediction`.
    """

    item: str
    title: str | None
    people: int | None
    preset: str
    horizon: str
    users: tuple[AudienceMember, ...]
    base_rate: float = BASE_RATE

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys audience --json``."""
        return {
            "item": self.item,
            "title": self.title,
            "people": self.people,
            "preset": self.preset,
            "horizon": self.horizon,
            "base_rate": self.base_rate,
            "users": [vars(member) | {} for member in self.users],
        }


def audience(
    recommender: Recommender,
    item: str,
    k: int,
    progress: Callable[[float], None] | None = None,
    feedback: Mapping[str, Verdicts] = NO_FEEDBACK,
    gate: CrowdGate | None = None,
) -> Audience:
    """The ``k`` people who would most likely take an item. Raises ``UserError``: exit 3 for an unknown
    item, exit 2 where the model is private.

    People are ordered by the interaction model's logit. A list's own scores compare within that list only; the logit
    estimates how much likelier this person is to take this item than its draw is (for a classifier of taken against
    drawn items it is the log of that ratio), which for one item orders people by how likely they are to take it. An
    item that nobody has taken yet is scored through its content. Left out are who has the item already, who took it
    back or dislikes it, and in a graph of people the person that the item is.

    ``feedback``: what people said of items the model knows, which counts as it does in their lists; who likes or
    dislikes the item itself is left out. Where a few people have the item, took it back, or are all who could be named,
    others are left out beside them: the same ones whatever the model and the feedback, which is no secret.
    """
    if "privacy" in recommender.manifest:
        raise UserError("private.no_audience")
    gate = gate or CrowdGate()
    code, known = recommender.item_code(item), recommender.model.experts
    histories = recommender.model.people.histories
    pooled = is_pooled(histories.item_count)
    experts = known.of_items(np.array([code], np.int32)) if pooled else known.for_many()
    model = recommender.model
    logits = np.full(len(histories), -np.inf, np.float32)
    # Nothing is as wide as the catalogue then.
    narrow = pooled and known.content.is_empty
    size = PEOPLE_AT_ONCE if narrow else people_at_once(histories.item_count)
    barred = model.people.barred_from(code)
    for start in range(0, len(histories), size):
        stop = min(start + size, len(histories))
        batch = histories.rows(start, stop)
        everyone = np.arange(len(batch))
        asked = np.full(len(batch), code)
        signals = experts.input_signals_of(batch, everyone, asked)
        scored = pair_logits(experts, model.interaction, signals, batch.lengths, asked)
        logits[start:stop] = np.where(barred[start:stop], -np.inf, scored)
        if progress is not None:
            progress(stop / len(histories))
    named = str(model.catalogue.ids[code])
    for user, said in feedback.items():
        person = model.people.ids.index(user)
        if person is not None and np.isfinite(logits[person]):
            question = recommender.question(user, like=said.liked, dislike=said.disliked)
            logits[person] = logit_of(question, code) if said.of(named) is None else -np.inf
    hidden, popular = _hidden(recommender, code, barred, gate), experts.popular
    told = None
    if not hidden.any() and popular.is_told(code, gate):
        others = len(histories) - _itself(model.people, code)
        told = _told(int(np.isfinite(logits).sum()), others, len(histories.owners_of(code)), gate)
    possible = np.flatnonzero(np.isfinite(logits) & ~hidden)
    best = possible[np.lexsort((ties(model.people.ids, possible), -logits[possible]))[:k]]
    chances = model.interaction.probability(logits[best])
    members = tuple(
        AudienceMember(place, str(model.people.ids[int(person)]), float(logits[person]), float(chance))
        for place, (person, chance) in enumerate(zip(best, chances, strict=True), start=1)
    )
    return Audience(
        item=str(model.catalogue.ids[code]),
        title=model.catalogue.titles[code],
        people=told,
        preset=recommender.preset,
        horizon=recommender.horizon,
        users=members,
    )


def _hidden(recommender: Recommender, code: int, barred: Flags, gate: CrowdGate) -> Flags:
    """Who else is left out beside those who are ``barred`` from an item (a code), shape (people,): so many that those
    who have it are as many as may be told, and those who took it back ten; and everybody where a few are left.

    Who that is follows from all histories together, so that the lists of several models leave out the same people.
    """
    people, popular = recommender.model.people, recommender.model.experts.popular
    histories = people.histories
    takers = len(histories.owners_of(code))
    others = int(barred.sum()) - takers - _itself(people, code)
    more = 0 if popular.is_told(code, gate) else max(0, int(popular.told_counts(gate)[code]) - takers)
    more += gate.minimum - others if 0 < others < gate.minimum else 0
    free = np.flatnonzero(~barred)
    hidden = np.zeros(len(histories), np.bool_)
    if not gate.open_for(len(free)):
        hidden[free] = True
    elif more:
        everything = hashlib.blake2b(histories.indptr.tobytes(), digest_size=16)
        everything.update(histories.items.tobytes())
        everything.update(code.to_bytes(8, "little"))
        drawn = np.random.default_rng(int.from_bytes(everything.digest(), "little")).permutation(free)
        hidden[drawn[:more]] = True
    return hidden


def _itself(people: People, code: int) -> int:
    """1 where the item is a person of the data, as in a graph of people, who neither has nor took back themself; else
    0."""
    if people.own_items is None:
        return 0
    otherwise = replace(people, own_items=None).barred_from(code)
    return int((people.own_items[~otherwise] == code).sum())


def _told(possible: int, everyone: int, takers: int, gate: CrowdGate) -> int | None:
    """How many people could be named, where neither they nor those left out are a few, nor those of these who have the
    item, or have not."""
    out = everyone - possible
    parts = (possible, out, takers, out - takers)
    return possible if all(part <= 0 or gate.open_for(part) for part in parts) else None
