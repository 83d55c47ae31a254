"""What a private model promises, as commands say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys_tui.output.messages import say


def promise_told(promised: Mapping[str, Any]) -> str:
    """The promise in a sentence, and what was left out for it."""
    return say("private.promised", epsilon=f"{promised['epsilon']:g}", delta=f"{promised['delta']:.1e}")
