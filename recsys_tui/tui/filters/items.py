"""Which items match what is typed: words of a title or id, ``genre:comedy``, ``year>=1990``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.tui.filters.tokens import tokens_of

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.item_index import ItemIndex

CATEGORIES = "categories"
# Names by which people ask for categories, whatever the column is called.
OF_CATEGORIES = frozenset(("genre", "genres", "category", "categories", "cat", "c"))


def matching_items(index: ItemIndex, text: str) -> pl.Series:
    """Places (UInt32) of the matching items, the most popular first; one that is called exactly so comes before.

    Words are joined by "and". What is still being typed (``year>=``) excludes nothing; what this data has no field for
    is looked for as a word.
    """
    import polars as pl

    words = []
    found = index.containing(())
    for token in tokens_of(text):
        if token.field is None or (token.is_unfinished and not _is_known(index, token.field)):
            words.append(token.written)
        elif token.is_unfinished:
            continue
        elif token.compare == ":" and token.field in OF_CATEGORIES:
            found &= pl.Series(index.with_text(CATEGORIES, token.value))
        elif token.compare == ":" and (field := index.text_field(token.field)) is not None:
            found &= pl.Series(index.with_text(field, token.value))
        else:
            compare = "=" if token.compare == ":" else token.compare
            fulfilled = index.fulfilling(f"{token.field}{compare}{token.value}")
            if fulfilled is None:
                words.append(token.written)
            else:
                found &= pl.Series(fulfilled)
    found &= index.containing(words)
    if not words:
        return found.arg_true()
    named = index.named(" ".join(words)) & found
    return pl.concat([named.arg_true(), (found & ~named).arg_true()])


def _is_known(index: ItemIndex, field: str) -> bool:
    return field in OF_CATEGORIES or index.has_field(field)
