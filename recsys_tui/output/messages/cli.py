"""Sentences of the ``cli`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {}
