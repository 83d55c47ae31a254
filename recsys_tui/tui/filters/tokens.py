"""What is typed into a picker, taken apart: plain words, ``field:text``, ``field>=number``; quotes keep blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?:(?P<field>[^\s"'<>=!:]+)(?P<compare>:|!=|>=|<=|==|=|<|>))?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]*))"""
)


@dataclass(frozen=True)
class Token:
    """One condition: a plain word where ``field`` is None, else a field, ``:`` or a comparison, and a value."""

    value: str
    field: str | None = None
    compare: str = ""

    @property
    def is_unfinished(self) -> bool:
        """Whether its value is still to be typed."""
        return self.field is not None and not self.value

    @property
    def written(self) -> str:
        """The token as a word."""
        return f"{self.field or ''}{self.compare}{self.value}"


def tokens_of(text: str) -> list[Token]:
    """The conditions in a text, in lower case. A quote that is not closed yet reaches to the end."""
    found = []
    for match in _TOKEN.finditer(text.lower()):
        value = match["plain"] if match["quoted"] is None else match["quoted"].strip()
        if match["field"] or value:
            found.append(Token(value, match["field"], match["compare"] or ""))
    return found
