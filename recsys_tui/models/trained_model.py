"""A trained model as one set of named arrays: everything an answer needs, and nothing that only training needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.models.experts import Experts
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.interaction import InteractionModel

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset

CATEGORY_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Catalogue:
    """Ids, titles and categories of the items, by code."""

    ids: TextList
    titles: TextList
    categories: TextList

    def categories_of(self, item: int) -> tuple[str, ...]:
        """Categories of an item; empty where none is known."""
        joined = self.categories[item]
        return tuple(joined.split(CATEGORY_SEPARATOR)) if joined else ()


@dataclass(frozen=True)
class People:
    """Ids of the people, their histories as the models read them, the rating of each action, and their cluster.

    ``ratings`` is as long as the actions, not-a-number where there is none, or empty where the data has no ratings.
    """

    ids: TextList
    histories: Histories
    ratings: Floats
    clusters: NDArray[np.int16]


@dataclass(frozen=True)
class TrainedModel:
    """The four stages, fitted, and the people and items they were fitted on."""

    people: People
    catalogue: Catalogue
    experts: Experts
    interaction: InteractionModel
    fusion: Fusion
    item_features: Floats

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by dotted name, for the store."""
        histories = self.people.histories
        result: dict[str, NDArray[Any]] = {
            "history.indptr": histories.indptr,
            "history.items": histories.items,
            "history.weights": histories.weights,
            "history.ratings": self.people.ratings,
            "people.clusters": self.people.clusters,
            "items.features": self.item_features,
        }
        if histories.times is not None:
            result["history.times"] = histories.times
        result |= with_prefix("people.ids", self.people.ids.to_arrays())
        for name in ("ids", "titles", "categories"):
            result |= with_prefix(f"items.{name}", getattr(self.catalogue, name).to_arrays())
        result |= with_prefix("experts", self.experts.to_arrays())
        result |= with_prefix("interaction", self.interaction.to_arrays())
        return result | with_prefix("fusion", self.fusion.to_arrays())

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`; arrays may be memory-mapped and are read only where an answer needs them."""
        features = arrays["items.features"]
        histories = Histories(
            arrays["history.indptr"],
            arrays["history.items"],
            arrays.get("history.times"),
            arrays["history.weights"],
            len(features),
        )
        texts = {name: TextList.from_arrays(without_prefix(name, arrays)) for name in _TEXTS}
        return cls(
            People(texts["people.ids"], histories, arrays["history.ratings"], arrays["people.clusters"]),
            Catalogue(texts["items.ids"], texts["items.titles"], texts["items.categories"]),
            Experts.from_arrays(without_prefix("experts", arrays)),
            InteractionModel.from_arrays(without_prefix("interaction", arrays)),
            Fusion.from_arrays(without_prefix("fusion", arrays)),
            features,
        )


_TEXTS = ("people.ids", "items.ids", "items.titles", "items.categories")


def catalogue_of(dataset: Dataset) -> Catalogue:
    """The catalogue of a dataset, in the order of its item codes."""
    from recsys_tui.data.dataset import CATEGORIES, ID, TITLE

    items = dataset.items
    missing = [None] * items.height
    titles = items[TITLE].to_list() if TITLE in items.columns else missing
    categories = items[CATEGORIES].to_list() if CATEGORIES in items.columns else missing
    joined = [CATEGORY_SEPARATOR.join(entry for entry in some if entry) if some else None for some in categories]
    return Catalogue(TextList.of(items[ID].to_list()), TextList.of(titles), TextList.of(joined))
