"""A trained model as one set of named arrays: everything an answer needs, and nothing that only training needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.data.text_list import TextList
from recsys_tui.models.attribute_popularity import AttributePopularity
from recsys_tui.models.classics.biased_factors import BiasedFactors
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.models.experts import Experts
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.item_attributes import (
    Attribute,
    TextAttribute,
    attributes_from_arrays,
    attributes_of,
    attributes_to_arrays,
)
from recsys_tui.models.peers import FOLLOWS_BACK, FRIENDS
from recsys_tui.models.repeat_consumption import RepeatModel

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.histogram_cells import Cells
    from recsys_tui.data.merged_pairs import MergedPairs

CATEGORY_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Catalogue:
    """Ids, titles and categories of the items, by code; ``products`` (items,) is false for what is none.

    ``attributes``: what else is known of them, by name: tags, year, price, further columns of item files.
    """

    ids: TextList
    titles: TextList
    categories: TextList
    products: Flags | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def categories_of(self, item: int) -> tuple[str, ...]:
        """Categories of an item; empty where none is known."""
        joined = self.categories[item]
        return tuple(joined.split(CATEGORY_SEPARATOR)) if joined else ()

    def fields(self) -> dict[str, Attribute]:
        """Everything that lists can be narrowed by, by name: title and categories where there are any, attributes."""
        split = [text.split(CATEGORY_SEPARATOR) if text else [] for text in self.categories.to_list()]
        described = {
            "title": TextAttribute.of([[text] if text else [] for text in self.titles.to_list()]),
            "categories": TextAttribute.of(split),
        }
        return {name: known for name, known in described.items() if len(known.codes)} | dict(self.attributes)


@dataclass(frozen=True)
class People:
    """Ids of the people, their histories as the models read them, and their cluster.

    ``against``: what each took back or dislikes. ``own_items`` (people,): in a graph of people the item that a person
    is, or -1. ``repeats``: what they may take again; None where people take things once.
    """

    ids: TextList
    histories: Histories
    clusters: NDArray[np.int16]
    against: SparseRows | None = None
    own_items: Ints | None = None
    repeats: RepeatModel | None = None

    @cached_property
    def rating_cells(self) -> Cells | None:
        """Where each action stands among the ratings; None where nothing is rated."""
        import polars as pl

        from recsys_tui.data.histogram_cells import rating_cells

        known = self.histories
        return None if known.ratings is None else rating_cells(known.owners, pl.Series(known.ratings).fill_nan(None))

    def barred_from(self, item: int) -> Flags:
        """Who has an item (a code), took it back, or is it, shape (people,)."""
        barred = np.zeros(len(self.histories), np.bool_)
        barred[self.histories.owners_of(item)] = True
        if self.against is not None:
            rows = np.flatnonzero(self.against.items == item)
            barred[np.searchsorted(self.against.indptr, rows, side="right") - 1] = True
        if self.own_items is not None:
            barred |= self.own_items == item
        return barred

    def ruled_out(self, people: NDArray[Any], allowed: Flags) -> None:
        """Take from ``allowed`` (people, items) what each of these people took back, and themselves."""
        if self.against is not None:
            rows = self.against.take(people)
            allowed[np.repeat(np.arange(len(rows)), np.diff(rows.indptr)), rows.items] = False
        if self.own_items is not None:
            own = self.own_items[people]
            allowed[np.flatnonzero(own >= 0), own[own >= 0]] = False


@dataclass(frozen=True)
class TrainedModel:
    """The four stages, fitted, and the people and items they were fitted on; where people rate, expected ratings."""

    people: People
    catalogue: Catalogue
    experts: Experts
    interaction: InteractionModel
    fusion: Fusion
    item_features: Floats
    ratings: BiasedFactors | None = None
    attributes: AttributePopularity | None = None

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by dotted name, for the store."""
        histories = self.people.histories
        result: dict[str, NDArray[Any]] = {
            "history.indptr": histories.indptr,
            "history.items": histories.items,
            "history.weights": histories.weights,
            "people.clusters": self.people.clusters,
            "items.features": self.item_features,
        }
        if histories.times is not None:
            result["history.times"] = histories.times
        if histories.ratings is not None:
            result["history.ratings"] = histories.ratings
        for name, rows in histories.peers.items():
            result |= with_prefix(f"history.peers.{name}", rows.to_arrays())
        if self.people.against is not None:
            result |= with_prefix("people.against", self.people.against.to_arrays())
        if self.people.own_items is not None:
            result["people.own_items"] = self.people.own_items
        if self.people.repeats is not None:
            result |= with_prefix("people.repeats", self.people.repeats.to_arrays())
        if self.catalogue.products is not None:
            result["items.products"] = self.catalogue.products
        if self.attributes is not None:
            result |= with_prefix("attributes", self.attributes.to_arrays())
        result |= with_prefix("people.ids", self.people.ids.to_arrays())
        for name in ("ids", "titles", "categories"):
            result |= with_prefix(f"items.{name}", getattr(self.catalogue, name).to_arrays())
        result |= with_prefix("items.attributes", attributes_to_arrays(self.catalogue.attributes))
        result |= with_prefix("experts", self.experts.to_arrays())
        result |= with_prefix("interaction", self.interaction.to_arrays())
        if self.ratings is not None:
            result |= with_prefix("ratings", self.ratings.to_arrays())
        return result | with_prefix("fusion", self.fusion.to_arrays())

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`; arrays may be memory-mapped and are read only where an answer needs them."""
        features = arrays["items.features"]
        texts = {name: TextList.from_arrays(without_prefix(name, arrays)) for name in _TEXTS}
        ratings = arrays.get("history.ratings")
        histories = Histories(
            arrays["history.indptr"],
            arrays["history.items"],
            arrays.get("history.times"),
            arrays["history.weights"],
            len(features),
            {
                name: SparseRows.from_arrays(without_prefix(f"history.peers.{name}", arrays))
                for name in (FRIENDS, FOLLOWS_BACK)
                if f"history.peers.{name}.indptr" in arrays
            },
            ratings if ratings is not None and len(ratings) else None,
        )
        against = without_prefix("people.against", arrays)
        repeats = without_prefix("people.repeats", arrays)
        people = People(
            texts["people.ids"],
            histories,
            arrays["people.clusters"],
            SparseRows.from_arrays(against) if against else None,
            arrays.get("people.own_items"),
            RepeatModel.from_arrays(repeats) if repeats else None,
        )
        rating_arrays = without_prefix("ratings", arrays)
        known = without_prefix("attributes", arrays)
        titles, categories = texts["items.titles"], texts["items.categories"]
        attributes = attributes_from_arrays(without_prefix("items.attributes", arrays))
        catalogue = Catalogue(texts["items.ids"], titles, categories, arrays.get("items.products"), attributes)
        return cls(
            people,
            catalogue,
            Experts.from_arrays(without_prefix("experts", arrays)),
            InteractionModel.from_arrays(without_prefix("interaction", arrays)),
            Fusion.from_arrays(without_prefix("fusion", arrays)),
            features,
            BiasedFactors.from_arrays(rating_arrays) if rating_arrays else None,
            AttributePopularity.from_arrays(known) if known else None,
        )


_TEXTS = ("people.ids", "items.ids", "items.titles", "items.categories")


def catalogue_of(dataset: Dataset) -> Catalogue:
    """The catalogue of a dataset, in the order of its item codes."""
    from recsys_tui.data.dataset import CATEGORIES, ID, PRODUCT, TITLE

    items = dataset.items
    missing = [None] * items.height
    titles = items[TITLE].to_list() if TITLE in items.columns else missing
    categories = items[CATEGORIES].to_list() if CATEGORIES in items.columns else missing
    joined = [CATEGORY_SEPARATOR.join(entry for entry in some if entry) if some else None for some in categories]
    products = items[PRODUCT].fill_null(True).to_numpy() if PRODUCT in items.columns else None
    ids, texts = TextList.of(items[ID].to_list()), TextList.of(titles)
    return Catalogue(ids, texts, TextList.of(joined), products, attributes_of(items))


def against_of(dataset: Dataset, pairs: MergedPairs) -> SparseRows | None:
    """What each person took back or dislikes; None where nobody did."""
    from recsys_tui.data.dataset import ITEM, USER

    if not pairs.against.height:
        return None
    counts = np.bincount(pairs.against[USER].to_numpy(), minlength=dataset.user_count)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    items = pairs.against[ITEM].to_numpy().astype(np.int32)
    return SparseRows(indptr, items, np.ones(len(items), np.float32))
