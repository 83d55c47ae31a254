"""The closed-form experts and the profiles of one model, fitted together and stored together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints, Longs
from recsys_tui.models.cold_items import IMPUTED, ColdItems, ColdScores
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.models.ease import Ease
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.item_pools import is_pooled
from recsys_tui.models.neighbours import Neighbours, Transitions
from recsys_tui.models.pair_counts import dense_pair_counts
from recsys_tui.models.partial_scores import DotScores, PartialScores, SharedScores, SparseScores, WholeScores
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.sequence_regression import SequenceRegression
from recsys_tui.models.signal_names import INPUT_SIGNALS, SIGNALS
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profiles import UserProfiles


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
    encoder: AveragedAttention | None = None
    cold: ColdItems | None = None

    def input_signals(self, histories: Histories, out: Floats | None = None) -> Floats:
        """The signals below the interaction model, shape (signals, people, items), float32; in ``out`` if given."""
        stack = out
        if stack is None:
            stack = np.empty((len(INPUT_SIGNALS), len(histories), histories.item_count), np.float32)
        for place, name in enumerate(INPUT_SIGNALS):
            stack[place] = self.score(name, histories)
        return stack

    def input_signals_of(self, histories: Histories, who: Longs, what: Longs) -> Floats:
        """The signals below the interaction model of some pairs of a row and an item, shape (signals, pairs)."""
        if not is_pooled(histories.item_count):
            return self.input_signals(histories)[:, who, what]
        counts = np.bincount(who, minlength=len(histories))
        order = np.argsort(who, kind="stable")
        places = np.empty(len(who), np.int64)
        places[order] = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
        items = np.zeros((len(histories), int(counts.max(initial=1))), np.int32)
        items[who, places] = what
        sources = self.partial_signals(histories, INPUT_SIGNALS)
        return np.stack([sources[name].at(items)[who, places] for name in INPUT_SIGNALS])

    def partial_signals(self, histories: Histories, names: Iterable[str]) -> dict[str, PartialScores]:
        """The named signals, the interaction model's apart, without spreading them out over the catalogue."""
        profiles, head = self.profiles, self.ease.head
        forms: dict[str, Callable[[], PartialScores]] = {
            "sequence": lambda: self.sequence.partial(histories),
            "transitions": lambda: self.transitions.partial(histories),
            "ease": lambda: self.ease.partial(histories),
            "neighbours": lambda: self.neighbours.partial(histories),
            "profile": lambda: DotScores(profiles.long_term(histories), profiles.item_places),
            "profile_recent": lambda: DotScores(profiles.recent(histories), profiles.item_places),
            "cluster": lambda: DotScores(profiles.membership(profiles.long_term(histories)), profiles.affinity.T),
            "popular": self.popular.shared,
            "recent": self.recent.shared,
            "friends": lambda: SparseScores(histories.peer_rows("friends"), histories.item_count),
            "follows_back": lambda: SparseScores(histories.peer_rows("follows_back"), histories.item_count),
        }
        if self.encoder is not None:
            encoder = self.encoder
            forms["encoder"] = lambda: encoder.partial(histories, head)
        found = {name: forms[name]() if name in forms else self._spread(name, histories) for name in names}
        if self.cold is None:
            return found
        return {
            name: ColdScores(source, self.cold) if name in IMPUTED and name in forms else source
            for name, source in found.items()
        }

    def _spread(self, name: str, histories: Histories) -> PartialScores:
        if name == "encoder" or self.content.is_empty:
            return SharedScores(np.zeros(histories.item_count, np.float32))
        return WholeScores(self.score(name, histories))

    def score(self, name: str, histories: Histories) -> Floats:
        """One signal by name, the interaction model's apart, shape (people, items).

        Items without actions have the mean of their neighbours by content where a signal knows nothing of them.
        """
        scores = self._scorers()[name](histories)
        return scores if self.cold is None or name not in IMPUTED else self.cold.filled(scores)

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
            "friends": lambda histories: histories.peer_scores("friends"),
            "follows_back": lambda histories: histories.peer_scores("follows_back"),
            "encoder": self._encoded,
        }

    def _cluster_lift(self, histories: Histories) -> Floats:
        return self.profiles.membership(self.profiles.long_term(histories)) @ self.profiles.affinity

    def _encoded(self, histories: Histories) -> Floats:
        if self.encoder is None:
            return np.broadcast_to(np.zeros((), np.float32), (len(histories), histories.item_count))
        return self.encoder.score(histories)

    def warmed(self) -> Experts:
        """The same experts as a process keeps them that answers more than once: in single precision, if that is small.

        Widening the rows that an answer needs takes longer than all else in it. Above ``WARM_BYTES`` (a head of about
        5,000 items) nothing is kept and the memory-mapped coefficients go on being read.
        """
        size = 4 * (self.sequence.coefficients.size + self.ease.coefficients.size)
        return self.for_many() if size <= WARM_BYTES else self

    def of_items(self, items: Ints) -> Experts:
        """The same experts for answers about a few items (codes) alone: what they say of others is not worked out.

        For catalogues whose signals are computed for pools; below that bound everything is computed anyway.
        """
        needed = items
        if self.cold is not None:  # a new item is scored through those that are like it
            places = self.cold.places(items)
            needed = np.concatenate([items, self.cold.nearest[places[places >= 0]].ravel()])
        return replace(
            self,
            sequence=self.sequence.of_items(needed),
            transitions=self.transitions.of_items(needed),
            ease=self.ease.of_items(needed),
            neighbours=self.neighbours.of_items(needed),
        )

    def for_many(self) -> Experts:
        """The same experts with their dense coefficients in single precision.

        They are stored in half precision, and widening them anew for every block of people would cost more than the
        scores themselves. Takes twice the memory of the stored form; scores are the same.
        """
        return replace(
            self,
            sequence=self.sequence.in_single_precision(),
            ease=self.ease.in_single_precision(),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of all experts, each under its name."""
        result: dict[str, NDArray[Any]] = {}
        for name in _PARTS:
            if getattr(self, name) is not None:
                result |= with_prefix(name, getattr(self, name).to_arrays())
        return result

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        stored = {name: without_prefix(name, arrays) for name in _PARTS}
        return cls(**{name: part.from_arrays(stored[name]) for name, part in _PARTS.items() if stored[name]})


# Where people's signals are pooled, what remains as wide as the catalogue is a flag an item, and content's cosines.
FLAGS_AT_ONCE = 4_000_000
WARM_BYTES = 320_000_000
Solved = dict[tuple[str, int, float], Any]
_PARTS: dict[str, Any] = {
    "sequence": SequenceRegression,
    "transitions": Transitions,
    "ease": Ease,
    "neighbours": Neighbours,
    "popular": Popularity,
    "recent": Popularity,
    "profiles": UserProfiles,
    "content": ContentProfiles,
    "encoder": AveragedAttention,
    "cold": ColdItems,
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
    solved: Solved | None = None,
    count_pairs: Callable[[Histories], Floats | None] = dense_pair_counts,
) -> Experts:
    """Fit every closed-form expert on ``histories``; ``report`` gets the share that is done after each.

    ``solved``: experts that were fitted on the same histories before, by :func:`solution_of`; they are taken as they
    are, and those that are fitted now are put there. ``count_pairs``: :func:`dense_pair_counts`, or what remembers it.
    """
    solved = {} if solved is None else solved
    head = min(head_limit, int((histories.item_counts() > 0).sum()))
    counted = cache(lambda: count_pairs(histories))
    steps: dict[str, Callable[[], Any]] = {
        "popular": lambda: Popularity.fit(histories),
        "recent": lambda: Popularity.fit(histories, "recent", recent=has_dates),
        "transitions": lambda: Transitions.fit(histories),
        "neighbours": lambda: Neighbours.fit(histories, counted=counted()),
        "ease": lambda: Ease.fit(histories, head_limit, ease_ridge, counted()),
        "sequence": lambda: SequenceRegression.fit(histories, head_limit),
    }
    fitted: dict[str, Any] = {}
    for done, (name, fit) in enumerate(steps.items()):
        report(done / len(steps))
        key = solution_of(name, head, ease_ridge)
        if key not in solved:
            solved[key] = fit()
        fitted[name] = solved[key]
    report(1.0)
    cold = ColdItems.fit(content, histories.item_counts())
    profiles = profiles if cold is None else cold.placed(profiles)
    return Experts(profiles=profiles, content=content, cold=cold, **fitted)


def solution_of(name: str, head: int, ease_ridge: float) -> tuple[str, int, float]:
    """What sets one fitted expert apart from another of the same name on the same histories.

    ``head``: how many items its dense arrays cover; experts without such arrays cover all.
    """
    return name, head if name in ("ease", "sequence") else 0, ease_ridge if name == "ease" else 0.0


def people_at_once(item_count: int) -> int:
    """How many people to score in one block, so that their signals stay near 25 MB: larger arrays cost system time."""
    if is_pooled(item_count):
        return int(np.clip(FLAGS_AT_ONCE // item_count, 1, 256))
    return int(np.clip(25_000_000 // (4 * len(SIGNALS) * max(1, item_count)), 1, 256))
