"""People as people read them: what somebody took, and the groups with a common taste."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from recsys_tui.models.trained_model import Catalogue, TrainedModel
from recsys_tui.recommend.answers import Cluster, HistoryItem, as_told

NO_NAMES: Mapping[int, str] = MappingProxyType({})


def shown_history(model: TrainedModel, person: int, limit: int | None = None) -> tuple[HistoryItem, ...]:
    """What a person (a code) took, newest first, each item once."""
    histories = model.people.histories
    first, last = int(histories.indptr[person]), int(histories.indptr[person + 1])
    return tuple(_history_item(model, place) for place in range(last - 1, first - 1, -1)[:limit])


def _history_item(model: TrainedModel, place: int) -> HistoryItem:
    histories = model.people.histories
    code = int(histories.items[place])
    rating = float("nan") if histories.ratings is None else float(histories.ratings[place])
    return HistoryItem(
        item=str(model.catalogue.ids[code]),
        title=model.catalogue.titles[code],
        categories=model.catalogue.categories_of(code),
        rating=None if np.isnan(rating) else rating,
        time=None if histories.times is None else int(histories.times[place]),
    )


def shown_clusters(
    catalogue: Catalogue, manifest: Mapping[str, Any], people: int, names: Mapping[int, str] = NO_NAMES
) -> tuple[Cluster, ...]:
    """All clusters that the manifest of a model describes, by id, as they may be shown; ``people``: how many there are
    in all; ``names``: what somebody called some of them."""
    found = tuple(
        Cluster(
            id=number,
            name=names.get(number) or str(entry["name"]),
            automatic_name=str(entry["name"]),
            size=int(entry["size"]),
            cohesion=float(entry["cohesion"]),
            top_items=tuple((str(catalogue.ids[int(i)]), catalogue.titles[int(i)], lift) for i, lift in entry["items"]),
            top_terms=tuple((str(term), float(lift)) for term, lift in entry["terms"]),
            silhouette=entry.get("silhouette"),
            stability=entry.get("stability"),
        )
        for number, entry in enumerate(manifest["clusters"])
    )
    return as_told(found, untold=people - sum(cluster.size or 0 for cluster in found))


def shown_clustering(manifest: Mapping[str, Any]) -> dict[str, float | None]:
    """How good the clusters of a manifest are as a whole; None where it does not say."""
    said = manifest.get("clustering", {})
    return {name: said.get(name) for name in ("silhouette", "stability", "start_stability")}
