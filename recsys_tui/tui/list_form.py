"""Options of lists as somebody types them, and what they mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.conditions import Condition
from recsys_tui.recommend.list_fields import CATEGORIES, YEAR, ListFields
from recsys_tui.recommend.list_options import HUNDRED, NEVER, ListOptions
from recsys_tui.tui.state.workbench import PLAIN, Asked

MOST = 1_000
BETWEEN_CATEGORIES, BETWEEN_CONDITIONS = ",", ";"


@dataclass(frozen=True)
class ListForm:
    """What stands in each field of the dialog. ``category``: several with commas, an item has to have all of them;
    ``where``: further conditions with semicolons."""

    k: str = str(PLAIN.k)
    category: str = ""
    year_from: str = ""
    year_to: str = ""
    where: str = ""
    hide_popular: str = "0"
    diversity: str = "0"
    unseen: bool = False
    products: bool = False

    @classmethod
    def of(cls, asked: Asked, fields: ListFields) -> Self:
        """The form that means ``asked``, where items have these fields."""
        options = asked.options
        categories, first, last, others = [], "", "", []
        for condition in options.where:
            named, compare, value = condition.field, condition.compare, condition.value
            plain = BETWEEN_CATEGORIES not in value or value in fields.categories
            if fields.categories and named == CATEGORIES and compare == "=" and plain:
                categories.append(value)
            elif fields.years and named == YEAR and compare == ">=" and not first and _whole(value):
                first = value
            elif fields.years and named == YEAR and compare == "<=" and not last and _whole(value):
                last = value
            else:
                others.append(str(condition))
        return cls(
            str(asked.k),
            f"{BETWEEN_CATEGORIES} ".join(categories),
            first,
            last,
            f"{BETWEEN_CONDITIONS} ".join(others),
            f"{options.hide_popular:g}",
            f"{options.diversity:g}",
            options.repeat == NEVER,
            options.products_only,
        )

    def asked(self, before: ListOptions, fields: ListFields) -> Asked:
        """What it means; what the form has no field for stays as it was ``before``.

        Raises ``UserError`` for the first value that cannot be understood.
        """
        k = self.k.strip()
        if not _whole(k) or not 1 <= int(k) <= MOST:
            raise UserError("live.bad_k", most=MOST, value=self.k)
        first, last = _year(self.year_from), _year(self.year_to)
        if first and last and int(first) > int(last):
            raise UserError("live.years_crossed", first=first, last=last)
        where = [Condition(CATEGORIES, "=", value) for value in self._categories(fields.categories)]
        where += [Condition(YEAR, ">=", first)] if first else []
        where += [Condition(YEAR, "<=", last)] if last else []
        where += [Condition.of(text) for text in _parts(self.where, BETWEEN_CONDITIONS)]
        repeat = NEVER if self.unseen else "auto" if before.repeat == NEVER else before.repeat
        options = replace(
            before,
            repeat=repeat,
            products_only=self.products,
            where=tuple(where),
            hide_popular=_number(self.hide_popular.strip().rstrip("%"), HUNDRED, "live.bad_hide_popular"),
            diversity=_number(self.diversity, 1, "live.bad_diversity"),
        )
        return Asked(int(k), options)

    def _categories(self, known: Sequence[str]) -> list[str]:
        whole = self.category.strip()
        return [whole] if whole in known else _parts(self.category, BETWEEN_CATEGORIES)


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _year(text: str) -> str:
    text = text.strip()
    if text and not _whole(text.removeprefix("-")):
        raise UserError("live.bad_year", value=text)
    return text


def _number(text: str, most: float, message_id: str) -> float:
    """A number from 0 to ``most``; nothing is 0. Raises ``UserError`` for anything else."""
    try:
        number = float(text.strip().replace(",", ".") or 0)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most:  # not-a-number is neither
        raise UserError(message_id, value=text)
    return number
