"""What the findings of an overview say, as sums over the unknowns of a world: read as somebody does who takes every
number that could be exact for exact, unless it may be one of whole crowds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from recsys_tui.data.overview import overview_json
from tests.trust.crowd_claims import Unknowns, Vector, anything, counts_for
from tests.trust.crowd_world import BACK, GATE, IDLE, KINDS, World

MOST_ROWS = 10_000


def findings(world: World, unknown: Unknowns) -> Iterator[Vector]:
    """What was found in the data, and what ``inspect`` says of how dense it is and how often things are taken again."""
    told = overview_json(world.dataset, world.overview)
    counts = {entry["code"]: entry["count"] for entry in told["findings"]}
    density, pairs = unknown.first_rows(anything), round(told["density"] * told["users"] * told["items"])
    if len({cell[1] for _, cell in unknown.firsts}) > 1 or (pairs % GATE.minimum and pairs < told["users"]):
        assert pairs == unknown.value(density)
        # Where fewer have anything, in all the data, it is a total, as how many rows there are and repeat.
        if len({user for user, _ in unknown.firsts}) >= GATE.minimum:
            yield density
    without = unknown.rows(lambda cell: cell[2] is None)
    if "unparsable_ratings" in counts:
        assert counts["unparsable_ratings"] == unknown.value(without)
        yield without
    against, nothing = (unknown.rows(lambda cell, k=kind: cell[3] == k) for kind in (BACK, IDLE))
    again = unknown.rows(anything) - unknown.pairs()
    coarse = "counts_against" in counts or "counts_nothing" in counts
    for code, vector in (("counts_against", against), ("counts_nothing", nothing), ("repeated_pairs", again)):
        exact = counts.get(code, 0) == unknown.value(vector)
        if exact and not (code in counts and coarse and counts[code] % GATE.minimum == 0):
            yield vector
    # In steps of tens, no share is one of a few too.
    if told["repeat_share"] or not coarse:
        yield from _again(world, unknown, told["repeat_share"])


def _again(world: World, unknown: Unknowns, share: float) -> Iterator[Vector]:
    """Of which number of purchases, or of all that is taken, how many pairs they are of; where the share says so."""
    bought = bool(unknown.bought)
    events = unknown.rows(lambda cell: cell[3] == KINDS[0] if bought else counts_for(cell))
    pairs = unknown.bought_pairs() if bought else unknown.first_rows(anything)
    count, of = unknown.value(events), unknown.value(pairs)
    if count and share == pytest.approx((count - of) / count, abs=1e-9):
        whole = Fraction(share).limit_denominator(MOST_ROWS)
        yield pairs - (1 - float(whole)) * events
        if whole:
            yield events
