"""How sure a recommendation is: whether its parts agree, and how much of it rests on what the person did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Parts of a score that say something of their own about the item; the rest is interplay.
SPEAKING = ("sequence", "co_liking", "content", "profile", "popularity", "friends", "interaction", "encoder")
STRONG, SOME, POPULARITY = "strong", "some", "popularity"
MOSTLY = 0.5
FEW_ACTIONS = 3
LEAST_PART = 0.02


@dataclass(frozen=True)
class Sureness:
    """``level``: ``strong`` (most parts agree and several actions stand behind it), ``some``, or ``popularity`` (it is
    mostly popular, with little of the person's own in it).

    ``agreeing`` of ``speaking`` parts speak for the item; ``causes``: actions that speak for it, with an effect larger
    than that of random removals; ``actions``: all there are; ``popularity``: its share of what speaks for the item,
    0 to 1; ``not_attributable``: the share of the network and the low-rank part in everything that moves the score.
    """

    level: str
    agreeing: int
    speaking: int
    causes: int
    actions: int
    popularity: float
    not_attributable: float


def sureness(components: Mapping[str, float], causes: int, actions: int) -> Sureness:
    """Judge one score from its components, how many causes it has, and how much the person did."""
    size = sum(abs(value) for value in components.values()) or 1.0
    speaking = {name: components[name] for name in SPEAKING if abs(components.get(name, 0.0)) > LEAST_PART * size}
    speaking_for = [value for value in speaking.values() if value > 0]
    share = max(0.0, components.get("popularity", 0.0)) / (sum(speaking_for) or 1.0)
    unclear = sum(abs(components.get(name, 0.0)) for name in ("interplay", "match")) / size
    if (share >= MOSTLY and causes == 0) or actions == 0:
        level = POPULARITY
    elif 3 * len(speaking_for) >= 2 * len(speaking) and causes >= 2 and actions >= FEW_ACTIONS:
        level = STRONG
    else:
        level = SOME
    return Sureness(level, len(speaking_for), len(speaking), causes, actions, share, unclear)
