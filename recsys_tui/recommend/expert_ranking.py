"""Lists by a recommender that is no part of the trained model, such as a classic one fitted beside it."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.data.tagged_texts import order_of
from recsys_tui.models.contract import Expert
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.ranking import Ranked, Ranking, strongest_allowed


def ranking_by(expert: Expert) -> Ranking:
    """A way to rank as :func:`recsys_tui.recommend.ranking.rank`, by ``expert``, which scores the same catalogue.

    Probabilities are those of the trained interaction model, whoever ranks. Such scores have no parts.
    """

    def ranked_by(
        model: TrainedModel,
        histories: Histories,
        k: int,
        _name: str,
        allowed: Flags,
        _with_components: bool,
        named: Longs | None,
    ) -> Ranked:
        scores = np.asarray(expert.score(histories), np.float32)
        items, values = strongest_allowed(scores, allowed, min(k, histories.item_count), order_of(model.catalogue.ids))
        if named is None:
            return Ranked(items, values, _likely(model, histories, items), {})
        asked = np.tile(named.astype(np.int32), (len(histories), 1))
        by_name = Ranked(asked, scores[:, named], _likely(model, histories, asked), {})
        return Ranked(items, values, _likely(model, histories, items), {}, named=by_name)

    return ranked_by


def _likely(model: TrainedModel, histories: Histories, items: Ints) -> Floats:
    """The chance that each person takes each of their ``items`` (people, places)."""
    logits = signals_at(model.experts, model.interaction, histories, items).values[SIGNALS.index("interaction")]
    return model.interaction.probability(logits)
