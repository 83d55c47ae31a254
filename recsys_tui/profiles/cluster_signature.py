"""By what a cluster is known again in another model: the taste of its people, item by item.

The axes of two models have nothing to do with each other, so that centres cannot be compared; what the people of a
cluster take can. A signature holds, of the items that most people have, the log of the item's share in the cluster over
its share among all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.text_list import TextList
from recsys_tui.profiles.user_profiles import UserProfiles

SIGNED_ITEMS = 300
MOST_SHARED, LEAST_SHARED = 5, 0.5
ALIKE = 0.65
FLAT = 1e-3

Signature = Mapping[str, float]


def signature_of(
    profiles: UserProfiles, item_counts: NDArray[np.int64], ids: TextList, cluster: int
) -> dict[str, float]:
    """The signature of a cluster, by item id: of the 300 items that most people have, those nobody has left out."""
    common = np.argsort(-item_counts, kind="stable")[:SIGNED_ITEMS]
    return {
        str(ids[int(item)]): round(float(profiles.affinity[cluster, item]), 3) for item in common if item_counts[item]
    }


def known_again(signatures: Sequence[Signature], profiles: UserProfiles, ids: TextList) -> list[int | None]:
    """The cluster of a model that each signature stands for; None where there is none, or another is more like it.

    A signature and a cluster are alike by the cosine of their entries over the items that the model knows, at least
    five or half of the signature; below .65 they are not the same taste. The most alike find each other first, and no
    cluster is given twice. Two clusters that both take what everyone takes (the only one of their models) are alike.
    """
    places = {str(text): place for place, text in enumerate(ids.to_list())} if signatures else {}
    likeness = np.full((len(signatures), profiles.cluster_count), -1.0)
    for row, signature in enumerate(signatures):
        known = [(places[item], value) for item, value in signature.items() if item in places]
        if len(known) < max(1, min(MOST_SHARED, len(signature)), LEAST_SHARED * len(signature)):
            continue
        items, values = np.array([place for place, _ in known]), np.array([value for _, value in known])
        likeness[row] = _cosines(values, profiles.affinity[:, items].astype(np.float64))
    found: list[int | None] = [None] * len(signatures)
    while likeness.size and likeness.max() >= ALIKE:
        row, cluster = divmod(int(likeness.argmax()), profiles.cluster_count)
        found[row] = cluster
        likeness[row], likeness[:, cluster] = -1.0, -1.0
    return found


def _cosines(values: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosine of ``values`` (items,) with each of ``rows`` (clusters, items); two that are both flat are alike."""
    length, lengths = float(np.linalg.norm(values)), np.linalg.norm(rows, axis=1)
    flat, flats = length < FLAT * np.sqrt(len(values)), lengths < FLAT * np.sqrt(len(values))
    cosines = rows @ values / np.maximum(length * lengths, 1e-12)
    result: NDArray[np.float64] = np.where(flats | flat, (flats & flat).astype(float), cosines)
    return result
