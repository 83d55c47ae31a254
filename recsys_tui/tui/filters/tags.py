"""Ids that somebody types where people are shown by pseudonyms: they find the person, whose tag is in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.pseudonyms import Pseudonyms


def with_tags(text: str, shown: pl.Series, pseudonyms: Pseudonyms | None) -> str:
    """The text with each word that is an id of one of the people ``shown`` as their tag."""
    if pseudonyms is None:
        return text

    def tagged(word: str) -> str:
        return tag if word and shown.index_of(tag := pseudonyms.of(word)) is not None else word

    whole = tagged(text.strip())
    return whole if whole != text.strip() else " ".join(map(tagged, text.split(" ")))
