"""What somebody who reads the outputs knows: every figure as a sum over unknowns, and what can be worked out of some.

Unknown is how many people there are of each group and of each pair of attributes, how many of them have each item, how
many people have two, and how many rows there are of each group, item, rating, event and time. A figure is a sum of some
of them. What a reader can work out by any additions and subtractions is the span of what they read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from recsys_tui.models.popularity import RECENT_SHARE
from tests.trust.crowd_world import BACK, IDLE, KINDS, STRENGTH, Cell, Traits, World, kept_and_back

Vector = NDArray[np.float64]
Chosen = Callable[[Cell], bool]
Alike = Callable[[Traits], bool]
ROW, FIRST, PERSON, BOTH = "row", "first", "person", "both"
BEING, TAKING = "being", "taking"
GONE, BOUGHT, UNCOUNTED = "gone", "bought", "uncounted"


def anything(_one: object) -> bool:
    """Whatever it is."""
    return True


def counts_for(cell: Cell) -> bool:
    """Whether a row takes its item: it neither counts against it nor for nothing."""
    return STRENGTH[cell[3]] > 0


class Unknowns:
    """The unknowns of a world by name, each with its place and its true value.

    ``row``: rows of a cell; ``first``: first rows that count of a person and an item there, which are all where nobody
    has an item twice; ``gone``: people who took all of an item back; ``bought``: pairs of a person and an item that was
    bought, by whether all of it was taken back; ``uncounted``: people who did with an item what counts for nothing, and
    no more; ``being``: people of some attributes, ``taking``: those of them with an item. ``baskets`` are no unknowns:
    what each person took at one time.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.cells = list(product(*(sorted({cell[column] for _, cell in world.rows}, key=str) for column in range(5))))
        self.items = sorted({cell[1] for _, cell in world.rows})
        self.groups = sorted(set(world.clusters.values()))
        self.items_of: dict[str, set[str]] = {user: set() for user in world.clusters}
        self.firsts: list[tuple[str, Cell]] = []
        kept, self.gone = kept_and_back(world.rows)
        for user, cell in sorted(world.rows, key=lambda row: row[1][4]):
            if (user, cell[1]) in kept and counts_for(cell) and cell[1] not in self.items_of[user]:
                self.items_of[user].add(cell[1])
                self.firsts.append((user, cell))
        self.once = len(self.firsts) == len(world.rows)
        names = [(ROW, cell) for cell in self.cells] + ([] if self.once else [(FIRST, cell) for cell in self.cells])
        pairs = list(combinations(self.items, 2))
        names += [(PERSON, group) for group in self.groups] + [(BOTH, pair) for pair in pairs]
        self.traits = sorted(set(world.traits.values()), key=str)
        names += [(BEING, own) for own in self.traits] + [(TAKING, each) for each in product(self.traits, self.items)]
        names += [(kind, item) for kind in (GONE, UNCOUNTED) for item in self.items]
        names += [(BOUGHT, True), (BOUGHT, False)]
        self.baskets: dict[tuple[str, int], set[str]] = {}
        for user, cell in world.rows:
            if counts_for(cell):
                self.baskets.setdefault((user, cell[4]), set()).add(cell[1])
        self._places = {name: place for place, name in enumerate(names)}
        true = Counter((ROW, cell) for _, cell in world.rows)
        true.update((FIRST, cell) for _, cell in self.firsts)
        true.update((PERSON, group) for group in world.clusters.values())
        true.update((BOTH, pair) for items in self.items_of.values() for pair in combinations(sorted(items), 2))
        true.update((BEING, own) for own in world.traits.values())
        true.update((TAKING, (world.traits[user], item)) for user, items in self.items_of.items() for item in items)
        true.update((GONE, item) for _, item in self.gone)
        self.uncounted = {(user, cell[1]) for user, cell in world.rows} - kept - self.gone
        true.update((UNCOUNTED, item) for _, item in self.uncounted)
        self.bought = {(user, cell[1]) for user, cell in world.rows if cell[3] == KINDS[0]}
        true.update((BOUGHT, pair in self.gone) for pair in self.bought)
        self.true = np.array([float(true[name]) for name in names])

    def _sum(self, kind: str, of: Iterable[object]) -> Vector:
        vector = np.zeros(len(self._places))
        for each in of:
            vector[self._places[kind, each]] += 1
        return vector

    def value(self, vector: Vector) -> float:
        """What a sum truly is."""
        return float(vector @ self.true)

    def rows(self, chosen: Chosen) -> Vector:
        """How many rows are so."""
        return self._sum(ROW, filter(chosen, self.cells))

    def first_rows(self, chosen: Chosen) -> Vector:
        """How many first rows of a person and an item are so: what histories hold."""
        return self._sum(ROW if self.once else FIRST, filter(chosen, self.cells))

    def people(self, group: int | None = None) -> Vector:
        """How many people there are, or are in a group."""
        return self._sum(PERSON, self.groups if group is None else [group])

    def takers(self, item: str, group: int | None = None) -> Vector:
        """How many of them have an item."""
        return self.first_rows(lambda cell: cell[1] == item and group in (None, cell[0]))

    def took_back(self, item: str) -> Vector:
        """How many of them took all of an item back."""
        return self._sum(GONE, [item])

    def did_nothing_that_counts(self, item: str) -> Vector:
        """How many of them did something with an item, of which nothing counts for or against it."""
        return self._sum(UNCOUNTED, [item])

    def pairs(self) -> Vector:
        """How many pairs of a person and an item there are, of which all was taken back or nothing counts too."""
        return self.first_rows(anything) + self._sum(GONE, self.items) + self._sum(UNCOUNTED, self.items)

    def bought_pairs(self, gone: bool | None = None) -> Vector:
        """How many pairs there are that somebody bought: all, or those of which all was taken back or was not."""
        return self._sum(BOUGHT, (True, False) if gone is None else [gone])

    def both(self, a: str, b: str) -> Vector:
        """How many people have both items."""
        return self._sum(BOTH, [(min(a, b), max(a, b))])

    def is_late(self, cell: Cell) -> bool:
        """Whether a row is of the last three hundredths of the span of all first rows."""
        times = [own[4] for _, own in self.firsts]
        return cell[4] >= max(times) - RECENT_SHARE * (max(times) - min(times))

    def being(self, alike: Alike) -> Vector:
        """How many people are so."""
        return self._sum(BEING, filter(alike, self.traits))

    def taking(self, alike: Alike, item: str) -> Vector:
        """How many people who are so have an item."""
        return self._sum(TAKING, ((own, item) for own in self.traits if alike(own)))

    def ties(self) -> Iterator[Vector]:
        """What is nothing whatever the world: people counted one way less the same people counted another."""
        yield self.people() - self.being(anything)
        for item in self.items:
            yield self.takers(item) - self.taking(anything, item)
        if {cell[3] for _, cell in self.world.rows} <= {KINDS[0], BACK, IDLE}:  # what is kept was bought
            yield self.first_rows(anything) - self.bought_pairs(gone=False)


def worked_out(known: list[Vector], asked: NDArray[np.float64], unknown: Unknowns) -> NDArray[np.bool_]:
    """Which of the rows of ``asked`` are sums and differences of what is known; of nothing all parts are nothing."""
    table = np.array(known)
    nothing = (table[(table @ unknown.true == 0) & (table >= 0).all(axis=1)] > 0).any(axis=0)
    table, asked = np.where(nothing, 0, table), np.where(nothing, 0, asked)
    _, sizes, directions = np.linalg.svd(table, full_matrices=False)
    basis = directions[sizes > 1e-8 * sizes[0]]
    rest = asked - (asked @ basis.T) @ basis
    found: NDArray[np.bool_] = (np.abs(rest).max(axis=1) < 1e-6) & asked.any(axis=1)
    return found
