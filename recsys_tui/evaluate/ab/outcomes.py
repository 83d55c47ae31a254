"""What each person did in an A/B test, by arm: counted from the log, visit by visit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from recsys_tui.store.ab_records import (
    ARM_A,
    ARM_B,
    ARMS,
    CLEAR,
    DISLIKE,
    LIKE,
    OPEN,
    SKIP,
    VISIT_MILLISECONDS,
    AbTest,
    EventRecord,
    VisitRecord,
)

VERDICTS = (LIKE, DISLIKE, CLEAR)


@dataclass
class ArmCounts:
    """Of one person and one arm: places shown, items opened, liked, disliked and seen; visits with an item opened and
    with one liked.

    An item is seen where something was done with it, or it was passed over on the way to one that was liked.
    """

    shown: int = 0
    opened: int = 0
    liked: int = 0
    disliked: int = 0
    seen: int = 0
    visits_opened: int = 0
    visits_liked: int = 0


@dataclass
class PersonCounts:
    """Of one person: ``visits``, ``actions`` (likes, dislikes and openings of an item, each once a visit), and what
    each arm got. ``wins``: visits in which more items of an arm were taken up than of the other; ``ties``: the rest."""

    arm: str | None
    visits: int = 0
    actions: int = 0
    arms: dict[str, ArmCounts] = field(default_factory=lambda: {arm: ArmCounts() for arm in ARMS})
    wins: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ARMS, 0))
    ties: int = 0


@dataclass
class _Seen:
    """What happened to one item in one visit: the arm that it counted for first, what is said of it last."""

    arm: str | None = None
    verdict: str | None = None
    kinds: set[str] = field(default_factory=set)

    @property
    def taken_up(self) -> bool:
        """Liked, or opened and not disliked."""
        return self.verdict == LIKE or (OPEN in self.kinds and self.verdict != DISLIKE)


def over(visits: Iterable[VisitRecord], test: AbTest, now: int) -> list[VisitRecord]:
    """The visits that are over at ``now`` (epoch milliseconds): nothing of them will change any more. One of the future
    is over too: the clock was put back since."""
    return [visit for visit in visits if not test.running or abs(now - visit.last) >= VISIT_MILLISECONDS]


def people_of(visits: Sequence[VisitRecord], events: Iterable[EventRecord]) -> dict[str, PersonCounts]:
    """What each person did in these visits, by id."""
    happened: dict[int, dict[str, _Seen]] = {visit.number: {} for visit in visits}
    for event in events:
        items = happened.get(event.visit)
        if items is None:
            continue
        item = items.setdefault(event.item, _Seen())
        item.arm = item.arm or event.arm
        item.kinds.add(event.kind)
        if event.kind in VERDICTS:
            item.verdict = event.kind
    people: dict[str, PersonCounts] = {}
    for visit in visits:
        person = people.setdefault(visit.user, PersonCounts(visit.arm))
        _count(person, visit, happened[visit.number].values())
    return people


def _count(person: PersonCounts, visit: VisitRecord, items: Iterable[_Seen]) -> None:
    person.visits += 1
    person.arms[ARM_A].shown += visit.shown_a
    person.arms[ARM_B].shown += visit.shown_b
    taken_up = dict.fromkeys(ARMS, 0)
    opened, liked = set(), set()
    for item in items:
        person.actions += len(item.kinds - {SKIP, CLEAR})
        if item.arm is None:
            continue
        counts = person.arms[item.arm]
        counts.seen += bool(item.kinds - {CLEAR})
        taken_up[item.arm] += item.taken_up
        counts.disliked += item.verdict == DISLIKE
        if OPEN in item.kinds:
            counts.opened += 1
            opened.add(item.arm)
        if item.verdict == LIKE:
            counts.liked += 1
            liked.add(item.arm)
    for arm in ARMS:
        person.arms[arm].visits_opened += arm in opened
        person.arms[arm].visits_liked += arm in liked
    difference = taken_up[ARM_A] - taken_up[ARM_B]
    if difference:
        person.wins[ARM_A if difference > 0 else ARM_B] += 1
    else:
        person.ties += 1
