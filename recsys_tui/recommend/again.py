"""Lists that show both what is new to a person and what they may take again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Ints
from recsys_tui.models.repeat_consumption import RepeatModel
from recsys_tui.recommend.ranking import Ranked

AGAIN, NOVELTY = "again", "novelty"


@dataclass(frozen=True)
class TakenBefore:
    """What one person has taken: item codes, logits of taking each again next, how many new items to expect."""

    items: Ints
    logits: Floats
    fresh: float
    repeats: RepeatModel


def taken_before(repeats: RepeatModel, history_items: Ints, person: int, first: int, allowed: Flags) -> TakenBefore:
    """The part of a person's history that a list may show again; ``first``: place of their first action."""
    keep = allowed[history_items]
    logits = np.asarray(repeats.logits[first : first + len(history_items)])
    return TakenBefore(history_items[keep], logits[keep], float(repeats.fresh[person]), repeats)


def interleave(ranked: Ranked, people: list[TakenBefore], k: int) -> Ranked:
    """Merge ranked new items with items taken before, by the chance that the next occasion contains each.

    Both chances were learned at everyone's last occasion: a new item's from the share of its score among the
    candidates and its rank, a known item's from how often, how lately and how regularly it was taken. The score
    becomes the logarithm of the chance, the probability the chance;
    components go on summing to the score: ``novelty`` is what turns the deep model's score into the logarithm,
    ``again`` is the whole score of a known item.
    """
    count, width = len(ranked.items), min(k, ranked.items.shape[1] + max((len(p.items) for p in people), default=0))
    items = np.full((count, width), -1, np.int32)
    scores = np.full((count, width), -np.inf, np.float32)
    components = {name: np.zeros((count, width), np.float32) for name in (*ranked.components, AGAIN, NOVELTY)}
    for row, person in enumerate(people):
        new = ranked.items[row] >= 0
        old_scores = ranked.scores[row][new]
        share = None if ranked.normaliser is None else ranked.scores[row][new] - ranked.normaliser[row]
        chances = person.repeats.chance_of_new(share, int(new.sum()), person.fresh)
        both = np.concatenate([chances, -np.logaddexp(0, -person.logits.astype(np.float64))])
        codes = np.concatenate([ranked.items[row][new], person.items])
        order = np.argsort(-both, kind="stable")[:width]
        place = np.arange(len(order))
        items[row, place], scores[row, place] = codes[order], both[order]
        is_new = order < len(chances)
        source = order[is_new]
        for name, part in ranked.components.items():
            components[name][row, place[is_new]] = part[row][new][source]
        if ranked.components:
            components[NOVELTY][row, place[is_new]] = chances[source] - old_scores[source]
            components[AGAIN][row, place[~is_new]] = both[order[~is_new]]
    shown = components if ranked.components else {}
    return Ranked(items, scores, np.exp(scores).astype(np.float32), shown)
