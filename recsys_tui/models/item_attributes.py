"""Attributes of items as a model keeps them, so that lists can be narrowed by them without the dataset."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ATTRIBUTE_PREFIX, CATEGORIES, PRICE, TAGS, TITLE, YEAR
from recsys_tui.data.histories import Flags, Ints, Longs
from recsys_tui.data.text_list import TextList
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.output.neutralise import neutral_text

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class NumberAttribute:
    """One number an item: ``values`` (items,), float32 or float64, not-a-number where unknown."""

    values: NDArray[Any]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {"values": self.values}

    def matching(self, compare: Callable[[Any, Any], Any], number: float) -> Flags:
        """Items whose value compares so with ``number``, in the precision in which the values are kept."""
        with np.errstate(over="ignore"):  # a number beyond what float32 holds is above all of them
            wanted = self.values.dtype.type(number)
        result: Flags = compare(self.values, wanted) & ~np.isnan(self.values)
        return result


@dataclass(frozen=True)
class TextAttribute:
    """Any number of texts an item: ``codes`` of item i are ``codes[indptr[i]:indptr[i + 1]]``, into ``vocabulary``."""

    vocabulary: TextList
    indptr: Longs
    codes: Ints

    @classmethod
    def of(cls, values: Sequence[Sequence[str]]) -> Self:
        """Encode the texts of each item; one that occurs twice is kept once, an empty one not at all."""
        places: dict[str, int] = {}
        codes, ends = [], [0]
        for texts in values:
            codes += [places.setdefault(text, len(places)) for text in dict.fromkeys(texts) if text]
            ends.append(len(codes))
        return cls(TextList.of(list(places)), np.array(ends, np.int64), np.array(codes, np.int32))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        words = with_prefix("vocabulary", self.vocabulary.to_arrays())
        return words | {"indptr": self.indptr, "codes": self.codes}

    def having(self, text: str) -> Flags:
        """Items one of whose texts is ``text``, whatever its case."""
        wanted = folded(text)
        known = np.array([folded(str(entry)) == wanted for entry in self.vocabulary.to_list()], np.bool_)
        result = np.zeros(len(self.indptr) - 1, np.bool_)
        result[np.repeat(np.arange(len(result)), np.diff(self.indptr))[known[self.codes]]] = True
        return result


Attribute = NumberAttribute | TextAttribute


def folded(text: str) -> str:
    """A text as it is compared: composed the same way, without case, without blanks around it."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def attributes_of(items: pl.DataFrame) -> dict[str, Attribute]:
    """Attributes in the item table of a dataset, by the names that people know them by, apart from title and
    categories; a column that says nothing of any item is none.

    Tags, year and price come first; of two columns with the same name (case apart) the first counts.
    """
    columns = [name for name in (TAGS, YEAR, PRICE) if name in items.columns]
    columns += [name for name in items.columns if name.startswith(ATTRIBUTE_PREFIX)]
    result: dict[str, Attribute] = {}
    taken = {TITLE, CATEGORIES}
    for column in columns:
        name = neutral_text(column.removeprefix(ATTRIBUTE_PREFIX))
        attribute = None if folded(name) in taken else _attribute(items[column])
        if attribute is not None:
            result[name] = attribute
            taken.add(folded(name))
    return result


def _attribute(values: pl.Series) -> Attribute | None:
    import polars as pl

    if not values.len() - values.null_count():
        return None
    if values.dtype.is_numeric():
        kept = np.float64 if values.dtype == pl.Float64 else np.float32
        numbers = values.cast(pl.Float64).to_numpy().astype(kept)
        return NumberAttribute(numbers) if not np.isnan(numbers).all() else None
    if values.dtype == pl.List(pl.String):
        listed = [[text for text in entry or () if text] for entry in values.to_list()]
    elif values.dtype in (pl.String, pl.Boolean):
        listed = [[text] if text else [] for text in values.cast(pl.String).to_list()]
    else:
        return None
    found = TextAttribute.of(listed)
    return found if len(found.codes) else None


def attributes_to_arrays(attributes: Mapping[str, Attribute]) -> dict[str, NDArray[Any]]:
    """All attributes as named arrays. Names of columns may hold anything, so arrays go by number."""
    result = with_prefix("names", TextList.of(list(attributes)).to_arrays())
    for place, attribute in enumerate(attributes.values()):
        result |= with_prefix(str(place), attribute.to_arrays())
    return result


def attributes_from_arrays(arrays: Arrays) -> dict[str, Attribute]:
    """Build from :func:`attributes_to_arrays`."""
    if not arrays:
        return {}
    names = TextList.from_arrays(without_prefix("names", arrays)).to_list()
    result: dict[str, Attribute] = {}
    for place, name in enumerate(names):
        own = without_prefix(str(place), arrays)
        if "values" in own:
            result[str(name)] = NumberAttribute(own["values"])
        else:
            words = TextList.from_arrays(without_prefix("vocabulary", own))
            result[str(name)] = TextAttribute(words, own["indptr"], own["codes"])
    return result
