"""What becomes of a running training when the person leaves, or has enough of it."""

from __future__ import annotations

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.choice import Offer

KEPT, DISCARDED = "keep", "discard"


def leave_offers() -> list[Offer]:
    """Quit now and lose it, or keep the best so far."""
    return [
        Offer(DISCARDED, say("tui.quit_discard"), say("tui.quit_discard_about")),
        Offer(KEPT, say("tui.quit_keep"), say("tui.quit_keep_about")),
    ]


def discard_offers() -> list[Offer]:
    """Lose it; Escape leaves it running."""
    return [Offer(DISCARDED, say("train.discard"), say("tui.quit_discard_about"))]
