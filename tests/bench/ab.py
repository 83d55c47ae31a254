"""A/B tests with simulated people: how often an A/A test finds something, and how often a planted difference is found.

Every simulated test is looked at ten times, and has found something where any look does. Lists and behaviour come from
the bundled films: people like what they took next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path

from recsys_tui.evaluate.ab.arms import Arm
from recsys_tui.evaluate.ab.replay import moments_of_people
from recsys_tui.evaluate.ab.sequential import ALPHA
from recsys_tui.evaluate.ab.simulate import SimulationRequest, simulate
from recsys_tui.evaluate.ab.simulated_people import Moment
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_records import MODES
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from tests.bench.commands import Figure

RUNS, POWER_RUNS, POWER = 1_000, 200, 0.8
EFFECTS = {"interleave": 0.3, "split": 0.2}
DEVIATIONS = 1.96


def ab_figures(home: Path) -> Iterator[Figure]:
    """Shares of simulated tests that found something, with the bound that Monte-Carlo error leaves."""
    moments = _moments(home)
    for mode in MODES:
        same = simulate(moments, SimulationRequest("deep", "deep", mode, RUNS))
        bound = ALPHA + DEVIATIONS * sqrt(ALPHA * (1 - ALPHA) / RUNS)
        yield _at_most(f"A/A, {mode}: found in {RUNS:,} tests", same.share, bound)
        for name, count in same.others.items():
            if same.first.outcomes[name].difference is not None:
                yield _at_most(f"A/A, {mode}: {name}", count / RUNS, bound)
        yield _at_most(f"A/A, {mode}: told to be no fair deal", same.mismatches / RUNS, 0.01 + 0.006)
        planted = SimulationRequest("deep", "deep", mode, POWER_RUNS, EFFECTS[mode], POWER)
        found = simulate(moments, planted)
        least = POWER - DEVIATIONS * sqrt(POWER * (1 - POWER) / POWER_RUNS)
        name = f"{EFFECTS[mode]} planted, {mode}, {found.people:,} people: found"
        yield Figure(name, f"{found.share:.1%}", f"at least {least:.1%}", found.share >= least)


def _at_most(name: str, share: float, bound: float) -> Figure:
    return Figure(name, f"{share:.1%}", f"at most {bound:.1%}", share <= bound)


def _moments(home: Path) -> Sequence[Sequence[Moment]]:
    session = Session.open("films", home=Home(home))
    if session.recommender() is None:
        job = session.training_job(TrainingRequest())
        job.start()
        list(job.events())
    recommender = session.recommender()
    assert recommender is not None
    return moments_of_people(recommender, Arm("deep"), Arm("deep"), seed=0)
