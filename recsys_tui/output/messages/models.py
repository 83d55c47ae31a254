"""Sentences of the ``models`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {}
