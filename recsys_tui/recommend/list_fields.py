"""What the lists of a dataset can be narrowed by, for a person to choose from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys_tui.recommend.list_options import ListOptions

if TYPE_CHECKING:
    from recsys_tui.recommend.recommender import Recommender

CATEGORIES, YEAR = "categories", "year"


@dataclass(frozen=True)
class ListFields:
    """``names``: every field that a condition may name. ``categories``: those of most items first, empty where items
    have none. ``years``: the first and the last, None where items have none. ``products``: some items are none."""

    names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    products: bool = False


def list_fields(recommender: Recommender) -> ListFields:
    """The fields of the items that a model knows."""
    import numpy as np

    from recsys_tui.models.item_attributes import NumberAttribute, TextAttribute

    catalogue = recommender.model.catalogue
    fields = catalogue.fields()
    categories: tuple[str, ...] = ()
    if isinstance(known := fields.get(CATEGORIES), TextAttribute):
        counts = Counter(known.codes.tolist())
        categories = tuple(str(known.vocabulary[code]) for code, _ in counts.most_common())
    years = None
    if isinstance(known := fields.get(YEAR), NumberAttribute):
        years = (int(np.nanmin(known.values)), int(np.nanmax(known.values)))
    return ListFields(tuple(fields), categories, years, catalogue.products is not None)


def items_let_in(recommender: Recommender, options: ListOptions) -> tuple[int, int, str | None]:
    """How many items the options let in, of how many; where that is none, the sentence that says which option did it.

    Raises ``UserError`` as :meth:`Recommender.select` does.
    """
    selection = recommender.select(options)
    return int(selection.allowed.sum()), len(selection.allowed), selection.emptied
