"""Several sequence encoders of different seeds as one: their scores averaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.models.encoder.self_attention import AttentionSettings, EncodedScores, SelfAttention


class AveragedAttention:
    """The mean of the scores of several :class:`SelfAttention` models, which differ by their seed alone.

    Networks that start elsewhere err elsewhere, so that their mean ranks better than any of them (deep ensembles,
    Lakshminarayanan et al., NeurIPS 2017). A score is a product of a state and an item's vector, and so is the mean of
    several: states and vectors, each made smaller by the root of their number, stand side by side.
    """

    name = "sasrec"

    def __init__(self, members: tuple[SelfAttention, ...]) -> None:
        self.members = members
        self._scale = np.float32(len(members) ** -0.5)
        self.item_vectors: Floats = np.concatenate([one.item_vectors for one in members], axis=1) * self._scale
        self.known: Flags = members[0].known

    @classmethod
    def fit(
        cls,
        histories: Histories,
        *,
        settings: AttentionSettings,
        count: int,
        seed: int = 0,
        device: str = "cpu",
        report: Callable[[float, dict[str, float]], None] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Self:
        """Train ``count`` models, with the seeds ``seed``, ``seed`` + 1 …; the rest as :meth:`SelfAttention.fit`.

        Where it is stopped, those that were trained so far are kept.
        """
        members: list[SelfAttention] = []
        for number in range(count):

            def part(share: float, metrics: dict[str, float], before: int = number) -> None:
                if report is not None:
                    report((before + share) / count, metrics)

            one = SelfAttention.fit(
                histories, settings=settings, seed=seed + number, device=device, report=part, stopped=stopped
            )
            members.append(one)
            if stopped is not None and stopped():
                break
        return cls(tuple(members))

    def taught(self, histories: Histories, settings: AttentionSettings, *, seed: int = 0, device: str = "cpu") -> Self:
        """Each of them after one more short pass over everybody's newest actions."""
        taught = [
            one.taught(histories, settings, seed=seed + number, device=device)
            for number, one in enumerate(self.members)
        ]
        return type(self)(tuple(taught))

    def moved(self, codes: NDArray[np.int64]) -> Self:
        """The same models for a catalogue in another order, as :meth:`SelfAttention.moved`."""
        return type(self)(tuple(one.moved(codes) for one in self.members))

    def score(self, histories: Histories) -> Floats:
        """Scores of all items, shape (people, items)."""
        scores: Floats = self.members[0].score(histories)
        for one in self.members[1:]:
            scores += one.score(histories)
        scores /= len(self.members)
        return scores

    def partial(self, histories: Histories, head: Ints) -> EncodedScores:
        """The scores of the items asked for; the best ones only among ``head``."""
        return EncodedScores(self.encode(histories), self.item_vectors, self.known, head)

    def encode(self, histories: Histories) -> Floats:
        """The states of all models side by side, shape (people, models · d); 0 for an empty history."""
        states: Floats = np.concatenate([one.encode(histories) for one in self.members], axis=1) * self._scale
        return states

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store, those of each model under its number."""
        result: dict[str, NDArray[Any]] = {}
        for number, one in enumerate(self.members):
            result |= with_prefix(str(number), one.to_arrays())
        return result

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        numbers = sorted({int(name.split(".")[0]) for name in arrays})
        return cls(tuple(SelfAttention.from_arrays(without_prefix(str(number), arrays)) for number in numbers))
