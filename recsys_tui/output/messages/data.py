"""Sentences of the ``data`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    "data.synthetic_usage": "Usage: python -m recsys_tui.data.synthetic {names} FOLDER [SEED]",
}
