"""What the start screen offers: data used lately, and the bundled sets."""

from __future__ import annotations

from recsys_tui.data.bundled import bundled_folders
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.home import Home
from recsys_tui.tui.dialogs.choice import Offer

MOST_RECENT = 12


def start_offers(home: Home) -> list[Offer]:
    """Recent data first, then bundled sets that are not among it."""
    offers = []
    bundled = {path.resolve(): name for name, path in bundled_folders().items()}
    for identity in home.recent()[:MOST_RECENT]:
        if identity.path in bundled or not identity.path.exists():
            continue
        folder = neutral_text(str(identity.path.parent))
        offers.append(Offer(str(identity.path), neutral_text(identity.path.name), folder))
    offers += [Offer(name, name, say(f"cli.about_{name}")) for name in bundled.values()]
    return offers
