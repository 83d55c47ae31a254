"""What somebody who reads the outputs knows: every figure as a sum over unknowns, and what can be worked out of some.

Unknown is how many people there are of each group, how many of them have each item, how many people have two, and how
many rows there are of each group, item, rating, event and time. A figure is a sum of some of them. What a reader can
work out by any additions and subtractions is the span of what they read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from tests.trust.crowd_world import Cell, World

Vector = NDArray[np.float64]
Chosen = Callable[[Cell], bool]
ROW, FIRST, PERSON, HAS, BOTH = "row", "first", "person", "has", "both"


def anything(_cell: Cell) -> bool:
    """Whatever it is."""
    return True


class Unknowns:
    """The unknowns of a world by name, each with its place and its true value.

    ``row``: rows of a cell; ``first``: first rows of a person and an item there, which are all where nobody has an item
    twice; ``has``: people of a group with an item, the sum of such.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.cells = list(product(*(sorted({cell[column] for _, cell in world.rows}, key=str) for column in range(5))))
        self.items = sorted({cell[1] for _, cell in world.rows})
        self.groups = sorted(set(world.clusters.values()))
        self.items_of: dict[str, set[str]] = {}
        self.firsts: list[tuple[str, Cell]] = []
        for user, cell in sorted(world.rows, key=lambda row: row[1][4]):
            if cell[1] not in self.items_of.setdefault(user, set()):
                self.items_of[user].add(cell[1])
                self.firsts.append((user, cell))
        self.once = len(self.firsts) == len(world.rows)
        names = [(ROW, cell) for cell in self.cells] + ([] if self.once else [(FIRST, cell) for cell in self.cells])
        names += [(PERSON, group) for group in self.groups] + [(BOTH, pair) for pair in combinations(self.items, 2)]
        self._places = {name: place for place, name in enumerate(names)}
        true = Counter((ROW, cell) for _, cell in world.rows)
        true.update((FIRST, cell) for _, cell in self.firsts)
        true.update((PERSON, group) for group in world.clusters.values())
        true.update((BOTH, pair) for items in self.items_of.values() for pair in combinations(sorted(items), 2))
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

    def both(self, a: str, b: str) -> Vector:
        """How many people have both items."""
        return self._sum(BOTH, [(min(a, b), max(a, b))])

    def secrets(self, fewest: int) -> list[tuple[str, Vector]]:
        """Every count of few people in any cell of any table that the program draws, by name."""
        found = [*self._secret_rows(), *self._secret_people()]
        return [(name, vector) for name, vector, people in found if 0 < people < fewest]

    def _secret_rows(self) -> Iterator[tuple[str, Vector, int]]:
        conditions: list[tuple[str, Chosen]] = [("any row", anything)]
        for column, word in ((2, "rated"), (3, "event"), (4, "at")):
            for value in sorted({cell[column] for cell in self.cells}, key=str):
                conditions.append((f"{word} {value}", lambda cell, c=column, v=value: cell[c] == v))
        for name, chosen in conditions:
            yield name, self.rows(chosen), self._behind(self.world.rows, chosen)
            for column, values, count, rows in (
                (1, self.items, self.rows, self.world.rows), (0, self.groups, self.first_rows, self.firsts),
            ):  # fmt: skip
                for value in values:
                    for alike in (True, False):
                        so: Chosen = lambda cell, c=column, v=value, a=alike, s=chosen: (  # noqa: E731
                            (cell[c] == v) == a and s(cell)
                        )
                        yield f"{name} {'in' if alike else 'outside'} {value}", count(so), self._behind(rows, so)

    @staticmethod
    def _behind(rows: Iterable[tuple[str, Cell]], chosen: Chosen) -> int:
        return len({user for user, cell in rows if chosen(cell)})

    def _secret_people(self) -> Iterator[tuple[str, Vector, int]]:
        for vector, name in [
            *((self.people(group), f"people of {group}") for group in self.groups),
            *((self.people() - self.people(group), f"people outside {group}") for group in self.groups),
            *((self.people() - self.takers(item), f"who lack {item}") for item in self.items),
            *(
                (self.people(group) - self.takers(item, group), f"who lack {item} in {group}")
                for item in self.items
                for group in self.groups
            ),
            *((self.both(a, b), f"{a} and {b}") for a, b in combinations(self.items, 2)),
            *((self.takers(a) - self.both(a, b), f"{a} not {b}") for a, b in product(self.items, repeat=2) if a != b),
        ]:
            yield name, vector, round(self.value(vector))


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


def leaks(outputs: dict[str, list[Vector]], unknown: Unknowns, fewest: int) -> Iterator[str]:
    """What few people did and any one or two outputs tell, with the totals that everybody may know."""
    exempt = [unknown.people(), unknown.rows(anything)]
    kept = unknown.secrets(fewest)
    if kept:  # what the totals tell by themselves is no secret
        told = worked_out(exempt, np.array([vector for _, vector in kept]), unknown)
        kept = [secret for secret, known in zip(kept, told.tolist(), strict=True) if not known]
    if not kept:
        return
    asked = np.array([vector for _, vector in kept])
    names = [name for name, told in outputs.items() if told]
    for pair in [*((name,) for name in names), *combinations(names, 2)]:
        known = exempt + [vector for name in pair for vector in outputs[name]]
        for place in np.flatnonzero(worked_out(known, asked, unknown)).tolist():
            yield f"{kept[place][0]}, from {' and '.join(pair)}"
