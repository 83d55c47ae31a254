"""What an A/B test says so far: figures of both arms, differences that hold at any look, and how far to go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from recsys_tui.evaluate.ab.outcomes import ArmCounts, PersonCounts, over, people_of
from recsys_tui.evaluate.ab.sequential import (
    ALPHA,
    SequentialDifference,
    fair_share_p,
    of_groups,
    of_pairs,
    of_signs,
    units_needed,
)
from recsys_tui.evaluate.ab.told_counts import Wins, parts_told, told_decided, told_sum, told_visits, told_wins
from recsys_tui.output.crowd_counts import without_small_rest
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.store.ab_records import ARM_A, ARM_B, ARMS, INTERLEAVE, SPLIT, AbTest, EventRecord, VisitRecord

WINS, SATISFACTION = "wins", "satisfaction"
CLICK_RATE, LIKE_RATE, WIN_SHARE = "click_rate", "like_rate", "win_share"
SESSIONS, ACTIONS, RETURN = "sessions", "actions_per_session", "return_rate"
PRIMARY = {INTERLEAVE: WINS, SPLIT: SATISFACTION}
# Differences that the mixtures of the sequential test are spread over: of wins, of shares, of counts.
WIN_SCALE, SHARE_SCALE, COUNT_SCALE = 0.2, 0.1, 0.5
# Below this a mismatch of sample sizes is told: there are many looks, and a fault is rare.
MISMATCH = 0.01
EFFECT, POWER = 0.1, 0.8
# Of the arm whose item stands first.
KINDS: dict[str | None, int] = {ARM_A: 0, ARM_B: 1}


@dataclass(frozen=True)
class Outcome:
    """A figure of both arms, each the mean over people, and a minus b; None where too few people stand behind it.

    ``everyone``: the mean over all people, where it is not the arms' but the list's that they made together.
    ``people``: who has such a figure; where 1 to 9 have none, they count as ten; None where that leaves
    fewer than ten.
    """

    a: float | None = None
    b: float | None = None
    everyone: float | None = None
    people: int | None = None
    difference: SequentialDifference | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"a": self.a, "b": self.b, "everyone": self.everyone, "people": self.people, **judged(self.difference)}


@dataclass(frozen=True)
class ArmFigures:
    """Counts of one arm; None where too few people stand behind one."""

    arm: str
    model: str
    people: int | None = None
    sessions: int | None = None
    shown: int | None = None
    clicks: int | None = None
    likes: int | None = None
    dislikes: int | None = None


@dataclass(frozen=True)
class SampleSize:
    """How many ``unit`` (people or decided sessions) it takes until a difference of ``effect`` is found with a chance
    of ``power``; None where that cannot be told yet."""

    unit: str
    effect: float
    power: float
    needed: int | None
    so_far: int | None

    @property
    def still_needed(self) -> int | None:
        """How many more."""
        return None if self.needed is None or self.so_far is None else max(0, self.needed - self.so_far)


@dataclass(frozen=True)
class SampleRatio:
    """Whether chance dealt fairly: people an arm, or sessions that begin with an item of an arm; None where too few
    people stand behind a number of sessions, and then ``p`` is too, which would tell it. ``mismatch``: whether the test
    itself is at fault."""

    a: int | None
    b: int | None
    p: float | None
    mismatch: bool

    @classmethod
    def of(cls, a: int, b: int, told: Sequence[int | None] | None = None) -> Self:
        """By all that were dealt, and what is ``told`` of it: by default both."""
        shown, p = (a, b) if told is None else told[:2], fair_share_p(a, b)
        return cls(shown[0], shown[1], None if None in shown else p, p < MISMATCH)


@dataclass(frozen=True)
class AbReport:
    """What a test says. ``open_sessions``: they are not over, and count later; None where a few people sit in them.
    ``models``: what ranked, where the model was replaced during the test. ``fewest``: people who have to stand behind a
    figure. Means over people, and what is concluded from them, are figures about all of them."""

    test: AbTest
    arms: tuple[ArmFigures, ...]
    people: int | None
    sessions: int | None
    open_sessions: int | None
    wins: Wins | None
    outcomes: Mapping[str, Outcome]
    primary: SequentialDifference | None
    sample_size: SampleSize
    sample_ratio: SampleRatio | None
    models: tuple[str, ...]
    fewest: int
    alpha: float = ALPHA


def judged(difference: SequentialDifference | None) -> dict[str, Any]:
    """A difference as JSON documents have it."""
    if difference is None:
        return {"delta": None, "ci95": None, "p": None}
    return {"delta": difference.delta, "ci95": [difference.low, difference.high], "p": difference.p}


def report(
    test: AbTest,
    visits: Sequence[VisitRecord],
    events: Sequence[EventRecord],
    now: int,
    effect: float = EFFECT,
    power: float = POWER,
    gate: CrowdGate | None = None,
) -> AbReport:
    """Sum up a test from its record (:meth:`AbLog.record`) as it stands at ``now`` (epoch milliseconds)."""
    gate = gate or CrowdGate()
    ended = over(visits, test, now)
    people = people_of(ended, events)
    by_arm = {arm: [one for one in people.values() if one.arm in (None, arm)] for arm in ARMS}
    shown = all(gate.open_for(len(group)) for group in by_arm.values())
    interleaved = test.mode == INTERLEAVE
    wins = told_wins(people.values(), gate) if interleaved and shown else None
    outcomes = {name: _outcome(name, test.mode, by_arm, gate) for name in _VALUES}
    if interleaved:
        won = [sum(one.wins[arm] for one in people.values()) for arm in ARMS]
        deciding = sum(any(one.wins.values()) for one in people.values())
        primary = of_signs(won[0], won[1], WIN_SCALE) if gate.open_for(deciding) else None
        so_far = None if primary is None else told_decided(people.values(), gate)
    else:
        primary, so_far = outcomes[PRIMARY[test.mode]].difference, outcomes[SATISFACTION].people
    return AbReport(
        test=test,
        arms=tuple(_arm(test, arm, by_arm[arm], gate) for arm in ARMS),
        people=len(people) if shown else None,
        sessions=len(ended) if shown else None,
        open_sessions=_open_sessions(visits, ended, gate),
        wins=wins,
        outcomes=outcomes,
        primary=primary,
        sample_size=_sample_size(test.mode, primary, so_far, effect, power),
        sample_ratio=_sample_ratio(test.mode, ended, by_arm, gate) if shown else None,
        models=tuple(dict.fromkeys(visit.model for visit in ended)),
        fewest=gate.minimum,
    )


def _arm(test: AbTest, arm: str, people: Sequence[PersonCounts], gate: CrowdGate) -> ArmFigures:
    if not gate.open_for(len(people)):
        return ArmFigures(arm, test.model_of(arm))
    counts = [one.arms[arm] for one in people]
    return ArmFigures(
        arm,
        test.model_of(arm),
        len(people),
        sum(one.visits for one in people),
        told_sum([one.shown for one in counts], gate),
        told_sum([one.opened for one in counts], gate),
        told_sum([one.liked for one in counts], gate),
        told_sum([one.disliked for one in counts], gate),
    )


def _open_sessions(visits: Sequence[VisitRecord], ended: Sequence[VisitRecord], gate: CrowdGate) -> int | None:
    over_ = {visit.number for visit in ended}
    sitting = Counter(visit.user for visit in visits if visit.number not in over_)
    return told_sum(list(sitting.values()), gate)


def _share_won(person: PersonCounts, counts: ArmCounts) -> float | None:
    """The share of a person's decided visits that an arm won."""
    decided = sum(person.wins.values())
    arm = ARM_A if counts is person.arms[ARM_A] else ARM_B
    return person.wins[arm] / decided if decided else None


# Of an arm: what a person's own figure is, None where they have none.
_Value = Callable[[PersonCounts, ArmCounts], float | None]
_OF_ITEMS: dict[str, _Value] = {
    WIN_SHARE: _share_won,
    SATISFACTION: lambda _one, arm: arm.liked / arm.seen if arm.seen else None,
    CLICK_RATE: lambda one, arm: arm.visits_opened / one.visits,
    LIKE_RATE: lambda one, arm: arm.visits_liked / one.visits,
}
_OF_VISITS: dict[str, _Value] = {
    SESSIONS: lambda one, _arm: float(one.visits),
    ACTIONS: lambda one, _arm: one.actions / one.visits,
    RETURN: lambda one, _arm: float(one.visits > 1),
}
_VALUES = {**_OF_ITEMS, **_OF_VISITS}


def _outcome(name: str, mode: str, by_arm: Mapping[str, Sequence[PersonCounts]], gate: CrowdGate) -> Outcome:
    value = _VALUES[name]
    scale, bound = (COUNT_SCALE, None) if name in (SESSIONS, ACTIONS) else (SHARE_SCALE, 1.0)
    if name == WIN_SHARE:
        scale = WIN_SCALE
        if mode == SPLIT:  # where one arm alone could win
            return Outcome()
    if mode == INTERLEAVE:
        pairs = [(value(one, one.arms[ARM_A]), value(one, one.arms[ARM_B])) for one in by_arm[ARM_A]]
        both = [(a, b) for a, b in pairs if a is not None and b is not None]
        if not gate.open_for(len(both)):
            return Outcome()
        mean_a, mean_b = (sum(one[side] for one in both) / len(both) for side in (0, 1))
        having = without_small_rest(len(both), len(pairs), gate)
        told = gate.pass_value(having, having)
        if name in _OF_VISITS:  # a visit is to both arms at once
            return Outcome(everyone=mean_a, people=told)
        difference = of_pairs([a - b for a, b in both], scale, bound=bound)
        return Outcome(mean_a, mean_b, people=told, difference=difference)
    found = {arm: [each for one in by_arm[arm] if (each := value(one, one.arms[arm])) is not None] for arm in ARMS}
    if not all(gate.open_for(len(values)) for values in found.values()):
        return Outcome()
    means = {arm: sum(values) / len(values) for arm, values in found.items()}
    difference = of_groups(found[ARM_A], found[ARM_B], scale, bound=bound)
    having = sum(without_small_rest(len(found[arm]), len(by_arm[arm]), gate) for arm in ARMS)
    return Outcome(means[ARM_A], means[ARM_B], people=gate.pass_value(having, having), difference=difference)


def _sample_size(
    mode: str, primary: SequentialDifference | None, so_far: int | None, effect: float, power: float
) -> SampleSize:
    """``so_far``: how many sessions are decided, or who has a satisfaction, as it is told."""
    unit, scale = (SESSIONS, WIN_SCALE) if mode == INTERLEAVE else ("people", SHARE_SCALE)
    spread = 1.0 if mode == INTERLEAVE else None if primary is None else primary.spread
    needed = None if spread is None else units_needed(effect, power, spread, scale)
    return SampleSize(unit, effect, power, needed, None if primary is None else so_far)


def _sample_ratio(
    mode: str, visits: Sequence[VisitRecord], by_arm: Mapping[str, Sequence[PersonCounts]], gate: CrowdGate
) -> SampleRatio:
    if mode == SPLIT:
        a, b = len(by_arm[ARM_A]), len(by_arm[ARM_B])
        return SampleRatio.of(a, b)
    people = {user: place for place, user in enumerate(dict.fromkeys(visit.user for visit in visits))}
    first = np.zeros((len(people), 3), np.int64)
    for visit in visits:
        first[people[visit.user], KINDS.get(visit.first, 2)] += 1
    counts = first.sum(axis=0)
    return SampleRatio.of(int(counts[0]), int(counts[1]), parts_told(counts, told_visits(first, gate)))


def report_document(found: AbReport) -> dict[str, Any]:
    """The figures of a report as its JSON document has them."""
    size, ratio = found.sample_size, found.sample_ratio
    outcomes = {name: outcome.to_json() for name, outcome in found.outcomes.items()}
    return {
        "test": found.test.number,
        "mode": found.test.mode,
        "running": found.test.running,
        "people": found.people,
        "sessions": found.sessions,
        "open_sessions": found.open_sessions,
        "arms": [asdict(arm) for arm in found.arms],
        "primary": PRIMARY[found.test.mode],
        **judged(found.primary),
        "alpha": found.alpha,
        "wins": None if found.wins is None else asdict(found.wins),
        WIN_SHARE: outcomes[WIN_SHARE],
        SATISFACTION: outcomes[SATISFACTION],
        CLICK_RATE: outcomes[CLICK_RATE],
        LIKE_RATE: outcomes[LIKE_RATE],
        "activity": {name: outcomes[name] for name in _OF_VISITS},
        "sample_size": {**asdict(size), "still_needed": size.still_needed},
        "sample_ratio": None if ratio is None else asdict(ratio),
        "models": list(found.models),
    }
