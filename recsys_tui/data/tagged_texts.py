"""A long list of ids that is read as their pseudonyms, and still found by the ids themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.pseudonyms import Pseudonyms, check_different, number_of, written
from recsys_tui.data.text_list import TextList


@dataclass(frozen=True)
class TaggedTexts(TextList):
    """The texts of the arrays are the ids, which differ; what is read of the list are their tags.

    A tag that is read alone is made alone; all of them are made when a tag is looked for.
    """

    pseudonyms: Pseudonyms

    @classmethod
    def over(cls, ids: TextList, pseudonyms: Pseudonyms) -> TaggedTexts:
        """The same list, read as tags."""
        return cls(ids.blob, ids.starts, ids.present, pseudonyms)

    def __getitem__(self, index: int) -> str | None:
        known = self.original(index)
        return None if known is None else self.pseudonyms.of(known)

    def original(self, index: int) -> str | None:
        """The id at a place."""
        return super().__getitem__(index)

    def untagged(self) -> TextList:
        """The ids themselves."""
        return TextList(self.blob, self.starts, self.present)

    def originals(self) -> list[str | None]:
        """All ids."""
        return super().to_list()

    def to_list(self) -> list[str | None]:
        """All tags. Raises ``UserError`` (exit 1) where two ids have the same one."""
        return [tag if there else None for tag, there in zip(written(self._numbers), self.present, strict=True)]

    def index(self, text: str) -> int | None:
        """Where an id, or the id of a tag, stands; None where there is no such one."""
        known = super().index(text)
        return self._place_of(text) if known is None else known

    def original_of(self, text: str) -> str:
        """The id that a tag stands for; any other text as it is."""
        place = self._place_of(text)
        return text if place is None else str(self.original(place))

    def tagged(self, texts: Sequence[str]) -> list[str]:
        """Texts with the ids of this list as their tags: one pass over all of the list, however many there are.

        Also without the ``.0`` with which a spreadsheet writes a number.
        """
        known = set(self.originals())
        plain = (text if text in known else text.removesuffix(".0") for text in texts)
        return [self.pseudonyms.of(short) if short in known else text for text, short in zip(texts, plain, strict=True)]

    @cached_property
    def _numbers(self) -> NDArray[np.uint64]:
        """The tag of each id as a number."""
        found = self.pseudonyms.numbers([text or "" for text in self.originals()])
        check_different(found[self.present > 0])
        return found

    @cached_property
    def _by_number(self) -> NDArray[np.int64]:
        return np.argsort(self._numbers, kind="stable")

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The places in the order of their tags. That of the ids would tell whose they are."""
        return np.argsort(np.array(written(self._numbers), np.str_), kind="stable")

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Of each place how many come before it in the order of the tags."""
        return np.argsort(self.order, kind="stable")

    def _place_of(self, tag: str) -> int | None:
        wanted = number_of(tag)
        if wanted is None or not len(self):
            return None
        lately = self.pseudonyms.made_of(tag)
        if lately is not None and (place := super().index(lately)) is not None:
            return place
        place = int(np.searchsorted(self._numbers, wanted, sorter=self._by_number))
        found = int(self._by_number[min(place, len(self) - 1)])
        return found if self._numbers[found] == wanted and self.present[found] else None


def untagged(ids: TextList) -> TextList:
    """A list of ids as it is stored, whether it is read as tags or not."""
    return ids.untagged() if isinstance(ids, TaggedTexts) else ids


def ties(ids: TextList, places: NDArray[Any]) -> NDArray[Any]:
    """By what places of a list are put in order that are equal otherwise: as they stand, or where the ids are read as
    tags in the order of these, which tells nothing of whose they are."""
    return ids.ranks[places] if isinstance(ids, TaggedTexts) else places


def order_of(ids: TextList) -> NDArray[np.int64] | None:
    """All places in the order of the tags, where the ids are read as such; else None."""
    return ids.order if isinstance(ids, TaggedTexts) else None
