"""Moments of people of the data for simulated A/B tests: what each arm would have shown, and what was taken then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories
from recsys_tui.evaluate.ab.arms import Arm
from recsys_tui.evaluate.ab.simulated_people import Moment
from recsys_tui.models.experts import people_at_once
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.expert_ranking import ranking_by
from recsys_tui.recommend.list_building import Asked, build_lists
from recsys_tui.recommend.list_options import NEVER, ListOptions
from recsys_tui.recommend.ranking import rank
from recsys_tui.recommend.recommender import Recommender

PLACES = 10
# Actions held out of each history, of which every visit uncovers some more.
HELD_OUT, UNCOVERED, VISITS = 6, 2, 3
SHORTEST = HELD_OUT + 4
MOST_PEOPLE = 200


def moments_of_people(
    recommender: Recommender, a: Arm, b: Arm, seed: int, tell: Callable[[float], None] = lambda _share: None
) -> list[tuple[Moment, ...]]:
    """The moments of up to 200 people of the data, drawn at random among those who took ten items or more.

    The newest six items of each are held out. At the first visit all of them are what the person takes next, at every
    further one two more are part of the history. Raises ``UserError`` (exit 2) where fewer people than a crowd are
    left.
    """
    histories = recommender.model.people.histories
    able = np.flatnonzero(histories.lengths >= SHORTEST)
    fewest = CrowdGate().minimum
    if len(able) < fewest:
        raise UserError("ab.too_few_to_simulate", ExitCode.USAGE, fewest=fewest, actions=SHORTEST)
    chosen = np.sort(np.random.default_rng((seed, 2)).permutation(able)[:MOST_PEOPLE])
    people = np.repeat(chosen, VISITS)
    known = histories.lengths[people] - HELD_OUT + np.tile(np.arange(VISITS) * UNCOVERED, len(chosen))
    lists = {}
    arms = (a,) if b == a else (a, b)
    for done, arm in enumerate(arms):
        lists[arm.name] = _lists(recommender, arm, people, known)
        tell((done + 1) / len(arms))
    ids = recommender.model.catalogue.ids
    moments = []
    for row, (person, length) in enumerate(zip(people.tolist(), known.tolist(), strict=True)):
        taken = histories.items_of(person)[length:]
        shown = [tuple(str(ids[item]) for item in lists[arm.name][row] if item >= 0) for arm in (a, b)]
        moments.append(Moment(shown[0], shown[1], frozenset(str(ids[item]) for item in taken.tolist())))
    return [tuple(moments[start : start + VISITS]) for start in range(0, len(moments), VISITS)]


def _lists(
    recommender: Recommender, arm: Arm, people: NDArray[np.int64], known: NDArray[np.int64]
) -> Sequence[Sequence[int]]:
    """Item codes of the arm's lists for ``people`` (codes) who had taken their first ``known`` items."""
    model, histories = recommender.model, recommender.model.people.histories
    model = replace(model, experts=model.experts.for_many())
    ranking, name = (rank, arm.name) if arm.expert is None else (ranking_by(arm.expert), arm.name)
    served = name if arm.expert is not None else recommender.serving(name)[0]
    options = ListOptions(repeat=NEVER)
    selection = recommender.select(options)
    size = people_at_once(histories.item_count)
    rows: list[list[int]] = []
    for start in range(0, len(people), size):
        some = people[start : start + size]
        then: Histories = histories.prefixes(some, known[start : start + size])
        asked = Asked(then, some, [then.items_of(row) for row in range(len(then))])
        rows += build_lists(model, asked, PLACES, served, options, selection, ranking=ranking).items.tolist()
    return rows
