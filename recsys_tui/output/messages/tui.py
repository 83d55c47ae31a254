"""Sentences of the ``tui`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {}
