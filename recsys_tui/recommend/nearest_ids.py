"""Suggestions for an id that does not exist: the known ids that look most like it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.given_values import encodable

MOST_COMPARED = 3_000
SUGGESTIONS = 3
LONGEST_NUMBER = 40
# Spreadsheets write whole numbers so; a column of ids that all had it has lost it.
SPREADSHEET_ENDING = ".0"


def nearest_ids(wanted: str, known: Sequence[str]) -> list[str]:
    """Up to three ids that resemble ``wanted``: neighbours in number for a number, else by likeness of text.

    Only the most promising few thousand are compared letter by letter, so that a million ids take no longer.
    """
    if _is_number(wanted):
        numbers = [text for text in known if _is_number(text)]
        if len(numbers) == len(known):
            target = int(wanted)
            return sorted(numbers, key=lambda text: (abs(int(text) - target), int(text)))[:SUGGESTIONS]
    folded = wanted.casefold()
    same_start = [text for text in known if text.casefold()[:2] == folded[:2]]
    containing = [text for text in known if folded in text.casefold()]
    compared = list(dict.fromkeys([*containing[:MOST_COMPARED], *same_start, *known]))[:MOST_COMPARED]
    return difflib.get_close_matches(wanted, compared, n=SUGGESTIONS, cutoff=0.5) or containing[:SUGGESTIONS]


def _is_number(text: str) -> bool:
    """Whether a text is a whole number, and of a sane length: Python refuses to read thousands of digits."""
    return len(text) <= LONGEST_NUMBER and text.isascii() and text.isdecimal()


def not_found(message_id: str, wanted: str, known: Sequence[str], **fields: object) -> UserError:
    """The error (exit 3) for an id that is not there, naming the nearest that are; ``fields``: of its sentence."""
    wanted = encodable(wanted)
    near = nearest_ids(wanted, known)
    nearest = say("models.nearest", ids=", ".join(near)) if near else ""
    return UserError(message_id, ExitCode.NOT_FOUND, id=wanted, nearest=nearest, **fields)
