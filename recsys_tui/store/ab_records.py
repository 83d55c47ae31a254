"""What is written down of an A/B test, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass

ARM_A, ARM_B = "a", "b"
ARMS = (ARM_A, ARM_B)
INTERLEAVE, SPLIT = "interleave", "split"
MODES = (INTERLEAVE, SPLIT)
# What happens to an item of a list: it is liked, disliked, neither any more, opened, or passed over on the way to one
# that was liked.
LIKE, DISLIKE, CLEAR, OPEN, SKIP = "like", "dislike", "clear", "open", "skip"
EVENTS = (LIKE, DISLIKE, CLEAR, OPEN, SKIP)
# A visit is over when nothing happened for so long.
VISIT_MILLISECONDS = 30 * 60 * 1000


@dataclass(frozen=True)
class AbTest:
    """A test of two arms, each the name of what ranks. ``started`` and ``stopped`` (None: it runs): epoch milliseconds.

    ``salt``: hexadecimal, what all chance of the test comes from.
    """

    number: int
    a: str
    b: str
    mode: str
    salt: str
    started: int
    stopped: int | None = None

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.stopped is None

    def model_of(self, arm: str) -> str:
        """What ranks for an arm."""
        return self.a if arm == ARM_A else self.b


@dataclass(frozen=True)
class Visit:
    """One sitting of a person in a test: ``number`` in the log, ``visit`` among the person's own, from 1.

    ``arm``: theirs where people are split, else None.
    """

    number: int
    user: str
    visit: int
    arm: str | None


@dataclass(frozen=True)
class VisitRecord:
    """A visit with its first and last moment (epoch milliseconds), what ranked (``model``), the number of places that
    each arm had in the lists shown, and the arm of the very first place."""

    number: int
    user: str
    arm: str | None
    begun: int
    last: int
    model: str
    shown_a: int
    shown_b: int
    first: str | None


@dataclass(frozen=True)
class EventRecord:
    """Something that happened to an item in a visit, in the order of the log. ``arm``: the one that the item counted
    for in the list on screen; None where it counted for none, or was not in the list."""

    visit: int
    item: str
    kind: str
    arm: str | None
