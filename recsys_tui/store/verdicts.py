"""What people say of items: that they like or dislike them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LIKE, DISLIKE = "like", "dislike"
VERDICTS = (LIKE, DISLIKE)


@dataclass(frozen=True)
class Feedback:
    """That a person likes or dislikes an item. ``at``: epoch milliseconds."""

    at: int
    user: str
    item: str
    verdict: str


@dataclass(frozen=True)
class Verdicts:
    """All that stands of one person: ids of items, what was said first coming first."""

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.liked or self.disliked)

    def of(self, item: str) -> str | None:
        """What is said of an item: ``like``, ``dislike`` or nothing."""
        return LIKE if item in self.liked else DISLIKE if item in self.disliked else None


NO_FEEDBACK: Mapping[str, Verdicts] = MappingProxyType({})
