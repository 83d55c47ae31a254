"""The ridge of EASE, chosen on what people took after the moment at which they are asked about."""

from __future__ import annotations

import numpy as np

from recsys_tui.models.candidate_lists import ndcg_of_scores, untaken
from recsys_tui.models.catalogue_head import head_items
from recsys_tui.models.ease import RIDGE, Ease
from recsys_tui.models.held_out import HeldOut
from recsys_tui.models.pair_counts import pair_counts

RIDGES = (50.0, RIDGE, 400.0, 1_000.0, 3_000.0)
JUDGED_HEAD = 2_000
JUDGED_LISTS = 1_000
LISTS_AT_ONCE = 100


def choose_ridge(held_out: HeldOut, head_limit: int, seed: int) -> float:
    """λ of the best NDCG@10 on held-out lists; the usual one where there is none to ask.

    For the horizon ``later``: one next item is told by order, and EASE's part in it is small. What wins depends on the
    data: small for the many narrow tastes of a shop, large where what people take over weeks has much to do with what
    is popular. Judged on up to 1,000 lists that the deep model may learn from, by EASE over the 2,000 most frequent
    items, or the head where that is smaller.
    """
    chosen = np.flatnonzero(~held_out.apart)
    if not len(chosen):
        return RIDGE
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(chosen)[:JUDGED_LISTS])
    lists = held_out.lists.prefixes(chosen, held_out.lists.lengths[chosen])
    targets = held_out.targets[chosen]
    older = held_out.older
    head = head_items(older.item_counts(), min(head_limit, JUDGED_HEAD))
    gram = pair_counts(older, head)
    gained = []
    for ridge in RIDGES:
        ease = Ease.solved(gram.copy(), head, ridge, older.item_count)
        total = 0.0
        for start in range(0, len(lists), LISTS_AT_ONCE):
            some = lists.rows(start, min(start + LISTS_AT_ONCE, len(lists)))
            for row, (scores, free) in enumerate(zip(ease.score(some), untaken(some), strict=True)):
                wanted = targets[start + row]
                total += ndcg_of_scores(scores, free, wanted[wanted >= 0])
        gained.append(total)
    return RIDGES[int(np.argmax(gained))]
