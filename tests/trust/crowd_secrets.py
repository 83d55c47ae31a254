"""What nobody may work out: every count of few people in any cell of any table that the program draws, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, product

import numpy as np

from tests.trust.crowd_claims import Alike, Chosen, Unknowns, Vector, anything, worked_out
from tests.trust.crowd_world import NO_GROUP, TRAITS, Cell

Secret = tuple[str, Vector, int]


def secrets_of(unknown: Unknowns, fewest: int) -> list[tuple[str, Vector]]:
    """Every count of few people, by name."""
    kinds = (_of_people, _of_late, _of_traits, _of_what_is_gone)
    found = [*_of_rows(unknown, fewest), *(secret for kind in kinds for secret in kind(unknown))]
    return [(name, vector) for name, vector, people in found if 0 < people < fewest]


def _of_rows(unknown: Unknowns, fewest: int) -> Iterator[Secret]:
    conditions: list[tuple[str, Chosen]] = [("any row", anything)]
    for column, word in ((2, "rated"), (3, "event"), (4, "at")):
        for value in sorted({cell[column] for cell in unknown.cells}, key=str):
            conditions.append((f"{word} {value}", lambda cell, c=column, v=value: cell[c] == v))
    rows_of, firsts = unknown.world.rows, unknown.firsts
    again = Counter(rows_of)
    again.subtract(firsts)
    repeated = [row for row, count in again.items() if count > 0]
    few_again = len({user for user, _ in repeated}) < fewest  # how many there are is a total that is told
    for name, chosen in conditions:
        yield name, unknown.rows(chosen), _behind(rows_of, chosen)
        for place in [] if few_again else [None, *unknown.items]:
            here: Chosen = lambda cell, p=place, s=chosen: p in (None, cell[1]) and s(cell)  # noqa: E731
            said = f"{name} again" if place is None else f"{name} again in {place}"
            yield said, unknown.rows(here) - unknown.first_rows(here), _behind(repeated, here)
        for column, values, count, rows in (
            (1, unknown.items, unknown.rows, rows_of), (0, unknown.groups, unknown.first_rows, firsts),
        ):  # fmt: skip
            for value in values:
                for alike in (True, False):
                    so: Chosen = lambda cell, c=column, v=value, a=alike, s=chosen: (  # noqa: E731
                        (cell[c] == v) == a and s(cell)
                    )
                    yield f"{name} {'in' if alike else 'outside'} {value}", count(so), _behind(rows, so)


def _behind(rows: Iterable[tuple[str, Cell]], chosen: Chosen) -> int:
    return len({user for user, cell in rows if chosen(cell)})


def _of_people(unknown: Unknowns) -> Iterator[Secret]:
    people, takers, both, items = unknown.people, unknown.takers, unknown.both, unknown.items
    having = sum((people(group) for group in unknown.groups if group != NO_GROUP), np.zeros(len(unknown.true)))
    for vector, name in [
        *((people(group), f"people of {group}") for group in unknown.groups),
        *((people() - people(group), f"people outside {group}") for group in unknown.groups),
        *((people() - takers(item), f"who lack {item}") for item in items),
        *((having - takers(item), f"who lack {item}, but have others") for item in items),
        *(
            (people(group) - takers(item, group), f"who lack {item} in {group}")
            for item in items
            for group in unknown.groups
        ),
        *((both(a, b), f"{a} and {b}") for a, b in combinations(items, 2)),
        *((takers(a) - both(a, b), f"{a} not {b}") for a, b in product(items, repeat=2) if a != b),
    ]:
        yield name, vector, round(unknown.value(vector))


def _of_late(unknown: Unknowns) -> Iterator[Secret]:
    """Who took an item first of late, and who before."""
    for item, late in product(unknown.items, (True, False)):
        so: Chosen = lambda cell, i=item, of_late=late: cell[1] == i and unknown.is_late(cell) == of_late  # noqa: E731
        yield f"{item} {'of late' if late else 'before'}", unknown.first_rows(so), _behind(unknown.firsts, so)


def _of_traits(unknown: Unknowns) -> Iterator[Secret]:
    """Who has a value of an attribute or not, or one of two and not the other, or one and none of several of another
    attribute or the other way round, and of those who has an item or not."""
    values = sorted({(place, own[place]) for own in unknown.traits for place in range(len(TRAITS)) if own[place]})
    one = [(f"{TRAITS[place]} {value}", _with(place, value)) for place, value in values]
    for name, alike in one:
        yield from _taking(unknown, name, [(1, alike)])
        yield from _taking(unknown, f"not {name}", [(1, anything), (-1, alike)])
    for (a, first), (b, second) in combinations(one, 2):
        yield from _taking(unknown, f"{a} less {b}", [(1, first), (-1, second)])
    for (name, alike), (place, _) in zip(one, values, strict=True):
        others = [(other, so) for (other, so), (at, _) in zip(one, values, strict=True) if at != place]
        for some in (some for count in range(2, len(others) + 1) for some in combinations(others, count)):
            beside = " and ".join(other for other, _ in some)
            yield from _taking(unknown, f"{name} less {beside}", [(1, alike), *((-1, so) for _, so in some)])


def _with(place: int, value: str | None) -> Alike:
    return lambda own: own[place] == value


def _taking(unknown: Unknowns, name: str, signed: list[tuple[int, Alike]]) -> Iterator[Secret]:
    def of(users: Iterable[str]) -> int:
        traits = unknown.world.traits
        return sum(sum(sign * alike(traits[user]) for sign, alike in signed) != 0 for user in users)

    being = sum((sign * unknown.being(alike) for sign, alike in signed), np.zeros(len(unknown.true)))
    yield name, being, of(unknown.items_of)
    for item in unknown.items:
        taking = sum((sign * unknown.taking(alike, item) for sign, alike in signed), np.zeros(len(unknown.true)))
        having = [user for user, own in unknown.items_of.items() if item in own]
        yield f"{name}, with {item}", taking, of(having)
        yield f"{name}, without {item}", being - taking, of(set(unknown.items_of) - set(having))


def _of_what_is_gone(unknown: Unknowns) -> Iterator[Secret]:
    """Who took back all they had of an item, or of any; who took back what they bought; who did neither of taking an
    item and taking it back; and who did with it, or with any, only what counts for nothing."""
    back = {item: {user for user, own in unknown.gone if own == item} for item in unknown.items}
    for item, users in back.items():
        yield f"{item} taken back", unknown.took_back(item), len(users)
        untouched = set(unknown.items_of) - users - {user for user, own in unknown.items_of.items() if item in own}
        yield f"{item} untouched", unknown.people() - unknown.takers(item) - unknown.took_back(item), len(untouched)
        only = {user for user, own in unknown.uncounted if own == item}
        yield f"{item} of no account", unknown.did_nothing_that_counts(item), len(only)
    everybody = set[str]().union(*back.values())
    gone = sum((unknown.took_back(item) for item in unknown.items), np.zeros(len(unknown.true)))
    yield "taken back", gone, len(everybody)
    only = {user for user, _ in unknown.uncounted}
    yield "of no account", unknown.pairs() - unknown.first_rows(anything) - gone, len(only)
    yield "taken back or of no account", unknown.pairs() - unknown.first_rows(anything), len(everybody | only)
    bought = {user for user, item in unknown.bought & unknown.gone}
    yield "bought and taken back", unknown.bought_pairs(gone=True), len(bought)


def leaks(outputs: dict[str, list[Vector]], unknown: Unknowns, fewest: int) -> Iterator[str]:
    """What few people did and any one or two outputs tell, with the totals that everybody may know."""
    exempt = [unknown.people(), unknown.rows(anything), *unknown.ties()]
    # What findings say of rows without a rating is no secret by itself, nor is it beside all bars of ratings.
    unrated = [count(lambda cell: cell[2] is None) for count in (unknown.rows, unknown.first_rows)]
    kept = secrets_of(unknown, fewest)
    if kept:  # what the totals tell by themselves is no secret
        told = worked_out([*exempt, *unrated], np.array([vector for _, vector in kept]), unknown)
        kept = [secret for secret, known in zip(kept, told.tolist(), strict=True) if not known]
    if not kept:
        return
    asked = np.array([vector for _, vector in kept])
    names = [name for name, told in outputs.items() if told]
    for pair in [*((name,) for name in names), *combinations(names, 2)]:
        known = exempt + [vector for name in pair for vector in outputs[name]]
        for place in np.flatnonzero(worked_out(known, asked, unknown)).tolist():
            yield f"{kept[place][0]}, from {' and '.join(pair)}"
