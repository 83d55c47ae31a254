"""A/B tests with simulated people, run through the very assignment, log and report of real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from recsys_tui.evaluate.ab.dealing import arm_for, deal
from recsys_tui.evaluate.ab.report import (
    POWER,
    SATISFACTION,
    SHARE_SCALE,
    WIN_SCALE,
    AbReport,
    report,
    report_document,
)
from recsys_tui.evaluate.ab.sequential import units_needed
from recsys_tui.evaluate.ab.simulated_people import Moment, Planted, SimulatedPerson, behave, draw_person
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import ARM_A, INTERLEAVE, VISIT_MILLISECONDS, AbTest

PEOPLE, LOOKS, PILOT = 200, 10, 500
MOST_PEOPLE = 20_000
SIMULATED = "simulated"


@dataclass(frozen=True)
class SimulationRequest:
    """What to try. ``a`` and ``b`` are what the arms are called; their lists stand in the moments.

    ``effect``: a difference to plant, None for that of the lists themselves. ``people`` a run: None for as many as
    the effect is found with by ``power``. ``looks``: how often each run is looked at, after equally many visits.
    """

    a: str
    b: str
    mode: str = INTERLEAVE
    runs: int = 1
    effect: float | None = None
    power: float = POWER
    people: int | None = None
    looks: int = LOOKS
    seed: int = 0


@dataclass(frozen=True)
class Simulation:
    """What came of it, with so many ``people`` a run: runs in which the primary difference was ``found`` at any look,
    and the share of visits that had gone by then in the mean (``reached``); the report of the ``first`` run at its end.
    ``others``: the same count for every other outcome. ``mismatches``: runs that were told to have dealt unfairly."""

    request: SimulationRequest
    people: int
    found: int
    others: dict[str, int]
    mismatches: int
    reached: float | None
    first: AbReport

    @property
    def share(self) -> float:
        """The share of runs in which a difference was found."""
        return self.found / self.request.runs

    def bounds(self) -> tuple[float, float]:
        """The 95 % interval of that share: Monte-Carlo error (Clopper & Pearson, Biometrika 1934)."""
        from scipy.stats import beta

        runs, found = self.request.runs, self.found
        low = float(beta.ppf(0.025, found, runs - found + 1)) if found else 0.0
        high = float(beta.ppf(0.975, found + 1, runs - found)) if found < runs else 1.0
        return low, high

    def to_json(self) -> dict[str, Any]:
        """The report of the first run, and what came of all of them."""
        asked = self.request
        return report_document(self.first) | {
            "simulation": {
                "runs": asked.runs,
                "looks": asked.looks,
                "people": self.people,
                "effect": asked.effect,
                "power": asked.power,
                "seed": asked.seed,
                "found": self.found,
                "share": self.share,
                "ci95": list(self.bounds()),
                "reached": self.reached,
                "others": {name: count / asked.runs for name, count in self.others.items()},
                "mismatches": self.mismatches,
            }
        }


def simulate(
    people: Sequence[Sequence[Moment]],
    request: SimulationRequest,
    tell: Callable[[float], None] = lambda _share: None,
) -> Simulation:
    """Run the tests; ``people``: the moments of each person of the data that simulated ones are made of.

    Seeded: the same request gives the same figures. Nothing is written anywhere.
    """
    planted, count = _planned(people, request)
    found = mismatches = 0
    others: dict[str, int] = {}
    reached: list[float] = []
    first: AbReport | None = None
    for run in range(request.runs):
        looked = run_test(people, request, count, planted, np.random.default_rng((request.seed, 1, run)))
        when = next((look for look, one in enumerate(looked, 1) if _decided(one)), None)
        if when is not None:
            found += 1
            reached.append(when / len(looked))
        for name in looked[-1].outcomes:
            others[name] = others.get(name, 0) + any(_decided(one, name) for one in looked)
        mismatches += any(one.sample_ratio is not None and one.sample_ratio.mismatch for one in looked)
        first = first or looked[-1]
        tell((run + 1) / request.runs)
    if first is None:
        raise ValueError("a simulation has at least one run")
    mean = sum(reached) / len(reached) if reached else None
    return Simulation(request, count, found, others, mismatches, mean, first)


def _decided(found: AbReport, name: str | None = None) -> bool:
    """Whether a difference shows: the primary one, or that of an outcome."""
    difference = found.primary if name is None else found.outcomes[name].difference
    return difference is not None and difference.p <= found.alpha


def run_test(
    people: Sequence[Sequence[Moment]],
    request: SimulationRequest,
    count: int,
    planted: Planted,
    random: np.random.Generator,
) -> list[AbReport]:
    """One test with ``count`` people, in a log in memory: its reports, one a look."""
    log = AbLog.in_memory()
    test = log.start(request.a, request.b, request.mode, random.bytes(16).hex(), at=0)
    drawn = random.integers(0, len(people), count)
    crowd = [draw_person(f"{number}", people[place], random) for number, place in enumerate(drawn.tolist(), 1)]
    visits = _in_order(crowd, random)
    every = max(1, ceil(len(visits) / request.looks))
    reports = []
    for number, (person, turn) in enumerate(visits, 1):
        now = number * VISIT_MILLISECONDS  # so that each visit is over when the next begins
        _visit(log, test, person, person.moments[turn], planted, random, now)
        if number % every == 0 or number == len(visits):
            reports.append(report(test, *log.record(test), now + VISIT_MILLISECONDS, power=request.power))
    return reports


def _in_order(crowd: Sequence[SimulatedPerson], random: np.random.Generator) -> list[tuple[SimulatedPerson, int]]:
    """All visits, in an order drawn at random in which each person's own stand in theirs: (person, which of theirs)."""
    owners = np.repeat(np.arange(len(crowd)), [person.visits for person in crowd])
    random.shuffle(owners)
    turns = [0] * len(crowd)
    order = []
    for owner in owners.tolist():
        order.append((crowd[owner], turns[owner]))
        turns[owner] += 1
    return order


def _visit(
    log: AbLog,
    test: AbTest,
    person: SimulatedPerson,
    moment: Moment,
    planted: Planted,
    random: np.random.Generator,
    now: int,
) -> None:
    visit = log.visit(test, person.user, arm_for(test, person.user), SIMULATED, at=now)
    lists = {arm: moment.a if arm == ARM_A else moment.b for arm in ("a", "b")}
    shown = deal(test, visit, len(moment.a), lambda arm: lists[arm])
    log.show(visit, shown, at=now)
    events = behave(person, moment, shown, planted, random)
    if events:
        log.note(visit, events, at=now)


def _planned(people: Sequence[Sequence[Moment]], request: SimulationRequest) -> tuple[Planted, int]:
    """What to plant, and how many people a run has. Where either depends on how people behave, a pilot tells."""
    if request.effect is None:
        return Planted(), request.people or PEOPLE
    random = np.random.default_rng((request.seed, 0))
    pilot = run_test(people, request, PILOT, Planted(), random)[-1]
    if request.mode == INTERLEAVE:
        planted = Planted(turned=request.effect)
        needed = units_needed(request.effect, request.power, 1.0, WIN_SCALE)
        per_person = 0.0 if pilot.primary is None else pilot.primary.units / PILOT
    else:
        outcome = pilot.outcomes[SATISFACTION]
        level = max(outcome.a or 0.0, request.effect, 1e-9)
        planted = Planted(dropped=request.effect / level)
        spread = 0.0 if outcome.difference is None else outcome.difference.spread
        needed = units_needed(request.effect, request.power, spread, SHARE_SCALE)
        per_person = (outcome.people or 0) / PILOT
    if request.people is not None:
        return planted, request.people
    enough = PEOPLE if needed is None or not per_person else ceil(needed / per_person)
    return planted, min(MOST_PEOPLE, enough)
