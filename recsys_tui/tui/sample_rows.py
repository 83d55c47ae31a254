"""The first rows of some data, as they may be shown: without who is forgotten, and with pseudonyms if wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.store.tombstones import Tombstones

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Mapping
    from recsys_tui.data.preview import Preview
    from recsys_tui.store.home import Home


def first_rows(
    path: Path,
    mapping: Mapping | None,
    home: Home,
    pseudonyms: bool,
    rows: int = 20,
    sample: int | None = None,
    people_are_items: bool = True,
) -> Preview:
    """The first ``rows``; detection sees the first ``sample``. Raises as :func:`recsys_tui.data.preview.preview`.

    ``people_are_items``: see :func:`recsys_tui.data.tagged_preview.tagged_preview`.
    """
    from recsys_tui.data.preview import preview

    gone = Tombstones(home.root).of(path)
    looked_at = {} if sample is None else {"sample": sample}
    found = preview(path, mapping, rows, forgotten=gone, **looked_at)
    if not pseudonyms:
        return found
    from recsys_tui.data.tagged_preview import tagged_preview
    from recsys_tui.store.pseudonym_key import pseudonyms_for

    return tagged_preview(found, pseudonyms_for(home.root, path), people_are_items)
