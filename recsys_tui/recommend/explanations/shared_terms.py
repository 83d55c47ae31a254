"""What a person's taste shares with an item: terms and attributes, by the exact products that the score is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_tui.models.explaining.attribution import CONTENT
from recsys_tui.models.explaining.frame import Frame
from recsys_tui.profiles.content_parts import content_parts, content_weights
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.telling_terms import is_telling


@dataclass(frozen=True)
class SharedTerm:
    """A term as people read it, what kind it is, and what it adds to the score.

    ``telling``: it is no mere word that many items have, such as "the".
    """

    term: str
    kind: str
    contribution: float
    telling: bool = True


def shared_terms(frame: Frame, item: int) -> tuple[tuple[SharedTerm, ...], float]:
    """The terms that person and item share, the largest part first, and what ready-made vectors add.

    Together they are what the content signals add to the score, but for their mean over the candidates.
    """
    content = frame.model.experts.content
    weights = content_weights(frame.history)
    total = np.zeros(0, np.float32)
    numbers, vectors = np.zeros(0, np.int32), 0.0
    for name, slope in zip(frame.names, frame.slopes, strict=True):
        if name not in CONTENT:
            continue
        parts = content_parts(content, frame.history, weights[name], item)
        numbers = np.asarray(parts.terms[0])
        total = (total if len(total) else np.zeros(len(numbers), np.float32)) + slope * parts.terms[1]
        vectors += float(slope) * parts.vectors
    kinds = np.asarray(content.kinds)[numbers]
    found = [
        SharedTerm(
            str(content.vocabulary[int(numbers[place])]),
            TermKind(int(kinds[place])).name.lower(),
            float(total[place]),
            is_telling(content, int(numbers[place])),
        )
        for place in np.argsort(-np.abs(total), kind="stable")
        if total[place]
    ]
    return tuple(found), vectors
