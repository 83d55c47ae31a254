"""What models with coefficients between the items of a head have in common: catalogue-wide scores, and their arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.models.catalogue_head import head_positions
from recsys_tui.models.contract import Arrays
from recsys_tui.models.partial_scores import HeadScores


class HeadModel(ABC):
    """``coefficients`` (rows, head): what the items of the head, ``head`` (codes), say of one another, solved
    with the penalty ``ridge``. Narrowed to some items (:meth:`of_items`) it keeps their columns alone.

    A model says what they add up to for a history (:meth:`_in_head`); items outside the head score 0.
    """

    def __init__(self, head: Ints, coefficients: NDArray[np.floating[Any]], item_count: int, ridge: float) -> None:
        self.head = head
        self.coefficients = coefficients
        self.ridge = ridge
        self._positions = head_positions(head, item_count)
        self.item_count = item_count
        # The items that the columns of the coefficients stand for: the head, unless it was narrowed.
        self._scored, self._scored_positions = head, self._positions

    @abstractmethod
    def _in_head(self, histories: Histories) -> Floats:
        """Scores of the items that the coefficients have columns for, shape (people, columns)."""

    def in_single_precision(self) -> Self:
        """The same model with coefficients that need not be widened for every block of people."""
        wide = self.coefficients.astype(np.float32)
        return type(self)(self.head, wide, self.item_count, self.ridge)

    def score(self, histories: Histories) -> Floats:
        """Scores of all items, shape (people, items)."""
        result = np.zeros((len(histories), self.item_count), np.float32)
        result[:, self._scored] = self._in_head(histories)
        return result

    def partial(self, histories: Histories) -> HeadScores:
        """The scores of the head."""
        return HeadScores(self._in_head(histories), self._scored, self._scored_positions)

    def of_items(self, items: Ints) -> Self:
        """The same model for answers about these items (codes) alone: every other item scores 0."""
        places = np.unique(self._positions[items])
        places = places[places >= 0]
        narrow = type(self)(self.head, self.coefficients[:, places].astype(np.float32), self.item_count, self.ridge)
        narrow._scored = self.head[places]
        narrow._scored_positions = head_positions(narrow._scored, self.item_count)
        return narrow

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store; the coefficients stay half precision."""
        return {
            "head": self.head,
            "coefficients": self.coefficients,
            "items": np.array([self.item_count], np.int64),
            "ridge": np.array([self.ridge], np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["head"], arrays["coefficients"], int(arrays["items"][0]), float(arrays["ridge"][0]))
