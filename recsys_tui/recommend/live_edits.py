"""What one person says of items while they look at their list, with undo and redo, and how the list moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recsys_tui.store.verdicts import DISLIKE, LIKE, Verdicts

NOTHING_SAID = Verdicts()


@dataclass(frozen=True)
class Step:
    """One change of mind about an item: a verdict (``like``, ``dislike``), None for no opinion."""

    item: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LiveEdits:
    """What somebody thinks by now (``said``) and the steps there: those ``done``, the latest last, and those
    ``undone``, the one that was undone last coming last. There is no limit to either."""

    said: Verdicts = NOTHING_SAID
    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def after(self, item: str, verdict: str) -> LiveEdits:
        """They say it of an item; saying what they think already takes it back. What was undone is forgotten."""
        before = self.said.of(item)
        step = Step(item, before, None if before == verdict else verdict)
        return LiveEdits(with_verdict(self.said, item, step.after), (*self.done, step))

    def undo(self) -> LiveEdits:
        """Without the latest step; the same where there is none. An opinion that comes back counts as the newest."""
        if not self.done:
            return self
        step = self.done[-1]
        return LiveEdits(with_verdict(self.said, step.item, step.before), self.done[:-1], (*self.undone, step))

    def redo(self) -> LiveEdits:
        """With the step again that was undone last; the same where there is none."""
        if not self.undone:
            return self
        step = self.undone[-1]
        return LiveEdits(with_verdict(self.said, step.item, step.after), (*self.done, step), self.undone[:-1])

    def without(self, step: Step) -> LiveEdits:
        """The same where one of the steps, not the latest any more, came to nothing after all."""
        said = with_verdict(self.said, step.item, step.before)
        return replace(self, said=said, done=tuple(one for one in self.done if one is not step))

    def standing(self, said: Verdicts) -> LiveEdits:
        """The same steps where ``said`` is what stands: others may have written to the log meanwhile."""
        return self if said == self.said else replace(self, said=said)

    @property
    def touched(self) -> frozenset[str]:
        """The items of which something was said, and not undone."""
        return frozenset(step.item for step in self.done)


def with_verdict(said: Verdicts, item: str, verdict: str | None) -> Verdicts:
    """What stands once ``verdict`` is said of an item, as the last thing said."""
    liked = tuple(one for one in said.liked if one != item)
    disliked = tuple(one for one in said.disliked if one != item)
    return Verdicts(
        (*liked, item) if verdict == LIKE else liked,
        (*disliked, item) if verdict == DISLIKE else disliked,
    )


def verdicts_to_write(kept: Verdicts, wanted: Verdicts) -> list[tuple[str, str | None]]:
    """The fewest (item, verdict) that make ``wanted`` of ``kept`` when they are said one after the other, its order
    included: what is liked last is the newest action of a history. None takes back what was said."""
    gone = [item for item in (*kept.liked, *kept.disliked) if wanted.of(item) is None]
    rows: list[tuple[str, str | None]] = [(item, None) for item in gone]
    for verdict, had, wants in ((LIKE, kept.liked, wanted.liked), (DISLIKE, kept.disliked, wanted.disliked)):
        rest, stays = iter(had), 0
        for item in wants:
            if item not in rest:  # goes on from where the item before was found
                break
            stays += 1
        rows += [(item, verdict) for item in wants[stays:]]
    return rows


def rank_moves(before: Sequence[str], now: Sequence[str]) -> tuple[int | None, ...]:
    """How many places each item of a list rose (below zero: fell) since the list ``before``; None: it is new."""
    ranks = {item: rank for rank, item in enumerate(before)}
    return tuple(None if item not in ranks else ranks[item] - rank for rank, item in enumerate(now))
