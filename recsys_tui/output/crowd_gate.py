"""The one gate for figures about people: shown or exported only where enough people stand behind them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from recsys_tui.output.digits import whole_number

Value = TypeVar("Value")

DEFAULT_MINIMUM = 10
FLOOR = 5
# Set from the configuration; training and other child processes inherit it.
SETTING = "RECSYS_SMALLEST_CROWD"
CROWD = "crowd"


def smallest_crowd() -> int:
    """How many people have to stand behind a figure: the setting, else 10; what is no number of 5 or more is none."""
    told = whole_number(os.environ.get(SETTING, ""))
    return told if told is not None and told >= FLOOR else DEFAULT_MINIMUM


def counts_enough(document: Mapping[str, Any]) -> bool:
    """Whether what is stored tells of no fewer people than are enough now: under ``crowd`` it says how many were when
    it was made, ten where it says nothing."""
    enough = document.get(CROWD, DEFAULT_MINIMUM)
    return isinstance(enough, int) and enough >= smallest_crowd()


@dataclass(frozen=True)
class CrowdGate:
    """Lets an aggregate through only when at least ``minimum`` people stand behind it.

    By itself that is :func:`smallest_crowd`; it is never below 5.

    Exempt, and so never sent through it: counts of file rows, totals of users, items and interactions, cleaning
    counts, and whatever concerns only the person on screen.
    """

    minimum: int = field(default_factory=smallest_crowd)

    def __post_init__(self) -> None:
        if self.minimum < FLOOR:
            raise ValueError(f"a crowd of fewer than {FLOOR} people is not a crowd: {self.minimum}")

    def open_for(self, people: int) -> bool:
        """Whether a figure about ``people`` persons may be shown."""
        return people >= self.minimum

    def pass_value(self, value: Value, people: int) -> Value | None:
        """Return ``value``, or ``None`` where too few people stand behind it."""
        return value if self.open_for(people) else None

    def pass_text(self, text: str, people: int) -> str:
        """Return ``text``, or the note that says too few people stand behind it."""
        return text if self.open_for(people) else f"<{self.minimum} people"
