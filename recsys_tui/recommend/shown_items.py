"""Ranked codes as people read them: ids, titles, and what each score is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.messages import say
from recsys_tui.recommend.again import AGAIN, NOVELTY
from recsys_tui.recommend.answers import Reason, RecommendedItem
from recsys_tui.recommend.ranking import Ranked


def shown_items(
    model: TrainedModel, manifest: Mapping[str, Any], ranked: Ranked, person: int | None, history: Histories
) -> Iterator[RecommendedItem]:
    """The one list in ``ranked``, best first; ``person``: their code, None for someone new."""
    absent = {"friends": not history.peers, "encoder": model.experts.encoder is None}
    kinds = {kind: part for kind, part in ranked.components.items() if not absent.get(kind)}
    for place, item in enumerate(ranked.items[0].tolist()):
        if item < 0:
            break
        again = AGAIN in kinds and kinds[AGAIN][0, place] != 0
        reasons = [
            Reason(kind, _reason(model, manifest, kind, person, item), float(part[0, place]))
            for kind, part in kinds.items()
            if (kind == AGAIN) == again
        ]
        # What only sets the scale of a list comes last, however large it is.
        reasons.sort(key=lambda reason: (reason.kind == NOVELTY, -abs(reason.contribution)))
        yield RecommendedItem(
            rank=place + 1,
            item=str(model.catalogue.ids[item]),
            title=model.catalogue.titles[item],
            categories=model.catalogue.categories_of(item),
            score=float(ranked.scores[0, place]),
            probability=float(ranked.probabilities[0, place]),
            reasons=tuple(reasons),
            pinned=ranked.pinned is not None and bool(ranked.pinned[0, place]),
            chance=None if ranked.chances is None else float(ranked.chances[0, place]),
        )


def _reason(model: TrainedModel, manifest: Mapping[str, Any], kind: str, person: int | None, item: int) -> str:
    repeats = model.people.repeats
    if kind != AGAIN or person is None or repeats is None:
        return say(f"models.component_{kind}")
    histories = model.people.histories
    place = int(histories.indptr[person]) + int(np.flatnonzero(histories.items_of(person) == item)[0])
    times, last = int(repeats.times[place]), int(repeats.last[place])
    if manifest.get("time_kind") == "time":
        return say("models.again_on", times=times, day=datetime.fromtimestamp(last / 1000, UTC).date().isoformat())
    return say("models.again", times=times)
