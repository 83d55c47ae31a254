"""``python -m recsys_tui.recommend.reading_child JSON``: read the source of a session and store it.

Its argument has ``home``, ``name`` and ``identity``; see :mod:`recsys_tui.processes.telling_child`, and
:mod:`.reading_ahead` for its parent.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recsys_tui.output.crowd_gate import smallest_crowd
from recsys_tui.processes.telling_child import Tell, tell_parent
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity


def work(argument: dict[str, Any], tell: Tell, _orphaned: Callable[[], bool]) -> dict[str, Any]:
    """Read and store; the result is the overview, and for crowds of how many people it is."""
    identity = Identity.from_json(argument["identity"])
    session = Session(Home(Path(argument["home"])), identity, argument["name"], lambda step, _share: tell(step, 0.0))
    session.load(describe=True)
    return {"overview": session.overview.to_json(), "crowd": smallest_crowd()}


if __name__ == "__main__":
    # All is told and stored: what Python tidies up of so much data would keep its parent waiting.
    os._exit(tell_parent(work))
