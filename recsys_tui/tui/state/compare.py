"""What the comparison of two models shows, as plain frozen data."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys_tui.evaluate.stored_comparison import StoredComparison
    from recsys_tui.recommend.answers import Recommendations
    from recsys_tui.tui.state.workbench import ModelState, WorkbenchState

LEFT, RIGHT, ALIKE = "left", "right", "alike"
SEED = 7
# What a part of the deep model is called among the classic recommenders; others are the same or not among them.
CLASSIC_OF = {"neighbours": "knn"}
DEEP, PRIVATE = "deep", "private"


@dataclass(frozen=True)
class PlacedItem:
    """An item of one list or both: its rank in the list of A and of B, None where it is not in that list."""

    item: str
    title: str
    in_a: int | None
    in_b: int | None

    @property
    def places_up(self) -> int | None:
        """How many places it stands higher in B than in A; None where it is in one list alone."""
        return None if self.in_a is None or self.in_b is None else self.in_a - self.in_b


@dataclass(frozen=True)
class TwoLists:
    """The lists of models ``a`` and ``b`` for one person; ``asked`` is all that they depend on."""

    asked: tuple[object, ...]
    user: str
    a: Recommendations
    b: Recommendations

    def joined(self) -> tuple[PlacedItem, ...]:
        """Every item of the two lists: first those of A in its order, then those of B alone in its order."""
        in_b = {entry.item: entry.rank for entry in self.b.items}
        in_a = {entry.item for entry in self.a.items}
        first = [PlacedItem(e.item, e.title or e.item, e.rank, in_b.get(e.item)) for e in self.a.items]
        more = [PlacedItem(e.item, e.title or e.item, None, e.rank) for e in self.b.items if e.item not in in_a]
        return (*first, *more)

    @property
    def shared(self) -> int:
        """How many items both lists have."""
        return len({entry.item for entry in self.a.items} & {entry.item for entry in self.b.items})

    @property
    def alike(self) -> bool:
        """Whether both lists are the same items in the same order."""
        return [entry.item for entry in self.a.items] == [entry.item for entry in self.b.items]


@dataclass(frozen=True)
class Preference:
    """Whose list was liked better for one person when nobody said which was which; None: neither."""

    user: str
    pair: frozenset[str]
    model: str | None


@dataclass(frozen=True)
class ComparisonRun:
    """A comparison over all people that runs now: its step, the models that are tried just now, each with its own step,
    and the share of the whole that is done (0 to 1), a model counting as a model."""

    models: tuple[str, ...]
    step: str = "preparing"
    running: tuple[tuple[str, str], ...] = ()
    share: float = 0.0
    started: float = 0.0


@dataclass(frozen=True)
class CompareState:
    """Models ``a`` and ``b`` (empty: not chosen yet), their lists for the person on screen, and the scores over all.

    ``older``: what has changed since ``stored`` was made, ``data`` or ``model``. ``private``: how the model that
    answers is called where it is a private one, which then stands for the deep model; empty for any other.
    """

    a: str = ""
    b: str = ""
    lists: TwoLists | None = None
    stored: StoredComparison | None = None
    older: str | None = None
    run: ComparisonRun | None = None
    preferences: tuple[Preference, ...] = ()
    seed: int = SEED
    private: str = ""

    def called(self, name: str) -> str:
        """What a model is called on screen."""
        return self.private if self.private and name == DEEP else name

    def with_preference(self, preference: Preference) -> CompareState:
        """With what is preferred for a person; what was preferred before for the same person and models goes."""
        kept = (one for one in self.preferences if (one.user, one.pair) != (preference.user, preference.pair))
        return replace(self, preferences=(*kept, preference))

    def tally(self) -> tuple[int, int, int]:
        """How often A, B and neither was preferred, people counting once."""
        among = [one.model for one in self.preferences if one.pair == frozenset((self.a, self.b))]
        return among.count(self.a), among.count(self.b), among.count(None)

    def on_the_left(self, user: str) -> str:
        """The model whose list stands on the left in the blind comparison of a person; the seed decides."""
        first, second = sorted((self.a, self.b))
        drawn = random.Random(f"{self.seed} {first} {second} {user}")
        return first if drawn.random() < 0.5 else second


def rankers_of(model: ModelState) -> tuple[str, ...]:
    """The models that can make a list for one person: the deep one, then its parts, best on held-out lists first."""
    return tuple(name for name, _ in model.rankers())


def chosen_pair(state: WorkbenchState) -> CompareState:
    """The state of the comparison with models chosen: the deep one against its best part, where nobody chose yet."""
    compared = state.compared
    if state.model is None:
        return compared
    there = rankers_of(state.model)
    a = compared.a or there[0]
    b = compared.b or next((name for name in there if name != a), a)
    return replace(compared, a=a, b=b, private="" if state.model.epsilon is None else state.model.called)


def in_evaluation(name: str, compared: CompareState) -> str | None:
    """What a model is called in the stored comparison over all people; None where it was not tried there."""
    name = PRIVATE if compared.private and name == DEEP else CLASSIC_OF.get(name, name)
    return name if compared.stored is not None and name in compared.stored.names else None
