"""Sentences of the ``data`` room."""

from __future__ import annotations

ENGLISH: dict[str, str] = {}
