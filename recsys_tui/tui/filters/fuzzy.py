"""How well what is typed fits a line: every word has to be in it, as letters in order if not as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Entry = TypeVar("Entry")
START, INSIDE, SCATTERED = 3.0, 2.0, 1.0
FURTHEST = 2  # how many times as many letters as typed ones a scattered match may span


def fit_of(typed: str, text: str) -> float:
    """How well a text fits the words of ``typed``: 0 for not at all. Upper and lower case are alike."""
    text = text.casefold()
    total = 0.0
    for word in typed.casefold().split():
        found = _word_fit(word, text)
        if not found:
            return 0.0
        total += found
    return total or 1.0


def _word_fit(word: str, text: str) -> float:
    place = text.find(word)
    if place >= 0:
        starts = place == 0 or not text[place - 1].isalnum() or f" {word}" in text
        return (START if starts else INSIDE) - place / (100 * (len(text) + 1))
    return _scattered(word, text)


def _scattered(word: str, text: str) -> float:
    """For letters in order that begin a word and stay near one another."""
    if len(word) < 2:
        return 0.0
    place = -1
    while (place := text.find(word[0], place + 1)) >= 0:
        if place and text[place - 1].isalnum():
            continue
        last = place
        for letter in word[1:]:
            last = text.find(letter, last + 1)
            if last < 0:
                break
        else:
            if last - place < FURTHEST * len(word) + 2:
                return SCATTERED * len(word) / (last - place + 1)
    return 0.0


def fitting(typed: str, entries: Sequence[tuple[str, Entry]]) -> list[Entry]:
    """The entries whose text fits, best first; as they come where nothing is typed or they fit alike."""
    if not typed.strip():
        return [entry for _, entry in entries]
    scored = [(fit_of(typed, text), entry) for text, entry in entries]
    return [entry for score, entry in sorted(scored, key=lambda pair: -pair[0]) if score]
