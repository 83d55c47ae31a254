"""What somebody decides about columns: a choice for each role, what follows from it, and whether data can open so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import (
    BASKET,
    EVENT,
    ITEM,
    NO_COLUMN,
    QUANTITY,
    RATING,
    TIME,
    USER,
    ColumnChoice,
    Mapping,
)
from recsys_tui.output.messages import say

if TYPE_CHECKING:
    from recsys_tui.data.preview import Preview

ROLES = (USER, ITEM, RATING, TIME, EVENT, QUANTITY, BASKET)
NEEDED = (USER, ITEM)
GOOD, DOUBTFUL, BAD = "✓", "!", "✗"


@dataclass(frozen=True)
class Verdict:
    """Whether data can open with the present choices (not where ``mark`` is ✗), why, and the roles it is about."""

    mark: str
    sentence: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnDecisions:
    """The columns that a person named (``named``: pairs of role and column); other roles are left to detection.

    A role that is to stay empty is named ``none``.

    ``preview`` says what detection makes of the rest; ``known`` is what reading the whole file made of it before.
    """

    preview: Preview
    named: tuple[tuple[str, str], ...]
    known: tuple[ColumnChoice, ...] = ()

    @classmethod
    def first(cls, preview: Preview, known: Sequence[ColumnChoice] = ()) -> ColumnDecisions:
        """The decisions that the preview's mapping holds already, by the names of their columns."""
        found = {choice.role: choice for choice in preview.choices}
        wrong = preview.error.fields if preview.error is not None else {}
        misnamed = {role for role in ROLES if f"--{role}-col" in (wrong.get("option"), wrong.get("second"))}
        named = tuple(
            (role, found[role].column)
            for role in ROLES
            if getattr(preview.mapping, role) is not None and role in found and role not in misnamed
        )
        named += tuple(
            (role, NO_COLUMN) for role in ROLES if getattr(preview.mapping, role) == NO_COLUMN and role not in found
        )
        return cls(preview, named, tuple(known))

    def seen(self, preview: Preview) -> ColumnDecisions:
        """The same decisions over a newer look at the data."""
        return replace(self, preview=preview)

    def is_named(self, role: str) -> bool:
        """Whether the person decided about a role."""
        return any(role == name for name, _ in self.named)

    def choice(self, role: str) -> ColumnChoice | None:
        """The column of a role as things are, and why; None where no column plays it."""
        for name, column in self.named:
            if name == role:
                return ColumnChoice(role, column, say("data.why_given"), 1.0) if column != NO_COLUMN else None
        taken = {column for _, column in self.named}
        detected = [found for found in self.preview.choices if found.column not in taken]
        taken |= {found.column for found in self.preview.choices}
        before = [found for found in self.known if found.column in self.preview.columns and found.column not in taken]
        return next((found for found in (*detected, *before) if found.role == role), None)

    def name(self, role: str, column: str | None) -> ColumnDecisions:
        """Decide about a role; None leaves it to detection again."""
        kept = [entry for entry in self.named if entry[0] != role]
        named = [*kept, (role, column)] if column is not None else kept
        return replace(self, named=tuple(sorted(named, key=lambda entry: ROLES.index(entry[0]))))

    def step(self, role: str, steps: int) -> ColumnDecisions:
        """Another column, in the order of the file, round and round; a role that may be empty has one place more."""
        options = [*self.preview.columns, *([] if role in NEEDED else [NO_COLUMN])]
        present = self.choice(role)
        if present is None and role in NEEDED:
            return self.name(role, options[0 if steps > 0 else -1])
        column = NO_COLUMN if present is None else present.column
        return self.name(role, options[(options.index(column) + steps) % len(options)])

    def mapping(self, complete: bool = False) -> Mapping:
        """The mapping of what was named; ``complete``: with the user and the item in any case.

        A complete one is never empty, so that it is not taken for "as last time".
        """
        columns: dict[str, str | None] = dict.fromkeys(ROLES)
        for role in ROLES:
            chosen = self.choice(role)
            if chosen is not None and (self.is_named(role) or (complete and role in NEEDED)):
                columns[role] = self.preview.given(chosen.column)
            elif self.is_named(role):  # to stay empty
                columns[role] = NO_COLUMN
        return replace(self.preview.mapping, **columns)  # type: ignore[arg-type]  # these fields are texts or None

    def verdict(self) -> Verdict:
        """Whether the data can open like this."""
        columns: dict[str, str] = {}
        for role, column in self.named:
            if column in columns and column != NO_COLUMN:
                roles = (columns[column], role)
                first, second = (say(f"data.role_{entry}") for entry in roles)
                return Verdict(BAD, say("tui.map_same_column", first=first, second=second, column=column), roles)
            columns[column] = role
        missing = tuple(role for role in NEEDED if self.choice(role) is None)
        if missing:
            return Verdict(BAD, say("tui.map_missing", roles=_listed(missing)), missing)
        unsure = tuple(role for role in self.preview.unsure if not self.is_named(role))
        if unsure:
            return Verdict(DOUBTFUL, say("tui.map_unsure", roles=_listed(unsure)), unsure)
        return Verdict(GOOD, say("tui.map_ready"))


def _listed(roles: Sequence[str]) -> str:
    return ", ".join(say(f"data.role_{role}") for role in roles)
