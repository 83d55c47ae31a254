"""Simulated people for trying out A/B tests: they go down a list and like what they took next in the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_tui.evaluate.ab.dealing import Shown, passed_over
from recsys_tui.store.ab_records import ARM_A, ARM_B, CLEAR, DISLIKE, LIKE, OPEN

LIKES_TAKEN, LIKES_OPENED, DISLIKES = 0.9, 0.5, 0.02
# Beta distributions: how likely a person goes on to the next place, opens what they do not know, comes back.
PATIENCE, CURIOSITY, LOYALTY = (9.0, 1.5), (1.5, 12.0), (2.0, 2.0)

Event = tuple[str, str, str | None]


@dataclass(frozen=True)
class Moment:
    """A moment of a person in the data: the lists of both arms then, best first, and what they took afterwards."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    taken: frozenset[str]


@dataclass(frozen=True)
class SimulatedPerson:
    """Somebody with habits of their own, and their moments, the earliest first."""

    user: str
    moments: tuple[Moment, ...]
    patience: float
    curiosity: float
    visits: int


@dataclass(frozen=True)
class Planted:
    """A difference put into the behaviour, in favour of arm a.

    ``turned``: the chance that a visit which b would win is won by a, with the same items of both arms taken up the
    other way round; so the share of wins minus the share of losses is as large. ``dropped``: the chance that a like of
    an item of b is taken back; so b's share of liked among seen is lower by that part of it.
    """

    turned: float = 0.0
    dropped: float = 0.0


def draw_person(user: str, moments: Sequence[Moment], random: np.random.Generator) -> SimulatedPerson:
    """A person with these moments and habits drawn at random; they come back as often as they like to."""
    loyalty, visits = random.beta(*LOYALTY), 1
    while visits < len(moments) and random.random() < loyalty:
        visits += 1
    return SimulatedPerson(user, tuple(moments), random.beta(*PATIENCE), random.beta(*CURIOSITY), visits)


def behave(
    person: SimulatedPerson, moment: Moment, shown: Shown, planted: Planted, random: np.random.Generator
) -> list[Event]:
    """What a person does with a list, as events for the log in their order."""
    done: dict[int, str] = {}
    dice = random.random((len(shown), 3))
    for place, (item, _arm) in enumerate(shown):
        first, second, third = dice[place]
        if item in moment.taken and first < LIKES_TAKEN:
            done[place] = LIKE
        elif second < person.curiosity:
            done[place] = LIKE if first < LIKES_OPENED else OPEN
        elif second > 1 - DISLIKES:
            done[place] = DISLIKE
        if third > person.patience:
            break
    if planted.turned and _ahead(done, shown) < 0 and random.random() < planted.turned:
        # The draft went in rounds of two places, one of each arm.
        done = {place ^ 1: kind for place, kind in done.items() if place ^ 1 < len(shown)}
    events: list[Event] = []
    for place in sorted(done):
        item, arm = shown[place]
        if done[place] == DISLIKE:
            events.append((item, DISLIKE, arm))
            continue
        events.append((item, OPEN, arm))
        if done[place] == LIKE:
            touched = {each for each, _, _ in events}
            events += [*passed_over(shown, item, touched), (item, LIKE, arm)]
            if arm == ARM_B and planted.dropped and random.random() < planted.dropped:
                events.append((item, CLEAR, arm))
    return events


def _ahead(done: dict[int, str], shown: Shown) -> int:
    """Items of arm a taken up minus those of arm b."""
    arms = [shown[place][1] for place, kind in done.items() if kind != DISLIKE]
    return arms.count(ARM_A) - arms.count(ARM_B)
