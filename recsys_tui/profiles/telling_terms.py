"""Which terms are worth naming to a person."""

from __future__ import annotations

from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.item_terms import TermKind

# A word that a larger share of the items has, such as "the", says nothing by itself.
COMMON = 0.05


def is_telling(content: ContentProfiles, term: int) -> bool:
    """Whether a term (its number) is more than a word that many items have."""
    if content.kinds[term] != TermKind.WORD:
        return True
    return int((content.terms == term).sum()) <= COMMON * (len(content.indptr) - 1)
