"""Sentences of the ``store`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {}
