"""Conditions on items: ``year>=1990``, ``categories=Drama``, ``brand!=Acme``."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from recsys_tui.data.column_roles import name_rank
from recsys_tui.data.column_words import BRAND, CATEGORIES, PRICE, TAGS, YEAR
from recsys_tui.data.dataset import ATTRIBUTE_PREFIX
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

if TYPE_CHECKING:
    from recsys_tui.data.histories import Flags
    from recsys_tui.models.item_attributes import Attribute

# A condition is written, told and kept without the tables that it is held against: those are loaded where it is.
_WRITTEN = re.compile(r"\s*(?P<field>[^=!<>]*?)\s*(?P<compare>!=|>=|<=|==|=|<|>)\s*(?P<value>.*?)\s*", re.DOTALL)
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
# What names of columns say: these fields answer to every such name, and every such name answers to ``brand``.
_ROLES = (CATEGORIES, TAGS, YEAR, PRICE)
SUGGESTIONS = 3
MOST_COMPARED = 3_000


@dataclass(frozen=True)
class Condition:
    """``field compare value``, as a person wrote it. ``compare`` is one of = != < > <= >=."""

    field: str
    compare: str
    value: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a condition. Raises ``UserError`` (exit 2) for a text that is none."""
        found = _WRITTEN.fullmatch(text)
        if found is None or not found["field"] or not found["value"]:
            raise UserError("models.no_condition", text=text)
        return cls(found["field"], found["compare"].replace("==", "="), found["value"])

    def __str__(self) -> str:
        return f"{self.field}{self.compare}{self.value}"

    def fulfilled(self, fields: Mapping[str, Attribute]) -> Flags:
        """Which items fulfil it, shape (items,).

        Numbers compare as numbers, texts are equal whatever their case; an item with several values fulfils ``=`` if
        one of them is equal, and ``!=`` if none is. Where nothing is known of an item it fulfils ``!=`` alone.

        Raises ``UserError`` (exit 2) for a field that this data has not (naming those it has), for a text that is to
        be compared by size, and for a number that is none.
        """
        from recsys_tui.models.item_attributes import TextAttribute

        attribute = fields[self._field_among(fields)]
        if self.compare == "!=":
            return ~self._equal(attribute)
        if self.compare == "=":
            return self._equal(attribute)
        if isinstance(attribute, TextAttribute):
            raise UserError("models.text_has_no_size", condition=self, field=self.field)
        return attribute.matching(_COMPARE[self.compare], self._number())

    def nearest_values(self, fields: Mapping[str, Attribute]) -> list[str]:
        """Values of the field that look like the one that was asked for; empty for numbers."""
        from recsys_tui.models.item_attributes import NumberAttribute, folded

        attribute = fields[self._field_among(fields)]
        if isinstance(attribute, NumberAttribute):
            return []
        known = {folded(str(text)): str(text) for text in attribute.vocabulary.to_list()[:MOST_COMPARED]}
        return [known[text] for text in difflib.get_close_matches(folded(self.value), known, SUGGESTIONS, 0.5)]

    def _equal(self, attribute: Attribute) -> Flags:
        from recsys_tui.models.item_attributes import TextAttribute

        if isinstance(attribute, TextAttribute):
            return attribute.having(self.value)
        return attribute.matching(operator.eq, self._number())

    def _number(self) -> float:
        try:
            number = float(self.value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise UserError("models.not_a_number", field=self.field, value=self.value)
        return number

    def _field_among(self, fields: Mapping[str, Attribute]) -> str:
        from recsys_tui.models.item_attributes import folded

        names: dict[str, str] = {}
        for name in fields:
            names.setdefault(folded(name), name)
        wanted = folded(self.field)
        means = [role for role in _ROLES if name_rank(wanted, role) is not None]
        for asked in (wanted, wanted.removeprefix(ATTRIBUTE_PREFIX), *means):
            if asked in names:
                return names[asked]
        makers = [(rank, name) for name in fields if (rank := name_rank(name, BRAND)) is not None]
        if makers and name_rank(wanted, BRAND) is not None:
            return min(makers)[1]
        if not names:
            raise UserError("models.no_fields", field=self.field)
        close = difflib.get_close_matches(wanted, names, 1, 0.6)
        nearest = say("models.nearest", ids=names[close[0]]) if close else ""
        raise UserError("models.no_such_field", field=self.field, nearest=nearest, fields=", ".join(fields))
