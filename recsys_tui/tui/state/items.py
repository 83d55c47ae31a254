"""The item on screen, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys_tui.recommend.item_page import ItemPage
    from recsys_tui.recommend.similar import SimilarItems
    from recsys_tui.tui.state.workbench import ModelState

WAYS = ("taste", "content", "basket")
SHOWN = 50  # similar items


@dataclass(frozen=True)
class ItemState:
    """``item``: its id, None where none was looked at yet. ``page`` and ``similar`` (``by`` one of ``WAYS``) are None
    while they are being made; ``problem`` says why there is no list. All were made by ``model``.

    ``trail``: the items that led here, the latest last. ``origin``: the mode one came from, to go back to.
    """

    item: str | None = None
    by: str = WAYS[0]
    page: ItemPage | None = None
    similar: SimilarItems | None = None
    problem: str | None = None
    model: ModelState | None = None
    trail: tuple[str, ...] = ()
    origin: str | None = None

    def way_after(self, step: int) -> str:
        """The next way to be alike (1), or the one before (-1)."""
        return WAYS[(WAYS.index(self.by) + step) % len(WAYS)]


NO_ITEM = ItemState()
