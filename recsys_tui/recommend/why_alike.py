"""Why two items are neighbours: how many people took both, and which words and attributes they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.data.told_takers import told_takers
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.telling_terms import is_telling

MOST_TERMS = 5


@dataclass(frozen=True)
class WhyAlike:
    """``people``: how many took both items, None where they are too few, all but a few of either's, or all of an item
    that may not be told of; ``terms``: what both are about, the heaviest first, without words that many items have."""

    people: int | None
    terms: tuple[str, ...]


def why_alike(
    histories: Histories, content: ContentProfiles, item: int, others: Sequence[int], gate: CrowdGate
) -> tuple[WhyAlike, ...]:
    """Why each of ``others`` (codes) is like ``item``."""
    takers = {code: _takers(histories, code) for code in (item, *others)}
    both = {other: len(np.intersect1d(takers[item], takers[other], assume_unique=True)) for other in others}
    # Counting who may be told of takes a look at everything, and is seldom needed.
    all_of = any(
        gate.open_for(count) and count in (len(takers[item]), len(takers[other])) for other, count in both.items()
    )
    exact = told_takers(histories, gate)[1] if all_of else None

    def open_beside(code: int, count: int) -> bool:
        rest = len(takers[code]) - count
        return gate.open_for(rest) or (rest == 0 and exact is not None and bool(exact[code]))

    own = _terms(content, item)
    found = []
    for other in others:
        # With the counts of either item, which are shown too, the rest must not tell of a few people.
        shown = gate.open_for(both[other]) and all(open_beside(code, both[other]) for code in (item, other))
        theirs = _terms(content, other)
        shared = sorted(own.keys() & theirs.keys(), key=lambda term: (-own[term] * theirs[term], term))
        terms = [str(content.vocabulary[term]) for term in shared if is_telling(content, term)][:MOST_TERMS]
        found.append(WhyAlike(both[other] if shown else None, tuple(terms)))
    return tuple(found)


def _takers(histories: Histories, item: int) -> np.ndarray:
    return np.unique(np.searchsorted(histories.indptr, np.flatnonzero(histories.items == item), side="right") - 1)


def _terms(content: ContentProfiles, item: int) -> dict[int, float]:
    row = slice(int(content.indptr[item]), int(content.indptr[item + 1]))
    return dict(zip(content.terms[row].tolist(), content.values[row].tolist(), strict=True))
