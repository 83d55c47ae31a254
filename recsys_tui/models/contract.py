"""The one contract that every recommender keeps: the closed-form experts, the profiles and the deep model alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints

Arrays = Mapping[str, NDArray[Any]]


@runtime_checkable
class Expert(Protocol):
    """Something that scores the whole catalogue for people who are given as histories.

    Inductive: nothing is kept for a person that a new history could not give, so that a like acts at once and a
    person who is not in the data gets the same answer as one who is.
    """

    name: str

    def score(self, histories: Histories) -> Floats:
        """Scores of all items for each person, shape (people, items), float32. Higher is better."""
        ...

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything :meth:`score` needs, as named arrays."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build the expert from :meth:`to_arrays`'s arrays, which may be memory-mapped."""
        ...


@runtime_checkable
class AdditiveExpert(Expert, Protocol):
    """An expert whose score is a sum over what a person took, so that the part of each action in it is exact."""

    def contributions(self, history: Histories, items: Ints) -> Floats:
        """What each action of one person adds to the scores of ``items`` (codes), shape (actions, items)."""
        ...


def with_prefix(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Name arrays ``prefix.name``."""
    return {f"{prefix}.{name}": np.ascontiguousarray(array) for name, array in arrays.items()}


def without_prefix(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """The arrays named ``prefix.name``, as ``name``."""
    start = prefix + "."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
