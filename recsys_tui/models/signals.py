"""Everything the three first stages say about a person and each item, as one stack of named signals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.models.ease import Ease
from recsys_tui.models.neighbours import Neighbours, Transitions
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.sequence_regression import SequenceRegression
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profiles import UserProfiles

if TYPE_CHECKING:
    from recsys_tui.models.interaction import InteractionModel

# Signal → the component of the score that it belongs to, in the order of the stack. The interaction model's logit,
# which is made of the others, comes last.
COMPONENT_OF = {
    "sequence": "sequence",
    "transitions": "sequence",
    "ease": "co_liking",
    "neighbours": "co_liking",
    "content": "content",
    "content_recent": "content",
    "content_last": "content",
    "profile": "profile",
    "profile_recent": "profile",
    "cluster": "profile",
    "popular": "popularity",
    "recent": "popularity",
    "interaction": "interaction",
}
SIGNALS = tuple(COMPONENT_OF)
INPUT_SIGNALS = SIGNALS[:-1]
# What a person takes next follows from what they took last; what they take over weeks does not.
NEXT_ONLY = ("sequence", "transitions", "content_last")


def signals_for(horizon: str) -> tuple[str, ...]:
    """The signals that the deep model of a horizon reads."""
    return SIGNALS if horizon == "next" else tuple(name for name in SIGNALS if name not in NEXT_ONLY)


@dataclass(frozen=True)
class Experts:
    """The fitted experts and profiles of one model, all inductive."""

    sequence: SequenceRegression
    transitions: Transitions
    ease: Ease
    neighbours: Neighbours
    popular: Popularity
    recent: Popularity
    profiles: UserProfiles
    content: ContentProfiles

    def input_signals(self, histories: Histories) -> Floats:
        """The signals below the interaction model, shape (signals, people, items), float32."""
        scorers = self._scorers()
        stack = np.empty((len(INPUT_SIGNALS), len(histories), histories.item_count), np.float32)
        for place, name in enumerate(INPUT_SIGNALS):
            stack[place] = scorers[name](histories)
        return stack

    def score(self, name: str, histories: Histories) -> Floats:
        """One input signal by name, shape (people, items)."""
        return self._scorers()[name](histories)

    def _scorers(self) -> dict[str, Callable[[Histories], Floats]]:
        places = self.profiles.item_places.T
        return {
            "sequence": self.sequence.score,
            "transitions": self.transitions.score,
            "ease": self.ease.score,
            "neighbours": self.neighbours.score,
            "content": self.content.whole,
            "content_recent": self.content.recent,
            "content_last": self.content.last,
            "profile": lambda histories: self.profiles.long_term(histories) @ places,
            "profile_recent": lambda histories: self.profiles.recent(histories) @ places,
            "cluster": self._cluster_lift,
            "popular": self.popular.score,
            "recent": self.recent.score,
        }

    def _cluster_lift(self, histories: Histories) -> Floats:
        return self.profiles.membership(self.profiles.long_term(histories)) @ self.profiles.affinity

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of all experts, each under its name."""
        result: dict[str, NDArray[Any]] = {}
        for name in _PARTS:
            result |= with_prefix(name, getattr(self, name).to_arrays())
        return result

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(**{name: part.from_arrays(without_prefix(name, arrays)) for name, part in _PARTS.items()})


_PARTS: dict[str, Any] = {
    "sequence": SequenceRegression,
    "transitions": Transitions,
    "ease": Ease,
    "neighbours": Neighbours,
    "popular": Popularity,
    "recent": Popularity,
    "profiles": UserProfiles,
    "content": ContentProfiles,
}


def fit_experts(
    histories: Histories,
    profiles: UserProfiles,
    content: ContentProfiles,
    *,
    head_limit: int,
    has_dates: bool,
    ease_ridge: float,
    report: Callable[[float], None],
) -> Experts:
    """Fit every closed-form expert on ``histories``; ``report`` gets the share that is done after each."""
    steps: Sequence[tuple[str, Callable[[], Any]]] = (
        ("popular", lambda: Popularity.fit(histories)),
        ("recent", lambda: Popularity.fit(histories, "recent", recent=has_dates)),
        ("transitions", lambda: Transitions.fit(histories)),
        ("neighbours", lambda: Neighbours.fit(histories)),
        ("ease", lambda: Ease.fit(histories, head_limit, ease_ridge)),
        ("sequence", lambda: SequenceRegression.fit(histories, head_limit)),
    )
    fitted: dict[str, Any] = {}
    for done, (name, fit) in enumerate(steps):
        report(done / len(steps))
        fitted[name] = fit()
    report(1.0)
    return Experts(profiles=profiles, content=content, **fitted)


@dataclass(frozen=True)
class SignalStack:
    """All signals of a block of people: ``values`` (signals, people, items) in the order of ``SIGNALS``."""

    values: Floats

    def standardised(self, names: Iterable[str]) -> Floats:
        """The named signals with mean 0 and deviation 1 over each person's catalogue, same shape; constants are 0."""
        return standardise(self.values[[SIGNALS.index(name) for name in names]])


def signal_stack(experts: Experts, interaction: InteractionModel, histories: Histories) -> SignalStack:
    """Compute every signal of a block of people."""
    inputs = experts.input_signals(histories)
    logits = interaction.logits(inputs, histories.lengths[:, None])
    return SignalStack(np.concatenate([inputs, logits[None]]))


def standardise(values: Floats) -> Floats:
    """Mean 0 and deviation 1 along the last axis; where all values are equal, 0."""
    mean = values.mean(axis=-1, keepdims=True)
    spread = values.std(axis=-1, keepdims=True)
    result: Floats = np.where(spread > 1e-12, (values - mean) / np.maximum(spread, 1e-12), 0).astype(np.float32)
    return result


def people_at_once(item_count: int) -> int:
    """How many people to score in one block, so that the stack stays near 200 MB."""
    return int(np.clip(200_000_000 // (4 * len(SIGNALS) * max(1, item_count)), 1, 256))
