"""Simulated A/B tests: seeded, through the real log and report; a reduced form of ``python -m tests.bench ab``."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from recsys_tui.evaluate.ab.dealing import deal
from recsys_tui.evaluate.ab.simulate import SimulationRequest, run_test, simulate
from recsys_tui.evaluate.ab.simulated_people import Moment, Planted, behave, draw_person
from recsys_tui.store.ab_log import AbLog

PLACES = 10


def invented_moments(people: int = 60, visits: int = 3) -> list[tuple[Moment, ...]]:
    """Two arms of the same lists; what is taken stands in them more often at the top."""
    random = np.random.default_rng(1)
    found = []
    for _ in range(people):
        moments = []
        for _ in range(visits):
            items = tuple(str(item) for item in random.permutation(100)[:PLACES])
            hits = random.random(PLACES) < 0.35 * 0.85 ** np.arange(PLACES)
            taken = frozenset(item for item, hit in zip(items, hits, strict=True) if hit)
            moments.append(Moment(items, items, taken))
        found.append(tuple(moments))
    return found


MOMENTS = invented_moments()
REQUEST = SimulationRequest("deep", "deep", people=60, looks=5)


def test_the_same_seed_is_the_same_test():
    once, again = simulate(MOMENTS, REQUEST), simulate(MOMENTS, REQUEST)
    assert once.to_json() == again.to_json()
    other = simulate(MOMENTS, replace(REQUEST, seed=1))
    assert other.to_json()["wins"] != once.to_json()["wins"]


@pytest.mark.parametrize("mode", ["interleave", "split"])
def test_an_a_a_test_errs_no_more_often_than_stated(mode: str):
    runs = 40
    found = simulate(MOMENTS, replace(REQUEST, mode=mode, runs=runs))
    # A rate of .05 gives so few in all but one of a thousand sets of runs.
    most = 0.05 * runs + 3.1 * sqrt(runs * 0.05 * 0.95)
    assert found.found <= most
    assert found.mismatches <= 2
    assert all(count <= most for count in found.others.values())


@pytest.mark.parametrize(("mode", "effect"), [("interleave", 0.4), ("split", 0.3)])
def test_a_planted_difference_is_found_with_the_stated_power(mode: str, effect: float):
    found = simulate(MOMENTS, replace(REQUEST, mode=mode, runs=25, effect=effect, people=None))
    assert found.share >= 0.8 - 2.4 * sqrt(0.8 * 0.2 / 25)
    assert found.first.primary is not None
    assert found.first.primary.delta > 0


def test_what_is_planted_is_as_large_as_stated():
    planted = [
        run_test(MOMENTS, replace(REQUEST, looks=1), 1_500, Planted(turned=0.3), np.random.default_rng(seed))[-1]
        for seed in range(2)
    ]
    deltas = [one.primary.delta for one in planted if one.primary is not None]
    count = sum(one.primary.units for one in planted if one.primary is not None)
    assert np.mean(deltas) == pytest.approx(0.3, abs=3 / sqrt(count))


def test_people_like_what_they_took_next_and_what_they_pass_over_is_told():
    log = AbLog.in_memory()
    test = log.start("deep", "deep", "interleave", "00" * 16, at=0)
    moment = Moment(tuple("abcdefghij"), tuple("abcdefghij"), frozenset("cg"))
    person = replace(draw_person("1", [moment], np.random.default_rng(0)), patience=1.0, curiosity=0.0)
    liked = 0
    for seed in range(40):
        visit = log.visit(test, str(seed), None, "quick", at=0)
        shown = deal(test, visit, PLACES, lambda _arm: moment.a)
        events = behave(person, moment, shown, Planted(), np.random.default_rng(seed))
        kinds = {item: kind for item, kind, _ in events if kind != "open"}
        assert all(kind in ("skip", "dislike") for item, kind in kinds.items() if item not in "cg")
        if kinds.get("c") == "like":
            liked += 1
            assert {kinds[item] for item in "ab"} <= {"skip", "dislike"}
    # Nine times in ten; fewer than 28 of 40 is less likely than one in a thousand.
    assert liked >= 28
