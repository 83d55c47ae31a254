"""The first rows of some data as they may be shown under pseudonyms, before anybody knows for sure what is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import EVENT, ITEM, QUANTITY, RATING, TIME

if TYPE_CHECKING:
    from recsys_tui.data.preview import Preview
    from recsys_tui.data.pseudonyms import Pseudonyms

# Columns that play one of these roles hold no people; any other may.
OF_NOBODY = (RATING, TIME, EVENT, QUANTITY)


def tagged_preview(found: Preview, pseudonyms: Pseudonyms, people_are_items: bool = True) -> Preview:
    """The preview with a tag in every cell that could name somebody.

    ``people_are_items``: in data that is read already, whether they are; before that they may be.
    """
    roles = OF_NOBODY if people_are_items else (*OF_NOBODY, ITEM)
    plain = {choice.column for choice in found.choices if choice.role in roles}
    shown = [name in plain for name in found.columns]
    rows = (
        tuple(cell if known or not cell else pseudonyms.of(cell) for cell, known in zip(row, shown, strict=True))
        for row in found.rows
    )
    return replace(found, rows=tuple(rows))
