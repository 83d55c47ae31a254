"""Lists that show both what is new to a person and what they may take again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.models.repeat_consumption import RepeatModel
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.ranking import Ranked

AGAIN, NOVELTY = "again", "novelty"


@dataclass(frozen=True)
class TakenBefore:
    """What one person has taken: item codes, logits of taking each again next, how many new items to expect."""

    items: Ints
    logits: Floats
    fresh: float
    repeats: RepeatModel


def taken_before(repeats: RepeatModel, items: Ints, person: int, places: Longs, allowed: Flags) -> TakenBefore:
    """The part of what a person took that a list may show again; ``places``: of each action among everyone's."""
    keep = allowed[items]
    logits = np.asarray(repeats.logits[places])
    return TakenBefore(items[keep], logits[keep], float(repeats.fresh[person]), repeats)


def interleave(ranked: Ranked, people: list[TakenBefore], k: int) -> Ranked:
    """Merge ranked new items with items taken before, by the chance that the next occasion contains each.

    Both chances were learned at everyone's last occasion: a new item's from the share of its score among the
    candidates and its rank, a known item's from how often, how lately and how regularly it was taken. The score
    becomes the logarithm of the chance;
    components go on summing to the score: ``novelty`` is what turns the deep model's score into the logarithm,
    ``again`` is the whole score of a known item. Items asked for by name get their chances too. Probabilities of known
    items are left open (not a number): see :func:`with_probabilities`.
    """
    width = min(k, ranked.items.shape[1] + max((len(p.items) for p in people), default=0))
    merged = _nothing(ranked, width)
    named = None if ranked.named is None else _nothing(ranked.named, ranked.named.items.shape[1])
    for row, person in enumerate(people):
        new = ranked.items[row] >= 0
        chances = _chances_of_new(ranked, row, new, person)
        known = -np.logaddexp(0, -person.logits.astype(np.float64))
        both = np.concatenate([chances, known])
        codes = np.concatenate([ranked.items[row][new], person.items])
        order = np.argsort(-both, kind="stable")[:width]
        place = np.arange(len(order))
        merged.items[row, place] = codes[order]
        is_new = order < len(chances)
        source = np.flatnonzero(new)[order[is_new]]
        _put(merged, ranked, row, place[is_new], source, both[order[is_new]])
        _put_again(merged, row, place[~is_new], both[order[~is_new]])
        if named is not None and ranked.named is not None:
            _name(named, ranked, row, person, chances, known)
    return replace(_likely(merged), named=None if named is None else _likely(named))


def _nothing(ranked: Ranked, width: int) -> Ranked:
    """Empty lists that have the components of ``ranked`` and those that this merging adds."""
    shape = (len(ranked.items), width)
    names = (*ranked.components, AGAIN, NOVELTY) if ranked.components else ()
    components = {name: np.zeros(shape, np.float32) for name in names}
    items, scores = np.full(shape, -1, np.int32), np.full(shape, -np.inf, np.float32)
    return Ranked(items, scores, np.zeros(shape, np.float32), components)


def _chances_of_new(ranked: Ranked, row: int, new: Flags, person: TakenBefore) -> Floats:
    share = None if ranked.normaliser is None else ranked.scores[row][new] - ranked.normaliser[row]
    return person.repeats.chance_of_new(share, int(new.sum()), person.fresh)


def _likely(ranked: Ranked) -> Ranked:
    """With the chances that the scores are logarithms of."""
    return replace(ranked, chances=np.exp(ranked.scores).astype(np.float32))


def with_probabilities(model: TrainedModel, histories: Histories, ranked: Ranked) -> Ranked:
    """Lists with the interaction model's probabilities of what was taken before, as of any other item."""
    if ranked.chances is None:
        return ranked
    logits = signals_at(model.experts, model.interaction, histories, ranked.items).values[SIGNALS.index("interaction")]
    known = np.isnan(ranked.probabilities)
    likely = model.interaction.probability(logits)
    return replace(ranked, probabilities=np.where(known, likely, ranked.probabilities).astype(np.float32))


def _put(merged: Ranked, ranked: Ranked, row: int, places: Longs, source: Longs, chances: Floats) -> None:
    """New items from the places ``source`` of a list."""
    merged.scores[row, places] = chances
    merged.probabilities[row, places] = ranked.probabilities[row, source]
    for name, part in ranked.components.items():
        merged.components[name][row, places] = part[row, source]
    if ranked.components:
        merged.components[NOVELTY][row, places] = chances - ranked.scores[row, source]


def _put_again(merged: Ranked, row: int, places: Longs, chances: Floats) -> None:
    """Items taken before: their score is all of one kind."""
    merged.scores[row, places] = chances
    merged.probabilities[row, places] = np.nan
    if merged.components:
        merged.components[AGAIN][row, places] = chances


def _name(named: Ranked, ranked: Ranked, row: int, person: TakenBefore, chances: Floats, known: Floats) -> None:
    """The chances of the items that were asked for by name: those of the list where they are in it, else what they
    would be at the rank that their scores have."""
    asked = ranked.named
    if asked is None:
        return
    listed = {int(item): float(chance) for item, chance in zip(ranked.items[row], chances, strict=False)}
    before = {int(item): float(chance) for item, chance in zip(person.items, known, strict=True)}
    for place, item in enumerate(asked.items[row].tolist()):
        named.items[row, place] = item
        where = np.array([place])
        if item in before:
            _put_again(named, row, where, np.array([before[item]], np.float32))
            continue
        chance = listed.get(item)
        if chance is None:
            score = asked.scores[row, place]
            rank = 1 + int((ranked.scores[row][: len(chances)] > score).sum())
            share = None if ranked.normaliser is None else np.array([score - ranked.normaliser[row]], np.float32)
            chance = float(person.repeats.chance_at(share, np.array([rank]), person.fresh)[0])
            chance = min(chance, float(chances[rank - 2])) if rank > 1 else chance
        _put(named, asked, row, where, where, np.array([chance], np.float32))
